//! Random extracts, as rows of text, and the same rows in every form in which they can be read.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::{Int32Type, UInt8Type};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array, LargeStringArray, RecordBatch,
    StringArray, StringViewArray,
};
use lapse_policy::Day;
use lapse_tables::{Format, Memory, Table, push_csv_field};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// The rows of a table, with a field for each of its columns.
pub type Rows = Vec<Vec<String>>;

#[derive(Clone, Debug)]
pub struct Extract {
    pub tables: [Rows; 4],
}

/// How the columns of record batches are kept.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Text,
    LargeText,
    TextView,
    Dictionary,
    SmallDictionary,
    /// Days, booleans, integers and decimals wherever all values of a column are such.
    Typed,
}

impl Kind {
    pub const ALL: [Kind; 6] =
        [Kind::Text, Kind::LargeText, Kind::TextView, Kind::Dictionary, Kind::SmallDictionary, Kind::Typed];
}

/// A value that is mostly usable.
fn value(usual: &'static [&'static str], odd: &'static [&'static str]) -> BoxedStrategy<String> {
    prop_oneof![12 => select(usual), 1 => select(odd)].prop_map(ToOwned::to_owned).boxed()
}

fn date(odd: &'static [&'static str]) -> BoxedStrategy<String> {
    value(&["2019-01-01", "2020-06-30", "2020-07-01", "2022-06-30", "2022-07-01", "2023-01-01"], odd)
}

fn maybe(value: BoxedStrategy<String>) -> BoxedStrategy<String> {
    prop_oneof![1 => Just(String::new()), 2 => value].boxed()
}

fn rows(columns: Vec<BoxedStrategy<String>>) -> impl Strategy<Value = Rows> {
    vec(columns, 0..25)
}

/// An extract of a few patrons, whose rows stand in any order, some of them unusable.
pub fn an_extract() -> impl Strategy<Value = Extract> {
    // In some extracts all days are days, so that columns can be typed.
    any::<bool>().prop_flat_map(|odd| {
        let odd: &[&str] = if odd { &["x", "2022-13-01", ""] } else { &["2021-05-05"] };
        let id = || value(&["P1", "P2", "P3", "P4", "P5", "P6", "a \"b\", é"], &["", "nobody", "p1", "00P2 ", "p12"]);
        let library = || value(&["peer", "riemst", "peer", "nowhere"], &["", "pe,er"]);
        let patrons = rows(vec![id(), maybe(date(odd)), maybe(date(odd)), value(&["true", "false", ""], &["maybe"])]);
        let memberships = rows(vec![
            id(),
            library(),
            value(&["youth", "adult"], &[""]),
            date(odd),
            maybe(date(odd)),
            value(&["", "active", "deregistered"], &["cancelled"]),
        ]);
        let activity = rows(vec![id(), maybe(library()), value(&["wise", "sip2", "other"], &[""]), date(odd)]);
        let accounts = rows(vec![
            id(),
            library(),
            value(&["0.00", "1.50", ""], &["-1.00", "x"]),
            value(&["", "0.00"], &["2.00"]),
            value(&["", "general", "internet|general", "new"], &["|"]),
            value(&["", "0", "3"], &["-1", "two"]),
            maybe(date(odd)),
        ]);
        (patrons, memberships, activity, accounts).prop_map(|(patrons, memberships, activity, accounts)| Extract {
            tables: [patrons, memberships, activity, accounts],
        })
    })
}

impl Extract {
    /// This many patrons, each with a membership.
    pub fn of_many(count: usize) -> Extract {
        let row = |fields: &[&str]| fields.iter().map(ToString::to_string).collect::<Vec<String>>();
        let ids: Vec<String> = (0..count).map(|number| format!("P{number:07}")).collect();
        let patrons = ids.iter().map(|id| row(&[id, "", "2019-05-05", "true"])).collect();
        let memberships =
            ids.iter().map(|id| row(&[id, "peer", "youth", "2016-01-01", "2022-12-31", "active"])).collect();
        let activity = ids.iter().step_by(2).map(|id| row(&[id, "peer", "wise", "2021-12-31"])).collect();
        let accounts = ids.iter().step_by(3).map(|id| row(&[id, "peer", "1.50", "", "general", "", ""])).collect();
        Extract { tables: [patrons, memberships, activity, accounts] }
    }

    /// Whether the table of accounts has a row.
    pub fn has_accounts(&self) -> bool {
        !self.tables[Table::Accounts as usize].is_empty()
    }

    /// As record batches of so many rows.
    pub fn memory(&self, kind: Kind, batch: usize) -> Memory {
        Table::ALL.into_iter().zip(&self.tables).fold(Memory::new(), |memory, (table, rows)| {
            memory.with(table, rows.chunks(batch).map(|rows| record_batch(table, rows, kind)))
        })
    }

    /// As files; those of Parquet have row groups of so many rows.
    pub fn write(&self, folder: &Path, format: Format, group: usize) {
        fs::create_dir_all(folder).unwrap();
        for (table, rows) in Table::ALL.into_iter().zip(&self.tables) {
            let path = folder.join(format!("{}.{}", table.name(), format.as_str()));
            let bytes = match format {
                Format::Csv => csv(table, rows),
                Format::Ndjson => ndjson(table, rows),
                Format::Parquet => parquet(table, rows, group),
            };
            fs::write(path, bytes).unwrap();
        }
    }
}

fn csv(table: Table, rows: &Rows) -> Vec<u8> {
    let header = table.columns().iter().map(|column| column.name.to_owned()).collect();
    let mut text = Vec::new();
    for row in std::iter::once(&header).chain(rows) {
        for (index, field) in row.iter().enumerate() {
            text.extend_from_slice(if index == 0 { b"" } else { b"," });
            push_csv_field(&mut text, field);
        }
        text.push(b'\n');
    }
    text
}

fn ndjson(table: Table, rows: &Rows) -> Vec<u8> {
    let mut text = Vec::new();
    for row in rows {
        let pairs: Vec<String> =
            table.columns().iter().zip(row).map(|(column, value)| format!("{:?}:{value:?}", column.name)).collect();
        writeln!(text, "{{{}}}", pairs.join(",")).unwrap();
    }
    text
}

fn parquet(table: Table, rows: &Rows, group: usize) -> Vec<u8> {
    let batch = record_batch(table, rows, Kind::Typed);
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

fn record_batch(table: Table, rows: &[Vec<String>], kind: Kind) -> RecordBatch {
    let columns = table.columns().iter().enumerate().map(|(index, column)| {
        let values = || rows.iter().map(move |row| Some(&*row[index]).filter(|value| !value.is_empty()));
        let array: ArrayRef = match kind {
            Kind::Text => Arc::new(values().collect::<StringArray>()),
            Kind::LargeText => Arc::new(values().collect::<LargeStringArray>()),
            Kind::TextView => Arc::new(values().collect::<StringViewArray>()),
            Kind::Dictionary => Arc::new(values().collect::<DictionaryArray<Int32Type>>()),
            Kind::SmallDictionary => Arc::new(values().collect::<DictionaryArray<UInt8Type>>()),
            Kind::Typed => typed(&values().collect::<Vec<_>>()),
        };
        (column.name, array, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// An array of days, booleans, integers or decimals where all values are written as those are, and of text otherwise.
fn typed(values: &[Option<&str>]) -> ArrayRef {
    fn all<T>(values: &[Option<&str>], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
        values.iter().map(|value| value.map_or(Some(None), |value| parse(value).map(Some))).collect()
    }
    let day = |text: &str| Day::parse(text.as_bytes()).map(Day::days_since_1970);
    let integer = |text: &str| text.parse::<i64>().ok().filter(|number| number.to_string() == text);
    let cents = |text: &str| {
        let (whole, fraction) = text.split_once('.').filter(|(_, fraction)| fraction.len() == 2)?;
        format!("{whole}{fraction}").parse::<i128>().ok()
    };
    if let Some(days) = all(values, day) {
        Arc::new(Date32Array::from(days))
    } else if let Some(booleans) = all(values, |text| text.parse::<bool>().ok()) {
        Arc::new(BooleanArray::from(booleans))
    } else if let Some(integers) = all(values, integer) {
        Arc::new(Int64Array::from(integers))
    } else if let Some(decimals) = all(values, cents) {
        Arc::new(Decimal128Array::from(decimals).with_precision_and_scale(12, 2).unwrap())
    } else {
        Arc::new(values.iter().copied().collect::<StringArray>())
    }
}
