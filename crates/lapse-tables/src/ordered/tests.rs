//! Files in segments come out as the same files read as a whole, whatever stands in them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use lapse_engine::{Codes, ExtraError};
use lapse_policy::{DayPolicy, Policy};
use proptest::prelude::*;
use tempfile::TempDir;

use super::run_in_segments;
use crate::run::over_all;
use crate::visit::{self, PatronBatch, Visit, Work};
use crate::write::OutTables;
use crate::{AskedColumn, Format, Options, OutDir, Progress, Run, Seen};

const HEADERS: [(&str, &str); 4] = [
    ("patrons", "patron_id,profile_last_active,loan_history\n"),
    ("memberships", "patron_id,library,subscription,valid_from,valid_until\n"),
    ("activity", "patron_id,library,source,last_active\n"),
    ("accounts", "patron_id,library,owed,blocks\n"),
];

fn policy(dir: &Path) -> DayPolicy {
    let policies = dir.join("policies");
    fs::create_dir_all(policies.join("libraries")).unwrap();
    fs::write(policies.join("consortium.toml"), "[consortium]\nname = \"Two towns\"\n").unwrap();
    for code in ["peer", "riemst"] {
        let text = format!("[library]\ncode = \"{code}\"\n\n[subscriptions.youth]\nname = \"Jeugd\"\n");
        fs::write(policies.join(format!("libraries/{code}.toml")), text).unwrap();
    }
    Policy::load(&policies).unwrap().policy.unwrap().on("2022-07-01".parse().unwrap())
}

/// What a run wrote and found, or that it left the files to the other one.
type Told = Option<(Vec<Vec<u8>>, String)>;

/// Both runs over the same files: in segments of so many bytes, and as a whole.
fn both(tables: &[String; 4], bytes: u64, threads: usize) -> (Told, Told) {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    for ((name, header), body) in HEADERS.iter().zip(tables) {
        fs::write(data.join(format!("{name}.csv")), format!("{header}{body}")).unwrap();
    }
    let policy = policy(dir.path());
    let progress = Progress::default();
    let options = Options { changes_only: false, format: Format::Csv, threads, progress: &progress };
    let told = |name: &str, run: &dyn Fn(&mut OutTables) -> Option<Run>| {
        let path = dir.path().join(name);
        let out = OutDir::claim(&path).unwrap();
        let run = run(&mut OutTables::create(&out, Format::Csv).unwrap())?;
        out.create("summary.json").unwrap();
        out.finish().unwrap();
        let files =
            ["memberships", "records", "profiles"].map(|name| fs::read(path.join(format!("{name}.csv"))).unwrap());
        let Run { seen: Seen { patrons, codes, rejects, rows, faults, newest }, tally } = run;
        let mut unknown: Vec<_> = tally
            .unknown
            .iter()
            .map(|(&(library, subscription), count)| {
                (codes.libraries.text(library), codes.subscriptions.text(subscription), count)
            })
            .collect();
        unknown.sort();
        let mut libraries: Vec<_> =
            tally.libraries.iter().zip(codes.libraries.texts()).filter(|(tally, _)| tally.records != [0; 3]).collect();
        libraries.sort_by_key(|&(_, code)| code);
        let profiles = tally.profiles;
        Some((
            files.to_vec(),
            format!("{patrons} {rejects:?} {rows:?} {faults:?} {newest:?} {unknown:?} {libraries:?} {profiles:?}"),
        ))
    };
    let in_segments = told("segments", &|out| run_in_segments(&data, &policy, None, out, options, bytes).unwrap());
    let as_a_whole = told("whole", &|out| over_all(&data, &policy, None, out, options).ok());
    (in_segments, as_a_whole)
}

/// A line for each of `items`.
fn lines<T>(items: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) -> String {
    items.into_iter().fold(String::new(), |text, item| text + &line(item) + "\n")
}

fn bodies(patrons: &str, memberships: &str, activity: &str, accounts: &str) -> [String; 4] {
    [patrons, memberships, activity, accounts].map(ToOwned::to_owned)
}

#[test]
fn sorted_files_are_run_in_segments() {
    let ids: Vec<String> = (0..200).map(|number| format!("P{number:05}")).collect();
    let each = |row: &str| lines(&ids, |id| format!("{id},{row}"));
    let tables = [
        each("2020-01-01,false"),
        each("peer,youth,2019-01-01,2022-12-31"),
        each("riemst,wise,2021-05-05"),
        each("peer,0.00,general"),
    ];
    for bytes in [64, 500, 5_000, 1 << 20] {
        let (in_segments, as_a_whole) = both(&tables, bytes, 2);
        assert!(in_segments.is_some(), "{bytes}");
        assert_eq!(in_segments, as_a_whole, "{bytes}");
    }
}

#[test]
fn numbers_that_grow_longer_are_sorted_too() {
    let each = |row: &str| lines(1..150, |number| format!("{number},{row}"));
    let tables = bodies(&each(","), &each("peer,youth,2019-01-01,"), "", "");
    let (in_segments, as_a_whole) = both(&tables, 200, 2);
    assert!(in_segments.is_some());
    assert_eq!(in_segments, as_a_whole);
}

#[test]
fn a_row_out_of_order_is_left_to_the_run_over_all() {
    let patrons = "A,,\nB,,\nC,,\n";
    let membership = |ids: &str| lines(ids.chars(), |id| format!("{id},peer,youth,2019-01-01,"));
    for (ids, sorted) in [
        ("ABC", true),
        ("AABBCC", true),
        ("ABXC", false),
        ("AB0C", true),
        ("BAC", false),
        ("ACB", false),
        ("ABCX", true),
    ] {
        let (in_segments, _) = both(&bodies(patrons, &membership(ids), "", ""), 1 << 20, 1);
        assert_eq!(in_segments.is_some(), sorted, "{ids}");
    }
    let (in_segments, _) = both(&bodies("A,,\nC,,\nB,,\n", "", "", ""), 1 << 20, 1);
    assert!(in_segments.is_none());
}

#[test]
fn rows_longer_than_a_probe_are_cut_too() {
    let note = "x".repeat(1100);
    let patrons = lines((0..10).step_by(2), |number| format!("P00{number},,{note}"));
    let memberships = lines([0, 2, 4, 6, 8, 5], |number| format!("P00{number},peer,youth,2019-01-01,"));
    for bytes in [500, 1000, 3000, 1 << 20] {
        let (in_segments, as_a_whole) = both(&bodies(&patrons, &memberships, "", ""), bytes, 2);
        assert!(in_segments.is_none() || in_segments == as_a_whole, "{bytes}");
    }
}

#[test]
fn a_line_end_within_quotes_is_no_place_to_cut() {
    let patrons = lines(0..100, |number| format!("\"P{number:03}\nx\",,"));
    let memberships = lines(0..100, |number| format!("\"P{number:03}\nx\",peer,\"you\nth\",2019-01-01,"));
    for bytes in 20..120 {
        let (in_segments, as_a_whole) = both(&bodies(&patrons, &memberships, "", ""), bytes * 7, 2);
        assert!(in_segments.is_none() || in_segments == as_a_whole, "{bytes}");
    }
}

/// A field that is mostly usable.
fn field(usual: &'static [&'static str], odd: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        12 => proptest::sample::select(usual),
        1 => proptest::sample::select(odd),
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
        tables in tables(), bytes in 30..600u64, threads in 1..4usize,
    ) {
        let dir = TempDir::new().unwrap();
        for ((name, header), body) in HEADERS.iter().zip(&tables) {
            fs::write(dir.path().join(format!("{name}.csv")), format!("{header}{body}")).unwrap();
        }
        let policy = policy(dir.path());
        let codes = || Codes::of(&policy);
        let in_segments = super::visit(dir.path(), policy.date, codes(), threads, &Progress::default(), &Telling, bytes).unwrap();
        if let Some(in_segments) = in_segments {
            let as_a_whole = visit::over_all(dir.path(), policy.date, codes(), threads, &Progress::default(), &Telling).ok();
            prop_assert_eq!(Some(told(in_segments)), as_a_whole.map(told));
        }
    }
}
