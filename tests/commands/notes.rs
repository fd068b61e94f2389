//! What a run notes about an extract that has no fault, but may not be what its maker meant. No note changes the exit code.

use serde_json::{Value, json};

use super::with_data;
use crate::program::Folder;

const RUN: &[&str] = &["run", "--data", "data", "--date", "2022-07-01", "--out", "out"];
const ACCOUNTS: &str = "patron_id,library,owed,credit,blocks,items,settled_on\n";

/// An extract about which there is nothing to note: it has every table with every column.
fn complete() -> Folder {
    let folder = with_data();
    folder.write("data/accounts.csv", format!("{ACCOUNTS}P2,peer,1.50,,general,,\n"));
    folder
}

/// The notes of a run over this folder, which the page for people must have too.
fn notes(folder: &Folder) -> Vec<String> {
    let ran = folder.lapse(&[RUN, &["--report", "page.html"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let summary: Value = serde_json::from_str(&folder.read("out/summary.json")).unwrap();
    let notes = summary["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap().to_owned());
    let notes: Vec<String> = notes.collect();
    let attention = ran.stderr.split("Needs attention\n").nth(1).unwrap_or_default();
    for note in &notes {
        assert!(attention.contains(&format!("  {note}\n")), "{note} is not in: {}", ran.stderr);
    }
    assert!(!folder.read("page.html").contains("Nothing needs attention") || notes.is_empty(), "{notes:?}");
    notes
}

#[test]
fn the_page_said_that_nothing_needs_attention_where_the_terminal_told_of_what_is_missing() {
    let folder = complete();
    remove(&folder, "data/accounts.csv");
    folder.write("data/account.csv", ACCOUNTS);
    folder.write("data/activity.csv", "patron_id,sauce,source,last_active\nP1,,wise,2019-06-01\nP2,,wise,2022-05-01\n");
    folder.write("data/patrons.csv", "patron_id,loan_historical\nP1,\nP2,\n");
    let told = notes(&folder);
    assert_eq!(told.len(), 5, "{told:?}");
    let page = folder.read("page.html");
    for said in [
        "There is no accounts table: no debts, credit, blocks or items are known. Deliver the table.",
        "The header of patrons.csv has no loan_history. Is loan_historical meant as it?",
        "account.csv is not read. Is it meant to be accounts.csv?",
        "The header of activity.csv has no library: empty in every row.",
        "The header of patrons.csv has no profile_last_active: empty in every row.",
    ] {
        assert!(page.contains(said), "no `{said}` on the page");
    }
    let dutch = [RUN, &["--report", "page.html", "--lang", "nl"]].concat();
    assert_eq!(folder.lapse(&dutch).code, 0);
    for said in ["Er is geen tabel accounts", "Is loan_historical daarmee bedoeld?", "account.csv wordt niet gelezen"] {
        assert!(folder.read("page.html").contains(said), "no `{said}` on the page");
    }
}

#[test]
fn a_column_that_was_said_to_be_another_was_asked_about_all_the_same() {
    let folder = complete();
    folder.write("data/accounts.csv", ACCOUNTS.replace("owed", "owde"));
    let ran = folder.lapse(&[RUN, &["--ignore-column", "owde"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("did `owde` mean it?"), "{}", ran.stderr);
    assert!(ran.stderr.contains("the header of accounts.csv has no `owed`: empty in every row"), "{}", ran.stderr);
}

#[test]
fn an_unknown_code_was_told_without_the_one_that_it_nearly_is() {
    let folder = complete();
    let memberships = folder.read("data/memberships.csv");
    folder.write("data/memberships.csv", memberships + "P1,peer,yuoth,2019-03-01,,\nP2,pere,youth,2019-03-01,,\n");
    folder.write(
        "data/activity.csv",
        "patron_id,library,source,last_active\nP1,pere,wsie,2022-06-01\nP2,,kiosk,2022-05-01\n",
    );
    folder.write("data/accounts.csv", format!("{ACCOUNTS}P1,peer,,,genral,,\nP2,elsewhere,,,baillif|quarrel,,\n"));
    let ran = folder.lapse(&[RUN, &["--report", "page.html"]].concat());
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    for said in [
        "yuoth at peer: 1; did you mean `youth`?\n",
        "youth at pere: 1; did you mean `peer`?\n",
        "pere in activity: 1; did you mean `peer`?\n",
        "elsewhere in accounts: 1\n",
        "wsie: 1; did you mean `wise`?\n",
        "kiosk: 1\n",
        "genral at peer: 1; did you mean `general`?\n",
        "baillif at elsewhere: 1; did you mean `bailiff`?\n",
        "quarrel at elsewhere: 1\n",
    ] {
        assert!(ran.stderr.contains(said), "no {said} in {}", ran.stderr);
    }
    let page = folder.read("page.html");
    for said in ["peer, yuoth: 1; did you mean youth?", "wsie: 1; did you mean wise?"] {
        assert!(page.contains(said), "no `{said}` on the page");
    }
    let summary: Value = serde_json::from_str(&folder.read("out/summary.json")).unwrap();
    assert_eq!(
        summary["attention"]["unknown_sources"],
        json!([{ "source": "kiosk", "rows": 1 }, { "source": "wsie", "rows": 1, "near": "wise" }])
    );
}

#[test]
fn one_account_with_seven_kinds_of_block_was_told_as_seven_accounts() {
    let folder = complete();
    folder.write("data/accounts.csv", format!("{ACCOUNTS}P1,peer,,,lost|stolen|noisy,,\nP2,peer,,,lost,,\n"));
    let ran = folder.lapse(&[RUN, &["--report", "page.html"]].concat());
    let said = "3 kinds of block are in neither `cleanup.blocks` nor `cleanup.blocks_ignored`, which holds the record; accounts \
                that have it:\n    lost at peer: 2\n    noisy at peer: 1\n    stolen at peer: 1\n";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(folder.read("page.html").contains("3 kinds of block are in neither list of the policy, and hold records"));
}

fn remove(folder: &Folder, name: &str) {
    std::fs::remove_file(folder.path().join(name)).unwrap();
}

#[test]
fn an_extract_with_every_table_and_column_gets_no_note() {
    assert_eq!(notes(&complete()), [""; 0]);
}

#[test]
fn an_optional_table_that_is_absent_is_noted_with_what_is_not_known_then() {
    let folder = complete();
    remove(&folder, "data/accounts.csv");
    assert_eq!(
        notes(&folder),
        ["there is no accounts table: no debts, credit, blocks or items are known; deliver the table"]
    );
    remove(&folder, "data/activity.csv");
    assert_eq!(notes(&folder)[0], "there is no activity table: nobody's activity is known, so nobody lapses");
}

#[test]
fn an_optional_column_that_is_absent_is_noted() {
    let folder = complete();
    folder.write("data/accounts.csv", ACCOUNTS.replace("owed", "debt").replace("items", "loans"));
    assert_eq!(notes(&folder), ["the header of accounts.csv has no `owed`, `items`: empty in every row"]);
}

#[test]
fn a_near_miss_of_an_absent_column_stops_the_run_until_it_is_said_to_be_another() {
    for (near, word) in [("owned", "owned"), ("owde", "owde"), ("owd", "owd"), ("Owed", "Owed"), (" owed", "' owed'")] {
        let folder = complete();
        folder.write("data/accounts.csv", ACCOUNTS.replace("owed", near));
        let run = ["run", "--data", "data", "--date", "2022-07-01", "--out", "out"];
        let ran = folder.lapse(&run);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert_eq!(
            ran.stderr,
            format!(
                "error: data/accounts.csv: there is no column `owed`, but `{near}`, which nearly is its name; write it as `owed`, \
                 or say --ignore-column {word} if it is another\n"
            )
        );
        assert_eq!(folder.names("out"), [""; 0]);
        let ran = folder.lapse(&[&run[..], &["--ignore-column", near]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(folder.read("out/records.csv").contains(",accounts-unknown "), "{near} is not read as `owed`");
    }
}

#[test]
fn every_optional_column_that_decisions_read_is_noted_and_the_date_of_birth_is_not() {
    let folder = complete();
    folder.write("data/patrons.csv", "patron_id\nP1\n");
    folder.write("data/memberships.csv", "patron_id,library,subscription,valid_from\n");
    folder.write("data/activity.csv", "patron_id,source,last_active\n");
    folder.write("data/accounts.csv", "patron_id,library\n");
    assert_eq!(
        notes(&folder),
        [
            "the header of accounts.csv has no `owed`, `credit`, `blocks`, `items`, `settled_on`: empty in every row",
            "the header of activity.csv has no `library`: empty in every row",
            "the header of memberships.csv has no `valid_until`, `status`: empty in every row",
            "the header of patrons.csv has no `profile_last_active`, `loan_history`: empty in every row",
        ]
    );
}

#[test]
fn a_file_whose_name_is_nearly_a_tables_is_noted() {
    let folder = complete();
    remove(&folder, "data/accounts.csv");
    folder.write("data/account.csv", ACCOUNTS);
    folder.write("data/README.md", "");
    assert_eq!(
        notes(&folder),
        [
            "there is no accounts table: no debts, credit, blocks or items are known; deliver the table",
            "account.csv is not read; is it meant to be accounts.csv?",
        ]
    );
}

/// What the summary says needs attention, after a run.
fn attention(folder: &Folder) -> Value {
    let ran = folder.lapse(RUN);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let summary: Value = serde_json::from_str(&folder.read("out/summary.json")).unwrap();
    summary["attention"].clone()
}

#[test]
fn sources_and_kinds_of_block_that_no_policy_lists_are_noted() {
    let folder = complete();
    folder.write(
        "data/activity.csv",
        "patron_id,library,source,last_active\nP1,,wise,2019-06-01\nP2,,kiosk,2022-05-01\n",
    );
    folder.write("data/accounts.csv", format!("{ACCOUNTS}P1,peer,,,internet|general,,\nP2,peer,,,genral|internet,,\n"));
    let attention = attention(&folder);
    assert_eq!(attention["unknown_sources"], json!([{ "source": "kiosk", "rows": 1 }]));
    assert_eq!(
        attention["unknown_blocks"],
        json!([{ "library": "peer", "kind": "genral", "accounts": 1, "near": "general" }])
    );
}

#[test]
fn of_many_kinds_of_block_only_the_first_are_named() {
    let folder = complete();
    folder.write("data/accounts.csv", format!("{ACCOUNTS}P1,peer,,,a|b|c|d|e|f|g,,\n"));
    assert_eq!(attention(&folder)["unknown_blocks"].as_array().unwrap().len(), 7);
    let told = folder.lapse(RUN).stderr;
    assert!(told.contains("    e at peer: 1\n    and 2 more\n"), "{told}");
}

#[test]
fn files_in_no_order_get_the_same_notes_as_sorted_ones() {
    let rows = |ids: &[&str]| {
        let folder = complete();
        let lines = |header: &str, row: &dyn Fn(&str) -> String| {
            ids.iter().fold(header.to_owned(), |text, id| text + id + &row(id) + "\n")
        };
        folder.write("data/patrons.csv", lines("patron_id\n", &|_| String::new()));
        folder.write(
            "data/activity.csv",
            lines("patron_id,source,last_active\n", &|id| format!(",gate-{id},2022-05-01")),
        );
        folder
            .write("data/accounts.csv", lines("patron_id,library,debt,blocks\n", &|id| format!(",peer,,block-{id}|x")));
        (notes(&folder), attention(&folder))
    };
    let sorted = rows(&["P1", "P2", "P3"]);
    assert_eq!((sorted.0.len(), sorted.1["unknown_blocks"].as_array().unwrap().len()), (3, 4), "{sorted:?}");
    assert_eq!(rows(&["P2", "P3", "P1"]), sorted);
}

#[test]
fn the_page_did_not_say_how_many_patrons_are_held_for_rejected_rows() {
    let folder = complete();
    let activity = folder.read("data/activity.csv");
    folder.write("data/activity.csv", activity + "P3,,wise,2022-13-01\nP3,,sip2,2022-13-01\n");
    let ran = folder.lapse(&[RUN, &["--report", "page.html"]].concat());
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("1 patron is held, 1 of them without a record"), "{}", ran.stderr);
    assert!(folder.read("page.html").contains("1 patron is held for a rejected row, 1 of them without a record."));
}
