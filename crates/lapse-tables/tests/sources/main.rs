//! The same rows from every source come to the same decisions, rejects and counts: from files of each format, from Arrow
//! record batches in memory, and from a source that another crate implements.

mod bounds;
mod extract;
mod misbehaving;
mod outside;
mod patron;
mod patron_shapes;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use lapse_policy::{DayPolicy, Policy};
use lapse_tables::{
    Decided, Folder, Format, Options, OutDir, Progress, Rows, Source, Table, gaps, output_schemas, run, run_in_memory,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use tempfile::TempDir;

use extract::{Extract, Kind, an_extract};
use outside::Outside;

fn policy() -> DayPolicy {
    let dir = TempDir::new().unwrap();
    let libraries = dir.path().join("libraries");
    std::fs::create_dir_all(&libraries).unwrap();
    std::fs::write(dir.path().join("consortium.toml"), "[consortium]\nname = \"Two towns\"\n").unwrap();
    for code in ["peer", "riemst"] {
        let text = format!("[library]\ncode = \"{code}\"\n\n[subscriptions.youth]\nname = \"Jeugd\"\n");
        std::fs::write(libraries.join(format!("{code}.toml")), text).unwrap();
    }
    Policy::load(dir.path()).unwrap().policy.unwrap().on("2022-07-01".parse().unwrap())
}

/// What a run came to, in text.
#[derive(Debug, PartialEq)]
struct Told {
    memberships: Vec<String>,
    records: Vec<String>,
    profiles: Vec<String>,
    /// The number of the row in place of its line.
    rejects: Vec<String>,
    rows: [Rows; 4],
    patrons: usize,
}

fn options(progress: &Progress, threads: usize) -> Options<'_> {
    Options { changes_only: false, format: Format::Parquet, threads, progress }
}

/// Runs over a source in memory; `header` is how many lines stand before the first row of a table.
fn told(source: &dyn Source, header: u64, threads: usize) -> Told {
    let progress = Progress::default();
    let Decided { run, memberships, records, profiles, rejects } =
        run_in_memory(source, &policy(), None, options(&progress, threads)).unwrap();
    let mut told: Vec<String> = Vec::new();
    for reject in &run.seen.rejects {
        let (table, row) = (reject.table.name(), reject.line - header);
        told.push(format!("{table} {row} {} {:?} {}", reject.column, reject.value, reject.problem));
    }
    assert_eq!(rejects.num_rows(), told.len());
    let lines = rejects.column_by_name("line").unwrap().as_primitive::<UInt64Type>();
    assert!(lines.values().iter().zip(&run.seen.rejects).all(|(&line, reject)| line == reject.line));
    Told {
        memberships: text(&memberships),
        records: text(&records),
        profiles: text(&profiles),
        rejects: told,
        rows: run.seen.rows,
        patrons: run.seen.patrons,
    }
}

/// Each row of record batches as text.
fn text(batches: &[RecordBatch]) -> Vec<String> {
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let fields: Vec<String> = batch.columns().iter().map(|column| field(column, row)).collect();
            rows.push(fields.join(","));
        }
    }
    rows
}

fn field(column: &Arc<dyn Array>, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    if let Some(words) = column.as_dictionary_opt::<Int32Type>() {
        return words.values().as_string::<i32>().value(words.key(row).unwrap()).to_owned();
    }
    match column.as_primitive_opt::<Date32Type>() {
        Some(days) => days.value(row).to_string(),
        None => column.as_string::<i32>().value(row).to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn the_same_rows_from_every_source_come_to_the_same(extract in an_extract(), batch in 1..7usize, threads in 1..3usize) {
        let expected = told(&Outside::of(&extract), 0, 1);
        for kind in Kind::ALL {
            // Without a batch a table in memory has no columns.
            if extract.has_accounts() {
                prop_assert_eq!(&told(&extract.memory(kind, batch), 0, threads), &expected, "{:?}", kind);
            }
        }
        let dir = TempDir::new().unwrap();
        for (format, header) in [(Format::Csv, 1), (Format::Ndjson, 0), (Format::Parquet, 0)] {
            // Of NDJSON a column is lacking where no row has it, so that accounts without a row are not known.
            if format == Format::Ndjson && !extract.has_accounts() {
                continue;
            }
            let folder = dir.path().join(format.as_str());
            extract.write(&folder, format, batch);
            prop_assert_eq!(&told(&Folder::new(folder), header, threads), &expected, "{:?}", format);
        }
    }
}

#[test]
fn a_run_in_memory_gives_the_tables_of_a_run_that_writes_parquet() {
    let extract = Extract::of_many(5000);
    let source = extract.memory(Kind::Typed, 700);
    let dir = TempDir::new().unwrap();
    let progress = Progress::default();
    let out = OutDir::claim(&dir.path().join("out")).unwrap();
    run(&source, &policy(), None, &out, options(&progress, 2)).unwrap();
    out.create("summary.json").unwrap();
    out.finish().unwrap();
    let decided = run_in_memory(&source, &policy(), None, options(&progress, 2)).unwrap();
    let tables = [("memberships", decided.memberships), ("records", decided.records), ("profiles", decided.profiles)];
    for ((name, batches), schema) in tables.into_iter().zip(output_schemas()) {
        let file = std::fs::File::open(dir.path().join(format!("out/{name}.parquet"))).unwrap();
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let names = |schema: &arrow_schema::Schema| {
            schema.fields().iter().map(|field| (field.name().clone(), field.is_nullable())).collect::<Vec<_>>()
        };
        assert_eq!(names(builder.schema()), names(&schema));
        assert!(batches.iter().all(|batch| batch.schema() == schema));
        let written: Vec<RecordBatch> = builder.build().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(text(&batches), text(&written), "{name}");
        assert!(!text(&batches).is_empty());
    }
}

#[test]
fn a_table_that_no_extract_may_leave_out_is_missed_in_any_source() {
    let extract = Extract::of_many(3);
    let progress = Progress::default();
    let mut outside = Outside::of(&extract);
    outside.tables[Table::Memberships as usize] = None;
    let error = run_in_memory(&outside, &policy(), None, options(&progress, 1)).err().unwrap().to_string();
    assert_eq!(error, "memberships: there is no table `memberships`, which every extract needs; add it");
    let mut outside = Outside::of(&extract);
    outside.tables[Table::Accounts as usize] = None;
    assert!(run_in_memory(&outside, &policy(), None, options(&progress, 1)).is_ok());
    assert_eq!(gaps(&outside).unwrap(), [lapse_tables::Gap::Table(Table::Accounts)]);
}

#[test]
fn what_a_source_from_outside_says_is_told_as_it_is() {
    let mut outside = Outside::of(&Extract::of_many(3));
    outside.broken = true;
    let progress = Progress::default();
    let error = run_in_memory(&outside, &policy(), None, options(&progress, 2)).err().unwrap().to_string();
    assert_eq!(error, "register: the connection was closed");
}
