//! `lapse diff`: what changes in meaning between two policies, in folders or in Git revisions, and which made-up patrons
//! have another outcome.

mod entries;
mod witnesses;

use std::fs;

use serde_json::Value;

use crate::program::{Folder, Ran, root};

const CONSORTIUM: &str = r#"[consortium]
name = "Two towns"

[subscription]
renewal = "automatic"
"#;
const AMENDMENT: &str = r#"
[[amendment]]
from = 2022-07-01
reason = "Renewal becomes conditional"
enforce = true
subscription = { renewal = "conditional", lapse_months = 24 }
"#;
const GROUP: &str = "[group]\ncode = \"leie\"\nkind = 2\n";
const DEINZE: &str = r#"[library]
code = "deinze"
name = "Deinze"
group = "leie"

[subscriptions.youth]
renewal = "conditional"
lapse_months = 60
"#;
const PEER: &str = "[library]\ncode = \"peer\"\nname = \"Peer\"\n\n[subscriptions.youth]\n";

/// The policy in two folders, `old` and `new`.
fn twice() -> Folder {
    let folder = Folder::new();
    for side in ["old", "new"] {
        write(&folder, side);
    }
    folder
}

fn write(folder: &Folder, side: &str) {
    folder.write(&format!("{side}/consortium.toml"), CONSORTIUM);
    folder.write(&format!("{side}/groups/leie.toml"), GROUP);
    folder.write(&format!("{side}/libraries/deinze.toml"), DEINZE);
    folder.write(&format!("{side}/libraries/peer.toml"), PEER);
}

fn diff(folder: &Folder, words: &[&str]) -> Ran {
    folder.lapse(&[&["diff", "old", "new"], words].concat())
}

fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn equal_policies_show_nothing() {
    let ran = diff(&twice(), &["--exit-code"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
}

#[test]
fn a_comment_says_that_equal_policies_mean_the_same() {
    let ran = diff(&twice(), &["--exit-code", "--format", "markdown"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_has(&ran.stdout, &["Nothing: the policies mean what they meant before."]);
}

#[test]
fn another_layout_and_another_layer_show_nothing() {
    let folder = twice();
    folder.write(
        "new/consortium.toml",
        "# a comment\nsubscription = { renewal = \"conditional\" }\nconsortium.name = 'Two towns'\n\
         [activity]\nsources = [\"sip2\", \"wise\", \"legacy\", \"mijn-bibliotheek\"]\n",
    );
    folder.write("new/groups/leie.toml", format!("{GROUP}\n[subscriptions.youth]\nlapse_months = 60\nfee = 0\n"));
    folder.write("new/libraries/deinze.toml", "[library]\ncode = \"deinze\"\nname = \"Deinze\"\ngroup = \"leie\"\n");
    folder.write("new/libraries/peer.toml", PEER.to_owned() + "renewal = \"automatic\"\n");
    // Every library here sets its own renewal, so the default of the consortium has no effect.
    let ran = diff(&folder, &["--exit-code"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
}

#[test]
fn an_amendment_shows_its_days_its_reason_and_who_it_is_about() {
    let folder = twice();
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + AMENDMENT);
    let ran = diff(&folder, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_has(
        &ran.stdout,
        &[
            "lapse_months: 60 -> 24, from 2022-07-01 on\n  deinze youth\n",
            "before  libraries/deinze.toml:8",
            "after   consortium.toml:11, amendment of 2022-07-01, enforced: Renewal becomes conditional",
            "renewal: automatic -> conditional, from 2022-07-01 on\n  peer youth\n",
            "A patron with youth at Deinze, last active on 30 June 2020, is deregistered on 1 July 2022; before, on 1 July 2025.",
            "A patron with youth at Peer, last active on 30 June 2020, is deregistered on 1 July 2022; before, never.",
        ],
    );
    assert_eq!(diff(&folder, &["--exit-code"]).code, 1);
    let back = folder.lapse(&["diff", "new", "old"]);
    assert_has(&back.stdout, &["last active on 30 June 2020, is never deregistered; before, on 1 July 2022."]);
}

#[test]
fn a_difference_ends_where_a_later_amendment_takes_over() {
    let folder = twice();
    folder.write("old/consortium.toml", CONSORTIUM.to_owned() + AMENDMENT);
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + AMENDMENT);
    folder.write("new/libraries/deinze.toml", DEINZE.replace("60", "36"));
    let ran = diff(&folder, &[]);
    assert_has(
        &ran.stdout,
        &[
            "lapse_months: 60 -> 36, until 2022-06-30",
            "A patron with youth at Deinze, last active on 31 May 2019, is deregistered on 1 June 2022; before, on 1 July 2022.",
        ],
    );
}

#[test]
fn every_stage_has_its_witness() {
    for (change, setting, sentence) in [
        (
            "[cleanup]\nended_months = 12",
            "cleanup.ended_months: 24 -> 12, on every day",
            "A patron whose youth at Peer was cancelled and ended on 31 December 2022: the record goes on 1 January 2024; before, on 1 January 2025.",
        ),
        (
            "[cleanup]\nblocks = [\"general\"]\nblocks_ignored = [\"bailiff\", \"internet\"]",
            "cleanup.blocks: bailiff general -> general, on every day",
            "with a block of the kind bailiff: the record goes on 1 January 2024; before, never.",
        ),
        (
            "[cleanup]\nsettled_months = 36",
            "cleanup.settled_months: 24 -> 36, on every day",
            "who settled costs on 1 January 2022: the record goes on 1 January 2025; before, on 1 January 2024.",
        ),
        (
            "[retention]\npseudonymise_days = 30",
            "retention.pseudonymise_days: 90 -> 30, on every day",
            "on 1 January 2024 activity before 2 December 2023 is pseudonymised",
        ),
        (
            "[subscriptions.adult]\nfee = 3",
            "subscription: not offered -> offered, on every day",
            "on 1 January 2024 the membership is renewed until 31 December 2024; before, expired.",
        ),
    ] {
        let folder = twice();
        folder.write("new/libraries/peer.toml", format!("{PEER}\n{change}\n"));
        let ran = diff(&folder, &[]);
        assert_has(&ran.stdout, &[setting, sentence]);
    }
    let folder = twice();
    folder.write("new/consortium.toml", format!("{CONSORTIUM}\n[profile]\ninactive_months = 36\n"));
    assert_has(
        &diff(&folder, &[]).stdout,
        &[
            "A patron whose profile was last used on 1 January 2022: the profile goes on 1 January 2025; before, on 1 January 2024.",
        ],
    );
}

#[test]
fn a_kind_of_block_in_neither_list_still_holds_so_that_nobody_comes_out_otherwise() {
    let folder = twice();
    folder.write("new/libraries/peer.toml", format!("{PEER}\n[cleanup]\nblocks = [\"general\"]\n"));
    let ran = diff(&folder, &["--exit-code"]);
    assert_eq!(ran.code, 1);
    assert_has(
        &ran.stdout,
        &["cleanup.blocks: bailiff general -> general, on every day", "No made-up patron comes out otherwise."],
    );
}

#[test]
fn what_changes_no_outcome_has_no_witness() {
    let folder = twice();
    folder.write("new/libraries/peer.toml", PEER.to_owned() + "category = \"young\"\nlapse_months = 12\n");
    let ran = diff(&folder, &["--exit-code"]);
    assert_eq!(ran.code, 1);
    assert_has(
        &ran.stdout,
        &["category: adult -> young", "lapse_months: 24 -> 12", "No made-up patron comes out otherwise."],
    );
}

#[test]
fn a_library_and_a_group_that_come_or_go_are_told_once() {
    let folder = twice();
    fs::remove_file(folder.path().join("new/libraries/peer.toml")).unwrap();
    folder.write("new/groups/leie.toml", GROUP.replace('2', "3"));
    folder.write("new/libraries/zulte.toml", DEINZE.replace("deinze", "zulte").replace("Deinze", "Zulte"));
    let ran = diff(&folder, &[]);
    assert_has(
        &ran.stdout,
        &[
            "library: in the policy -> not in the policy, on every day\n  peer\n",
            "library: not in the policy -> in the policy, on every day\n  zulte\n",
            "group.kind: 2 -> 3, on every day\n  deinze\n",
            "with a membership at zulte: the record goes on 1 February 2029; before, on 1 January 2024.",
        ],
    );
    assert!(!ran.stdout.contains("zulte youth"), "{}", ran.stdout);
}

#[test]
fn the_same_of_several_libraries_is_told_once() {
    let folder = twice();
    for side in ["old", "new"] {
        folder.write(&format!("{side}/libraries/zulte.toml"), PEER.replace("peer", "zulte").replace("Peer", "Zulte"));
    }
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + AMENDMENT);
    let ran = diff(&folder, &[]);
    assert_has(&ran.stdout, &["\n  peer youth, zulte youth\n", "before, never. Likewise at Zulte."]);
}

#[test]
fn json_has_each_difference_and_the_facts_of_each_witness() {
    let folder = twice();
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + AMENDMENT);
    let ran = diff(&folder, &["--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    let peer = json["differences"].as_array().unwrap().iter().find(|one| one["library"] == "peer").unwrap();
    assert_eq!(peer["setting"], "renewal");
    assert_eq!(peer["after"]["value"], "conditional");
    assert_eq!(peer["after"]["by"]["amendment"]["reason"], "Renewal becomes conditional");
    assert_eq!((&peer["from"], &peer["until"]), (&"2022-07-01".into(), &Value::Null));
    let witness = json["witnesses"].as_array().unwrap().iter().find(|one| one["libraries"][0] == "peer").unwrap();
    assert_eq!(witness["facts"]["activity"][0]["last_active"], "2020-06-30");
    assert_eq!(witness["before"]["memberships"][0]["outcome"], "valid");
    assert_eq!(witness["after"]["memberships"][0]["reason"], "inactive");
}

#[test]
fn markdown_holds_a_table_and_a_list_and_nothing_breaks_out_of_them() {
    let folder = twice();
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + &AMENDMENT.replace("Renewal", "<b>|*Renewal"));
    let ran = diff(&folder, &["--format", "markdown"]);
    assert_has(
        &ran.stdout,
        &[
            "| renewal | peer youth | automatic | conditional | from 2022-07-01 on | ",
            "\\<b\\>\\|\\*Renewal becomes conditional",
            "\n- A patron with youth at Peer, last active on 30 June 2020, is deregistered",
        ],
    );
}

#[test]
fn of_a_whole_consortium_a_comment_holds_what_fits_and_says_what_it_leaves_out() {
    let folder = twice();
    for library in 0..80 {
        let code = format!("town-{library:02}");
        let text = PEER.replace("peer", &code).replace("Peer", &format!("Town {library:02}"));
        folder.write(&format!("old/libraries/{code}.toml"), &text);
        folder.write(&format!("new/libraries/{code}.toml"), format!("{text}lapse_months = {}\n", library + 30));
    }
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + "\n[cleanup]\nended_months = 12\n");
    let ran = diff(&folder, &["--format", "markdown"]);
    assert_has(
        &ran.stdout,
        &[
            "peer, town-00, town-01",
            " and 71 more |",
            "\n21 rows more; `lapse diff`",
            " Likewise at Peer, Town 00, ",
            " and 69 more.",
        ],
    );
    assert!(!ran.stdout.contains("lapse\\_months | town-70"), "{}", ran.stdout);
    let ran = diff(&folder, &[]);
    assert_has(&ran.stdout, &["town-79\n", "lapse_months: 24 -> 109, on every day\n  town-79 youth\n"]);
}

#[test]
fn a_policy_with_errors_is_shown_and_refused() {
    let folder = twice();
    folder.write("new/libraries/peer.toml", PEER.replace("code", "cod"));
    let ran = diff(&folder, &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_has(&ran.stderr, &["libraries/peer.toml:2:1", "the policies in new have"]);
    let ran = folder.lapse(&["diff", "old", "nowhere"]);
    assert_eq!(ran.code, 2);
    assert_has(&ran.stderr, &["`nowhere` is neither a folder nor a Git revision"]);
}

#[test]
fn revisions_are_read_without_touching_the_work_tree() {
    let folder = Folder::new();
    folder.git(&["init", "--quiet"]);
    write(&folder, "policies");
    folder.git(&["add", "."]);
    folder.git(&["commit", "--quiet", "-m", "One"]);
    folder.git(&["tag", "one"]);
    folder.write("policies/consortium.toml", CONSORTIUM.to_owned() + AMENDMENT);
    folder.git(&["commit", "--quiet", "-am", "Two"]);
    // A change in the work tree that is not committed counts for the folder and not for the revisions.
    folder.write("policies/libraries/peer.toml", PEER.to_owned() + "fee = 4\n");
    let status = folder.git(&["status", "--porcelain"]);
    for (old, new, expected) in [
        ("one", "HEAD", "renewal: automatic -> conditional, from 2022-07-01 on"),
        ("one:policies", "HEAD:policies", "renewal: automatic -> conditional, from 2022-07-01 on"),
        ("HEAD", "policies", "fee: 0.00 -> 4.00, on every day"),
    ] {
        let ran = folder.lapse(&["diff", old, new]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains(expected), "{old} {new}: {}", ran.stdout);
        assert_eq!(ran.stdout.contains("fee"), new == "policies", "{}", ran.stdout);
    }
    assert_eq!(folder.git(&["status", "--porcelain"]), status);
    for (old, why) in [
        ("HEAD:polices", "path 'polices' does not exist"),
        ("two", "invalid object name"),
        ("--all", "unexpected argument"),
    ] {
        let ran = folder.lapse(&["diff", old, "policies"]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.to_lowercase().contains(why), "{}", ran.stderr);
    }
}

const PLUGIN: &str = "\n[plugins.grace]\nfile = \"grace\"\ngrants = [\"keep-membership\"]\n";

/// What `diff` shows where the consortium of the old policy names this plugin, and that of the new one another.
fn between_plugins(before: &str, after: &str) -> Ran {
    let folder = twice();
    folder.write("old/consortium.toml", CONSORTIUM.to_owned() + before);
    folder.write("new/consortium.toml", CONSORTIUM.to_owned() + after);
    diff(&folder, &["--exit-code"])
}

#[test]
fn a_plugin_that_comes_or_goes_shows_with_what_it_may_do() {
    let ran = between_plugins("", PLUGIN);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let parts = [
        "plugins.grace: takes no part -> takes part, may keep-membership, on every day\n  deinze, peer\n",
        "after   consortium.toml:8\n",
        "No made-up patron comes out otherwise.\n",
        "Made-up patrons are tried without plugins: `--data` tells whom a changed plugin hits.",
    ];
    assert_has(&ran.stdout, &parts);
    let ran = between_plugins(PLUGIN, "");
    assert_has(&ran.stdout, &["takes part, may keep-membership -> takes no part", "before  consortium.toml:8"]);
}

#[test]
fn each_key_of_a_plugin_shows_before_and_after() {
    let pin = |digit: &str| format!("sha256 = \"{}\"\n", digit.repeat(64));
    let pinned = PLUGIN.to_owned() + &pin("a");
    let with = |line: &str| PLUGIN.to_owned() + line;
    for (before, after, shown) in [
        (with(""), pinned.clone(), format!("sha256: not pinned -> {}", "a".repeat(64))),
        (pinned, with(&pin("b")), format!("sha256: {} -> {}", "a".repeat(64), "b".repeat(64))),
        (with(""), with("config = { months = [7] }\n"), "config: {} -> {\"months\":[7]}".to_owned()),
        (with(""), with("columns = [\"patrons.x\"]\n"), "columns: none -> patrons.x".to_owned()),
        (with(""), with("timeout_seconds = 5\n"), "timeout_seconds: 60 -> 5".to_owned()),
        (with(""), with("isolation = \"none\"\n"), "isolation: process -> none".to_owned()),
        (with(""), PLUGIN.replace("file = \"grace\"", "file = \"spring\""), "file: grace -> spring".to_owned()),
        (
            with(""),
            PLUGIN.replace("[\"keep-membership\"]", "[\"keep-record\", \"deregister\"]"),
            "grants: keep-membership -> deregister keep-record".to_owned(),
        ),
    ] {
        let ran = between_plugins(&before, &after);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let shown = format!("plugins.grace.{shown}, on every day\n  deinze, peer\n");
        assert!(ran.stdout.starts_with(&shown), "{shown:?} is not at the start of {}", ran.stdout);
    }
}

#[test]
fn a_plugin_that_is_written_otherwise_shows_nothing() {
    let config = |keys| format!("{PLUGIN}config = {{ {keys} }}\n");
    let ran = between_plugins(&config("a = 1, b = [2]"), &config("b = [ 2 ], a = 1"));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    let folder = twice();
    folder.write("old/consortium.toml", CONSORTIUM.to_owned() + PLUGIN);
    for (library, text) in [("deinze", DEINZE), ("peer", PEER)] {
        folder.write(&format!("new/libraries/{library}.toml"), text.to_owned() + PLUGIN);
    }
    let ran = diff(&folder, &["--exit-code"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "named by another layer: {}", ran.stderr);
}

#[test]
fn a_plugin_shows_only_where_it_takes_part() {
    let folder = twice();
    folder.write("new/groups/leie.toml", GROUP.to_owned() + PLUGIN);
    let ran = diff(&folder, &["--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["differences"].as_array().unwrap().len(), 1);
    assert_eq!(json["differences"][0]["library"], "deinze");
    assert_eq!(json["differences"][0]["setting"], "plugins.grace");
    assert_eq!(json["differences"][0]["after"]["by"]["layer"], "group");
    let ran = diff(&folder, &["--format", "markdown"]);
    assert_has(
        &ran.stdout,
        &["| plugins.grace | deinze | takes no part | takes part, may keep-membership | on every day |"],
    );
}

#[test]
fn the_story_of_2022_shows_in_the_policies_that_we_ship() {
    let folder = Folder::new();
    let policies = root().join("policies");
    for dir in ["", "groups", "libraries"] {
        for entry in fs::read_dir(policies.join(dir)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let name = path.strip_prefix(&policies).unwrap().to_str().unwrap();
                folder.write(&format!("old/{name}"), fs::read(&path).unwrap());
            }
        }
    }
    let consortium = folder.read("old/consortium.toml");
    let (before, rest) = consortium.split_once("# The change of July 2022.").unwrap();
    let (_, after) = rest.split_once("# The previous library systems").unwrap();
    folder.write("old/consortium.toml", format!("{before}#{after}"));
    let ran = folder.lapse(&["diff", "old", policies.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_has(
        &ran.stdout,
        &[
            "A patron with youth at Bibliotheek Deinze, last active on 30 June 2020, is deregistered on 1 July 2022; before, on 1 July 2025.",
            "A patron with adult at Bibliotheek Deinze, last active on 30 June 2020, is deregistered on 1 July 2022; before, never.",
        ],
    );
    assert!(!ran.stdout.contains("school"), "{}", ran.stdout);
}
