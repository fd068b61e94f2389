//! Why files are left to the run over all: which table is the cause, and at which row.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::super::Size;
use super::made::{SHAPE, Shape, bodies, lines, parquet_of_ids, write_csv, write_ndjson, write_parquet};
use super::policy;
use crate::foreknown::Foreknown;
use crate::work::contract::Nothing;
use crate::work::drive::{How, in_segments};
use crate::{Folder, Known, Progress, ReadWhole, Table, WholeCause};

use super::whatever::Telling;

/// Why the tables are read whole, where they are.
fn why(write: impl Fn(&Path), bytes: u64) -> Option<(Table, String, WholeCause)> {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    write(&data);
    let policy = policy(dir.path());
    let (source, progress, size) = (Folder::new(data), Progress::default(), Size { bytes, patrons: 10 });
    let known = Known::by(&policy);
    let foreknown = Foreknown::of(&source, &[], &known).ok()?;
    let how = How { known: &known, foreknown: &foreknown, threads: 2, progress: &progress };
    let visit = in_segments(&source, how, &Telling, &mut Nothing, size).unwrap();
    visit.err().flatten().map(|ReadWhole { table, file, cause }| (table, file.to_string(), cause))
}

fn not_sorted(table: Table, file: &str, line: u64) -> (Table, String, WholeCause) {
    (table, file.to_owned(), WholeCause::NotSorted { line })
}

fn of(ids: &[u32], row: &str) -> String {
    lines(ids, |id| format!("P{id:05},{row}"))
}

/// Numbers from 0 on, those from `at` on moved to the start of `to`.
fn moved(count: u32, at: usize, to: usize) -> Vec<u32> {
    let mut ids: Vec<u32> = (0..count).collect();
    let id = ids.remove(at);
    ids.insert(to, id);
    ids
}

#[test]
fn sorted_tables_are_not_read_whole() {
    let ids: Vec<u32> = (0..300).collect();
    let tables = bodies(&of(&ids, ","), &of(&ids, "peer,youth,2019-01-01,"), "", "");
    assert_eq!(why(|data| write_csv(data, &tables), 500), None);
    assert_eq!(why(|data| write_ndjson(data, &tables), 500), None);
    assert_eq!(why(|data| write_parquet(data, &tables, SHAPE), 500), None);
}

#[test]
fn the_row_that_breaks_the_order_is_told_wherever_it_stands() {
    let sorted: Vec<u32> = (0..300).collect();
    for (at, to) in [(299, 0), (250, 100), (150, 149), (120, 118), (40, 3)] {
        let ids = moved(300, at, to);
        // What was moved to the front stands before one with a smaller id.
        let row = to as u64 + 2;
        for bytes in [300, 3000, 1 << 20] {
            let tables = bodies(&of(&sorted, ","), &of(&ids, "peer,youth,2019-01-01,"), "", "");
            let file = "memberships.csv";
            let told = why(|data| write_csv(data, &tables), bytes);
            assert_is_a_break(told, Table::Memberships, file, 1, &ids);
            let told = why(|data| write_ndjson(data, &tables), bytes);
            assert_is_a_break(told, Table::Memberships, "memberships.ndjson", 0, &ids);
            let tables = bodies(&of(&ids, ","), &of(&sorted, "peer,youth,2019-01-01,"), "", "");
            assert_eq!(
                why(|data| write_csv(data, &tables), bytes),
                Some(not_sorted(Table::Patrons, "patrons.csv", row + 1))
            );
            let told = why(|data| write_ndjson(data, &tables), bytes);
            assert_eq!(told, Some(not_sorted(Table::Patrons, "patrons.ndjson", row)));
        }
        for group in [20, 1000] {
            let tables = bodies(&of(&ids, ","), &of(&sorted, "peer,youth,2019-01-01,"), "", "");
            let told = why(|data| write_parquet(data, &tables, Shape { group, ..SHAPE }), 1);
            assert_eq!(told, Some(not_sorted(Table::Patrons, "patrons.parquet", row)));
        }
    }
}

/// The row that is told has an id that is less than one before it.
fn assert_is_a_break(told: Option<(Table, String, WholeCause)>, table: Table, file: &str, header: usize, ids: &[u32]) {
    let Some((of, name, WholeCause::NotSorted { line })) = told else { panic!("{told:?}") };
    assert_eq!((of, &*name), (table, file));
    let row = usize::try_from(line).unwrap() - header - 1;
    assert!(ids[..row].iter().any(|id| *id > ids[row]), "row {row} of {ids:?}");
}

#[test]
fn whatever_else_is_the_cause_is_told() {
    let ids: Vec<u32> = (0..300).collect();
    let tables = bodies(&of(&ids, ","), &of(&ids, "peer,youth,2019-01-01,"), "", "");
    let then = |change: &dyn Fn(&Path)| {
        why(
            |data| {
                write_csv(data, &tables);
                change(data);
            },
            500,
        )
    };
    let told = |table, file: &str, cause| Some((table, file.to_owned(), cause));
    let packed = then(&|data| {
        let text = fs::read(data.join("memberships.csv")).unwrap();
        fs::remove_file(data.join("memberships.csv")).unwrap();
        fs::write(data.join("memberships.csv.zst"), zstd::encode_all(&*text, 1).unwrap()).unwrap();
    });
    assert_eq!(packed, told(Table::Memberships, "memberships.csv.zst", WholeCause::Packed));
    let parts = then(&|data| {
        fs::create_dir(data.join("memberships")).unwrap();
        fs::copy(data.join("memberships.csv"), data.join("memberships/1.csv")).unwrap();
        fs::rename(data.join("memberships.csv"), data.join("memberships/2.csv")).unwrap();
    });
    assert_eq!(parts, told(Table::Memberships, "memberships", WholeCause::SeveralFiles));
    let other = then(&|data| {
        write_parquet(data, &tables, SHAPE);
        for name in ["patrons.csv", "memberships.parquet", "activity.csv", "accounts.csv"] {
            fs::remove_file(data.join(name)).unwrap();
        }
    });
    assert_eq!(other, told(Table::Memberships, "memberships.csv", WholeCause::OtherFormat));
    let long = then(&|data| {
        let long = fs::read_to_string(data.join("patrons.csv")).unwrap() + &format!("P99999,,{}\n", "x".repeat(9000));
        fs::write(data.join("patrons.csv"), long).unwrap();
    });
    assert_eq!(long, told(Table::Patrons, "patrons.csv", WholeCause::LongRow));
    let within = then(&|data| {
        let row = |id: &u32| format!("P{id:05},,\"\n{}\n\"", "x\n".repeat(20));
        let text = "patron_id,profile_last_active,loan_history\n".to_owned() + &lines(&ids, row);
        fs::write(data.join("patrons.csv"), text).unwrap();
    });
    assert_eq!(within, told(Table::Patrons, "patrons.csv", WholeCause::LineEndInField));
}

#[test]
fn a_row_without_an_id_where_parquet_is_cut_is_told() {
    let without = |at: usize| {
        let id = |number: usize| if number == at { String::new() } else { format!("P{number:05}") };
        lines(0..60, |number| format!("{},,", id(number)))
    };
    let memberships = of(&(0..60).collect::<Vec<u32>>(), "peer,youth,2019-01-01,");
    let file = || "patrons.parquet".to_owned();
    let told = |at| why(|data| write_parquet(data, &bodies(&without(at), &memberships, "", ""), SHAPE), 1);
    assert_eq!(told(30), Some((Table::Patrons, file(), WholeCause::NoId { line: 31 })));
    assert_eq!(told(31), None);
    // A text without a character, where null is expected, comes before all ids.
    let told = |at: usize| {
        why(
            |data| {
                write_parquet(data, &bodies("", &memberships, "", ""), SHAPE);
                fs::write(data.join("patrons.parquet"), parquet_of_ids(&without(at).replace(',', ""), 20)).unwrap();
            },
            1,
        )
    };
    assert_eq!(told(45), Some((Table::Patrons, file(), WholeCause::NoId { line: 46 })));
    assert_eq!(told(5), None);
}

#[test]
fn ids_of_another_kind_are_told() {
    let each = |row: &str| lines(100..200, |number| format!("{number},{row}"));
    let tables = bodies(&each(","), &each("peer,youth,2019-01-01,"), "", "");
    let other = TempDir::new().unwrap();
    write_parquet(other.path(), &tables, SHAPE);
    let told = why(
        |data| {
            write_parquet(data, &tables, Shape { numbers: true, ..SHAPE });
            fs::copy(other.path().join("memberships.parquet"), data.join("memberships.parquet")).unwrap();
        },
        1,
    );
    assert_eq!(told, Some((Table::Memberships, "memberships.parquet".to_owned(), WholeCause::OtherIds)));
}

#[test]
fn the_sentence_says_what_to_do() {
    let cause = WholeCause::NotSorted { line: 1234 };
    let why = ReadWhole { table: Table::Memberships, file: "memberships.csv".into(), cause };
    assert_eq!(
        why.sentence(),
        "the tables were read whole, because memberships.csv is not sorted by patron_id (line 1234 breaks the order); sort \
         every table by patron_id, and this takes half the time and little memory"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn the_row_that_is_told_breaks_the_order(ids in proptest::collection::vec(0..60u32, 2..60), bytes in 30..600u64) {
        let sorted: Vec<u32> = (0..60).collect();
        let tables = bodies(&of(&sorted, ","), &of(&ids, "peer,youth,2019-01-01,"), "", "");
        let told = why(|data| write_csv(data, &tables), bytes);
        if ids.is_sorted() {
            prop_assert_eq!(told, None);
        } else {
            assert_is_a_break(told, Table::Memberships, "memberships.csv", 1, &ids);
        }
    }
}
