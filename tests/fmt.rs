//! `lapse fmt`: how it lays out files as people write them, and that the policy means the same afterwards.

use serde_json::Value;

use crate::program::{Folder, root};

const UNTIDY: &str = r#"# The plain case.

[[amendment]]  # the fee
subscriptions.adult = {renewal="automatic",fee='0.00'}
reason = "Council decision of 14 December 2020"
from   = 2021-01-01
[[amendment]]
reason = "Earlier"
from   = 2020-01-01
subscriptions.youth.lapse_months = 36
[cleanup]
blocks = ["general", # the usual
  # and this one
  "internet"]


# Adults pay.
[subscriptions.adult]
fee = "5.00" # a year
renewal="none"
# term_months = 6

[subscriptions.youth]
category="youth"
name="Jeugd"
[library]
name = "Peer"
# What the tables say.
code = "peer"
"#;

const TIDY: &str = r#"# The plain case.

[library]
# What the tables say.
code = "peer"
name = "Peer"

# Adults pay.
[subscriptions.adult]
fee = "5.00"                         # a year
renewal = "none"
# term_months = 6

[subscriptions.youth]
name = "Jeugd"
category = "youth"

[cleanup]
blocks = [
    "general",  # the usual
    # and this one
    "internet",
]

[[amendment]]
from = 2020-01-01
reason = "Earlier"
subscriptions.youth.lapse_months = 36

[[amendment]]                        # the fee
from = 2021-01-01
reason = "Council decision of 14 December 2020"
subscriptions.adult = { fee = '0.00', renewal = "automatic" }
"#;

const CASES: &str = r#"date = 2022-07-01
library = "peer"   # default of the cases below
[[case]]
expect = { record = "kept", membership = "deregistered" }
activity = [{ last_active = 2020-06-30, source = "sip2" }]
name = "a youth inactive for just over two years lapses"
memberships = [{ valid_until = 2023-02-28, subscription = "youth", valid_from = 2019-03-01 }, { subscription = "adult", valid_from = 2019-03-01 }]
"#;

const TIDY_CASES: &str = r#"library = "peer"                     # default of the cases below
date = 2022-07-01

[[case]]
name = "a youth inactive for just over two years lapses"
memberships = [
    { subscription = "youth", valid_from = 2019-03-01, valid_until = 2023-02-28 },
    { subscription = "adult", valid_from = 2019-03-01 },
]
activity = [{ source = "sip2", last_active = 2020-06-30 }]
expect = { membership = "deregistered", record = "kept" }
"#;

fn untidy() -> Folder {
    Folder::with(&[
        ("policies/consortium.toml", "[consortium]\nname = \"Two towns\"\n"),
        ("policies/libraries/peer.toml", UNTIDY),
        ("tests/cases/peer.toml", CASES),
    ])
}

#[test]
fn the_order_of_the_schema_comes_in_and_every_comment_stays() {
    let folder = untidy();
    let ran = folder.lapse(&["fmt"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert_eq!(folder.read("policies/libraries/peer.toml"), TIDY);
    assert_eq!(folder.read("tests/cases/peer.toml"), TIDY_CASES);
    assert_eq!(folder.names("policies/libraries"), ["peer.toml"]);
    let again = folder.lapse(&["fmt", "--check"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""));
}

#[test]
fn check_lists_what_would_change_and_changes_nothing() {
    let folder = untidy();
    let ran = folder.lapse(&["fmt", "--check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "policies/libraries/peer.toml\ntests/cases/peer.toml\n"));
    assert_eq!(folder.read("policies/libraries/peer.toml"), UNTIDY);
}

/// What `show` tells of a library, without the lines on which it stands and how values are written.
fn meaning(folder: &Folder, day: &str) -> Value {
    fn bare(value: &mut Value) {
        match value {
            Value::Object(entries) => {
                entries.remove("line");
                entries.values_mut().for_each(bare);
            }
            Value::Array(elements) => elements.iter_mut().for_each(bare),
            Value::String(text) => {
                if let Ok(table) = format!("value = {text}").parse::<toml::Table>() {
                    *text = format!("{:?}", table["value"]);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let ran = folder.lapse(&["show", "peer", "--date", day, "--format", "json"]);
    let mut value = serde_json::from_str(&ran.stdout).expect("JSON");
    bare(&mut value);
    value
}

#[test]
fn the_policy_of_every_day_stays_what_it_is() {
    let folder = untidy();
    let days = ["2019-12-31", "2020-01-01", "2021-01-01"];
    let before = days.map(|day| meaning(&folder, day));
    assert_eq!(folder.lapse(&["fmt"]).code, 0);
    assert!(days.map(|day| meaning(&folder, day)) == before);
    assert!(before[0] != before[1]);
}

#[test]
fn the_line_ends_of_windows_are_no_finding_and_stay() {
    let folder = untidy();
    let windows = |text: &str| text.replace('\n', "\r\n");
    folder.write("policies/libraries/peer.toml", windows(TIDY));
    folder.write("tests/cases/peer.toml", windows(TIDY_CASES));
    let ran = folder.lapse(&["fmt", "--check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    folder.write("policies/libraries/peer.toml", windows(UNTIDY));
    folder.write("tests/cases/peer.toml", windows(CASES));
    assert_eq!(folder.lapse(&["fmt"]).code, 0);
    assert_eq!(folder.read("policies/libraries/peer.toml"), windows(TIDY));
    assert_eq!(folder.read("tests/cases/peer.toml"), windows(TIDY_CASES));
    folder.write("tests/cases/peer.toml", windows(TIDY_CASES) + "# The last line.\n");
    let mixed = folder.lapse(&["fmt", "--check"]);
    assert_eq!((mixed.code, mixed.stdout.as_str()), (1, "tests/cases/peer.toml\n"), "two kinds of ends are a finding");
}

#[test]
fn a_file_that_is_not_toml_stops_the_others_too() {
    let folder = untidy();
    folder.write("policies/libraries/riemst.toml", "[library]\ncode = \"riemst\"\nname = Riemst\n");
    let ran = folder.lapse(&["fmt"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("policies/libraries/riemst.toml:3: this is not valid TOML"), "{}", ran.stderr);
    assert_eq!(folder.read("policies/libraries/peer.toml"), UNTIDY);
}

#[test]
fn a_file_that_is_none_of_ours_is_left_alone_and_refused_where_it_is_named() {
    let folder = Folder::with(&[("Cargo.toml", "[package]\nname='x'\n"), ("cases.toml", CASES)]);
    assert_eq!(folder.lapse(&["fmt", "."]).code, 0);
    assert_eq!(folder.read("Cargo.toml"), "[package]\nname='x'\n");
    assert_eq!(folder.read("cases.toml"), TIDY_CASES);
    let ran = folder.lapse(&["fmt", "Cargo.toml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("neither a policy file nor a case file"), "{}", ran.stderr);
}

#[test]
fn cases_in_a_folder_within_are_found_as_lapse_test_finds_them_and_each_file_counts_once() {
    let folder = untidy();
    folder.write("tests/cases/peer/more.toml", CASES);
    folder.write("tests/cases/.more.toml", CASES);
    let ran = folder.lapse(&["fmt", "policies", "tests", "tests/cases/peer.toml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "3 of 4 files changed\n"));
    assert_eq!(folder.read("tests/cases/peer/more.toml"), TIDY_CASES);
    assert_eq!(folder.read("tests/cases/.more.toml"), CASES, "what an editor leaves");
}

#[test]
fn what_is_expected_stands_last_in_a_case() {
    let case = "[[case]]\nexpect.membership_reasons = [\"bad-input\"]\nexpect.membership = \"valid\"\nbad_input = true\n\
                loan_history = false\ndate = 2022-07-01\nname = \"a damaged row\"\n";
    let folder = Folder::with(&[("case.toml", case)]);
    assert_eq!(folder.lapse(&["fmt", "case.toml"]).code, 0);
    let keys: Vec<String> =
        folder.read("case.toml").lines().skip(1).map(|line| line.split(" = ").next().unwrap().to_owned()).collect();
    let expected = ["name", "date", "loan_history", "bad_input", "expect.membership", "expect.membership_reasons"];
    assert_eq!(keys, expected);
}

#[test]
fn the_files_that_we_ship_are_in_canonical_layout() {
    for policies in ["policies", "examples/koha-sample/policies"] {
        let ran = Folder::new().lapse(&["fmt", "--check", root().join(policies).to_str().unwrap()]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{policies}: {}", ran.stderr);
    }
}
