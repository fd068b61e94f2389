//! Row groups come out as the same rows read as a whole.

use std::fs;
use std::ops::Range;
use std::path::Path;

use tempfile::TempDir;

use super::super::{Size, groups};
use super::made::{SHAPE, Shape, bodies, lines, parquet, with_damaged_count, write_parquet};
use super::{assert_both, both_of_parquet, both_over, files};

#[test]
fn sorted_row_groups_are_run_in_segments() {
    let ids: Vec<String> = (0..200).map(|number| format!("P{number:05}")).collect();
    let each = |row: &str| lines(&ids, |id| format!("{id},{row}"));
    // A patron's rows may stand in two row groups, and rows of no patron between others and after the last.
    let many =
        lines(0..700, |row| format!("P{:05}{},riemst,wise,2021-05-05", row / 3, if row % 51 == 8 { "x" } else { "" }));
    let tables = [each("2020-01-01,false"), each("peer,youth,2019-01-01,2022-12-31"), many, each("peer,0.00,general")];
    for (group, file) in [(1, usize::MAX), (7, usize::MAX), (7, 2), (64, 1), (1000, usize::MAX)] {
        for patrons in [1, 5, 1000] {
            let shape = Shape { group, file, numbers: false };
            let (in_segments, as_a_whole) = both_of_parquet(&tables, shape, patrons, 2);
            assert!(in_segments.is_some(), "{shape:?} {patrons}");
            assert_eq!(in_segments, as_a_whole, "{shape:?} {patrons}");
        }
    }
}

#[test]
fn row_groups_of_ids_that_are_numbers_are_sorted_too() {
    let each = |row: &str| lines(5..150, |number| format!("{number},{row}"));
    let tables = bodies(&each(","), &each("peer,youth,2019-01-01,"), "", "");
    let (in_segments, as_a_whole) = both_of_parquet(&tables, Shape { numbers: true, ..SHAPE }, 10, 2);
    assert!(in_segments.is_some());
    assert_eq!(in_segments, as_a_whole);
}

#[test]
fn row_groups_out_of_order_are_left_to_the_run_over_all() {
    let of = |ids: &str, row: &str| lines(ids.chars(), |id| format!("{id},{row}"));
    let membership = "peer,youth,2019-01-01,";
    for (patrons, memberships, sorted) in [
        ("ABCDEF", "AABBCCDDEEFF", true),
        ("ABCDEF", "AAAAAAAAAFFF", true),
        ("ABCDEF", "0AABFFXZ", true),
        ("BCADEF", "AABB", false),
        ("ABCCDE", "AABB", false),
        ("DEFABC", "AABB", false),
        ("ABCDEF", "FFFFEEEEDDDD", false),
        ("ABCDEF", "ABACAD", false),
        // The rows out of order are of no patron in the first of these, and of a patron in the others.
        ("ABCDEF", "A0ABCDDEF", true),
        ("ABCDEF", "AAACBDEFF", false),
        ("ABCDEF", "ACB", false),
        ("", "", false),
    ] {
        let tables = bodies(&of(patrons, ","), &of(memberships, membership), "", "");
        let both = both_of_parquet(&tables, Shape { group: 3, ..SHAPE }, 2, 1);
        assert_both(both, sorted, &format!("{patrons} {memberships}"));
    }
}

#[test]
fn row_groups_with_damaged_counts_are_left_to_the_run_over_all() {
    let each = |row: &str| lines(100..200, |number| format!("{number},{row}"));
    let tables = bodies(&each(","), &each("peer,youth,2019-01-01,"), "", "");
    for table in ["patrons", "memberships"] {
        for rows in [20, 0, -1, 19, 21, i64::MAX / 2] {
            let damage = |data: &Path| {
                write_parquet(data, &tables, SHAPE);
                let path = data.join(format!("{table}.parquet"));
                let damaged = with_damaged_count(&fs::read(&path).unwrap(), rows);
                fs::write(path, damaged).unwrap();
            };
            let both = both_over(damage, Size { bytes: 1, patrons: 10 }, 2);
            assert_both(both, rows == 20, &format!("{table} {rows}"));
        }
    }
}

#[test]
fn a_file_that_lacks_a_column_does_not_get_the_values_of_the_one_before() {
    let each = |row: &str| lines(100..200, |number| format!("{number},{row}"));
    let tables = bodies(&each(","), "", "", "");
    let rows = |range: Range<u32>, more: &[&str]| -> Vec<Vec<String>> {
        let own = |number: u32| [number.to_string(), "peer".to_owned(), "youth".to_owned(), "2019-01-01".to_owned()];
        let more: Vec<String> = more.iter().map(ToString::to_string).collect();
        range.map(|number| own(number).into_iter().chain(more.clone()).collect()).collect()
    };
    let names = ["patron_id", "library", "subscription", "valid_from", "status"].map(ToOwned::to_owned);
    let write = |data: &Path| {
        write_parquet(data, &tables, SHAPE);
        fs::remove_file(data.join("memberships.parquet")).unwrap();
        fs::create_dir(data.join("memberships")).unwrap();
        let write = |name: &str, file: Vec<u8>| fs::write(data.join("memberships").join(name), file).unwrap();
        write("1.parquet", parquet(&names, &rows(100..150, &["cancelled"]), 100, false));
        write("2.parquet", parquet(&names[..4], &rows(150..200, &[]), 100, false));
    };
    let (in_segments, as_a_whole) = both_over(write, Size { bytes: 1, patrons: 1000 }, 1);
    let (files, _) = in_segments.clone().unwrap();
    let ended = String::from_utf8(files[0].clone()).unwrap().matches(",ended,").count();
    assert_eq!((ended, in_segments), (50, as_a_whole));
}

#[test]
fn a_row_group_that_was_given_up_before_a_thread_came_to_unpack_it_is_no_trouble() {
    let dir = TempDir::new().unwrap();
    let each = |row: &str| lines(100..200, |number| format!("{number},{row}"));
    write_parquet(dir.path(), &bodies(&each(","), &each("peer,youth,2019-01-01,"), "", ""), SHAPE);
    let groups = groups::Groups::open(files(dir.path()), 8).unwrap();
    for step in (0..groups.steps()).rev() {
        groups.read(step, &mut Default::default()).unwrap();
        groups.done(step);
    }
    assert_eq!(groups.held(), 0);
}

#[test]
fn a_row_group_is_given_up_after_the_last_segment_that_needs_it() {
    let dir = TempDir::new().unwrap();
    let each = |row: &str| lines(100..200, |number| format!("{number},{row}"));
    write_parquet(dir.path(), &bodies(&each(","), &each("peer,youth,2019-01-01,"), "", ""), SHAPE);
    let groups = groups::Groups::open(files(dir.path()), 8).unwrap();
    let mut most = 0;
    for step in 0..groups.steps() {
        let mut shares = Default::default();
        groups.read(step, &mut shares).unwrap();
        most = most.max(groups.held());
        groups.done(step);
    }
    assert_eq!((most, groups.held()), (4, 0));
}
