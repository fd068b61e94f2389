//! `lapse run`: what it writes, what it says, and that the number of threads makes no difference.

use std::fmt::Write as _;

use chrono::{Datelike, Local};
use serde_json::{Value, json};

use super::{CONSORTIUM, two_towns, with_data};
use crate::program::Folder;

const RUN: &[&str] = &["run", "--data", "data", "--date", "2022-07-01", "--out", "out"];

fn summary(folder: &Folder) -> Value {
    serde_json::from_str(&folder.read("out/summary.json")).unwrap()
}

#[test]
fn a_run_over_policies_with_errors_writes_nothing() {
    let folder = with_data();
    folder.write("policies/libraries/peer.toml", "[library]\n");
    let ran = folder.lapse(RUN);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert_eq!(folder.names("out"), Vec::<String>::new());
}

#[test]
fn a_run_writes_every_decision_in_the_promised_order() {
    let folder = with_data();
    assert_eq!(folder.lapse(RUN).code, 0);
    assert_eq!(folder.names("out"), ["memberships.csv", "profiles.csv", "records.csv", "summary.json"]);
    assert_eq!(
        folder.read("out/memberships.csv"),
        "patron_id,library,subscription,valid_from,outcome,reason,valid_until,last_activity\n\
         P1,peer,youth,2015-01-01,deregistered,inactive,2022-06-30,2019-06-01\n\
         P1,riemst,youth,2012-01-01,expired,ended,2013-01-01,2019-06-01\n\
         P2,peer,adult,2021-07-01,expired,not-renewed,2022-06-30,2022-05-01\n\
         P2,riemst,youth,2012-01-01,renewed,active,2023-06-15,2022-05-01\n"
    );
    assert_eq!(
        folder.read("out/records.csv"),
        "patron_id,library,outcome,reasons,pseudonymise_before,purge_finance_before\n\
         P1,peer,kept,ended-recently,2022-04-02,2012-07-01\n\
         P1,riemst,archived,kept-elsewhere,2022-04-02,2012-07-01\n\
         P2,peer,kept,ended-recently owes,,2012-07-01\n\
         P2,riemst,kept,valid-membership,,2012-07-01\n"
    );
    assert_eq!(
        folder.read("out/profiles.csv"),
        "patron_id,outcome,reasons\nP1,deleted,inactive\nP2,kept,active valid-membership\n"
    );
}

#[test]
fn the_summary_counts_every_outcome_of_every_library() {
    let folder = with_data();
    assert_eq!(folder.lapse(RUN).code, 0);
    let check: Value = serde_json::from_str(&folder.lapse(&["check", "--format", "json"]).stdout).unwrap();
    assert_eq!(
        summary(&folder),
        json!({
            "date": "2022-07-01",
            "lapse": env!("CARGO_PKG_VERSION"),
            "policy_fingerprint": check["policy_fingerprint"],
            "rows": {
                "patrons": { "read": 3, "rejected": 0, "of_nobody": 0 },
                "memberships": { "read": 4, "rejected": 0, "of_nobody": 0 },
                "activity": { "read": 2, "rejected": 0, "of_nobody": 0 },
                "accounts": { "read": 1, "rejected": 0, "of_nobody": 0 },
            },
            "codes": {
                "libraries": {
                    "peer": { "memberships": 2, "activity": 1, "accounts": 1 },
                    "riemst": { "memberships": 2, "activity": 0, "accounts": 0 },
                },
                "subscriptions": { "adult": 1, "youth": 3 },
                "sources": { "sip2": 1, "wise": 1 },
                "blocks": [],
            },
            "compared_with": null,
            "consents": [],
            "libraries": {
                "peer": {
                    "valid_before": 1,
                    "starts_later": 0,
                    "expired": { "ended": 0, "not-renewed": 1, "succeeded": 0, "no-policy": 0 },
                    "memberships": { "valid": 0, "renewed": 0, "deregistered": 1, "expired": 1 },
                    "records": { "kept": 2, "archived": 0, "deleted": 0, "review": 0, "anonymised": 0 },
                },
                "riemst": {
                    "valid_before": 1,
                    "starts_later": 0,
                    "expired": { "ended": 1, "not-renewed": 0, "succeeded": 0, "no-policy": 0 },
                    "memberships": { "valid": 0, "renewed": 1, "deregistered": 0, "expired": 1 },
                    "records": { "kept": 1, "archived": 1, "deleted": 0, "review": 0, "anonymised": 0 },
                },
            },
            "total": {
                "valid_before": 2,
                "starts_later": 0,
                "expired": { "ended": 1, "not-renewed": 1, "succeeded": 0, "no-policy": 0 },
                "memberships": { "valid": 0, "renewed": 1, "deregistered": 1, "expired": 2 },
                "records": { "kept": 3, "archived": 1, "deleted": 0, "review": 0, "anonymised": 0 },
                "profiles": { "kept": 1, "deleted": 1 },
            },
            "no_policy": [],
            "notes": [
                "the header of accounts.csv has no `settled_on`: empty in every row",
            ],
            "faults": { "activity_after_run": 0, "profiles_after_run": 0 },
            "held": { "patrons": 0, "without_record": 0 },
            // The other sources have no row here, so none of theirs can be too old.
            "guards": [],
            "attention": {
                "rejected": {},
                "of_nobody": {},
                "no_policy": [],
                "unknown_libraries": [],
                "unknown_sources": [],
                "unknown_blocks": [],
                "repeated": 0,
                "many_terms": 0,
                "activity_looks_empty": 0,
                "starts_look_empty": 0,
                "activity_after_run": 0,
                "profiles_after_run": 0,
                "settled_after_run": 0,
            },
        })
    );
}

#[test]
fn memberships_without_policy_are_left_alone_and_told() {
    let folder = with_data();
    let memberships = folder.read("data/memberships.csv");
    folder.write(
        "data/memberships.csv",
        memberships + "P3,genk,youth,2015-01-01,,\nP3,peer,senior,2015-01-01,2016-01-01,\n",
    );
    let ran = folder.lapse(RUN);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("2 memberships have no policy"), "{}", ran.stderr);
    let memberships = folder.read("out/memberships.csv");
    assert!(memberships.contains("\nP3,genk,youth,2015-01-01,valid,no-policy,,\n"), "{memberships}");
    assert!(memberships.contains("\nP3,peer,senior,2015-01-01,expired,no-policy,2016-01-01,\n"), "{memberships}");
    assert_eq!(
        summary(&folder)["no_policy"],
        json!([
            { "library": "genk", "subscription": "youth", "memberships": 1 },
            { "library": "peer", "subscription": "senior", "memberships": 1 },
        ])
    );
    assert_eq!(
        summary(&folder)["libraries"]["genk"]["records"],
        json!({ "kept": 1, "archived": 0, "deleted": 0, "review": 0, "anonymised": 0 })
    );
    assert!(!folder.names("out").contains(&"rejects.csv".to_owned()));
}

#[test]
fn dates_after_the_run_are_told_as_faults_and_reject_nothing() {
    let folder = with_data();
    folder.write("data/patrons.csv", "patron_id,profile_last_active\nP1,2022-07-02\nP2,2022-07-01\nP3,\n");
    folder.write("data/activity.csv", "patron_id,source,last_active\nP1,wise,2022-07-02\nP2,wise,2022-07-01\n");
    let ran = folder.lapse(RUN);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("  activity after the run: 1; each counts as activity on the run day\n"),
        "{}",
        ran.stderr
    );
    let attention = &summary(&folder)["attention"];
    assert_eq!([&attention["activity_after_run"], &attention["profiles_after_run"]], [1, 1]);
    let memberships = folder.read("out/memberships.csv");
    assert!(memberships.contains("\nP1,peer,youth,2015-01-01,valid,active,2022-12-31,2022-07-01\n"), "{memberships}");
}

#[test]
fn changes_only_leaves_out_what_stays_as_it_is() {
    let folder = with_data();
    assert_eq!(folder.lapse(RUN).code, 0);
    let all = ["memberships", "records", "profiles"].map(|table| folder.read(&format!("out/{table}.csv")));
    let all_counted = folder.read("out/summary.json");
    assert_eq!(folder.lapse(&[RUN, &["--changes-only"]].concat()).code, 0);
    for (table, all) in ["memberships", "records", "profiles"].into_iter().zip(all) {
        let stays =
            |line: &&str| !["valid", "expired", "kept"].iter().any(|word| line.split(',').any(|field| field == *word));
        let changes: Vec<&str> = all.lines().filter(stays).collect();
        assert_eq!(folder.read(&format!("out/{table}.csv")).lines().collect::<Vec<_>>(), changes, "{table}");
        assert!(changes.len() > 1 && changes.len() < all.lines().count(), "{table} has rows of both kinds");
    }
    assert_eq!(folder.read("out/summary.json"), all_counted, "the summary counts everything all the same");
}

#[test]
fn the_number_of_threads_does_not_show() {
    let folder = two_towns();
    let mut files = [
        "patron_id,loan_history\n".to_owned(),
        "patron_id,library,subscription,valid_from,valid_until\n".to_owned(),
        "patron_id,library,source,last_active,note\n".to_owned(),
        "patron_id,library,owed,blocks\n".to_owned(),
    ];
    let [patrons, memberships, activity, accounts] = &mut files;
    let note = "-".repeat(400);
    for number in 0..15_000 {
        let library = ["peer", "riemst", "genk", "hasselt"][number * number % 7 % 4];
        let _ = writeln!(patrons, "P{number},{}", number % 3 > 0);
        let _ = writeln!(memberships, "P{number},{library},youth,2015-01-01,20{}-06-30", 15 + number % 9);
        // The rows are in another order than the patrons; some have codes that the policy does not have, and some are bad.
        let other = number * 7919 % 15_000;
        let source = ["wise", "sip2", "elsewhere", "legacy", ""][number % 5];
        let _ = writeln!(activity, "P{other},{library},{source},20{}-06-01,{note}", 15 + number % 8);
        let _ = writeln!(accounts, "P{other},{library},{},internet|b{}", number % 2, number % 50);
    }
    for (table, text) in ["patrons", "memberships", "activity", "accounts"].iter().zip(&files) {
        folder.write(&format!("data/{table}.csv"), text);
    }
    let with = |threads: &str| {
        let ran = folder.lapse(&[RUN, &["--threads", threads]].concat());
        assert_eq!(ran.code, 4, "{}", ran.stderr);
        let names = folder.names("out");
        assert_eq!(names.len(), 5);
        (names.iter().map(|name| folder.read(&format!("out/{name}"))).collect::<Vec<_>>(), ran.stderr)
    };
    let one = with("1");
    for threads in ["2", "7"] {
        assert!(with(threads) == one, "{threads} threads write something else than one");
    }
}

/// A row for each of 6000 patrons, with a note that is long enough for the table to be read in several pieces.
fn long_table(header: &str, row: impl Fn(usize) -> String) -> String {
    let note = "-".repeat(1000);
    (0..6000).fold(format!("{header},note\n"), |text, number| text + &format!("P{number:04},{},{note}\n", row(number)))
}

#[test]
fn a_code_that_first_comes_late_in_a_large_table_keeps_its_name() {
    // Codes that the policy does not have, the later half of them in another order than the earlier.
    let library = |number: usize| if number < 3000 { number % 7 } else { 9 - number % 8 };
    let blocks = |number: usize| if number < 5000 { "internet" } else { "bailiff" };
    let folder = two_towns();
    folder.write("data/patrons.csv", long_table("patron_id,loan_history", |_| String::new()));
    folder.write(
        "data/memberships.csv",
        long_table("patron_id,library,subscription,valid_from,valid_until", |number| {
            format!("town{},s{},2015-01-01,2016-01-01", library(number), number / 500)
        }),
    );
    folder.write(
        "data/activity.csv",
        long_table("patron_id,source,last_active", |number| format!("gate{},2022-06-01", number / 1000)),
    );
    folder.write(
        "data/accounts.csv",
        long_table("patron_id,library,blocks,owed,credit,items", |n| format!("town{},{},,,", library(n), blocks(n))),
    );
    assert_eq!(folder.lapse(RUN).code, 3);
    let memberships = folder.read("out/memberships.csv");
    let records = folder.read("out/records.csv");
    assert_eq!([memberships.lines().count(), records.lines().count()], [6001; 2]);
    for (number, (membership, record)) in memberships.lines().zip(records.lines()).skip(1).enumerate() {
        let (library, subscription) = (library(number), number / 500);
        let expected = format!("P{number:04},town{library},s{subscription},2015-01-01,expired,no-policy,2016-01-01,");
        assert_eq!(membership, expected, "a source that nobody counts is no activity");
        let blocked = if number < 5000 { "" } else { "blocked " };
        assert_eq!(record, format!("P{number:04},town{library},kept,{blocked}no-policy,,2012-07-01"));
    }
}

#[test]
fn a_day_that_is_no_run_day_is_announced() {
    let folder = with_data();
    let ran = folder.lapse(&["run", "--data", "data", "--date", "2022-07-02", "--out", "out"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stderr.starts_with("warning: 2022-07-02 is not a day of the customer run, which is on day 1 of each month"),
        "{}",
        ran.stderr
    );
    assert!(!folder.lapse(RUN).stderr.contains("warning"));
    folder.write("policies/consortium.toml", CONSORTIUM.replace("towns\" }", "towns\", run_day = 2 }"));
    assert!(folder.lapse(RUN).stderr.contains("2022-07-01 is not a day of the customer run, which is on day 2"));
}

#[test]
fn without_a_date_the_run_is_that_of_the_first_of_this_month() {
    let folder = with_data();
    let first = || Local::now().date_naive().with_day(1).unwrap().to_string();
    let before = first();
    assert_eq!(folder.lapse(&["run", "--data", "data", "--out", "out"]).code, 0);
    let date = summary(&folder)["date"].as_str().unwrap().to_owned();
    assert!(date == before || date == first(), "{date}");
    let shown = folder.lapse(&["show", "peer"]).stdout;
    assert!(shown.contains("as it stands on ") && shown.contains("-01\n"), "{shown}");
}

#[test]
fn the_first_day_that_a_run_can_be_of_and_the_last_of_the_calendar_are_days_like_others() {
    // Before all dates in the tables none is old; long after them all are.
    for (date, code) in [("1900-01-01", 0), ("9999-12-01", 4), ("9999-12-31", 4)] {
        let folder = with_data();
        let ran = folder.lapse(&["run", "--data", "data", "--date", date, "--out", "out"]);
        assert_eq!(ran.code, code, "{date}: {}", ran.stderr);
        let ran = folder.lapse(&["explain", "P1", "--data", "data", "--date", date]);
        assert_eq!(ran.code, 0, "{date}: {}", ran.stderr);
    }
}

#[test]
fn a_run_of_the_year_22_ended_nothing_and_said_nothing() {
    let folder = with_data();
    let meant = "its year seems to have two digits, did you mean 2022-07-01?";
    for (date, slip) in [("0022-07-01", meant), ("1899-12-31", "check its year")] {
        for command in [
            &["run", "--data", "data", "--out", "out", "--date"][..],
            &["show", "peer", "--date"],
            &["forecast", "--data", "data", "--from"],
        ] {
            let ran = folder.lapse(&[command, &[date]].concat());
            assert_eq!(ran.code, 2, "{date}: {}", ran.stderr);
            assert!(ran.stderr.contains(&format!("a date before 1900; {slip}\n")), "{}", ran.stderr);
        }
    }
}
