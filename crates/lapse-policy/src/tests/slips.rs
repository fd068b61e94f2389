//! Warnings for what looks misspelt, and their absence where something else is meant.

use insta::assert_snapshot;

use super::{load, told, told_of_library};

const CONSORTIUM: (&str, &str) = ("consortium.toml", "");

#[test]
fn a_misspelt_source_is_told_with_the_one_that_is_known() {
    assert_snapshot!(told_of_library("[activity]\nsources = [\"Wise\", \"mijn-bibliotheek\"]\n"), @r#"
    warning: the source `Wise` looks like a slip for `wise`
     --> libraries/peer.toml:3:12
      |
    3 | sources = ["Wise", "mijn-bibliotheek"]
      |            ^^^^^^ counts only where the tables write it the same way
      |
      = help: did you mean `wise`?
    "#);
}

#[test]
fn a_misspelt_kind_of_block_is_told_with_the_one_that_is_known() {
    assert_snapshot!(told_of_library("cleanup.blocks_ignored = ['genral', \"internet\"]\n"), @r#"
    warning: the kind of block `genral` looks like a slip for `general`
     --> libraries/peer.toml:2:27
      |
    2 | cleanup.blocks_ignored = ['genral', "internet"]
      |                           ^^^^^^^^ counts only where the tables write it the same way
      |
      = help: did you mean `general`?
    "#);
}

#[test]
fn a_source_beside_the_known_one_that_it_resembles_is_another_source() {
    assert_eq!(told_of_library("activity.sources = [\"wise\", \"wise2\", \"koha\"]\n"), "");
    assert_eq!(told_of_library("cleanup.blocks = [\"general\", \"bailiff\", \"internet\"]\n"), "");
}

#[test]
fn an_amendment_of_a_misspelt_subscription_is_told_with_the_one_that_there_is() {
    assert_snapshot!(told_of_library(
        "[subscriptions.adult]\nfee = 5\n[[amendment]]\nfrom = 2021-01-01\nreason = \"r\"\nsubscriptions.adlt = { fee = 0 }\n\
         [[amendment]]\nfrom = 2022-01-01\nreason = \"r\"\nsubscriptions.adlt = { fee = 1 }\n"
    ), @r"
    warning: this amendment begins a new subscription `adlt`
     --> libraries/peer.toml:7:15
      |
    7 | subscriptions.adlt = { fee = 0 }
      |               ^^^^ no table outside amendments defines this code
      |
      = help: did you mean `adult`? If it is a new subscription, give it a `name`
    ");
}

#[test]
fn an_amendment_of_the_consortium_is_held_against_the_subscriptions_of_all_libraries() {
    let amendment = "[[amendment]]\nfrom = 2021-01-01\nreason = \"r\"\nsubscriptions.adlt = { fee = 0 }\n";
    let library = ("libraries/peer.toml", "library.code = \"peer\"\n[subscriptions.adult]\nfee = 5\n");
    let text = told(&[("consortium.toml", amendment), library]);
    assert!(text.contains("--> consortium.toml:4:15") && text.contains("did you mean `adult`?"), "{text}");
}

#[test]
fn an_amendment_that_names_its_subscription_begins_a_new_one() {
    let text = |table: &str| {
        told_of_library(&format!(
            "[subscriptions.senior]\nfee = 5\n[[amendment]]\nfrom = 2021-01-01\nreason = \"r\"\nsubscriptions.{table}\n"
        ))
    };
    assert_ne!(text("junior = { fee = 0 }"), "", "much like `senior`");
    assert_eq!(text("junior = { fee = 0, name = \"Juniors\" }"), "");
    assert_eq!(text("company = { fee = 0 }"), "", "like no other");
    assert_eq!(text("senior = { fee = 0 }"), "");
}

#[test]
fn codes_that_differ_only_by_capitals_or_white_space_are_told() {
    let library = |code: &str, rest: &str| format!("library.code = \"{code}\"\n{rest}");
    assert_snapshot!(told(&[
        ("consortium.toml", "[subscriptions.\"Adult - Full Year\"]\n[subscriptions.\"adult -  full year\"]\n"),
        ("libraries/a.toml", &library("Peer", "[subscriptions.\"Adult-Full Year\"]\n")),
        ("libraries/b.toml", &library("peer ", "[subscriptions.\"adult\"]\n")),
        ("libraries/c.toml", &library("riemst", "[subscriptions.\"Adult\"]\n")),
    ]), @r#"
    warning: the subscription codes `Adult - Full Year` and `adult -  full year` differ only by capitals or white space
     --> consortium.toml:2:16
      |
    1 | [subscriptions."Adult - Full Year"]
      |                ------------------- the other
    2 | [subscriptions."adult -  full year"]
      |                ^^^^^^^^^^^^^^^^^^^^ people take this for the other
      |
      = help: write both alike if they are one, or give one of them another code

    warning: the subscription codes `Adult - Full Year` and `Adult-Full Year` differ only by capitals or white space
     --> libraries/a.toml:2:16
      |
    2 | [subscriptions."Adult-Full Year"]
      |                ^^^^^^^^^^^^^^^^^ people take this for the other
      |
     ::: consortium.toml:1:16
      |
    1 | [subscriptions."Adult - Full Year"]
      |                ------------------- the other
      |
      = help: write both alike if they are one, or give one of them another code

    warning: the library codes `Peer` and `peer ` differ only by capitals or white space
     --> libraries/b.toml:1:16
      |
    1 | library.code = "peer "
      |                ^^^^^^^ people take this for the other
      |
     ::: libraries/a.toml:1:16
      |
    1 | library.code = "Peer"
      |                ------ the other
      |
      = help: write both alike if they are one, or give one of them another code
    "#);
}

#[test]
fn files_and_folders_that_nobody_reads_are_told() {
    assert_snapshot!(told(&[
        CONSORTIUM,
        ("peer.toml", "library.code = \"peer\"\n"),
        ("group/noord.toml", ""),
        ("librairies/noord.toml", ""),
        ("groups/noord.tml", ""),
        ("libraries/riemst.TOML", ""),
    ]), @r"
    warning: `group/` is not read
    --> group/
     = help: name the folder `groups`

    warning: `librairies/` is not read
    --> librairies/
     = help: name the folder `libraries`

    warning: `peer.toml` is not read
    --> peer.toml
     = help: move it to `groups/` or `libraries/`, or out of the policy directory

    warning: `groups/noord.tml` is not read
    --> groups/noord.tml
     = help: name it `noord.toml`: only files that end in .toml are read

    warning: `libraries/riemst.TOML` is not read
    --> libraries/riemst.TOML
     = help: name it `riemst.toml`: only files that end in .toml are read
    ");
}

#[test]
fn files_and_folders_that_nobody_thinks_are_read_are_not_told() {
    let loaded = load(&[
        CONSORTIUM,
        (".taplo.toml", ""),
        ("README.md", ""),
        ("plugins/summer.toml", ""),
        ("tests/cases/peer.toml", ""),
        ("libraries/README.md", ""),
        ("libraries/.peer.toml", ""),
        ("libraries/peer.toml~", ""),
    ]);
    assert!(loaded.diagnostics.is_empty(), "{}", loaded.diagnostics.render(false));
}

#[test]
fn a_file_that_is_not_read_is_no_part_of_the_fingerprint() {
    let fingerprint = |files: &[(&str, &str)]| load(files).policy.unwrap().fingerprint().to_owned();
    assert_eq!(fingerprint(&[CONSORTIUM, ("peer.toml", "x")]), fingerprint(&[CONSORTIUM]));
}

#[test]
fn a_kind_of_block_in_both_lists_is_an_error() {
    assert_snapshot!(told_of_library("[cleanup]\nblocks = [\"general\", \"gate\"]\nblocks_ignored = [\"internet\", \"gate\"]\n"), @r#"
    error: `gate` is in both lists of kinds of block
     --> libraries/peer.toml:4:18
      |
    3 | blocks = ["general", "gate"]
      |          ------------------- these hold one
    4 | blocks_ignored = ["internet", "gate"]
      |                  ^^^^^^^^^^^^^^^^^^^^ these do not hold a record
      |
      = help: keep `gate` in one of the two lists
    "#);
    let amended = "[cleanup]\nblocks = [\"general\", \"bailiff\", \"gate\"]\n[[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\n\
                   cleanup.blocks_ignored = [\"internet\", \"gate\"]\n";
    assert_eq!(told_of_library(amended), "", "in two tables `blocks` wins");
}

#[test]
fn a_kind_of_block_that_is_dropped_from_the_list_still_holds() {
    assert_snapshot!(told_of_library("cleanup.blocks = [\"bailiff\"]\n"), @r#"
    warning: `general` still holds a record
     --> libraries/peer.toml:2:18
      |
    2 | cleanup.blocks = ["bailiff"]
      |                  ^^^^^^^^^^^ this list leaves it out, but no list says that it is ignored
      |
      = help: add `general` to `blocks_ignored` where it is not to hold, or to this list where it is
    "#);
    let ignored = "[cleanup]\nblocks = [\"bailiff\"]\nblocks_ignored = [\"general\", \"internet\"]\n";
    assert_eq!(told_of_library(ignored), "");
}

/// The warnings about kinds that still hold, each with the place of its list.
fn still_holding(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let loaded = load(files);
    let told = loaded.diagnostics.render(false);
    let mut lines = told.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("warning: `").and_then(|line| line.strip_suffix("` still holds a record"))
        {
            found.push((kind.to_owned(), lines.next().unwrap().trim().trim_start_matches("--> ").to_owned()));
        }
    }
    found
}

#[test]
fn a_kind_that_the_consortium_or_a_later_amendment_drops_was_not_told() {
    let amended = |table: &str| format!("[[amendment]]\nfrom = 2024-01-01\nreason = \"r\"\n{table}\n");
    let of = |kind: &str, place: &str| (kind.to_owned(), place.to_owned());
    let consortium = "[consortium]\nname = \"Test\"\n";
    let library = "[library]\ncode = \"peer\"\n";

    let drops = format!("{consortium}[cleanup]\nblocks = [\"general\"]\n");
    let gate = format!("{consortium}[cleanup]\nblocks = [\"general\", \"gate\", \"bailiff\"]\n");
    let both = "cleanup.blocks = [\"general\", \"bailiff\"]";
    assert_eq!(still_holding(&[("consortium.toml", &drops)]), [of("bailiff", "consortium.toml:4:10")]);
    let later = gate.clone() + &amended(both);
    assert_eq!(still_holding(&[("consortium.toml", &later)]), [of("gate", "consortium.toml:8:18")]);

    let own = format!("{library}[cleanup]\nblocks = [\"general\", \"gate\", \"bailiff\"]\n{}", amended(both));
    let files = [("consortium.toml", consortium), ("libraries/peer.toml", own.as_str())];
    assert_eq!(still_holding(&files), [of("gate", "libraries/peer.toml:8:18")], "its own earlier list has it");

    let grows = consortium.to_owned() + &amended("cleanup.blocks = [\"general\", \"gate\", \"bailiff\"]");
    let stays = format!("{both}\n{library}");
    let files = [("consortium.toml", grows.as_str()), ("libraries/peer.toml", stays.as_str())];
    assert_eq!(still_holding(&files), [of("gate", "libraries/peer.toml:1:18")], "the list above has it from 2024 on");

    let ignored = format!("cleanup = {{ blocks = [\"bailiff\"], blocks_ignored = [\"general\"] }}\n{library}");
    let no_more = ignored.clone() + &amended("cleanup.blocks_ignored = [\"internet\"]");
    assert_eq!(still_holding(&[("consortium.toml", consortium), ("libraries/peer.toml", &ignored)]), []);
    let files = [("consortium.toml", consortium), ("libraries/peer.toml", no_more.as_str())];
    assert_eq!(still_holding(&files), [of("general", "libraries/peer.toml:1:22")], "it is ignored until 2024");
}
