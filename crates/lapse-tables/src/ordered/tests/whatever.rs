//! Whatever stands in files, in segments they come out as a whole.

use std::cell::Cell;
use std::fmt::Write as _;

use lapse_engine::{Codes, ExtraError};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestCaseError, TestRunner};
use tempfile::TempDir;

use super::super::Size;
use super::made::{SHAPE, Shape, are_whole, bodies, write_csv, write_ndjson, write_parquet};
use super::{both, both_of_ndjson, both_of_parquet, policy};
use crate::foreknown::Foreknown;
use crate::work::contract::{Nothing, PatronBatch, Visit, Work};
use crate::work::drive::{How, in_segments, over_all};
use crate::{AskedColumn, Folder, Format, Known, Progress, Seen};

/// A field that is mostly usable.
fn field(usual: &'static [&'static str], odd: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        12 => select(usual),
        1 => select(odd),
    ]
    .prop_map(ToOwned::to_owned)
}

fn date() -> impl Strategy<Value = String> {
    field(
        &["2019-01-01", "2020-06-30", "2020-07-01", "2022-06-30", "2022-07-01", "2023-01-01"],
        &["2022-13-01", "x", "\"\""],
    )
}

/// Rows of patrons, each numbered by a `step` more than the one before.
fn table(
    most: usize,
    columns: BoxedStrategy<Vec<String>>,
    step: impl Strategy<Value = i32>,
) -> impl Strategy<Value = String> {
    let ending = prop_oneof![20 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n")];
    let id = prop_oneof![30 => Just(""), 1 => Just("\"")];
    proptest::collection::vec((step, columns, ending, id, 0..40), 0..most).prop_map(|rows| {
        let (mut number, mut text) = (10, String::new());
        for (step, columns, ending, quote, empty) in rows {
            number += step;
            let id = if empty == 0 { String::new() } else { format!("{quote}P{number}{quote}") };
            let _ = write!(text, "{id},{}{ending}", columns.join(","));
        }
        text
    })
}

/// Tables of which most are sorted.
fn tables() -> impl Strategy<Value = [String; 4]> {
    prop_oneof![3 => tables_with(false), 1 => tables_with(true)]
}

fn tables_with(disorder: bool) -> impl Strategy<Value = [String; 4]> {
    let library = || field(&["peer", "riemst", "peer", "nowhere"], &["", "\"pe,er\""]);
    let strategies = |columns: Vec<BoxedStrategy<String>>| columns.boxed();
    let patrons = strategies(vec![date().boxed(), field(&["true", "false", ""], &["maybe"]).boxed()]);
    let memberships = strategies(vec![
        library().boxed(),
        field(&["youth", "adult"], &[""]).boxed(),
        date().boxed(),
        prop_oneof![Just(String::new()), date()].boxed(),
    ]);
    let activity =
        strategies(vec![library().boxed(), field(&["wise", "sip2", "other"], &[""]).boxed(), date().boxed()]);
    let accounts = strategies(vec![
        library().boxed(),
        field(&["0", "1.50", ""], &["-1", "x"]).boxed(),
        field(&["", "general", "internet|general", "new"], &["|"]).boxed(),
    ]);
    // A few patrons have two rows; where the file is cut between them, it is not read in segments.
    let of_patrons = if disorder { -1..3i32 } else { 1..3i32 };
    let of_others = if disorder { prop_oneof![30 => 0..3i32, 1 => -2..0i32].boxed() } else { (0..3i32).boxed() };
    (
        table(40, patrons, prop_oneof![30 => of_patrons, 1 => Just(0)]),
        table(60, memberships, of_others.clone()),
        table(60, activity, of_others.clone()),
        table(40, accounts, of_others),
    )
        .prop_map(|(patrons, memberships, activity, accounts)| [patrons, memberships, activity, accounts])
}

/// Tries `cases` values: `compare` says whether the files were read in segments, and compared. At least `share` in a
/// hundred must be, so that the comparison is not of nothing.
fn compare_most<S: Strategy>(
    cases: u32,
    share: u32,
    values: S,
    compare: impl Fn(S::Value) -> Result<bool, TestCaseError>,
) {
    let config = ProptestConfig { cases, source_file: Some(file!()), ..ProptestConfig::default() };
    let (all, compared) = (Cell::new(0), Cell::new(0));
    let tried = TestRunner::new(config).run(&values, |value| {
        all.set(all.get() + 1);
        compared.set(compared.get() + u32::from(compare(value)?));
        Ok(())
    });
    if let Err(error) = tried {
        panic!("{error}");
    }
    let (all, compared) = (all.get(), compared.get());
    assert!(compared * 100 >= all * share, "{compared} of {all} were compared");
}

#[test]
fn whatever_stands_in_the_files_both_runs_say_the_same() {
    compare_most(300, 50, (tables(), 30..600u64, 1..4usize), |(tables, bytes, threads)| {
        let (in_segments, as_a_whole) = both(&tables, bytes, threads);
        let compared = in_segments.is_some();
        if compared {
            prop_assert_eq!(in_segments, as_a_whole);
        }
        Ok(compared)
    });
}

#[test]
fn whatever_stands_in_objects_both_runs_say_the_same() {
    compare_most(200, 50, (tables(), 100..2000u64, 1..4usize), |(tables, bytes, threads)| {
        prop_assume!(are_whole(&tables));
        let (in_segments, as_a_whole) = both_of_ndjson(&tables, bytes, threads);
        let compared = in_segments.is_some();
        if compared {
            prop_assert_eq!(in_segments, as_a_whole);
        }
        Ok(compared)
    });
}

#[test]
fn whatever_stands_in_row_groups_both_runs_say_the_same() {
    let values = (tables(), 1..20usize, 1..4usize, 1..10usize, 1..4usize);
    compare_most(200, 25, values, |(tables, group, file, patrons, threads)| {
        prop_assume!(are_whole(&tables));
        let file = if file == 1 { usize::MAX } else { file };
        let shape = Shape { group, file, numbers: false };
        let (in_segments, as_a_whole) = both_of_parquet(&tables, shape, patrons, threads);
        let compared = in_segments.is_some();
        if compared {
            prop_assert_eq!(in_segments, as_a_whole);
        }
        Ok(compared)
    });
}

#[test]
fn a_row_of_no_patron_stands_alone() {
    let tables = bodies("", "", "", ",peer,0,\n");
    let (in_segments, as_a_whole) = both(&tables, 30, 1);
    assert!(in_segments.is_some());
    assert_eq!(in_segments, as_a_whole);
}

/// Tells everything about each patron, with codes as texts.
pub(super) struct Telling;

impl Work for Telling {
    type Worker = Vec<((usize, usize), String)>;
    type Rows = ();

    fn columns(&self) -> &[AskedColumn] {
        &[]
    }

    fn new_worker(&self, _: &Codes) -> Self::Worker {
        Vec::new()
    }

    fn work(&self, worker: &mut Self::Worker, batch: &PatronBatch<'_>, (): &mut ()) -> Result<(), ExtraError> {
        let codes = batch.codes;
        for (index, patron) in (batch.first..).zip(batch.patrons) {
            let mut told = format!("{} {:?}", batch.facts.id(index), batch.facts.birth_date(index));
            let _ = write!(told, " {} {:?} {}", patron.held, patron.profile_last_active, patron.keeps_history);
            for row in patron.memberships {
                let [library, of] = [codes.libraries.text(row.library), codes.subscriptions.text(row.subscription)];
                let _ = write!(told, " {library} {of} {} {:?} {:?}", row.valid_from, row.valid_until, row.status);
            }
            for row in patron.activity {
                let library = row.library.map(|library| codes.libraries.text(library));
                let _ = write!(told, " {library:?} {} {}", codes.sources.text(row.source), row.last_active);
            }
            for row in patron.accounts {
                let blocks = row.blocks.map(|blocks| codes.blocks.text(blocks));
                let _ = write!(told, " {} {} {blocks:?}", codes.libraries.text(row.library), row.owes);
            }
            worker.push((batch.place, told));
        }
        Ok(())
    }
}

/// What all workers told, in order, and what was read.
fn told(visit: Visit<Vec<((usize, usize), String)>>) -> String {
    let Visit { seen, workers } = visit;
    let Seen { patrons, rejects, rows, faults, newest, newest_date, told: of_anybody, .. } = seen;
    let mut told: Vec<_> = workers.into_iter().flat_map(|(told, _)| told).collect();
    told.sort_by_key(|&(place, _)| place);
    let told: Vec<String> = told.into_iter().map(|(_, told)| told).collect();
    format!("{patrons} {rejects:?} {rows:?} {faults:?} {newest:?} {newest_date:?} {of_anybody:?}\n{}", told.join("\n"))
}

#[test]
fn whatever_stands_in_the_files_both_visits_meet_the_same_patrons() {
    let values = (tables(), 30..600u64, 1..20usize, 1..4usize, select(&Format::ALL[..]));
    compare_most(200, 40, values, |(tables, bytes, group, threads, format)| {
        let dir = TempDir::new().unwrap();
        prop_assume!(format == Format::Csv || are_whole(&tables));
        match format {
            Format::Csv => write_csv(dir.path(), &tables),
            Format::Ndjson => write_ndjson(dir.path(), &tables),
            Format::Parquet => write_parquet(dir.path(), &tables, Shape { group, ..SHAPE }),
        }
        let policy = policy(dir.path());
        let source = Folder::new(dir.path());
        let known = Known::by(&policy);
        let Ok(foreknown) = Foreknown::of(&source, &[], &known) else { return Ok(false) };
        let (progress, size) = (Progress::default(), Size { bytes, patrons: 5 });
        let how = How { known: &known, foreknown: &foreknown, threads, progress: &progress };
        let in_segments = in_segments(&source, how, &Telling, &mut Nothing, size).unwrap();
        let Ok(in_segments) = in_segments else { return Ok(false) };
        let as_a_whole = over_all(&source, how, &Telling, &mut Nothing).ok();
        prop_assert_eq!(Some(told(in_segments)), as_a_whole.map(told));
        Ok(true)
    });
}
