//! `lapse test`: case files as the people who edit policies write them, right and wrong.

use crate::program::{Folder, root};

const CONSORTIUM: &str = r#"[consortium]
name = "Two towns"

[[amendment]]
from = 2022-07-01
reason = "Everything for persons lapses"
subscription = { renewal = "conditional" }
"#;
const PEER: &str = "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\nrenewal = \"automatic\"\n";
const RIEMST: &str = "[library]\ncode = \"riemst\"\n\n[subscriptions.adult]\nfee = \"5.00\"\n";

/// A policy directory with these cases beside it.
pub fn with_cases(cases: &str) -> Folder {
    Folder::with(&[
        ("policies/consortium.toml", CONSORTIUM),
        ("policies/libraries/peer.toml", PEER),
        ("policies/libraries/riemst.toml", RIEMST),
        ("tests/cases/peer.toml", cases),
    ])
}

/// A case that passes.
pub const YOUTH: &str = r#"library = "peer"
date = 2022-07-01

[[case]]
name = "a youth goes on"
memberships = [{ subscription = "youth", valid_from = 2019-03-01, valid_until = 2022-05-31 }]
expect = { membership = "renewed", membership_reason = "automatic", valid_until = 2023-05-31, last_activity = "none" }
"#;

#[test]
fn the_cases_that_we_ship_come_out_as_expected_and_exercise_everything() {
    let ran = Folder::new().lapse(&["test", "--policies", root().join("policies").to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.starts_with("Coverage: 100% "), "{}", ran.stdout);
}

#[test]
fn a_failing_case_shows_its_place_what_came_out_instead_and_why() {
    let folder = with_cases(&YOUTH.replace("\"renewed\"", "\"deregistered\""));
    let ran = folder.lapse(&["test"]);
    assert_eq!(ran.code, 1);
    for part in [
        "a youth goes on (run of 2022-07-01)",
        "tests/cases/peer.toml:7:25",
        "expected deregistered, got renewed",
        "Membership youth at peer: renewed (automatic)",
        "libraries/peer.toml:5",
    ] {
        assert!(ran.stdout.contains(part), "{part} is not in {}", ran.stdout);
    }
    assert!(ran.stderr.contains("1 case in 1 file: 1 failed"), "{}", ran.stderr);
}

#[test]
fn reasons_are_expected_in_any_order_and_all_of_them() {
    let case = |reasons| {
        format!(
            "library = \"peer\"\ndate = 2022-07-01\n[[case]]\nname = \"x\"\naccounts = [{{ owed = 3.5, items = 1 }}]\n\
             expect = {{ record_reasons = {reasons} }}\n"
        )
    };
    let all = "[\"no-membership\", \"items\", \"owes\"]";
    assert_eq!(with_cases(&case(all)).lapse(&["test"]).code, 0);
    let ran = with_cases(&case("[\"owes\", \"items\"]")).lapse(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("expected owes, items, got owes, items, no-membership"), "{}", ran.stdout);
}

#[test]
fn an_activity_row_without_library_is_activity_without_a_library() {
    let folder = with_cases(
        &YOUTH
            .replace("expect", "activity = [{ source = \"wise\", last_active = 2022-01-01 }]\nexpect")
            .replace("\"none\"", "2022-01-01"),
    );
    folder.write("policies/libraries/peer.toml", format!("{PEER}\n[activity]\nscope = \"library\"\n"));
    let ran = folder.lapse(&["test"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

#[test]
fn every_mistake_is_shown_with_its_place_and_no_case_is_run() {
    let folder = with_cases(
        r#"library = "peer"
dates = 2022-07-01

[[case]]
name = "wrong in many ways"
memberships = [
    { subscription = "youth", valid_form = 2019-03-01 },
    { subscription = 3, valid_from = "2019-03-01" },
]
accounts = [{ owed = true }]
profile_last_actve = 2020-01-01
expect = { membership = "valed", record = { riemst = "kept" }, profile_reason = "active" }
"#,
    );
    folder.write("tests/cases/good.toml", YOUTH);
    let ran = folder.lapse(&["test"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stdout);
    for part in [
        "peer.toml:2:1",
        "did you mean `date`?",
        "peer.toml:7:31",
        "did you mean `valid_from`?",
        "peer.toml:8:22",
        "expected a text in quotes",
        "peer.toml:8:38",
        "expected a date such as 2020-06-30, without quotes",
        "peer.toml:10:22",
        "peer.toml:11:1",
        "did you mean `profile_last_active`?",
        "peer.toml:12:45",
        "one of peer",
        "peer.toml:12:64",
        "did you mean `profile_reasons`?",
        "`date` is missing",
        "no case was run",
    ] {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
}

#[test]
fn what_the_tables_would_reject_is_a_mistake_with_its_place() {
    let ran = with_cases(&YOUTH.replace("2022-05-31 }", "2018-05-31 }")).lapse(&["test"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("peer.toml:6:81"), "{}", ran.stderr);
    assert!(ran.stderr.contains("valid_until lies before valid_from"), "{}", ran.stderr);
    for until in ["2022-05-31", "2018-05-31"] {
        let ran =
            with_cases(&YOUTH.replace("2022-05-31 }", &format!("{until}, status = \"activ\" }}"))).lapse(&["test"]);
        assert!(ran.stderr.contains("did you mean `active`?"), "{}", ran.stderr);
    }
}

#[test]
fn an_unknown_source_or_subscription_of_a_case_is_a_mistake_with_the_nearest_name() {
    let active = "activity = [{ source = \"sipp2\", last_active = 2022-01-01 }]\nexpect";
    let ran = with_cases(&YOUTH.replace("expect", active)).lapse(&["test"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    for part in ["unknown source `sipp2`", "peer.toml:7:24", "did you mean `sip2`?", "no case was run"] {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
    let ran = with_cases(&YOUTH.replace("\"youth\"", "\"yuoth\"")).lapse(&["test"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    for part in ["unknown subscription `yuoth`", "peer.toml:6:33", "did you mean `youth`?"] {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
}

#[test]
fn a_case_of_what_has_no_policy_names_whatever_subscription_it_likes() {
    let case = "library = \"peer\"\ndate = 2022-07-01\n[[case]]\nname = \"x\"\nmemberships = [{ subscription = \"gone\", \
                valid_from = 2019-03-01 }]\nexpect.membership_reason = \"no-policy\"\n";
    let ran = with_cases(case).lapse(&["test"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let elsewhere =
        case.replace("library = \"peer\"", "library = \"elsewhere\"").replace("_reason = \"no-policy", " = \"valid");
    let ran = with_cases(&elsewhere).lapse(&["test"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn two_memberships_at_a_library_need_two_values() {
    let two = YOUTH.replace("2022-05-31 }]", "2022-05-31 }, { subscription = \"child\", valid_from = 2022-08-01 }]");
    let with_cases = |cases: &str| {
        let folder = with_cases(cases);
        folder
            .write("policies/libraries/peer.toml", format!("{PEER}\n[subscriptions.child]\nrenewal = \"automatic\"\n"));
        folder
    };
    let ran = with_cases(&two).lapse(&["test"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`membership` is about 2 memberships"), "{}", ran.stderr);
    let listed = two.replace("\"renewed\"", "[\"renewed\", \"valid\"]").replace(
        "membership_reason = \"automatic\", valid_until = 2023-05-31, last_activity = \"none\"",
        "membership_reasons = [\"automatic\", \"starts-later\"], valid_until = [2023-05-31, \"none\"]",
    );
    let ran = with_cases(&listed).lapse(&["test"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_is_no_toml_or_no_text_is_refused_with_its_place() {
    let ran = with_cases("library = \"peer\ndate = 2022-07-01\n").lapse(&["test"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("peer.toml:1:16"), "{}", ran.stderr);
    let folder = with_cases(YOUTH);
    folder.write("tests/cases/peer.toml", b"library = \"peer\"\n# \xff\n");
    let ran = folder.lapse(&["test"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("line 2 is not UTF-8"), "{}", ran.stderr);
    let ran = with_cases(YOUTH).lapse(&["test", "nowhere.toml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("nowhere.toml"), "{}", ran.stderr);
}

#[test]
fn coverage_names_what_no_case_exercises_and_can_be_asked_for() {
    let ran = with_cases(YOUTH).lapse(&["test", "--min-coverage", "5"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in ["rule: 1, 2, 3, 4, 6, 7, 10", "riemst: adult", "consortium.toml, amendment of 2022-07-01"] {
        assert!(ran.stdout.contains(part), "{part} is not in {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("peer: youth"), "{}", ran.stdout);
    let ran = with_cases(YOUTH).lapse(&["test", "--min-coverage", "50"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("the coverage is below 50%"), "{}", ran.stderr);
}

#[test]
fn a_filter_leaves_the_cases_with_a_text_in_their_name() {
    let folder = with_cases(YOUTH);
    folder.write("tests/cases/wrong.toml", YOUTH.replace("goes on", "fails").replace("\"renewed\"", "\"expired\""));
    assert_eq!(folder.lapse(&["test"]).code, 1);
    let ran = folder.lapse(&["test", "--filter", "GOES"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let ran = folder.lapse(&["test", "--filter", "nothing"]);
    assert_eq!(ran.code, 2);
}

#[test]
fn the_results_can_be_written_as_junit_xml() {
    let folder = with_cases(YOUTH);
    folder.write("tests/cases/wrong.toml", YOUTH.replace("goes on", "<fails>").replace("\"renewed\"", "\"expired\""));
    let ran = folder.lapse(&["test", "--junit", "out/results.xml"]);
    assert_eq!(ran.code, 1);
    let xml = folder.read("out/results.xml");
    assert!(xml.contains("<testsuites name=\"lapse\" tests=\"2\" failures=\"1\" errors=\"0\">"), "{xml}");
    assert!(xml.contains("name=\"a youth &lt;fails&gt;\""), "{xml}");
    assert!(xml.contains("membership: expected expired, got renewed"), "{xml}");
    assert_eq!(folder.names("out"), ["results.xml"]);
}
