//! Parquet: row groups -> records of fields. Only the columns of the table are read, a row group at a time and in batches;
//! each kind of value is written as CSV would have it, so that what is said of a value does not depend on the format.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray, StringArray};
use arrow_schema::DataType;
use bytes::Bytes;
use lapse_policy::Day;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::Table;
use crate::error::Problem;

/// So many rows of a row group are unpacked at a time.
const BATCH: usize = 32 << 10;

/// A Parquet file whose end, which tells what is where, was read.
pub(crate) struct Opened {
    metadata: ArrowReaderMetadata,
    projection: ProjectionMask,
    /// For each column that is read, its place among the table's columns and, after those, the columns that are asked for.
    wanted: Vec<usize>,
    /// The columns of the file.
    pub names: Vec<String>,
}

/// The rows of one row group.
pub(crate) struct RowGroup {
    pub index: usize,
    /// The number of its first row, from 1.
    pub first_row: u64,
}

impl Opened {
    /// Reads what the file says of itself.
    pub fn open(path: &Path, table: Table, asked: &[String]) -> Result<Opened, Problem> {
        let file = File::open(path).map_err(Problem::Io)?;
        if file.metadata().map_err(Problem::Io)?.is_dir() {
            return Err(Problem::Io(io::ErrorKind::IsADirectory.into()));
        }
        // What the writer's own types were does not matter, only what the file holds.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(problem)?;
        let mut wanted = Vec::new();
        let mut roots = Vec::new();
        for (root, field) in metadata.schema().fields().iter().enumerate() {
            let of_table = table.columns().iter().position(|column| column.name == field.name());
            let of_asked = || Some(table.columns().len() + asked.iter().position(|asked| asked == field.name())?);
            let Some(column) = of_table.or_else(of_asked) else { continue };
            let name = table.columns().get(column).map_or("a column that a plugin asks for", |column| column.name);
            if wanted.contains(&column) {
                return Err(Problem::RepeatedColumn(name));
            }
            if let Some(kind) = unreadable(field.data_type()) {
                return Err(Problem::ColumnKind { column: name, kind });
            }
            wanted.push(column);
            roots.push(root);
        }
        for (index, column) in table.columns().iter().enumerate() {
            if column.required && !wanted.contains(&index) {
                return Err(Problem::NoColumn(column.name));
            }
        }
        let first = table.columns().len();
        if let Some(missing) = (0..asked.len()).find(|column| !wanted.contains(&(first + column))) {
            return Err(Problem::MissingAskedColumn(asked[missing].clone()));
        }
        let names = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
        let projection = ProjectionMask::roots(metadata.parquet_schema(), roots);
        Ok(Opened { metadata, projection, wanted, names })
    }

    /// Every row group, in the order of the file.
    pub fn row_groups(&self) -> Vec<RowGroup> {
        let mut first_row = 1;
        let rows =
            self.metadata.metadata().row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0));
        rows.enumerate()
            .map(|(index, rows)| {
                let group = RowGroup { index, first_row };
                first_row += rows;
                group
            })
            .collect()
    }

    /// The batches of a row group, and how many bytes of the file it takes.
    pub fn read(&self, path: &Path, group: &RowGroup) -> Result<(Batches<'_>, u64), Problem> {
        let columns = self.metadata.metadata().row_group(group.index).columns();
        let ranges = columns.iter().enumerate().filter(|(leaf, _)| self.projection.leaf_included(*leaf));
        let ranges: Vec<(u64, u64)> = ranges.map(|(_, column)| column.byte_range()).collect();
        let start = ranges.iter().map(|range| range.0).min().unwrap_or(0);
        let end = ranges.iter().map(|range| range.0.saturating_add(range.1)).max().unwrap_or(0);
        let bytes = Part::read(path, start, end).map_err(Problem::Io)?;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, self.metadata.clone())
            .with_projection(self.projection.clone())
            .with_row_groups(vec![group.index])
            .with_batch_size(BATCH)
            .build()
            .map_err(problem)?;
        Ok((Batches { reader, wanted: &self.wanted, row: group.first_row }, end - start))
    }
}

/// The batches of a row group, one after the other.
pub(crate) struct Batches<'a> {
    reader: ParquetRecordBatchReader,
    wanted: &'a [usize],
    /// The number of the next batch's first row.
    row: u64,
}

impl Batches<'_> {
    /// The next batch; none at the end.
    pub fn next(&mut self) -> Result<Option<Batch>, Problem> {
        let Some(batch) = self.reader.next().transpose().map_err(|error| Problem::Parquet(one_line(&error)))? else {
            return Ok(None);
        };
        let columns = self.wanted.iter().zip(batch.columns()).map(|(&slot, column)| (slot, texts(column))).collect();
        let row = self.row;
        self.row += batch.num_rows() as u64;
        Ok(Some(Batch { columns, row, rows: batch.num_rows() }))
    }
}

/// Rows of a file.
pub(crate) struct Batch {
    /// Each with its place among the table's columns.
    columns: Vec<(usize, StringArray)>,
    /// The number of the first row.
    row: u64,
    rows: usize,
}

/// Reads records one after the other.
pub(crate) struct Records<'a> {
    batch: &'a Batch,
    at: usize,
}

impl<'a> Records<'a> {
    /// The records of a batch.
    pub fn new(batch: &'a Batch) -> Records<'a> {
        Records { batch, at: 0 }
    }

    /// Reads the next record into `fields`, leaving alone those that the file does not have, and gives the number of its
    /// row. None at the end.
    #[inline]
    pub fn next(&mut self, fields: &mut [Cow<'a, str>]) -> Option<u64> {
        if self.at == self.batch.rows {
            return None;
        }
        for (slot, column) in &self.batch.columns {
            fields[*slot] = Cow::Borrowed(if column.is_null(self.at) { "" } else { column.value(self.at) });
        }
        self.at += 1;
        Some(self.batch.row + self.at as u64 - 1)
    }
}

/// What a column holds, in words, where it is nothing that a table can have.
fn unreadable(kind: &DataType) -> Option<&'static str> {
    match kind {
        DataType::Timestamp(..) | DataType::Date64 => Some("points in time"),
        DataType::Struct(_) | DataType::List(_) | DataType::Map(..) => Some("nested values"),
        DataType::Binary | DataType::FixedSizeBinary(_) => Some("bytes that are not marked as text"),
        kind if is_read(kind) => None,
        _ => Some("values of another kind"),
    }
}

fn is_read(kind: &DataType) -> bool {
    kind.is_integer()
        || kind.is_decimal()
        || matches!(
            kind,
            DataType::Utf8
                | DataType::Date32
                | DataType::Boolean
                | DataType::Float32
                | DataType::Float64
                | DataType::Null
        )
}

/// A column as text, as CSV would have it.
fn texts(column: &ArrayRef) -> StringArray {
    match column.data_type() {
        DataType::Utf8 => column.as_string().clone(),
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>();
            written(days, |row, out| match Day::from_days_since_1970(days.value(row)) {
                Some(day) => out.push_str(std::str::from_utf8(&day.to_bytes()).expect("a day is written in ASCII")),
                None => write_to(out, &format_args!("day {} from 1970-01-01", days.value(row))),
            })
        }
        DataType::Boolean => {
            let values = column.as_boolean();
            written(values, |row, out| out.push_str(if values.value(row) { "true" } else { "false" }))
        }
        kind => downcast_numbers(column, kind),
    }
}

fn downcast_numbers(column: &ArrayRef, kind: &DataType) -> StringArray {
    macro_rules! numbers {
        ($($kind:pat => $array:ident: $text:expr,)+) => {
            match kind {
                $($kind => {
                    let $array = column.as_primitive();
                    written($array, |row, out| write_to(out, &$text($array, row)))
                })+
                _ => StringArray::new_null(column.len()),
            }
        };
    }
    numbers! {
        DataType::Int8 => values: PrimitiveArray::<Int8Type>::value,
        DataType::Int16 => values: PrimitiveArray::<Int16Type>::value,
        DataType::Int32 => values: PrimitiveArray::<Int32Type>::value,
        DataType::Int64 => values: PrimitiveArray::<Int64Type>::value,
        DataType::UInt8 => values: PrimitiveArray::<UInt8Type>::value,
        DataType::UInt16 => values: PrimitiveArray::<UInt16Type>::value,
        DataType::UInt32 => values: PrimitiveArray::<UInt32Type>::value,
        DataType::UInt64 => values: PrimitiveArray::<UInt64Type>::value,
        DataType::Float32 => values: PrimitiveArray::<Float32Type>::value,
        DataType::Float64 => values: PrimitiveArray::<Float64Type>::value,
        DataType::Decimal128(..) => values: PrimitiveArray::<Decimal128Type>::value_as_string,
        DataType::Decimal256(..) => values: PrimitiveArray::<Decimal256Type>::value_as_string,
    }
}

/// The texts of an array's values, by what `write` adds for each row that has one.
fn written(array: &dyn Array, write: impl Fn(usize, &mut String)) -> StringArray {
    let mut texts = StringBuilder::with_capacity(array.len(), array.len() * 10);
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            texts.append_null();
        } else {
            text.clear();
            write(row, &mut text);
            texts.append_value(&text);
        }
    }
    texts.finish()
}

fn write_to(out: &mut String, value: &dyn std::fmt::Display) {
    write!(out, "{value}").expect("a string takes any text");
}

fn problem(error: ParquetError) -> Problem {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => Problem::Io(*error),
            Err(error) => Problem::Parquet(one_line(&error)),
        },
        error => Problem::Parquet(one_line(&error)),
    }
}

fn one_line(error: &dyn std::fmt::Display) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// The part of a file that holds a row group.
struct Part {
    start: u64,
    bytes: Bytes,
}

impl Part {
    fn read(path: &Path, start: u64, end: u64) -> io::Result<Part> {
        let mut file = File::open(path)?;
        // A length that a damaged file claims is not made room for.
        if end > file.metadata()?.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(end - start).read_to_end(&mut bytes)?;
        Ok(Part { start, bytes: bytes.into() })
    }

    fn slice(&self, start: u64, length: Option<usize>) -> Result<Bytes, ParquetError> {
        let from = start.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let until = from.and_then(|from| length.map_or(Some(self.bytes.len()), |length| from.checked_add(length)));
        match (from, until) {
            (Some(from), Some(until)) if from <= until && until <= self.bytes.len() => {
                Ok(self.bytes.slice(from..until))
            }
            _ => Err(ParquetError::EOF("a page lies outside its row group".into())),
        }
    }
}

impl Length for Part {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Part {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(bytes::Buf::reader(self.slice(start, None)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.slice(start, Some(length))
    }
}
