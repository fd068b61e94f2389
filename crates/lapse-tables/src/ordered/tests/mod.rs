//! Files in segments come out as the same files read as a whole, whatever stands in them.

mod made;
mod row_groups;
mod whatever;
mod why;

use std::fs;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{DictionaryArray, RecordBatch};
use lapse_engine::{Codes, LibraryId, SourceId, SubscriptionId};
use lapse_policy::{DayPolicy, Policy};
use tempfile::TempDir;

use self::made::{Shape, bodies, lines, write_csv, write_ndjson, write_parquet};
use super::Size;
use crate::foreknown::Foreknown;
use crate::source::FolderTable;
use crate::work::decide::Deciding;
use crate::work::drive::{How, in_segments, over_all};
use crate::work::run::of_visit;
use crate::write::{OutTables, RecordBatches, Written};
use crate::{Bounds, Folder, Format, Known, OutDir, Progress, RowCounts, Run, Seen, Table};

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

/// Both runs over the same CSV files: in segments of this many bytes, and as a whole.
fn both(tables: &[String; 4], bytes: u64, threads: usize) -> (Told, Told) {
    both_over(|data| write_csv(data, tables), Size { bytes, patrons: 1 }, threads)
}

/// Both runs over the same Parquet files: in segments of this many patrons, and as a whole.
fn both_of_parquet(tables: &[String; 4], shape: Shape, patrons: usize, threads: usize) -> (Told, Told) {
    both_over(|data| write_parquet(data, tables, shape), Size { bytes: 1, patrons }, threads)
}

/// Both runs over the same NDJSON files.
fn both_of_ndjson(tables: &[String; 4], bytes: u64, threads: usize) -> (Told, Told) {
    both_over(|data| write_ndjson(data, tables), Size { bytes, patrons: 1 }, threads)
}

/// How many rows name each code, whatever the codes' numbers.
fn in_words(counts: &RowCounts, codes: &Codes) -> String {
    fn named<'c>(counts: &[u64], text: impl Fn(usize) -> &'c str) -> Vec<(&'c str, u64)> {
        let counted = counts.iter().enumerate().filter(|&(_, &rows)| rows > 0);
        let mut named: Vec<_> = counted.map(|(number, &rows)| (text(number), rows)).collect();
        named.sort_unstable();
        named
    }
    let library = |number| codes.libraries.text(LibraryId::new(number));
    let libraries = counts.libraries.each_ref().map(|counts| named(counts, library));
    let subscriptions = named(&counts.subscriptions, |number| codes.subscriptions.text(SubscriptionId::new(number)));
    let sources = named(&counts.sources, |number| codes.sources.text(SourceId::new(number)));
    let blocks =
        counts.blocks.iter().map(|(&(at, cell), rows)| (codes.libraries.text(at), codes.blocks.text(cell), rows));
    let mut blocks: Vec<_> = blocks.collect();
    blocks.sort_unstable();
    format!("{libraries:?} {subscriptions:?} {sources:?} {blocks:?}")
}

fn both_over(write: impl Fn(&Path), size: Size, threads: usize) -> (Told, Told) {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    write(&data);
    let policy = policy(dir.path());
    let source = Folder::new(data);
    let progress = Progress::default();
    let work = Deciding { policy: &policy, extras: None, changes_only: false, written: Written::Csv };
    let known = Known::by(&policy);
    let Ok(foreknown) = Foreknown::of(&source, &[], &known) else { return (None, None) };
    let how = How { known: &known, foreknown: &foreknown, threads, progress: &progress };
    let told = |name: &str, run: &dyn Fn(&mut OutTables<'_>) -> Option<Run>| {
        let path = dir.path().join(name);
        let out = OutDir::claim(&path).unwrap();
        let run = run(&mut OutTables::create(&out, Format::Csv).unwrap())?;
        out.create("summary.json").unwrap();
        out.finish().unwrap();
        let files =
            ["memberships", "records", "profiles"].map(|name| fs::read(path.join(format!("{name}.csv"))).unwrap());
        let Run {
            seen: Seen { patrons, codes, rejects, rows, faults, newest, newest_date, counts, told, read_whole: _ },
            tally,
        } = run;
        let mut unknown: Vec<_> = tally
            .unknown
            .iter()
            .map(|(&(library, subscription), count)| {
                (codes.libraries.text(library), codes.subscriptions.text(subscription), count)
            })
            .collect();
        unknown.sort();
        let mut libraries: Vec<_> =
            tally.libraries.iter().zip(codes.libraries.texts()).filter(|(tally, _)| tally.records != [0; 5]).collect();
        libraries.sort_by_key(|&(_, code)| code);
        let profiles = tally.profiles;
        Some((
            files.to_vec(),
            format!(
                "{patrons} {rejects:?} {rows:?} {faults:?} {newest:?} {unknown:?} {libraries:?} {profiles:?} \
                 {newest_date:?} {told:?} {}",
                in_words(&counts, &codes)
            ),
        ))
    };
    let in_segments = told("segments", &|out| {
        let visit = in_segments(&source, how, &work, out, size).unwrap();
        Some(of_visit(visit.ok()?.map(|decider| decider.tally)))
    });
    let as_a_whole = told("whole", &|out| {
        let visit = over_all(&source, how, &work, out);
        Some(of_visit(visit.ok()?.map(|decider| decider.tally)))
    });
    (in_segments, as_a_whole)
}

/// The files were read in segments if they should have been, and then both runs say the same.
fn assert_both((in_segments, as_a_whole): (Told, Told), expected: bool, what: &str) {
    assert_eq!(in_segments.is_some(), expected, "{what}");
    if expected {
        assert_eq!(in_segments, as_a_whole, "{what}");
    }
}

/// The files of the tables in a folder.
fn files(folder: &Path) -> [Option<FolderTable>; 4] {
    Table::ALL.map(|table| Folder::files(folder, table, &[], Bounds::default()).unwrap())
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

/// The batches of a run in segments of this many bytes: the texts of each column of few texts, and the number of each row
/// among them.
fn dictionaries(source: &Folder, policy: &DayPolicy, bytes: u64, threads: usize) -> Vec<(Vec<String>, Vec<i32>)> {
    let progress = Progress::default();
    let work = Deciding { policy, extras: None, changes_only: false, written: Written::Arrow };
    let size = Size { bytes, patrons: 1 };
    let mut out = RecordBatches::default();
    let known = Known::by(policy);
    let foreknown = Foreknown::of(source, &[], &known).unwrap();
    let how = How { known: &known, foreknown: &foreknown, threads, progress: &progress };
    let visit = in_segments(source, how, &work, &mut out, size).unwrap();
    assert!(visit.is_ok(), "the files are sorted");
    let columns = out.tables.iter().flatten().flat_map(RecordBatch::columns);
    let words = columns.filter_map(|column| column.as_dictionary_opt::<Int32Type>());
    let texts = |words: &DictionaryArray<Int32Type>| {
        words.values().as_string::<i32>().iter().map(|text| text.unwrap().to_owned()).collect()
    };
    words.map(|words| (texts(words), words.keys().values().to_vec())).collect()
}

#[test]
fn record_batches_are_the_same_for_every_number_of_threads() {
    let dir = TempDir::new().unwrap();
    // Few libraries are in a segment, and all but one of them are not in the policy.
    let of = |number: u32| ["peer".to_owned(), format!("library-{}", number / 7 % 30)];
    let memberships = lines(0..600, |number| {
        let [peer, other] = of(number);
        format!("P{number:05},{},youth-{},2019-01-01,", if number % 5 == 0 { peer } else { other }, number / 9 % 40)
    });
    let patrons = lines(0..600, |number| format!("P{number:05},,"));
    write_csv(dir.path(), &bodies(&patrons, &memberships, "", ""));
    let (source, policy) = (Folder::new(dir.path()), policy(dir.path()));
    let one = dictionaries(&source, &policy, 1000, 1);
    for (texts, numbers) in &one {
        let mut named: Vec<usize> = Vec::new();
        for number in numbers.iter().map(|&number| usize::try_from(number).unwrap()) {
            if !named.contains(&number) {
                named.push(number);
            }
        }
        // Each text is there because a row has it, in the order of those rows.
        assert_eq!(named, (0..texts.len()).collect::<Vec<_>>());
    }
    for threads in [1, 2, 4, 4, 4] {
        assert_eq!(dictionaries(&source, &policy, 1000, threads), one, "{threads}");
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
        assert_both(both(&bodies(&patrons, &memberships, "", ""), bytes, 2), true, &bytes.to_string());
    }
}

#[test]
fn quotes_without_line_ends_leave_strays_to_be_looked_for() {
    let memberships = lines(["P1", "P2", "P0", "P3"], |id| format!("{id},peer,youth,2019-01-01,"));
    for (patrons, sorted) in [("\"P1\",,\nP2,,\nP3,,\n", true), ("P1,,\nP2,,\n\"P3\",,\"x\ny\"\n", false)] {
        assert_both(both(&bodies(patrons, &memberships, "", ""), 1 << 20, 1), sorted, patrons);
    }
}

#[test]
fn a_line_end_within_quotes_is_no_place_to_cut() {
    let patrons = lines(0..100, |number| format!("\"P{number:03}\nx\",,"));
    let memberships = lines(0..100, |number| format!("\"P{number:03}\nx\",peer,\"you\nth\",2019-01-01,"));
    for bytes in 20..120 {
        assert_both(both(&bodies(&patrons, &memberships, "", ""), bytes * 7, 2), false, &bytes.to_string());
    }
    assert_both(both(&bodies(&patrons, &memberships, "", ""), 1 << 20, 2), true, "one segment");
}
