//! Lines are counted as an editor counts them: line ends within quoted fields and empty lines count too.

use super::{RUN, assert_refused, good};

/// The lines that `rejects.csv` names for the table `activity`.
fn lines_of_rejects(activity: &str) -> Vec<u64> {
    let folder = good();
    folder.write("data/activity.csv", activity);
    let ran = folder.lapse(RUN);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let rejects = folder.read("out/rejects.csv");
    let mut reader = csv::Reader::from_reader(rejects.as_bytes());
    reader.records().map(|record| record.unwrap()[1].parse().unwrap()).collect()
}

#[test]
fn a_row_has_the_line_on_which_it_starts() {
    assert_eq!(lines_of_rejects("patron_id,source,last_active\nP1,\"a\nb\nc\",x\nP1,\"d\ne\",x\n"), [2, 5]);
}

#[test]
fn a_header_over_two_lines_counts_as_two() {
    assert_eq!(lines_of_rejects("patron_id,source,last_active,\"a\nnote\"\nP1,wise,x,\n"), [3]);
}

#[test]
fn empty_lines_count() {
    assert_eq!(lines_of_rejects("\n\npatron_id,source,last_active\n\n\nP1,wise,x\n\nP1,wise,y\n"), [6, 8]);
}

#[test]
fn a_line_end_of_windows_counts_once_and_a_carriage_return_alone_not_at_all() {
    assert_eq!(lines_of_rejects("patron_id,source,last_active\r\nP1,a\rb,x\r\n\r\nP1,wise,x\r\n"), [2, 4]);
}

#[test]
fn a_byte_order_mark_is_no_column_of_the_first_line() {
    let folder = good();
    folder.write("data/activity.csv", "\u{feff}patron_id,sou\"rce,last_active\n");
    assert_refused(&folder, &["data/activity.csv:1:14: "]);
}

#[test]
fn a_broken_quote_after_a_field_with_line_ends_has_its_own_line_and_column() {
    let folder = good();
    folder.write("data/activity.csv", "patron_id,source,last_active\nP1,\"a\nb\nccc\"d,x\n");
    assert_refused(&folder, &["data/activity.csv:4:5: "]);
}

#[test]
fn lines_are_counted_through_a_file_that_is_read_in_pieces() {
    let mut text = "patron_id,source,last_active\n".to_owned();
    // This is far more text than one thread reads at a time.
    for _ in 0..300_000 {
        text.push_str("P1,\"wi\nse\",2018-01-01\nP2,,2018-01-01\n");
    }
    let rows = lines_of_rejects(&text);
    assert_eq!(rows.len(), 300_000);
    assert!(rows.iter().zip(1..).all(|(&line, row)| line == 1 + 3 * row));
}
