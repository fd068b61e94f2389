//! `lapse explain`: the facts, each rule that was tried, the policy line behind it, and what later runs bring.

use serde_json::Value;

use super::{PEER, RIEMST, with_data};
use crate::program::{Folder, Ran};

fn explain(folder: &Folder, patron: &str) -> Ran {
    folder.lapse(&["explain", patron, "--data", "data", "--date", "2022-07-01"])
}

fn told(folder: &Folder, patron: &str) -> String {
    let ran = explain(folder, patron);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    ran.stdout
}

fn told_to_programs(folder: &Folder, patron: &str) -> Value {
    let ran = folder.lapse(&["explain", patron, "--data", "data", "--date", "2022-07-01", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    serde_json::from_str(&ran.stdout).unwrap()
}

/// Checks that the text has each sentence, in this order.
fn assert_in_order(text: &str, sentences: &[&str]) {
    let mut rest = text;
    for sentence in sentences {
        let at = rest.find(sentence).unwrap_or_else(|| panic!("`{sentence}` does not come next in: {text}"));
        rest = &rest[at + sentence.len()..];
    }
}

#[test]
fn a_lapse_is_told_with_the_facts_the_dates_and_the_policy_line() {
    assert_in_order(
        &told(&with_data(), "P1"),
        &[
            "Patron P1, run of 2022-07-01\n",
            "patrons.csv:2 ",
            "memberships.csv:2 ",
            "memberships.csv:3 ",
            "activity.csv:2 ",
            "Membership youth at peer: deregistered (inactive)\n",
            "The last activity that counts is of 2019-06-01",
            "24 months later is 2021-06-01, before 2022-07-01",
            "lapse_months = 24 (consortium.toml:12, amendment of 2022-07-01, enforced: Renewal becomes conditional)",
            "It is deregistered and ends on 2022-06-30, the day before the run.\n",
            "Membership youth at riemst: expired (ended)\n",
            "Record at peer: kept (ended-recently)\n",
            "Record at riemst: archived (kept-elsewhere)\n",
            "Mijn Bibliotheek profile: deleted (inactive)\n",
            "What comes next, if nobody does anything\n",
            "2024-07-01  the record at peer is deleted (all-clear)\n",
            "the record at riemst is deleted (all-clear)\n",
            "Then nothing is left of the patron",
        ],
    );
}

#[test]
fn what_holds_a_record_is_told_and_nothing_more_is_promised() {
    let text = told(&with_data(), "P2");
    assert_in_order(
        &text,
        &[
            "Membership adult at peer: expired (not-renewed)\n",
            "Membership youth at riemst: renewed (active)\n",
            "It is renewed until 2023-06-15.",
            "Record at peer: kept (ended-recently owes)\n",
            "Outstanding costs are not zero.",
            "Record at riemst: kept (valid-membership)\n",
            "Mijn Bibliotheek profile: kept (active valid-membership)\n",
            "2024-06-01  the membership youth at riemst is deregistered (inactive)\n",
        ],
    );
    assert!(!text.contains("at peer is deleted") && !text.contains("at peer is archived"), "it owes: {text}");
}

#[test]
fn explain_gives_programs_the_same_as_json() {
    let story = told_to_programs(&with_data(), "P1");
    assert_eq!(story["patron"], "P1");
    assert_eq!(story["date"], "2022-07-01");
    assert_eq!(story["held"], false);
    assert_eq!(story["facts"].as_array().unwrap().len(), 4);
    let membership = &story["memberships"][0];
    assert_eq!(
        [&membership["library"], &membership["subscription"], &membership["outcome"]],
        ["peer", "youth", "deregistered"]
    );
    let rule = membership["steps"].as_array().unwrap().iter().find(|step| step["rule"] == "rule 6").unwrap();
    assert_eq!(rule["holds"], true);
    assert_eq!(story["records"][1]["outcome"], "archived");
    assert_eq!(story["profile"]["outcome"], "deleted");
    assert_eq!(story["later"]["runs"][0]["date"], "2024-07-01");
    assert_eq!(story["later"]["gone"], true);
}

#[test]
fn what_explain_says_is_what_run_decides() {
    let folder = with_data();
    assert_eq!(folder.lapse(&["run", "--data", "data", "--date", "2022-07-01", "--out", "out"]).code, 0);
    for patron in ["P1", "P2"] {
        let story = told_to_programs(&folder, patron);
        for (table, chapters) in [("memberships", "memberships"), ("records", "records")] {
            let text = folder.read(&format!("out/{table}.csv"));
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let outcome = reader.headers().unwrap().iter().position(|name| name == "outcome").unwrap();
            let rows = reader.records().map(Result::unwrap).filter(|row| &row[0] == patron);
            let decided: Vec<String> = rows.map(|row| format!("{} {}", &row[outcome], &row[outcome + 1])).collect();
            let explained: Vec<String> = story[chapters]
                .as_array()
                .unwrap()
                .iter()
                .map(|chapter| {
                    let reasons = chapter["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap());
                    let reasons: Vec<&str> = reasons.collect();
                    format!("{} {}", chapter["outcome"].as_str().unwrap(), reasons.join(" "))
                })
                .collect();
            assert_eq!(decided, explained, "{patron} {table}");
        }
    }
}

#[test]
fn an_unknown_patron_cannot_be_explained() {
    for id in ["P9", ""] {
        let ran = explain(&with_data(), id);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert_eq!(ran.stderr, format!("error: the patrons table in data has no patron `{id}`\n"));
    }
}

#[test]
fn an_id_without_its_zeros_was_just_not_there() {
    let folder = with_data();
    let ran = explain(&folder, "p1");
    assert_eq!(ran.code, 2);
    let none = "error: the patrons table in data has no patron";
    assert_eq!(ran.stderr, format!("{none} `p1`, but `P1` nearly has this id; is it meant?\n"));
    let ids = "patron_id,birth_date\n00123,\n1234,\n0123,\n41230,123\n";
    folder.write("data/patrons.csv", ids);
    let told = format!("{none} `123`, but `00123` and `0123` nearly have this id; is it meant?\n");
    assert_eq!(explain(&folder, "123").stderr, told);
    remove_patrons(&folder);
    folder.write("data/patrons.ndjson", "{\"patron_id\":\"00123\"}\n{\"patron_id\":\" 0123\"}\n");
    assert!(explain(&folder, "123").stderr.contains("but `00123` and ` 0123` nearly have"));
}

fn remove_patrons(folder: &Folder) {
    std::fs::remove_file(folder.path().join("data/patrons.csv")).unwrap();
}

#[test]
fn a_held_patron_is_shown_the_rejected_row_and_why_it_was() {
    let folder = with_data();
    folder.write("data/activity.csv", "patron_id,source,last_active\nP1,wise,2019-06-01\nP1,wise,2022-13-01\n");
    assert_in_order(
        &told(&folder, "P1"),
        &[
            "activity.csv:3 ",
            "rejected: last_active `2022-13-01`: not a date written as YYYY-MM-DD\n",
            "A row of this patron was rejected, so no membership is ended and no record removed.",
            "Membership youth at peer: valid (bad-input)\n",
            "Record at peer: kept (bad-input valid-membership)\n",
            "Mijn Bibliotheek profile: kept (bad-input valid-membership)\n",
            "While the rejected row stands, no membership is ended and no record removed: correct activity.csv line 3.\n",
        ],
    );
    assert_eq!(told_to_programs(&folder, "P1")["held"], true);
    assert!(!told(&folder, "P2").contains("rejected, so"), "another patron is not");
}

#[test]
fn what_is_to_be_corrected_is_named_by_the_file_that_was_read() {
    let folder = with_data();
    std::fs::remove_file(folder.path().join("data/activity.csv")).unwrap();
    folder.write("data/activity/a.csv", "patron_id,source,last_active\nP1,wise,2019-06-01\n");
    folder.write("data/activity/b.csv", "patron_id,source,last_active\nP1,wise,2022-13-01\n");
    let text = told(&folder, "P1");
    assert_in_order(&text, &["activity/b.csv:2 ", ": correct activity/b.csv line 2.\n"]);
}

#[test]
fn a_patron_without_memberships_has_no_outcome() {
    let folder = with_data();
    let text = told(&folder, "P3");
    assert!(!text.contains("\nMembership ") && !text.contains("\nRecord "), "{text}");
    let story = told_to_programs(&folder, "P3");
    assert_eq!([&story["memberships"], &story["records"]], [&serde_json::json!([]), &serde_json::json!([])]);
    assert_eq!(story["profile"], Value::Null);
}

#[test]
fn explain_announces_a_day_that_is_no_run_day() {
    let ran = with_data().lapse(&["explain", "P1", "--data", "data", "--date", "2022-07-02"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.starts_with("warning: 2022-07-02 is not a day of the customer run"), "{}", ran.stderr);
    assert!(!ran.stdout.contains("warning"), "{}", ran.stdout);
}

#[test]
fn the_rules_of_stage_1_are_not_called_rows_since_the_tables_have_rows() {
    let text = told(&with_data(), "P1");
    assert!(text.contains("\n  rule 1 ") && text.contains("\n  rule 6, not-a-person"), "{text}");
    assert!(!text.contains("row 1") && !text.contains("row 6"), "{text}");
}

#[test]
fn a_held_patron_is_not_promised_that_nothing_happens_since_old_data_still_goes() {
    let folder = with_data();
    folder.write("data/activity.csv", "patron_id,source,last_active\nP1,wise,2022-13-01\n");
    folder.write("data/accounts.csv", "patron_id,library,owed\nP1,peer,x\n");
    assert_in_order(
        &told(&folder, "P1"),
        &[
            "so no membership is ended and no record removed. What is kept is still cleared of old data.\n",
            "loans and reservations before 2022-04-02 are pseudonymised.\n",
            "Finance rows before 2012-07-01 are deleted.\n",
            "What comes next, if nobody does anything\n",
            ": correct activity.csv line 2 and accounts.csv line 2.\n",
        ],
    );
}

#[test]
fn a_membership_that_serves_in_the_group_is_told_with_its_library() {
    let folder = with_data();
    folder.write("policies/groups/noord.toml", "[group]\ncode = \"noord\"\nkind = 3\n");
    for (library, text) in [("peer", PEER), ("riemst", RIEMST)] {
        folder.write(
            &format!("policies/libraries/{library}.toml"),
            text.replacen("\n\n[sub", "\ngroup = \"noord\"\n\n[sub", 1),
        );
    }
    folder.write("data/accounts.csv", "patron_id,library,owed,credit,blocks,items,settled_on\n");
    assert_in_order(
        &told(&folder, "P2"),
        &[
            "Record at peer: kept (valid-in-group ended-recently)\n",
            "A membership at riemst is valid, or starts later, and the group recognises it.\n",
        ],
    );
}

#[test]
fn a_row_with_nothing_but_an_id_leaves_no_blanks_at_the_end_of_its_line() {
    let text = told(&with_data(), "P3");
    assert!(text.contains("  patrons.csv:4             no value but the id\n"), "{text}");
    assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
}
