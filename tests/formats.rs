//! Every format, packed or not, in one file or many: the decisions depend on the rows and not on how they are written.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, RecordBatch};
use lapse_policy::Day;
use lapse_tables::Table;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::convert::{Shape, gzip, header};
use crate::golden;
use crate::program::{Folder, Ran};

type Tables = BTreeMap<&'static str, Vec<Vec<String>>>;

const PEER: &str = "[library]\ncode = \"peer\"\n\n[subscriptions.youth]\ncategory = \"youth\"\n";
const TABLES: [&str; 3] = ["memberships", "records", "profiles"];

fn folder() -> Folder {
    Folder::with(&[
        (
            "policies/consortium.toml",
            "[consortium]\nname = \"Two towns\"\n\n[guards]\nmax_source_age_days = 36500\nmax_newest_date_days = 36500\nmax_rejected_percent = 100\n",
        ),
        ("policies/libraries/peer.toml", PEER),
    ])
}

fn run(folder: &Folder, data: &str, more: &[&str]) -> Ran {
    folder.lapse(&[&["run", "--data", data, "--date", "2022-07-01", "--out", "out"], more].concat())
}

/// Tables with a bit of everything, bad rows among it.
fn tables() -> Tables {
    let rows = |rows: &[&[&str]]| rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    [
        (
            "patrons",
            rows(&[
                &["P1", "2010-05-05", "2020-01-01", "false"],
                &["P2", "", "", "true"],
                &["P3", "1990-02-30", "2022-01-01", "true"],
                &["P, \"4\"", "1990-01-01", "", "true"],
            ]),
        ),
        (
            "memberships",
            rows(&[
                &["P1", "peer", "youth", "2019-01-01", "2022-12-31", "active"],
                &["P2", "peer", "youth", "2021-01-01", "2022-06-30", "active"],
                &["P2", "elders", "youth", "2021-01-01", "", "active"],
                &["P3", "peer", "youth", "2019-01-01", "2018-01-01", "active"],
                &["P, \"4\"", "peer", "youth", "2010-01-01", "2012-01-01", "cancelled"],
                &["P9", "peer", "youth", "2010-01-01", "2012-01-01", "active"],
            ]),
        ),
        (
            "activity",
            rows(&[&["P1", "peer", "wise", "2020-06-30"], &["P2", "", "sip2", "2022-06-30"], &["P3", "", "wise", ""]]),
        ),
        (
            "accounts",
            rows(&[
                &["P2", "peer", "1.50", "0.00", "general|internet", "2", "2021-01-01"],
                &["P, \"4\"", "peer", "0.00", "0.00", "", "0", ""],
                &["P2", "peer", "0.00", "0.00", "", "0", ""],
            ]),
        ),
    ]
    .into()
}

fn write(folder: &Folder, data: &str, shape: Shape, tables: &Tables, each: Option<usize>) {
    for table in Table::ALL {
        let rows = &tables[table.name()];
        match each {
            Some(each) => shape.write_many(folder, data, table, rows, each),
            None => shape.write(folder, data, table, rows),
        }
    }
}

/// What a run wrote: its tables, and the rows that it rejected, each by its number.
fn outcome(folder: &Folder, ran: &Ran, lines_before: u64) -> (Vec<String>, Vec<String>) {
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let tables = TABLES.map(|table| folder.read(&format!("out/{table}.csv"))).to_vec();
    let text = folder.read("out/rejects.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rejects = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            let line = row[1].parse::<u64>().unwrap() - lines_before;
            format!("{} {line} {} {} {}", &row[0], &row[2], &row[3], &row[4])
        })
        .collect();
    (tables, rejects)
}

#[test]
fn every_format_decides_the_same_and_rejects_the_same_rows() {
    let folder = folder();
    let tables = tables();
    write(&folder, "csv", Shape::Csv, &tables, None);
    let expected = outcome(&folder, &run(&folder, "csv", &[]), 1);
    assert_eq!(expected.1.len(), 5, "{:?}", expected.1);
    for (number, shape) in Shape::ALL.into_iter().enumerate() {
        let data = format!("data{number}");
        write(&folder, &data, shape, &tables, None);
        let ran = run(&folder, &data, &["--threads", "2"]);
        assert_eq!(outcome(&folder, &ran, shape.lines_before()), expected, "{shape:?}");
    }
}

#[test]
fn a_table_of_many_files_is_read_as_one_and_a_reject_names_its_file() {
    let folder = folder();
    let tables = tables();
    write(&folder, "csv", Shape::Csv, &tables, None);
    let expected = outcome(&folder, &run(&folder, "csv", &[]), 1).0;
    for (number, shape) in Shape::ALL.into_iter().enumerate() {
        let data = format!("data{number}");
        write(&folder, &data, shape, &tables, Some(2));
        let (decided, rejects) = outcome(&folder, &run(&folder, &data, &[]), shape.lines_before());
        assert_eq!(decided, expected, "{shape:?}");
        let wanted = format!("memberships/part-001.{} 2 valid_until 2018-01-01", shape.ending());
        assert!(rejects.iter().any(|reject| reject.starts_with(&wanted)), "{shape:?}: {rejects:?}");
    }
}

#[test]
fn the_golden_consortia_come_out_of_other_formats_as_expected() {
    for consortium in golden::consortia() {
        let folder = Folder::new();
        for shape in [Shape::NdjsonTyped, Shape::ParquetTyped, Shape::CsvZst] {
            let extract = format!("{shape:?}");
            for table in Table::ALL {
                let path = consortium.join(format!("data/{}.csv", table.name()));
                let Ok(mut reader) = csv::Reader::from_path(&path) else { continue };
                let names: Vec<String> = reader.headers().unwrap().iter().map(ToOwned::to_owned).collect();
                let stands = |column: &'static str| Some((column, names.iter().position(|name| name == column)?));
                let known = header(table);
                // Those beyond the contract, which may be facts, come last.
                let beyond = names.iter().enumerate().filter(|(_, name)| !known.contains(&name.as_str()));
                let (columns, places): (Vec<&str>, Vec<usize>) = known
                    .iter()
                    .copied()
                    .filter_map(stands)
                    .chain(beyond.map(|(place, name)| (name.as_str(), place)))
                    .unzip();
                let in_order = |row: csv::StringRecord| places.iter().map(|&place| row[place].to_owned()).collect();
                let rows: Vec<Vec<String>> = reader.records().map(|row| in_order(row.unwrap())).collect();
                shape.write_columns(&folder, &extract, table, &columns, &rows);
            }
            let date = std::fs::read_to_string(consortium.join("date")).unwrap();
            let policies = consortium.join("policies");
            let command = ["run", "--policies", policies.to_str().unwrap(), "--data", &extract, "--date", date.trim()];
            let ran = folder.lapse(&[&command[..], &["--out", "out"]].concat());
            assert!(matches!(ran.code, 0 | 3 | 4), "{}", ran.stderr);
            for table in TABLES {
                let expected = std::fs::read_to_string(consortium.join(format!("expected/{table}.csv"))).unwrap();
                let lines = |text: &str| text.lines().map(ToOwned::to_owned).collect::<Vec<_>>();
                assert_eq!(
                    lines(&folder.read(&format!("out/{table}.csv"))),
                    lines(&expected),
                    "{} {shape:?} {table}",
                    consortium.display()
                );
            }
        }
    }
}

/// The header and the rows of a CSV file.
pub fn csv_table(folder: &Folder, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = folder.read(name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().map(ToOwned::to_owned).collect();
    let record = |record: csv::StringRecord| record.iter().map(ToOwned::to_owned).collect();
    (header, reader.records().map(|row| record(row.unwrap())).collect())
}

/// The rows of an NDJSON file with these columns as CSV would have them.
pub fn ndjson_rows(folder: &Folder, name: &str, header: &[String]) -> Vec<Vec<String>> {
    let row = |line: &str| {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(object.as_object().unwrap().len(), header.len());
        header.iter().map(|name| object[name].as_str().unwrap_or_default().to_owned()).collect()
    };
    folder.read(name).lines().map(row).collect()
}

/// The rows of a Parquet file as CSV would have them.
pub fn parquet_rows(folder: &Folder, name: &str) -> Vec<Vec<String>> {
    let file = File::open(folder.path().join(name)).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut rows = Vec::new();
    for batch in reader {
        let batch: RecordBatch = batch.unwrap();
        for row in 0..batch.num_rows() {
            rows.push(batch.columns().iter().map(|column| cell(column, row)).collect());
        }
    }
    rows
}

fn cell(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    if let Some(days) = column.as_primitive_opt::<arrow_array::types::Date32Type>() {
        return Day::MIN.add_days(days.value(row) - Day::MIN.days_since_1970()).to_string();
    }
    if let Some(words) = column.as_dictionary_opt::<Int32Type>() {
        let key = usize::try_from(words.keys().value(row)).unwrap();
        return words.values().as_string::<i32>().value(key).to_owned();
    }
    column.as_string::<i32>().value(row).to_owned()
}

#[test]
fn what_is_written_in_other_formats_says_what_csv_says() {
    let folder = folder();
    write(&folder, "data", Shape::Csv, &tables(), None);
    assert_eq!(run(&folder, "data", &[]).code, 3);
    let as_csv: Vec<(Vec<String>, Vec<Vec<String>>)> =
        TABLES.iter().map(|table| csv_table(&folder, &format!("out/{table}.csv"))).collect();

    assert_eq!(run(&folder, "data", &["--format", "ndjson"]).code, 3);
    assert_eq!(
        folder.names("out"),
        ["memberships.ndjson", "profiles.ndjson", "records.ndjson", "rejects.csv", "summary.json"]
    );
    for (table, (header, rows)) in TABLES.iter().zip(&as_csv) {
        assert_eq!(&ndjson_rows(&folder, &format!("out/{table}.ndjson"), header), rows, "{table}");
    }

    assert_eq!(run(&folder, "data", &["--format", "parquet"]).code, 3);
    for (table, (_, rows)) in TABLES.iter().zip(&as_csv) {
        assert_eq!(&parquet_rows(&folder, &format!("out/{table}.parquet")), rows, "{table}");
    }
}

#[test]
fn a_file_cut_short_or_damaged_stops_the_run_with_its_name() {
    for shape in Shape::ALL {
        if matches!(shape, Shape::Csv | Shape::Ndjson | Shape::NdjsonTyped) {
            continue;
        }
        let folder = folder();
        write(&folder, "data", shape, &tables(), None);
        let name = format!("data/memberships.{}", shape.ending());
        let whole = std::fs::read(folder.path().join(&name)).unwrap();
        for bytes in [&whole[..whole.len() - 5], &whole[..3], &b"something else"[..], &[]] {
            folder.write(&name, bytes);
            let ran = run(&folder, "data", &[]);
            assert_eq!(ran.code, 2, "{shape:?} {} bytes: {}", bytes.len(), ran.stderr);
            assert!(ran.stderr.contains("memberships."), "{shape:?}: {}", ran.stderr);
            assert_eq!(folder.names("out"), Vec::<String>::new(), "{shape:?}");
        }
    }
}

/// A Parquet file of one row: its columns, each with its declared type and its value.
fn marked(columns: &[(&str, &str, &str)]) -> Vec<u8> {
    let fields = columns.iter().map(|(name, marked, _)| format!("REQUIRED BINARY {name} ({marked});"));
    let schema = parse_message_type(&format!("message table {{ {} }}", fields.collect::<String>())).unwrap();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema.into(), Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (.., value) in columns {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&[ByteArray::from(*value)], None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn a_parquet_column_marked_as_something_else_than_text_is_refused_by_name() {
    for (kind, words) in [("JSON", "JSON"), ("BSON", "bytes that are not marked as text"), ("ENUM", "bytes that")] {
        for at in 0..4 {
            let folder = folder();
            write(&folder, "data", Shape::Csv, &tables(), None);
            std::fs::remove_file(folder.path().join("data/memberships.csv")).unwrap();
            let mut columns = [
                ("patron_id", "UTF8", "P1"),
                ("library", "UTF8", "peer"),
                ("subscription", "UTF8", "youth"),
                ("valid_from", "UTF8", "2019-01-01"),
            ];
            folder.write("data/memberships.parquet", marked(&columns));
            assert_eq!(run(&folder, "data", &[]).code, 3);
            columns[at].1 = kind;
            folder.write("data/memberships.parquet", marked(&columns));
            let ran = run(&folder, "data", &[]);
            let told = format!("the column `{}` holds {words}", columns[at].0);
            assert_eq!(ran.code, 2, "{kind}: {}", ran.stderr);
            assert!(ran.stderr.contains(&told), "{kind}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_line_that_is_no_object_stops_the_run_with_its_place() {
    let folder = folder();
    write(&folder, "data", Shape::Ndjson, &tables(), None);
    folder.write(
        "data/activity.ndjson",
        "{\"patron_id\":\"P1\",\"source\":\"wise\",\"last_active\":\"2020-01-01\"}\n[1]\n",
    );
    let ran = run(&folder, "data", &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("activity.ndjson:2:1: "), "{}", ran.stderr);
}

#[test]
fn a_table_in_two_packings_is_refused() {
    let folder = folder();
    write(&folder, "data", Shape::Csv, &tables(), None);
    folder.write("data/patrons.csv.gz", gzip(b"patron_id\n"));
    let ran = run(&folder, "data", &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("keep the one that is meant"), "{}", ran.stderr);
}
