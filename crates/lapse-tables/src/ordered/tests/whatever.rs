//! Whatever stands in files, in segments they come out as a whole.

use std::fmt::Write as _;

use lapse_engine::{Codes, ExtraError};
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use super::super::{Size, visit};
use super::made::{SHAPE, Shape, are_whole, write_csv, write_ndjson, write_parquet};
use super::{both, both_of_ndjson, both_of_parquet, policy};
use crate::work::contract::{PatronBatch, Visit, Work};
use crate::work::visit as whole;
use crate::{AskedColumn, Format, Progress, Seen};

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

/// Rows of patrons whose numbers ascend, but for a few that do not.
fn table(most: usize, columns: BoxedStrategy<Vec<String>>) -> impl Strategy<Value = String> {
    let step = prop_oneof![30 => 0..3i32, 1 => -2..0i32];
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

fn tables() -> impl Strategy<Value = [String; 4]> {
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
    (table(40, patrons), table(60, memberships), table(60, activity), table(40, accounts))
        .prop_map(|(patrons, memberships, activity, accounts)| [patrons, memberships, activity, accounts])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_stands_in_the_files_both_runs_say_the_same(tables in tables(), bytes in 30..600u64, threads in 1..4usize) {
        let (in_segments, as_a_whole) = both(&tables, bytes, threads);
        if in_segments.is_some() {
            prop_assert_eq!(in_segments, as_a_whole);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_stands_in_objects_and_row_groups_both_runs_say_the_same(
        tables in tables(), group in 1..20usize, file in 1..4usize, patrons in 1..10usize, threads in 1..4usize,
    ) {
        prop_assume!(are_whole(&tables));
        let (in_segments, as_a_whole) = both_of_ndjson(&tables, 100 * group as u64, threads);
        if in_segments.is_some() {
            prop_assert_eq!(in_segments, as_a_whole);
        }
        let file = if file == 1 { usize::MAX } else { file };
        let (in_segments, as_a_whole) = both_of_parquet(&tables, Shape { group, file, numbers: false }, patrons, threads);
        if in_segments.is_some() {
            prop_assert_eq!(in_segments, as_a_whole);
        }
    }
}

/// Tells everything about each patron, with codes as texts.
struct Telling;

impl Work for Telling {
    type Worker = Vec<((usize, usize), String)>;

    fn columns(&self) -> &[AskedColumn] {
        &[]
    }

    fn new_worker(&self, _: &Codes) -> Self::Worker {
        Vec::new()
    }

    fn work(&self, worker: &mut Self::Worker, batch: &PatronBatch<'_>) -> Result<(), ExtraError> {
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
    let Visit { seen: Seen { patrons, codes: _, rejects, rows, faults, newest }, workers } = visit;
    let mut told: Vec<_> = workers.into_iter().flat_map(|(told, _)| told).collect();
    told.sort_by_key(|&(place, _)| place);
    let told: Vec<String> = told.into_iter().map(|(_, told)| told).collect();
    format!("{patrons} {rejects:?} {rows:?} {faults:?} {newest:?}\n{}", told.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_stands_in_the_files_both_visits_meet_the_same_patrons(
        tables in tables(), bytes in 30..600u64, group in 1..20usize, threads in 1..4usize, format in select(&Format::ALL[..]),
    ) {
        let dir = TempDir::new().unwrap();
        prop_assume!(format == Format::Csv || are_whole(&tables));
        match format {
            Format::Csv => write_csv(dir.path(), &tables),
            Format::Ndjson => write_ndjson(dir.path(), &tables),
            Format::Parquet => write_parquet(dir.path(), &tables, Shape { group, ..SHAPE }),
        }
        let policy = policy(dir.path());
        let codes = || Codes::of(&policy);
        let (progress, size) = (Progress::default(), Size { bytes, patrons: 5 });
        let in_segments = visit(dir.path(), policy.date, codes(), threads, &progress, &Telling, size).unwrap();
        if let Some(in_segments) = in_segments {
            let as_a_whole = whole::over_all(dir.path(), policy.date, codes(), threads, &progress, &Telling).ok();
            prop_assert_eq!(Some(told(in_segments)), as_a_whole.map(told));
        }
    }
}
