//! Which files are read, and files that cannot be: syntax errors, bytes that are no text, what is missing.

use insta::assert_snapshot;

use super::{load, load_as_is, policy, told, told_of_library};
use crate::Severity;

#[test]
fn a_syntax_error_does_not_hide_the_errors_after_it() {
    assert_snapshot!(told_of_library("[cleanup]\nended_months =\n[subscriptions.youth\nfee = -1\n[retention]\nfinance_month = 3\n"), @r#"
    error: this is not valid TOML
     --> libraries/peer.toml:3:15
      |
    3 | ended_months =
      |               ^ expected a value

    error: this is not valid TOML
     --> libraries/peer.toml:4:21
      |
    4 | [subscriptions.youth
      |                     ^ unclosed table, expected `]`

    error: unknown key `finance_month` in `[retention]`
     --> libraries/peer.toml:7:1
      |
    7 | finance_month = 3
      | ^^^^^^^^^^^^^ expected `pseudonymise_days`, `pseudonymise_months`, `finance_months` or `history_months`
      |
      = help: did you mean `finance_months` (the months after which finance rows are deleted)?
    "#);
}

#[test]
fn a_bare_word_that_toml_takes_for_a_number_or_a_truth_is_told_to_stand_in_quotes() {
    for line in
        ["renewal = none", "holder = institution", "category = teacher", "category = family", "category = adult"]
    {
        let text = told_of_library(&format!("[subscriptions.youth]\n{line}\n"));
        assert!(text.contains(" expected a value: a text stands in quotes\n"), "{line}: {text}");
        assert_eq!(text.matches("error").count(), 1, "{line}: {text}");
    }
    for line in ["enforce = True", "enforce = flase"] {
        let text = told_of_library(&format!("[[amendment]]\n{line}\nfrom = 2022-07-01\nreason = \"r\"\n"));
        assert!(text.contains(" expected `true` or `false`, in small letters\n"), "{line}: {text}");
    }
}

#[test]
fn a_key_or_table_that_stands_twice_points_at_both() {
    assert_snapshot!(told_of_library(
        "[cleanup]\nended_months = 12\nended_months = 13\n[retention] # once\nfinance_months = 12\n[retention]\n\
         [[amendment]]\nfrom = 2022-07-01\nreason = \"r\"\nguards = { max_removed_percent = 1, max_removed_percent = 2 }\n"
    ), @r#"
    error: `ended_months` stands here twice
     --> libraries/peer.toml:4:1
      |
    3 | ended_months = 12
      | ------------ the first time
    4 | ended_months = 13
      | ^^^^^^^^^^^^ the second time
      |
      = help: keep one of the two

    error: `retention` stands here twice
     --> libraries/peer.toml:7:2
      |
    5 | [retention] # once
      | ----------- the first time
    6 | finance_months = 12
    7 | [retention]
      |  ^^^^^^^^^ the second time
      |
      = help: keep one of the two

    error: `max_removed_percent` stands here twice
      --> libraries/peer.toml:11:37
       |
    11 | guards = { max_removed_percent = 1, max_removed_percent = 2 }
       |            -------------------      ^^^^^^^^^^^^^^^^^^^ the second time
       |            |
       |            the first time
       |
       = help: keep one of the two
    "#);
}

#[test]
fn an_unfinished_string_and_an_unfinished_list_are_told_where_they_begin() {
    assert_snapshot!(told(&[("consortium.toml", "[consortium]\nname = \"E\n[activity]\nsources = [\"wise\"\n")]), @r#"
    error: this is not valid TOML
     --> consortium.toml:2:10
      |
    2 | name = "E
      |          ^ the text has no closing quote

    error: this is not valid TOML
     --> consortium.toml:4:18
      |
    4 | sources = ["wise"
      |                  ^ unclosed array, expected `]`
    "#);
}

#[test]
fn a_file_that_is_not_utf_8_points_at_the_byte() {
    let peer: &[u8] = b"[library]\ncode = \"peer\"\nname = \"Bibliotheek Zu\xeed\"\nnam = 1\n";
    let loaded = load_as_is([("consortium.toml", &b"consortium.name = \"Test\""[..]), ("libraries/peer.toml", peer)]);
    assert_snapshot!(loaded.diagnostics.render(false), @r#"
    error: `libraries/peer.toml` is not UTF-8
     --> libraries/peer.toml:3:23
      |
    3 | name = "Bibliotheek Zu�d"
      |                       ^ this byte is `î` in Windows-1252
      |
      = help: the file looks like Windows-1252, which some editors call ANSI; save it with the encoding UTF-8

    error: unknown key `nam` in `[library]`
     --> libraries/peer.toml:4:1
      |
    4 | nam = 1
      | ^^^ expected `code`, `name` or `group`
      |
      = help: did you mean `name` (the library's name for people; its code where there is none)?
    "#);
}

#[test]
fn a_file_in_utf_16_is_one_error_and_not_32() {
    let text = "[library]\ncode = \"peer\"\nname = \"Bibliotheek Zuëd\"\n[subscriptions.youth]\nlapse_months = 60\n";
    let peer: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let loaded =
        load_as_is([("consortium.toml", b"consortium.name = \"Test\"".to_vec()), ("libraries/peer.toml", peer)]);
    assert_snapshot!(loaded.diagnostics.render(false), @r"
    error: `libraries/peer.toml` is not UTF-8
    --> libraries/peer.toml
     = help: the file looks like UTF-16, which some editors call Unicode; save it with the encoding UTF-8
    ");
}

#[test]
fn all_errors_of_all_files_are_told_in_path_order() {
    let loaded = load(&[
        ("libraries/b.toml", "[library]\ncode = \"b\"\nx = 1\n"),
        ("libraries/a.toml", "[library]\ncode = \"a\"\nx = 1\ny = 2\n"),
        ("groups/g.toml", "[group]\ncode = \"g\"\nkind = 9\n"),
        ("consortium.toml", "z = 1\n"),
    ]);
    let places: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|found| (found.location.file, found.location.line, found.location.column))
        .collect();
    assert_eq!(
        places,
        [
            ("consortium.toml", Some(1), Some(1)),
            ("groups/g.toml", Some(3), Some(8)),
            ("libraries/a.toml", Some(3), Some(1)),
            ("libraries/a.toml", Some(4), Some(1)),
            ("libraries/b.toml", Some(3), Some(1)),
        ]
    );
    assert!(loaded.policy.is_none());
    assert!(loaded.diagnostics.iter().all(|found| found.severity == Severity::Error));
}

#[test]
fn a_finding_tells_a_machine_all_that_the_text_says() {
    let loaded = load(&[
        ("consortium.toml", ""),
        ("libraries/a.toml", "[library]\ncode = \"peer\"\n"),
        ("libraries/b.toml", "[library]\ncode = \"peer\"\n"),
    ]);
    let found = loaded.diagnostics.iter().next().unwrap();
    assert_eq!(found.message, "the library code `peer` is used twice");
    assert_eq!((found.location.file, found.location.label), ("libraries/b.toml", "used here again"));
    assert_eq!((found.secondary[0].file, found.secondary[0].line), ("libraries/a.toml", Some(2)));
    assert_eq!(found.help, Some("give each library a code of its own"));
}

#[test]
fn colour_adds_escapes_and_nothing_else() {
    let loaded = load(&[("consortium.toml", "z = 1\n")]);
    assert!(!loaded.diagnostics.render(false).contains('\u{1b}'));
    assert!(loaded.diagnostics.render(true).contains("\u{1b}["));
}

#[test]
fn an_escape_in_a_file_does_not_reach_the_terminal() {
    let text = told_of_library("[cleanup]\n\"\\u001b[31mended_months\" = 12\nx = \"\u{7f}\"\n");
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn an_empty_consortium_is_no_policy() {
    let told = |text: &str| load_as_is([("consortium.toml", text)]).diagnostics.render(false);
    assert_snapshot!(told(""), @r"
    error: this file has no `[consortium]`
     --> consortium.toml:1:1
      |
    1 |
      | ^ expected `[consortium]` in consortium.toml
      |
      = help: add `[consortium]` with its `name`; a file without it is no policy
    ");
    assert_snapshot!(told("[cleanup]\nended_months = 12\n"), @r"
    error: this file has no `[consortium]`
     --> consortium.toml:1:1
      |
    1 | [cleanup]
      | ^ expected `[consortium]` in consortium.toml
      |
      = help: add `[consortium]` with its `name`; a file without it is no policy
    ");
    assert_snapshot!(told("[consortium]\nrun_day = 1\n"), @r#"
    error: `consortium` has no `name`
     --> consortium.toml:1:1
      |
    1 | [consortium]
      | ^^^^^^^^^^^^ expected `name` here: the consortium's name for people
      |
      = help: add a line such as `name = "…"`
    "#);
    assert_eq!(told("consortium.name = \"Test\"\n"), "");
}

#[test]
fn only_toml_files_directly_in_the_two_folders_are_read() {
    let policy = policy(&[
        ("consortium.toml", "\u{feff}[consortium]\r\nname = \"E\"\r\n"),
        ("libraries/peer.toml", "library.code = \"peer\"\n"),
        ("libraries/readme.md", "= no TOML"),
        ("libraries/.peer.toml", "= an editor's copy"),
        ("libraries/old/riemst.toml", "= no TOML"),
        ("other.toml", "= no TOML"),
    ]);
    let today = policy.on(super::day("2022-07-01"));
    assert_eq!(today.libraries.len(), 1);
    assert_eq!(today.consortium.name.value, "E");
}

#[test]
fn the_fingerprint_depends_on_every_byte_and_name_and_on_nothing_else() {
    let print = |name, text| policy(&[("consortium.toml", ""), (name, text)]).fingerprint().to_owned();
    let one = print("libraries/a.toml", "library.code = \"a\"");
    assert_eq!(one.len(), 64);
    assert_eq!(one, print("libraries/a.toml", "library.code = \"a\""));
    assert_ne!(one, print("libraries/b.toml", "library.code = \"a\""));
    assert_ne!(one, print("libraries/a.toml", "library.code = \"a\"\n"));
}
