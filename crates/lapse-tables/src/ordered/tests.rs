//! Files in segments come out as the same files read as a whole, whatever stands in them.

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use bytes::Bytes;
use lapse_engine::{Codes, ExtraError};
use lapse_policy::{DayPolicy, Policy};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use super::{Size, groups, run_in_segments};
use crate::records::Field;
use crate::run::over_all;
use crate::visit::{self, PatronBatch, Visit, Work};
use crate::write::OutTables;
use crate::{AskedColumn, Format, Options, OutDir, Progress, Run, Seen, csv};

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

/// Both runs over the same CSV files: in segments of so many bytes, and as a whole.
fn both(tables: &[String; 4], bytes: u64, threads: usize) -> (Told, Told) {
    both_over(|data| write_csv(data, tables), Size { bytes, patrons: 1 }, threads)
}

/// Both runs over the same Parquet files: in segments of so many patrons, and as a whole.
fn both_of_parquet(tables: &[String; 4], shape: Shape, patrons: usize, threads: usize) -> (Told, Told) {
    both_over(|data| write_parquet(data, tables, shape), Size { bytes: 1, patrons }, threads)
}

fn write_csv(data: &Path, tables: &[String; 4]) {
    for ((name, header), body) in HEADERS.iter().zip(tables) {
        fs::write(data.join(format!("{name}.csv")), format!("{header}{body}")).unwrap();
    }
}

/// Both runs over the same NDJSON files.
fn both_of_ndjson(tables: &[String; 4], bytes: u64, threads: usize) -> (Told, Told) {
    both_over(|data| write_ndjson(data, tables), Size { bytes, patrons: 1 }, threads)
}

/// Whether the tables are CSV that is not broken.
fn are_whole(tables: &[String; 4]) -> bool {
    HEADERS.iter().zip(tables).all(|((_, header), body)| records(&format!("{header}{body}")).is_some())
}

fn write_ndjson(data: &Path, tables: &[String; 4]) {
    for ((name, header), body) in HEADERS.iter().zip(tables) {
        let rows = records(&format!("{header}{body}")).expect("tables that are not broken");
        let (names, rows) = rows.split_first().unwrap();
        let object = |row: &Vec<String>| {
            let members: Vec<String> =
                names.iter().zip(row).map(|(name, value)| format!("{name:?}:{value:?}")).collect();
            format!("{{{}}}", members.join(","))
        };
        fs::write(data.join(format!("{name}.ndjson")), lines(rows, object)).unwrap();
    }
}

/// How Parquet files are made.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// Rows of a row group.
    group: usize,
    /// Row groups of a file; a table of more is a folder of files.
    file: usize,
    /// The ids are whole numbers.
    numbers: bool,
}

const SHAPE: Shape = Shape { group: 20, file: usize::MAX, numbers: false };

/// All records of a text in CSV, with its header; none where it is broken.
fn records(text: &str) -> Option<Vec<Vec<String>>> {
    let width = text.lines().next()?.split(',').count();
    let wanted: Vec<Option<usize>> = (0..width).map(Some).collect();
    let mut records = csv::Records::new(text, &wanted, 1);
    let mut fields = vec![Field::EMPTY; width];
    let mut all = Vec::new();
    while records.next(&mut fields).ok()?.is_some() {
        all.push(fields.iter().map(|field| field.as_str().to_owned()).collect());
    }
    Some(all)
}

fn write_parquet(data: &Path, tables: &[String; 4], Shape { group, file, numbers }: Shape) {
    for ((name, header), body) in HEADERS.iter().zip(tables) {
        let rows = records(&format!("{header}{body}")).expect("tables that are not broken");
        let (names, rows) = rows.split_first().unwrap();
        let files: Vec<&[Vec<String>]> = rows.chunks(group.saturating_mul(file)).collect();
        let files = if files.is_empty() { vec![&[][..]] } else { files };
        for (number, rows) in files.iter().enumerate() {
            let path = if file == usize::MAX {
                data.join(format!("{name}.parquet"))
            } else {
                fs::create_dir_all(data.join(name)).unwrap();
                data.join(name).join(format!("{number:04}.parquet"))
            };
            fs::write(path, parquet(names, rows, group, numbers)).unwrap();
        }
    }
}

/// A Parquet file of these rows.
fn parquet(names: &[String], rows: &[Vec<String>], group: usize, numbers: bool) -> Vec<u8> {
    let columns = names.iter().enumerate().map(|(column, name)| {
        let values = rows.iter().map(|row| Some(&*row[column]).filter(|value| !value.is_empty()));
        let values: ArrayRef = if column == 0 && numbers {
            Arc::new(values.map(|id| id.map(|id| id.parse().unwrap())).collect::<Int64Array>())
        } else {
            Arc::new(values.collect::<StringArray>())
        };
        (name, values, true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

/// The same file, which says of its second row group that it has so many rows.
fn with_damaged_count(file: &[u8], rows: i64) -> Vec<u8> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::copy_from_slice(file)).unwrap();
    let mut groups = metadata.row_groups().to_vec();
    groups[1] = groups[1].clone().into_builder().set_num_rows(rows).build().unwrap();
    let footer = u32::from_le_bytes(*file[..file.len() - 4].last_chunk().unwrap()) as usize + 8;
    let mut damaged = file[..file.len() - footer].to_vec();
    let metadata = ParquetMetaData::new(metadata.file_metadata().clone(), groups);
    ParquetMetaDataWriter::new(&mut damaged, &metadata).finish().unwrap();
    damaged
}

fn both_over(write: impl Fn(&Path), size: Size, threads: usize) -> (Told, Told) {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    write(&data);
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
    let in_segments = told("segments", &|out| run_in_segments(&data, &policy, None, out, options, size).unwrap());
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
fn sorted_row_groups_are_run_in_segments() {
    let ids: Vec<String> = (0..200).map(|number| format!("P{number:05}")).collect();
    let each = |row: &str| lines(&ids, |id| format!("{id},{row}"));
    // Those of a patron in two row groups, and of nobody between patrons and after the last.
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
fn sorted_objects_are_run_in_segments() {
    let each = |row: &str| lines(100..300, |number| format!("{number},{row}"));
    let tables =
        bodies(&each("2020-01-01,false"), &each("peer,youth,2019-01-01,2022-12-31"), "", &each("peer,x,general"));
    for bytes in [500, 5_000, 1 << 20] {
        let (in_segments, as_a_whole) = both_of_ndjson(&tables, bytes, 2);
        assert!(in_segments.is_some(), "{bytes}");
        assert_eq!(in_segments, as_a_whole, "{bytes}");
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
        ("ABCDEF", "ACB", false),
        ("", "", false),
    ] {
        let tables = bodies(&of(patrons, ","), &of(memberships, membership), "", "");
        let (in_segments, as_a_whole) = both_of_parquet(&tables, Shape { group: 3, ..SHAPE }, 2, 1);
        assert_eq!(in_segments.is_some(), sorted, "{patrons} {memberships}");
        assert!(in_segments.is_none() || in_segments == as_a_whole, "{patrons} {memberships}");
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
            let (in_segments, as_a_whole) = both_over(damage, Size { bytes: 1, patrons: 10 }, 2);
            assert_eq!(in_segments.is_some(), rows == 20, "{table} {rows}");
            assert!(in_segments.is_none() || in_segments == as_a_whole, "{table} {rows}");
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
fn a_row_group_is_given_up_after_the_last_segment_that_needs_it() {
    let dir = TempDir::new().unwrap();
    let each = |row: &str| lines(100..200, |number| format!("{number},{row}"));
    write_parquet(dir.path(), &bodies(&each(","), &each("peer,youth,2019-01-01,"), "", ""), SHAPE);
    let files = groups::Groups::open(dir.path(), &[], 8).unwrap();
    let mut most = 0;
    for step in 0..files.steps() {
        let mut shares = Default::default();
        files.read(step, &mut shares).unwrap();
        most = most.max(files.held());
        files.done(step);
    }
    assert_eq!((most, files.held()), (4, 0));
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
        let in_segments = super::visit(dir.path(), policy.date, codes(), threads, &Progress::default(), &Telling, Size { bytes, patrons: 5 }).unwrap();
        if let Some(in_segments) = in_segments {
            let as_a_whole = visit::over_all(dir.path(), policy.date, codes(), threads, &Progress::default(), &Telling).ok();
            prop_assert_eq!(Some(told(in_segments)), as_a_whole.map(told));
        }
    }
}
