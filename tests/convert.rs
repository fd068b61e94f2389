//! The rows of an extract, written in every format, packed or not, in one file or many.

use std::io::Write as _;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array, RecordBatch, StringArray,
};
use lapse_policy::Day;
use lapse_tables::{Table, push_csv_field};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use crate::program::Folder;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Csv,
    CsvGz,
    CsvZst,
    /// Every value is a text.
    Ndjson,
    /// Numbers and booleans have their JSON types, and empty cells are left out.
    NdjsonTyped,
    NdjsonGz,
    NdjsonZst,
    /// Every value is a text; in row groups of three.
    ParquetText,
    /// A column in which every value has the same type has that type; texts are in dictionaries.
    ParquetTyped,
}

impl Shape {
    pub const ALL: [Shape; 9] = [
        Shape::Csv,
        Shape::CsvGz,
        Shape::CsvZst,
        Shape::Ndjson,
        Shape::NdjsonTyped,
        Shape::NdjsonGz,
        Shape::NdjsonZst,
        Shape::ParquetText,
        Shape::ParquetTyped,
    ];

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Shape::Csv => "csv",
            Shape::CsvGz => "csv.gz",
            Shape::CsvZst => "csv.zst",
            Shape::Ndjson | Shape::NdjsonTyped => "ndjson",
            Shape::NdjsonGz => "ndjson.gz",
            Shape::NdjsonZst => "ndjson.zst",
            Shape::ParquetText | Shape::ParquetTyped => "parquet",
        }
    }

    /// How many lines stand before the first row.
    pub fn lines_before(self) -> u64 {
        match self {
            Shape::Csv | Shape::CsvGz | Shape::CsvZst => 1,
            Shape::Ndjson
            | Shape::NdjsonTyped
            | Shape::NdjsonGz
            | Shape::NdjsonZst
            | Shape::ParquetText
            | Shape::ParquetTyped => 0,
        }
    }

    /// A file with these rows, whose columns are those of `header`.
    pub fn file(self, header: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
        match self {
            Shape::Csv => csv(header, rows),
            Shape::CsvGz => gzip(&csv(header, rows)),
            Shape::CsvZst => zstd(&csv(header, rows)),
            Shape::Ndjson => ndjson(header, rows, |_, value| Some(serde_json::Value::from(value))),
            Shape::NdjsonTyped => ndjson(header, rows, typed),
            Shape::NdjsonGz => gzip(&Shape::NdjsonTyped.file(header, rows)),
            Shape::NdjsonZst => zstd(&Shape::Ndjson.file(header, rows)),
            Shape::ParquetText => parquet(header, rows, |_, values| Arc::new(StringArray::from(values.to_vec()))),
            Shape::ParquetTyped => parquet(header, rows, column),
        }
    }

    /// Writes the table as one file.
    pub fn write(self, folder: &Folder, dir: &str, table: Table, rows: &[Vec<String>]) {
        self.write_columns(folder, dir, table, &header(table), rows);
    }

    /// The same with these columns of the table.
    pub fn write_columns(self, folder: &Folder, dir: &str, table: Table, columns: &[&str], rows: &[Vec<String>]) {
        let path = format!("{dir}/{}.{}", table.name(), self.ending());
        folder.write(&path, self.file(columns, rows));
    }

    /// Writes the table as a folder of files with this number of rows each.
    pub fn write_many(self, folder: &Folder, dir: &str, table: Table, rows: &[Vec<String>], each: usize) {
        let mut parts: Vec<&[Vec<String>]> = rows.chunks(each).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        for (part, rows) in parts.into_iter().enumerate() {
            let path = format!("{dir}/{}/part-{part:03}.{}", table.name(), self.ending());
            folder.write(&path, self.file(&header(table), rows));
        }
    }
}

/// The columns of a table.
pub fn header(table: Table) -> Vec<&'static str> {
    table.columns().iter().map(|column| column.name).collect()
}

fn csv(header: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let header: Vec<String> = header.iter().map(ToString::to_string).collect();
    let mut text = Vec::new();
    for row in std::iter::once(&header).chain(rows) {
        assert_eq!(row.len(), header.len(), "{row:?}");
        for (index, field) in row.iter().enumerate() {
            text.extend_from_slice(if index == 0 { b"" } else { b"," });
            push_csv_field(&mut text, field);
        }
        text.push(b'\n');
    }
    text
}

fn ndjson(header: &[&str], rows: &[Vec<String>], value: impl Fn(&str, &str) -> Option<serde_json::Value>) -> Vec<u8> {
    let mut text = Vec::new();
    for row in rows {
        let values = header.iter().zip(row).filter_map(|(name, text)| Some((name.to_string(), value(name, text)?)));
        serde_json::to_writer(&mut text, &values.collect::<serde_json::Map<_, _>>()).unwrap();
        text.push(b'\n');
    }
    text
}

/// A value as a program with types would write it. An id stays a text.
fn typed(name: &str, value: &str) -> Option<serde_json::Value> {
    if name.ends_with("_id") {
        return Some(value.into());
    }
    let number = value.parse::<u32>().ok().filter(|number| number.to_string() == value);
    match value {
        "" => None,
        "true" | "false" => Some((value == "true").into()),
        _ => Some(number.map_or_else(|| value.into(), Into::into)),
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    // The file has two gzip members, as a file has that was put together from two.
    let (one, other) = bytes.split_at(bytes.len() / 2);
    let mut packed = Vec::new();
    for part in [one, other] {
        let mut writer = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
        writer.write_all(part).unwrap();
        writer.finish().unwrap();
    }
    packed
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn parquet(header: &[&str], rows: &[Vec<String>], column: impl Fn(&str, &[Option<&str>]) -> ArrayRef) -> Vec<u8> {
    let columns = header.iter().enumerate().map(|(index, name)| {
        let values: Vec<Option<&str>> =
            rows.iter().map(|row| Some(row[index].as_str()).filter(|value| !value.is_empty())).collect();
        (*name, column(name, &values), true)
    });
    // One column is in no table of the contract, and the other has a type that no column of the contract can have.
    let note = Arc::new(StringArray::from(vec!["note"; rows.len()])) as ArrayRef;
    let moment = Arc::new(arrow_array::TimestampSecondArray::from(vec![0; rows.len()])) as ArrayRef;
    let columns = columns.chain([("note", note, true), ("exported_at", moment, true)]);
    to_parquet(&RecordBatch::try_from_iter_with_nullable(columns).unwrap())
}

/// A Parquet file with row groups of three.
pub fn to_parquet(batch: &RecordBatch) -> Vec<u8> {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(3)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// A column with the type that all its values have.
fn column(name: &str, values: &[Option<&str>]) -> ArrayRef {
    let all = |reads: &dyn Fn(&str) -> bool| values.iter().flatten().all(|value| reads(value));
    let day = |value: &str| value.parse::<Day>().ok();
    let cents = |value: &str| {
        let (whole, fraction) = value.split_once('.').unwrap_or((value, "00"));
        let digits = fraction.len() == 2 && (whole.to_owned() + fraction).bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| format!("{whole}{fraction}").parse::<i128>().ok()).flatten()
    };
    let number = |value: &str| value.parse::<i64>().ok().filter(|number| number.to_string() == value);
    match name {
        "birth_date" | "profile_last_active" | "valid_from" | "valid_until" | "last_active" | "settled_on"
            if all(&|value| day(value).is_some()) =>
        {
            let days = values.iter().map(|value| value.and_then(day).map(Day::days_since_1970));
            Arc::new(days.collect::<Date32Array>())
        }
        "loan_history" if all(&|value| value == "true" || value == "false") => {
            Arc::new(values.iter().map(|value| value.map(|value| value == "true")).collect::<BooleanArray>())
        }
        "owed" | "credit" if all(&|value| cents(value).is_some()) => {
            let amounts: Decimal128Array = values.iter().map(|value| value.and_then(cents)).collect();
            Arc::new(amounts.with_precision_and_scale(12, 2).unwrap())
        }
        "items" if all(&|value| number(value).is_some()) => {
            Arc::new(values.iter().map(|value| value.and_then(number)).collect::<Int64Array>())
        }
        "patron_id" => Arc::new(StringArray::from(values.to_vec())),
        _ => Arc::new(values.iter().copied().collect::<DictionaryArray<Int32Type>>()),
    }
}
