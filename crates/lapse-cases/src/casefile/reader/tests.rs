//! Tests of what is read from case files, and of the mistakes that are found in them.

use proptest::prelude::*;

use lapse_policy::{EmptyCell, Fact, FactKind, FactSource, FactTable, Origin};
use lapse_tables::AskedColumn;

use super::*;
use crate::casefile::quoted;

const CASES: &str = r#"library = "peer"
date = 2022-07-01

[[case]]
name = "one"
loan_history = false
memberships = [{ subscription = "youth", valid_from = 2019-03-01, valid_until = 2023-02-28 }]
activity = [{ source = "sip2", last_active = 2020-06-30 }]
accounts = [{ owed = 3.5, blocks = ["general"], items = 1 }]
expect = { membership = "deregistered", record = { peer = "kept" }, record_reasons = ["owes"] }
"#;

#[test]
fn a_case_without_library_takes_that_of_the_file_but_activity_takes_none() {
    let (cases, mistakes) = read(CASES, &FurtherColumns::default());
    assert_eq!(mistakes, []);
    let library = |table| cases[0].facts.rows(table)[0].get("library").map(|cell| &*cell.text);
    assert_eq!(library(Table::Memberships), Some("peer"));
    assert_eq!(library(Table::Accounts), Some("peer"));
    assert_eq!(library(Table::Activity), None);
}

fn asked(table: Table, name: &str) -> AskedColumn {
    AskedColumn { table, name: name.to_owned() }
}

#[test]
fn a_column_that_a_plugin_asks_for_is_read_as_its_table_would_have_it() {
    let columns = [
        asked(Table::Patrons, "deceased_on"),
        asked(Table::Memberships, "paid by"),
        asked(Table::Accounts, "open_requests"),
        asked(Table::Accounts, "vip"),
    ];
    let text = CASES
        .replace("loan_history", "deceased_on = 2022-05-03\nloan_history")
        .replace("{ subscription", "{ \"paid by\" = \"a, \\\"b\\\"\", subscription")
        .replace("{ owed", "{ vip = true, open_requests = +1_0, owed");
    let (cases, mistakes) = read(&text, &FurtherColumns::of(&[], &columns));
    assert_eq!(mistakes, []);
    let cell = |table, name| cases[0].facts.rows(table)[0].get(name).map(|cell| &*cell.text);
    assert_eq!(cell(Table::Patrons, "deceased_on"), Some("2022-05-03"));
    assert_eq!(cell(Table::Memberships, "paid by"), Some("a, \"b\""));
    assert_eq!(cell(Table::Accounts, "open_requests"), Some("10"));
    assert_eq!(cell(Table::Accounts, "vip"), Some("true"));
}

fn fact(table: FactTable, column: &str, kind: FactKind) -> Fact {
    let source = FactSource::Column { table, column: column.to_owned() };
    Fact { name: format!("of {column}"), source, kind, empty: EmptyCell::Unknown, origin: Origin::BuiltIn }
}

fn facts() -> FurtherColumns {
    let facts = [
        fact(FactTable::Patrons, "letter_sent", FactKind::Date),
        fact(FactTable::Memberships, "joined by", FactKind::Code),
        fact(FactTable::Accounts, "open_holds", FactKind::Count),
        fact(FactTable::Accounts, "fines", FactKind::Amount),
        fact(FactTable::Accounts, "on_list", FactKind::Flag),
    ];
    FurtherColumns::of(&facts, &[asked(Table::Accounts, "open_holds")])
}

#[test]
fn the_columns_of_facts_are_written_as_what_the_facts_are() {
    let text = CASES
        .replace("loan_history", "letter_sent = 2022-05-03\nloan_history")
        .replace("{ subscription", "{ \"joined by\" = [\"web\", \"desk\"], subscription")
        .replace("{ owed", "{ open_holds = 2, fines = 19.99, on_list = true, owed");
    let (cases, mistakes) = read(&text, &facts());
    assert_eq!(mistakes, []);
    let cell = |table, name| cases[0].facts.rows(table)[0].get(name).map(|cell| &*cell.text);
    assert_eq!(cell(Table::Patrons, "letter_sent"), Some("2022-05-03"));
    assert_eq!(cell(Table::Memberships, "joined by"), Some("web|desk"));
    let of_account = ["open_holds", "fines", "on_list"].map(|name| cell(Table::Accounts, name));
    assert_eq!(of_account, [Some("2"), Some("19.99"), Some("true")]);
}

#[test]
fn the_column_of_a_fact_is_told_where_its_name_or_value_is_wrong() {
    for (before, slip, message, help) in [
        (
            "loan_history",
            "leter_sent = 2022-05-03\nloan_history",
            "unknown key `leter_sent` in a case",
            "`letter_sent`?",
        ),
        ("{ owed", "{ open_hold = 1, owed", "unknown key `open_hold` in a row of `accounts`", "`open_holds`?"),
        ("{ owed", "{ letter_sent = 2022-05-03, owed", "unknown key `letter_sent` in a row of `accounts`", "one of "),
    ] {
        let (_, mistakes) = read(&CASES.replace(before, slip), &facts());
        assert_eq!((mistakes.len(), &*mistakes[0].message), (1, message));
        assert!(mistakes[0].help.as_ref().is_some_and(|told| told.contains(help)), "{:?}", mistakes[0].help);
    }
    let (_, mistakes) = read(&CASES.replace("{ owed", "{ open_holds = \"2\", on_list = 1, owed"), &facts());
    let labels: Vec<&str> = mistakes.iter().map(|mistake| &*mistake.label).collect();
    assert_eq!(labels, ["expected a whole number", "expected true or false"]);
}

#[test]
fn a_column_is_known_only_in_the_rows_of_its_own_table_and_by_its_name() {
    let columns = [asked(Table::Patrons, "deceased_on"), asked(Table::Accounts, "open_requests")];
    for (before, slip, message, help) in [
        ("loan_history", "decesed_on = 1\nloan_history", "unknown key `decesed_on` in a case", "`deceased_on`?"),
        ("{ owed", "{ open_request = 1, owed", "unknown key `open_request` in a row of `accounts`", "`open_requests`?"),
        ("{ owed", "{ deceased_on = 1, owed", "unknown key `deceased_on` in a row of `accounts`", "one of library, "),
        ("{ source", "{ open_requests = 1, source", "unknown key `open_requests` in a row of `activity`", "one of "),
    ] {
        let (_, mistakes) = read(&CASES.replace(before, slip), &FurtherColumns::of(&[], &columns));
        assert_eq!((mistakes.len(), &*mistakes[0].message), (1, message));
        assert!(mistakes[0].help.as_ref().is_some_and(|told| told.contains(help)), "{:?}", mistakes[0].help);
    }
}

#[test]
fn a_value_that_no_table_would_have_is_told_with_what_to_write_instead() {
    let columns = [asked(Table::Patrons, "x")];
    for value in ["[1]", "{ a = 1 }", "1.5", "0x10", "2022-05-03T10:00:00", "10:00:00"] {
        let text = CASES.replace("loan_history", &format!("x = {value}\nloan_history"));
        let (_, mistakes) = read(&text, &FurtherColumns::of(&[], &columns));
        assert_eq!(mistakes.len(), 1, "{value}");
        assert_eq!(mistakes[0].label, format!("expected {}", Written::AsInTable.expected()), "{value}");
    }
}

#[test]
fn a_case_of_the_year_22_is_of_no_run() {
    for date in ["0022-07-01", "1899-12-31"] {
        let (_, mistakes) =
            read(&CASES.replace("date = 2022-07-01", &format!("date = {date}")), &FurtherColumns::default());
        assert_eq!(mistakes.len(), 1, "{date}");
        assert_eq!(mistakes[0].message, "`date` is a date before 1900");
    }
}

fn without_places(facts: &Facts) -> Facts {
    let mut plain = Facts::default();
    plain.bad_input = facts.bad_input;
    for table in Table::ALL {
        for row in facts.rows(table) {
            let mut cells: Vec<_> = row.cells.iter().map(|cell| Cell { span: 0..0, ..cell.clone() }).collect();
            cells.sort_by(|one, other| one.column.cmp(&other.column));
            plain.add(table, Row { cells, span: 0..0 });
        }
    }
    plain
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        library in "[a-z\\PC\"]{1,6}",
        elsewhere in "[a-z]{1,6}",
        subscription in ".{0,6}",
        blocks in "[a-z|]{1,9}",
        day in "20[0-2][0-9]-0[1-9]-[12][0-8]",
        bad_input: bool,
    ) {
        let mut facts = Facts::default()
            .with(Table::Patrons, &[("birth_date", &day), ("loan_history", "false")])
            .with(
                Table::Memberships,
                &[("library", &library), ("subscription", &subscription), ("valid_from", &day)],
            )
            .with(Table::Memberships, &[("library", &elsewhere), ("subscription", "x"), ("valid_from", &day)])
            .with(Table::Activity, &[("library", &library), ("source", &subscription), ("last_active", &day)])
            .with(Table::Accounts, &[("library", &library), ("owed", "0.50"), ("blocks", &blocks), ("items", "2")]);
        facts.bad_input = bad_input;
        let text = format!(
            "library = {}\n[[case]]\nname = \"x\"\ndate = {day}\n{}expect = {{ profile = \"none\" }}\n",
            quoted(&library),
            facts.to_toml(&library)
        );
        let (cases, mistakes) = read(&text, &FurtherColumns::default());
        prop_assert_eq!(mistakes, []);
        prop_assert_eq!(without_places(&cases[0].facts), without_places(&facts));
    }

    #[test]
    fn every_mistake_has_a_place_within_the_text(at in 0..CASES.len(), len in 0..12usize, put in "[\\[\\]{}=\",a-z0-9\n#. é-]{0,6}") {
        let end = (at + len).min(CASES.len());
        let text = format!("{}{put}{}", &CASES[..at], &CASES[end..]);
        let (_, mistakes) = read(&text, &FurtherColumns::default());
        for mistake in mistakes {
            prop_assert!(text.get(mistake.span.clone()).is_some(), "{:?} in {}", mistake, text);
            crate::casefile::CaseText::new("x.toml".into(), text.clone()).show(&mistake);
        }
    }
}
