//! `lapse cases`: the boundary cases that a policy implies, those of `policies/` among them.

use std::fs;

use toml::{Table, Value};

use crate::program::{Folder, root};

const CONSORTIUM: &str = r#"[consortium]
name = "Two towns"

[[amendment]]
from = 2022-07-01
reason = "Everything for persons lapses"
enforce = true
subscription = { renewal = "conditional" }
"#;
const PEER: &str = r#"[library]
code = "peer"

[subscription]
renewal = "automatic"

[subscriptions.adult]
fee = "5.00"
renewal = "none"

[subscriptions.youth]
lapse_months = 36
"#;
const RIEMST: &str = "[library]\ncode = \"riemst\"\n\n[subscriptions.school]\nholder = \"institution\"\n";
const FILE: &str = "tests/cases/peer.boundary.toml";

fn two_libraries() -> Folder {
    Folder::with(&[
        ("policies/consortium.toml", CONSORTIUM),
        ("policies/libraries/peer.toml", PEER),
        ("policies/libraries/riemst.toml", RIEMST),
    ])
}

#[test]
fn the_boundary_cases_that_we_ship_are_current() {
    let ran =
        Folder::new().lapse(&["cases", "--all", "--check", "--policies", root().join("policies").to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn what_is_written_passes_and_is_current_and_is_written_the_same_again() {
    let folder = two_libraries();
    let ran = folder.lapse(&["cases", "--all"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert_eq!(folder.names("tests/cases"), ["peer.boundary.toml", "riemst.boundary.toml"]);
    let first = folder.read(FILE);
    let ran = folder.lapse(&["test"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(folder.lapse(&["cases", "--all", "--check"]).code, 0);
    fs::remove_file(folder.path().join(FILE)).unwrap();
    assert_eq!(folder.lapse(&["cases", "peer"]).code, 0);
    assert_eq!(folder.read(FILE), first);
}

#[test]
fn a_threshold_has_the_day_before_the_day_itself_and_the_day_after() {
    let folder = two_libraries();
    folder.lapse(&["cases", "peer"]);
    let text = folder.read(FILE);
    let outcomes: Vec<_> = cases(&text)
        .into_iter()
        .filter(|case| case["name"].as_str().unwrap().starts_with("youth on 2022-07-01: last active"))
        .map(|case| (day(&case["activity"][0]["last_active"]), word(&case["expect"]["membership"])))
        .collect();
    let expected = [("2019-06-30", "deregistered"), ("2019-07-01", "valid"), ("2019-07-02", "valid")]
        .map(|(day, outcome)| (day.to_owned(), outcome.to_owned()));
    assert_eq!(outcomes, expected);
}

#[test]
fn the_date_of_an_amendment_has_the_day_before_the_day_itself_and_the_day_after() {
    let folder = two_libraries();
    folder.lapse(&["cases", "peer"]);
    let text = folder.read(FILE);
    let outcomes: Vec<_> = cases(&text)
        .into_iter()
        .filter(|case| case["name"].as_str().unwrap().contains("the change, inactive for more than 36 months"))
        .map(|case| (day(&case["date"]), word(&case["expect"]["membership_reason"])))
        .collect();
    let expected = [("2022-06-30", "automatic"), ("2022-07-01", "inactive"), ("2022-07-02", "inactive")]
        .map(|(day, reason)| (day.to_owned(), reason.to_owned()));
    assert_eq!(outcomes, expected);
}

#[test]
fn a_changed_term_changes_the_cases_of_its_subscription_only() {
    let folder = two_libraries();
    folder.lapse(&["cases", "--all"]);
    let before = folder.read(FILE);
    folder.write("policies/libraries/peer.toml", PEER.replace("36", "48"));
    let ran = folder.lapse(&["cases", "--all", "--check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("peer.boundary.toml is not current"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("riemst"), "{}", ran.stderr);
    assert_eq!(folder.read(FILE), before);
    assert_eq!(folder.lapse(&["test"]).code, 1);
    folder.lapse(&["cases", "--all"]);
    let after = folder.read(FILE);
    let names = |text: &str, of: &str| -> Vec<String> {
        cases(text).iter().filter(|case| case.to_string().contains(of)).map(ToString::to_string).collect()
    };
    assert_eq!(names(&before, "name = \"adult"), names(&after, "name = \"adult"));
    assert_ne!(names(&before, "name = \"youth"), names(&after, "name = \"youth"));
}

#[test]
fn an_amendment_elsewhere_leaves_the_other_cases_alone() {
    let folder = two_libraries();
    folder.lapse(&["cases", "--all"]);
    let before = folder.read("tests/cases/riemst.boundary.toml");
    let amendment =
        "\n[[amendment]]\nfrom = 2025-03-10\nreason = \"A test\"\nsubscriptions.youth = { lapse_months = 12 }\n";
    folder.write("policies/libraries/peer.toml", format!("{PEER}{amendment}"));
    folder.lapse(&["cases", "--all"]);
    assert_eq!(folder.read("tests/cases/riemst.boundary.toml"), before);
    assert_eq!(folder.lapse(&["test"]).code, 0);
}

#[test]
fn a_later_amendment_adds_cases_and_leaves_those_from_before_it_as_they_were() {
    let folder = two_libraries();
    folder.lapse(&["cases", "riemst"]);
    let before = folder.read("tests/cases/riemst.boundary.toml");
    let amendment =
        "\n[[amendment]]\nfrom = 2025-03-10\nreason = \"A test\"\nsubscriptions.school = { term_months = 6 }\n";
    folder.write("policies/libraries/riemst.toml", format!("{RIEMST}{amendment}"));
    folder.lapse(&["cases", "riemst"]);
    let after = cases(&folder.read("tests/cases/riemst.boundary.toml"));
    let before = cases(&before);
    assert!(after.len() > before.len());
    assert!(before.iter().all(|case| after.contains(case)));
}

#[test]
fn a_file_of_people_is_left_alone() {
    let folder = two_libraries();
    folder.write(FILE, "# by hand\n");
    let ran = folder.lapse(&["cases", "peer"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("was not written by `lapse cases`"), "{}", ran.stderr);
    assert_eq!(folder.read(FILE), "# by hand\n");
    let ran = folder.lapse(&["cases", "peer", "--out", "elsewhere.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(folder.read("elsewhere.toml").contains("library = \"peer\""));
}

#[test]
fn a_file_whose_library_is_gone_and_a_library_that_never_was_are_told() {
    let folder = two_libraries();
    folder.lapse(&["cases", "--all"]);
    fs::remove_file(folder.path().join("policies/libraries/riemst.toml")).unwrap();
    let ran = folder.lapse(&["cases", "--all", "--check"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("riemst.boundary.toml is of a library that the policy does not have"),
        "{}",
        ran.stderr
    );
    let ran = folder.lapse(&["cases", "peeer"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("did you mean `peer`?"), "{}", ran.stderr);
}

/// The snapshots and the boundary cases of 1 July 2022 agree about those patrons of the cast who have the facts of a case.
#[test]
fn the_boundary_cases_agree_with_the_snapshots() {
    let tests = root().join("tests");
    let mut compared = 0;
    for entry in fs::read_dir(tests.join("snapshots")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "snap") {
            continue;
        }
        let library = path.file_stem().unwrap().to_str().unwrap();
        let snapshot = fs::read_to_string(&path).unwrap();
        let text = fs::read_to_string(tests.join(format!("cases/{library}.boundary.toml"))).unwrap();
        let mut here = 0;
        for case in cases(&text).iter().filter(|case| day(&case["date"]) == "2022-07-01") {
            let membership = case.get("memberships").map(|rows| &rows[0]);
            let Some(membership) = membership.filter(|row| row.get("status").is_none()) else { continue };
            let subscription = word(&membership["subscription"]);
            let patron = match (membership.get("valid_until"), case.get("activity")) {
                (Some(until), _) => format!("{subscription}-to-{}", day(until)),
                (None, Some(activity)) => format!("{subscription}-active-{}", day(&activity[0]["last_active"])),
                (None, None) => continue,
            };
            let Some([outcome, reason, until]) = on_the_run(&snapshot, &patron) else { continue };
            let expect = &case["expect"];
            let got = [word(&expect["membership"]), word(&expect["membership_reason"])];
            assert_eq!(got, [outcome, reason], "{library}, {}", case["name"]);
            if let Some(day) = expect["valid_until"].as_datetime() {
                assert_eq!(day.to_string(), until, "{library}, {}", case["name"]);
            }
            here += 1;
        }
        // These are youth on three days around the lapse term, and adults on three days around the end of their membership.
        assert!(here >= 3, "{library} has {here} cases with the facts of somebody in the cast");
        compared += here;
    }
    assert!(compared >= 6 * 14, "{compared}");
}

/// Outcome, reason and end of a patron's membership on the run of 1 July 2022, as a snapshot tells them.
fn on_the_run(snapshot: &str, patron: &str) -> Option<[String; 3]> {
    let mut lines = snapshot.lines().skip_while(|line| !line.starts_with(&format!("{patron}:"))).skip(1);
    let line = lines.by_ref().take_while(|line| !line.is_empty()).find(|line| {
        let (from, to) = match line.trim_start().split_once(" to ") {
            Some((from, rest)) => (from, &rest[..10]),
            None => (&line.trim_start()[..10], &line.trim_start()[..10]),
        };
        (from..=to).contains(&"2022-07-01")
    })?;
    let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    Some([2, 3, 4].map(|cell| cells[cell].to_owned()))
}

fn cases(text: &str) -> Vec<Table> {
    let file: Table = text.parse().unwrap();
    file["case"].as_array().unwrap().iter().map(|case| case.as_table().unwrap().clone()).collect()
}

fn day(value: &Value) -> String {
    value.as_datetime().expect("a day").to_string()
}

fn word(value: &Value) -> String {
    value.as_str().expect("a word").to_owned()
}
