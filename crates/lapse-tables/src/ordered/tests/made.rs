//! Tables as files of each format.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::WriterProperties;

use crate::source::Field;
use crate::source::csv;

pub(super) const HEADERS: [(&str, &str); 4] = [
    ("patrons", "patron_id,profile_last_active,loan_history\n"),
    ("memberships", "patron_id,library,subscription,valid_from,valid_until\n"),
    ("activity", "patron_id,library,source,last_active\n"),
    ("accounts", "patron_id,library,owed,blocks\n"),
];

/// A line for each of `items`.
pub(super) fn lines<T>(items: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) -> String {
    items.into_iter().fold(String::new(), |text, item| text + &line(item) + "\n")
}

pub(super) fn bodies(patrons: &str, memberships: &str, activity: &str, accounts: &str) -> [String; 4] {
    [patrons, memberships, activity, accounts].map(ToOwned::to_owned)
}

pub(super) fn write_csv(data: &Path, tables: &[String; 4]) {
    for ((name, header), body) in HEADERS.iter().zip(tables) {
        fs::write(data.join(format!("{name}.csv")), format!("{header}{body}")).unwrap();
    }
}

/// Whether the tables are CSV that is not broken.
pub(super) fn are_whole(tables: &[String; 4]) -> bool {
    HEADERS.iter().zip(tables).all(|((_, header), body)| records(&format!("{header}{body}")).is_some())
}

pub(super) fn write_ndjson(data: &Path, tables: &[String; 4]) {
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
pub(super) struct Shape {
    /// Rows of a row group.
    pub group: usize,
    /// Row groups of a file; a table of more is a folder of files.
    pub file: usize,
    /// The ids are whole numbers.
    pub numbers: bool,
}

pub(super) const SHAPE: Shape = Shape { group: 20, file: usize::MAX, numbers: false };

/// All records of a text in CSV, with its header; none where it is broken.
pub(super) fn records(text: &str) -> Option<Vec<Vec<String>>> {
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

pub(super) fn write_parquet(data: &Path, tables: &[String; 4], Shape { group, file, numbers }: Shape) {
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
pub(super) fn parquet(names: &[String], rows: &[Vec<String>], group: usize, numbers: bool) -> Vec<u8> {
    let columns = names.iter().enumerate().map(|(column, name)| {
        let values = rows.iter().map(|row| Some(&*row[column]).filter(|value| !value.is_empty()));
        let values: ArrayRef = if column == 0 && numbers {
            Arc::new(values.map(|id| id.map(|id| id.parse().unwrap())).collect::<Int64Array>())
        } else {
            Arc::new(values.collect::<StringArray>())
        };
        (name, values, true)
    });
    write(&RecordBatch::try_from_iter_with_nullable(columns).unwrap(), group)
}

/// A Parquet file of patrons with nothing but these ids, each on a line.
pub(super) fn parquet_of_ids(ids: &str, group: usize) -> Vec<u8> {
    let ids: ArrayRef = Arc::new(StringArray::from_iter_values(ids.lines()));
    write(&RecordBatch::try_from_iter([("patron_id", ids)]).unwrap(), group)
}

fn write(batch: &RecordBatch, group: usize) -> Vec<u8> {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    file
}

/// The same file, which says of its second row group that it has this many rows.
pub(super) fn with_damaged_count(file: &[u8], rows: i64) -> Vec<u8> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::copy_from_slice(file)).unwrap();
    let mut groups = metadata.row_groups().to_vec();
    groups[1] = groups[1].clone().into_builder().set_num_rows(rows).build().unwrap();
    let footer = u32::from_le_bytes(*file[..file.len() - 4].last_chunk().unwrap()) as usize + 8;
    let mut damaged = file[..file.len() - footer].to_vec();
    let metadata = ParquetMetaData::new(metadata.file_metadata().clone(), groups);
    ParquetMetaDataWriter::new(&mut damaged, &metadata).finish().unwrap();
    damaged
}
