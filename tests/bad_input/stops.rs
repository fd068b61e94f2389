//! Files that cannot be read as a table: the run stops with exit code 2, names the place and writes nothing.

use super::{RUN, TABLES, assert_refused, assert_refused_by, good, text};
use crate::program::Folder;

/// The good tables with another text for one of them.
fn with(table: &str, contents: impl AsRef<[u8]>) -> Folder {
    let folder = good();
    folder.write(&format!("data/{table}.csv"), contents);
    folder
}

/// The good tables with `line` at the end of `table`.
fn with_line(table: &str, line: impl AsRef<[u8]>) -> Folder {
    with(table, [text(table).as_bytes(), line.as_ref()].concat())
}

fn place(table: &str, line: usize, column: usize) -> String {
    format!("data/{table}.csv:{line}:{column}: ")
}

#[test]
fn bytes_that_are_not_utf_8_stop_the_run_in_every_table() {
    for (table, text) in TABLES {
        let folder = with_line(table, b"P1,caf\xe9");
        assert_refused(&folder, &[&place(table, text.lines().count() + 1, 7), "not UTF-8"]);
    }
}

#[test]
fn bytes_that_are_not_utf_8_in_the_header_stop_the_run() {
    assert_refused(&with("patrons", b"patron_id,g\xe9boren\nP1,x\n"), &[&place("patrons", 1, 12), "not UTF-8"]);
}

#[test]
fn a_column_counts_characters_and_not_bytes() {
    let folder = with("patrons", b"patron_id,name\nP1,Zo\xc3\xab \xe2\x82\xac \xff\n");
    assert_refused(&folder, &[&place("patrons", 2, 10), "not UTF-8"]);
}

#[test]
fn a_file_in_utf_16_stops_the_run_at_its_first_byte() {
    let text: Vec<u8> = "\u{feff}patron_id\nP1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_refused(&with("patrons", text), &[&place("patrons", 1, 1), "not UTF-8"]);
}

#[test]
fn a_character_cut_short_at_the_end_stops_the_run() {
    assert_refused(&with("patrons", b"patron_id\nP1\nP\xc3"), &[&place("patrons", 3, 2), "not UTF-8"]);
}

#[test]
fn a_row_with_too_many_fields_stops_the_run_in_every_table() {
    for (table, text) in TABLES {
        let columns = text.lines().next().unwrap().split(',').count();
        let folder = with_line(table, "P1".to_owned() + &",".repeat(columns) + "\n");
        let words = format!("this row has {} fields where the header has {columns}", columns + 1);
        assert_refused(&folder, &[&place(table, text.lines().count() + 1, 1), &words]);
    }
}

#[test]
fn a_row_with_too_few_fields_stops_the_run_in_every_table() {
    for (table, text) in TABLES {
        let columns = text.lines().next().unwrap().split(',').count();
        let folder = with_line(table, "P1\n");
        let words = format!("this row has 1 field where the header has {columns}");
        assert_refused(&folder, &[&place(table, text.lines().count() + 1, 1), &words]);
    }
}

#[test]
fn a_line_of_spaces_is_a_row_and_not_an_empty_line() {
    assert_refused(&with_line("activity", "  \n"), &[&place("activity", 6, 1), "this row has 1 field"]);
}

#[test]
fn a_file_cut_short_in_its_last_row_stops_the_run() {
    assert_refused(&with_line("memberships", "P1,peer,you"), &[&place("memberships", 6, 1), "this row has 3 fields"]);
}

#[test]
fn semicolons_between_fields_stop_the_run() {
    let folder = with("patrons", "patron_id;birth_date\nP1;2005-01-01\n");
    assert_refused(&folder, &["data/patrons.csv: the columns of the header seem to be separated by semicolons; save "]);
}

#[test]
fn tabs_between_fields_stop_the_run() {
    let folder = with("accounts", "patron_id\tlibrary\nP1\tpeer\n");
    assert_refused(&folder, &["data/accounts.csv: the columns of the header seem to be separated by tabs; save "]);
}

#[test]
fn a_required_column_that_is_missing_stops_the_run_whichever_it_is() {
    let required = [
        ("patrons", vec!["patron_id"]),
        ("memberships", vec!["patron_id", "library", "subscription", "valid_from"]),
        ("activity", vec!["patron_id", "source", "last_active"]),
        ("accounts", vec!["patron_id", "library"]),
    ];
    for (table, columns) in required {
        for column in columns {
            let folder = with(table, text(table).replacen(column, "other", 1));
            let words = format!("data/{table}.csv: the header does not name the column `{column}`");
            assert_refused(&folder, &[&words]);
        }
    }
}

#[test]
fn a_column_whose_name_differs_in_case_or_space_is_another_column() {
    for name in ["Patron_id", "patron_id ", "patron id"] {
        let folder = with("patrons", format!("{name},birth_date\nP1,\n"));
        let words =
            format!("the header does not name the column `patron_id`, which every row needs, but `{name}`; write ");
        assert_refused(&folder, &[&words]);
    }
}

#[test]
fn a_column_that_stands_twice_in_the_header_stops_the_run() {
    let folder = with("patrons", "patron_id,birth_date,birth_date\nP1,,\nP2,,\n");
    assert_refused(&folder, &["data/patrons.csv: the header names the column `birth_date` twice"]);
}

#[test]
fn a_further_column_may_stand_twice_in_the_header() {
    let folder = with("patrons", "patron_id,note,note\nP1,a,b\nP2,a,b\n");
    assert_eq!(folder.lapse(RUN).code, 0);
}

#[test]
fn a_quote_inside_an_unquoted_field_stops_the_run() {
    let folder = with_line("activity", "P1,pe\"er,wise,2022-06-01\n");
    assert_refused(&folder, &[&place("activity", 6, 6), "a double quote stands where none can"]);
}

#[test]
fn text_after_a_closing_quote_stops_the_run() {
    let folder = with_line("activity", "P1,\"peer\" ,wise,2022-06-01\n");
    assert_refused(&folder, &[&place("activity", 6, 10), "a double quote stands where none can"]);
}

#[test]
fn a_quote_that_never_closes_stops_the_run_where_it_opens() {
    let folder = with_line("activity", "P1,\"peer,wise,2022-06-01\nP2,peer,wise,2022-06-01\n");
    assert_refused(&folder, &[&place("activity", 6, 4), "the quoted field that starts here never ends"]);
}

#[test]
fn a_quote_that_never_closes_in_the_header_stops_the_run_there() {
    let folder = with("patrons", "patron_id,\"birth_date\nP1,2005-01-01\n");
    assert_refused(&folder, &[&place("patrons", 1, 11), "the quoted field that starts here never ends"]);
}

#[test]
fn the_first_of_several_broken_places_is_told() {
    let folder = with_line("activity", "P1,\"peer\"x,wise,2022-06-01\nP1\n\"\n");
    assert_refused(&folder, &[&place("activity", 6, 10)]);
}

#[test]
fn a_stop_in_the_last_table_leaves_nothing_of_the_others() {
    let folder = with_line("accounts", "P1\n");
    folder.write("data/activity.csv", text("activity").replace("2018-01-01", "x"));
    assert_refused(&folder, &[&place("accounts", 4, 1)]);
}

#[test]
fn a_stop_leaves_an_earlier_run_as_it_was() {
    let folder = good();
    assert_eq!(folder.lapse(RUN).code, 0);
    folder.write("data/patrons.csv", "\"");
    assert_refused(&folder, &[&place("patrons", 1, 1)]);
}

#[test]
fn explain_stops_where_a_run_stops() {
    let folder = with_line("accounts", "P1\n");
    let explain = ["explain", "P1", "--data", "data", "--date", "2022-07-01"];
    assert_refused_by(&folder, |folder| folder.lapse(&explain), &[&place("accounts", 4, 1)]);
}
