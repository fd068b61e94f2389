//! Rows that cannot be used, a test for each kind: what `rejects.csv` says of the row, and what becomes of its patron.

use super::{RUN, about, assert_held, assert_not_held, good, text};
use crate::program::Folder;

const NOT_A_DATE: &str = "not a date written as YYYY-MM-DD";
const REQUIRED: &str = "this value is required";
const OWED_BELOW_ZERO: &str = "an amount below zero; what the library owes the patron goes to the column `credit`";
const CREDIT_BELOW_ZERO: &str = "an amount below zero; what the patron owes the library goes to the column `owed`";

/// Runs the good tables with `row` on physical line `line` of `table`, in place of what stood there or at the end.
fn with_row(table: &str, line: usize, row: &str) -> Folder {
    let folder = good();
    let mut lines: Vec<&str> = text(table).lines().collect();
    if line <= lines.len() {
        lines[line - 1] = row;
    } else {
        assert_eq!(line, lines.len() + 1, "the next line of the table");
        lines.push(row);
    }
    folder.write(&format!("data/{table}.csv"), lines.join("\n") + "\n");
    let ran = folder.lapse(RUN);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert_eq!(folder.names("out"), ["memberships.csv", "profiles.csv", "records.csv", "rejects.csv", "summary.json"]);
    folder
}

fn rejects(folder: &Folder) -> Vec<String> {
    let text = folder.read("out/rejects.csv");
    let (header, rest) = text.split_once('\n').unwrap();
    assert_eq!(header, "table,line,column,value,problem");
    rest.lines().map(str::to_owned).collect()
}

/// Checks that the row is rejected with its first problem, that its patron P1 is held, and that P2 is not.
fn holds(table: &str, line: usize, row: &str, column: &str, value: &str, problem: &str) {
    let folder = with_row(table, line, row);
    assert_eq!(rejects(&folder), [format!("{table},{line},{column},{value},{problem}")]);
    assert_held(&folder, "P1");
    assert_not_held(&folder, "P2");
}

/// Checks that the row is rejected and that nobody is held for it.
fn holds_nobody(table: &str, line: usize, row: &str, column: &str, value: &str, problem: &str) {
    let folder = with_row(table, line, row);
    assert_eq!(rejects(&folder), [format!("{table},{line},{column},{value},{problem}")]);
    assert_not_held(&folder, "P1");
    assert_not_held(&folder, "P2");
}

#[test]
fn a_patron_without_an_id_is_rejected_and_holds_nobody() {
    holds_nobody("patrons", 4, ",2005-01-01,2018-01-01,true", "patron_id", "", REQUIRED);
}

#[test]
fn of_two_rows_for_a_patron_the_first_stands_and_the_patron_is_held() {
    let second = "a second row for this patron; the first one stands";
    let folder = with_row("patrons", 4, "P1,2005-01-01,2022-06-01,true");
    assert_eq!(rejects(&folder), [format!("patrons,4,patron_id,P1,{second}")]);
    assert_held(&folder, "P1");
    assert_eq!(about("P1", &folder.read("out/profiles.csv")), ["P1,kept,bad-input valid-membership"], "not `active`");
    assert_not_held(&folder, "P2");
}

#[test]
fn a_second_row_for_a_patron_is_told_as_such_whatever_else_is_wrong_with_it() {
    let second = "a second row for this patron; the first one stands";
    holds("patrons", 4, "P1,soon,sooner,maybe", "patron_id", "P1", second);
}

#[test]
fn a_birth_date_that_is_none_holds_the_patron() {
    holds("patrons", 2, "P1,2005-02-29,2018-01-01,true", "birth_date", "2005-02-29", NOT_A_DATE);
}

#[test]
fn a_profile_date_that_is_none_counts_as_empty_and_holds_the_patron() {
    let folder = with_row("patrons", 2, "P1,2005-01-01,01/01/2018,true");
    assert_eq!(rejects(&folder), [format!("patrons,2,profile_last_active,01/01/2018,{NOT_A_DATE}")]);
    assert_held(&folder, "P1");
    assert_eq!(about("P1", &folder.read("out/profiles.csv")), [""; 0], "no profile date, no row");
    assert_not_held(&folder, "P2");
}

#[test]
fn loan_history_that_is_neither_true_nor_false_counts_as_empty_and_holds_the_patron() {
    let folder = with_row("patrons", 2, "P1,2005-01-01,2018-01-01,False");
    assert_eq!(rejects(&folder), ["patrons,2,loan_history,False,neither true nor false"]);
    assert_held(&folder, "P1");
    // The cut-off is empty, since the patron keeps loan history.
    for record in about("P1", &folder.read("out/records.csv")) {
        assert_eq!(record.split(',').nth(4), Some(""), "{record}");
    }
    assert_not_held(&folder, "P2");
}

#[test]
fn a_row_with_several_problems_is_told_once_with_the_first() {
    holds("patrons", 2, "P1,soon,sooner,maybe", "birth_date", "soon", NOT_A_DATE);
    holds("memberships", 6, "P1,,youth,soon,2015-01-01,gone", "library", "", REQUIRED);
    holds("memberships", 6, "P1,peer,youth,soon,sooner,gone", "valid_from", "soon", NOT_A_DATE);
    holds("activity", 6, "P1,,,soon", "source", "", REQUIRED);
    holds("accounts", 4, "P1,peer,-1,-2,,-3,soon", "owed", "-1", OWED_BELOW_ZERO);
    holds("accounts", 4, "P1,peer,1,2,,-3,soon", "items", "-3", "a count below zero");
}

#[test]
fn a_row_without_a_patron_id_is_rejected_and_holds_nobody() {
    holds_nobody("memberships", 6, ",peer,youth,2015-01-01,,active", "patron_id", "", REQUIRED);
    holds_nobody("activity", 6, ",peer,wise,2022-06-01", "patron_id", "", REQUIRED);
    holds_nobody("accounts", 4, ",peer,1,,,,", "patron_id", "", REQUIRED);
}

#[test]
fn a_row_of_a_patron_that_patrons_does_not_have_is_rejected_and_holds_nobody() {
    let unknown = "the patrons table has no such patron";
    holds_nobody("memberships", 6, "P3,peer,youth,2015-01-01,,active", "patron_id", "P3", unknown);
    holds_nobody("activity", 6, "P3,peer,wise,2022-06-01", "patron_id", "P3", unknown);
    holds_nobody("accounts", 4, "P3,peer,1,,,,", "patron_id", "P3", unknown);
}

#[test]
fn an_id_that_is_nearly_a_patrons_is_of_nobody_and_holds_that_patron() {
    let nearly = "\"the patrons table has no such patron, but `P1` nearly has this id and may be meant; write it as the \
                  patrons table does\"";
    for id in ["p1", " P1", "P1 ", "P1\u{a0}", "00P1"] {
        holds("activity", 6, &format!("{id},peer,wise,2022-06-01"), "patron_id", id, nearly);
        holds("memberships", 6, &format!("{id},peer,youth,2015-01-01,,active"), "patron_id", id, nearly);
        holds("accounts", 4, &format!("{id},peer,85.00,,,3,"), "patron_id", id, nearly);
    }
    for id in ["P01", "P 1", "P11", "1P", "00"] {
        let unknown = "the patrons table has no such patron";
        holds_nobody("activity", 6, &format!("{id},peer,wise,2022-06-01"), "patron_id", id, unknown);
    }
}

#[test]
fn a_membership_without_a_library_holds_its_patron() {
    holds("memberships", 6, "P1,,youth,2015-01-01,,active", "library", "", REQUIRED);
}

#[test]
fn a_membership_without_a_subscription_holds_its_patron() {
    holds("memberships", 6, "P1,peer,,2015-01-01,,active", "subscription", "", REQUIRED);
}

#[test]
fn a_membership_without_a_first_day_holds_its_patron() {
    holds("memberships", 6, "P1,peer,youth,,2016-01-01,active", "valid_from", "", REQUIRED);
}

#[test]
fn a_first_day_that_is_no_date_holds_its_patron() {
    holds("memberships", 6, "P1,peer,youth,2015-1-1,,active", "valid_from", "2015-1-1", NOT_A_DATE);
}

#[test]
fn a_last_day_that_is_no_date_holds_its_patron() {
    holds("memberships", 6, "P1,peer,youth,2015-01-01,never,active", "valid_until", "never", NOT_A_DATE);
}

#[test]
fn a_last_day_before_the_first_holds_its_patron_and_the_same_day_does_not() {
    let before = "valid_until lies before valid_from";
    holds("memberships", 6, "P1,peer,youth,2015-01-02,2015-01-01,active", "valid_until", "2015-01-01", before);
    let folder = good();
    folder.write(
        "data/memberships.csv",
        text("memberships").to_owned() + "P1,peer,youth,2015-01-01,2015-01-01,cancelled\n",
    );
    assert_eq!(folder.lapse(RUN).code, 0);
}

#[test]
fn a_status_that_is_none_holds_its_patron() {
    let not_a_status = "\"not one of active, deregistered, cancelled\"";
    for status in ["Active", "uitgeschreven", " active"] {
        let row = format!("P1,peer,youth,2015-01-01,,{status}");
        holds("memberships", 6, &row, "status", status, not_a_status);
    }
}

#[test]
fn activity_without_a_source_holds_its_patron() {
    holds("activity", 6, "P1,peer,,2022-06-01", "source", "", REQUIRED);
}

#[test]
fn activity_without_a_date_holds_its_patron() {
    holds("activity", 6, "P1,peer,wise,", "last_active", "", REQUIRED);
}

#[test]
fn activity_with_a_date_that_is_none_holds_its_patron() {
    for date in ["2022-06-31", "2022-06-01 12:00", "2022-06-01T00:00:00", "0000-01-01", "10000-01-01", "2022/06/01"] {
        holds("activity", 6, &format!("P1,peer,wise,{date}"), "last_active", date, NOT_A_DATE);
    }
}

#[test]
fn an_account_without_a_library_holds_its_patron() {
    holds("accounts", 4, "P1,,0,0,,0,", "library", "", REQUIRED);
}

#[test]
fn an_amount_owed_that_is_none_holds_its_patron() {
    holds("accounts", 4, "P1,peer,1.2.3,,,,", "owed", "1.2.3", "\"not an amount in digits, with a point if need be\"");
    holds("accounts", 4, "P1,peer,-0.01,,,,", "owed", "-0.01", OWED_BELOW_ZERO);
}

#[test]
fn a_credit_that_is_none_holds_its_patron() {
    holds(
        "accounts",
        4,
        "P1,peer,,5 euro,,,",
        "credit",
        "5 euro",
        "\"not an amount in digits, with a point if need be\"",
    );
    holds("accounts", 4, "P1,peer,,-5,,,", "credit", "-5", CREDIT_BELOW_ZERO);
}

#[test]
fn a_number_of_items_that_is_none_holds_its_patron() {
    holds("accounts", 4, "P1,peer,,,,1.0,", "items", "1.0", "not a count in digits");
    holds("accounts", 4, "P1,peer,,,,-1,", "items", "-1", "a count below zero");
}

#[test]
fn a_day_of_settling_that_is_none_holds_its_patron() {
    holds("accounts", 4, "P1,peer,,,,,gisteren", "settled_on", "gisteren", NOT_A_DATE);
}

#[test]
fn a_second_account_of_a_patron_at_a_library_holds_the_patron_and_the_first_stands() {
    let second = "a second row for this patron and library; the first one stands";
    let folder = with_row("accounts", 4, "P1,riemst,5.00,,,,");
    assert_eq!(rejects(&folder), [format!("accounts,4,library,riemst,{second}")]);
    assert_held(&folder, "P1");
    let records = folder.read("out/records.csv");
    assert!(about("P1", &records).iter().all(|record| !record.contains("owes")), "{records}");
    assert_not_held(&folder, "P2");
}

#[test]
fn a_held_patron_whose_membership_has_ended_is_renewed_rather_than_deregistered() {
    let folder = good();
    folder.write("data/memberships.csv", text("memberships").replace("2022-12-31", "2022-06-30"));
    folder.write("data/activity.csv", text("activity").to_owned() + "P1,peer,wise,x\n");
    assert_eq!(folder.lapse(RUN).code, 3);
    let memberships = folder.read("out/memberships.csv");
    assert_eq!(about("P1", &memberships)[0], "P1,peer,youth,2015-01-01,renewed,bad-input,2023-06-30,2018-01-01");
    assert_eq!(about("P2", &memberships)[0], "P2,peer,youth,2015-01-01,deregistered,inactive,2022-06-30,");
}

#[test]
fn a_value_with_a_comma_a_quote_or_a_line_end_is_quoted_in_the_rejects() {
    let folder = good();
    folder.write(
        "data/activity.csv",
        "patron_id,library,source,last_active\nP1,,wise,\"1,5 \"\"jan\"\"\n2022\"\nP2,,wise,2018-01-01\n",
    );
    assert_eq!(folder.lapse(RUN).code, 3);
    let expected =
        format!("table,line,column,value,problem\nactivity,2,last_active,\"1,5 \"\"jan\"\"\n2022\",{NOT_A_DATE}\n");
    assert_eq!(folder.read("out/rejects.csv"), expected);
}

#[test]
fn a_patron_without_an_id_was_said_to_be_held_and_one_without_a_record_was_not() {
    let folder = good();
    folder.write("data/patrons.csv", "patron_id,birth_date\nP1,x\nP2,\n,\n,\nP3,x\n");
    let ran = folder.lapse(RUN);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let summary: serde_json::Value = serde_json::from_str(&folder.read("out/summary.json")).unwrap();
    assert_eq!(summary["rows"]["patrons"], serde_json::json!({ "read": 5, "rejected": 4, "of_nobody": 2 }));
    assert_eq!(summary["held"], serde_json::json!({ "patrons": 2, "without_record": 1 }));
    for line in [
        "  2 rows belong to no patron and hold nobody (rejects.csv)\n    patrons.csv line 4, patron_id ``: this value is required",
        "  2 rows were rejected and their patrons held (rejects.csv)\n    2 patrons are held, 1 of them without a record\n",
    ] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
}

#[test]
fn rejects_stand_by_table_and_line_and_the_summary_counts_them() {
    let folder = good();
    folder.write("data/activity.csv", "patron_id,source,last_active\nP1,wise,x\nP9,wise,2018-01-01\nP1,wise,\n");
    folder.write("data/patrons.csv", "patron_id,birth_date\nP1,x\nP2,\nP1,\n");
    let ran = folder.lapse(RUN);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let places: Vec<String> =
        rejects(&folder).iter().map(|line| line.splitn(3, ',').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(places, ["patrons 2", "patrons 4", "activity 2", "activity 3", "activity 4"]);
    let summary: serde_json::Value = serde_json::from_str(&folder.read("out/summary.json")).unwrap();
    assert_eq!(summary["rows"]["patrons"], serde_json::json!({ "read": 3, "rejected": 2, "of_nobody": 0 }));
    assert_eq!(summary["rows"]["activity"], serde_json::json!({ "read": 3, "rejected": 3, "of_nobody": 1 }));
    assert_eq!(summary["rows"]["memberships"], serde_json::json!({ "read": 4, "rejected": 0, "of_nobody": 0 }));
    assert!(ran.stderr.contains("4 rows were rejected"), "{}", ran.stderr);
}
