//! Parquet: row groups -> records of fields. Only the columns of the table are read, a row group at a time and in batches.

mod column;

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_schema::{DataType, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;

use self::column::{Column, unreadable};
use super::field::Field;
use crate::Table;
use crate::error::Problem;

/// So many rows of a row group are unpacked at a time.
const BATCH: usize = 32 << 10;

/// A Parquet file whose end, which tells what is where, was read.
pub(crate) struct Opened {
    metadata: ArrowReaderMetadata,
    table: Table,
    projection: ProjectionMask,
    /// For each column that is read, its place among the table's columns and, after those, the columns that are asked for.
    wanted: Vec<usize>,
    /// The columns of the file.
    pub names: Vec<String>,
    /// The leaf that has the ids.
    id_leaf: usize,
    /// What kind of values ids are.
    id_kind: DataType,
}

/// The rows of one row group.
pub(crate) struct RowGroup {
    pub index: usize,
    /// The number of its first row, from 1.
    pub first_row: u64,
    pub rows: usize,
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
            let stored = &metadata.parquet_schema().root_schema().get_fields()[root];
            if let Some(kind) = unreadable(field.data_type(), stored.get_basic_info().converted_type()) {
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
        let schema = metadata.parquet_schema();
        let id_root = wanted.iter().position(|&column| column == 0).map(|place| roots[place]);
        let is_of_ids = |&leaf: &usize| Some(schema.get_column_root_idx(leaf)) == id_root;
        let id_leaf = (0..schema.num_columns()).find(is_of_ids).ok_or(Problem::NoColumn(table.columns()[0].name))?;
        let id_kind = metadata.schema().field(schema.get_column_root_idx(id_leaf)).data_type().clone();
        let metadata = with_dictionaries(&metadata, table)?;
        let projection = ProjectionMask::roots(metadata.parquet_schema(), roots);
        Ok(Opened { metadata, table, projection, wanted, names, id_leaf, id_kind })
    }

    /// Every row group, in the order of the file.
    pub fn row_groups(&self) -> Vec<RowGroup> {
        let mut first_row = 1;
        let groups = self.metadata.metadata().row_groups().iter();
        let rows = groups.map(|group| usize::try_from(group.num_rows()).unwrap_or(0));
        rows.enumerate()
            .map(|(index, rows)| {
                let group = RowGroup { index, first_row, rows };
                first_row = first_row.saturating_add(rows as u64);
                group
            })
            .collect()
    }

    /// Whether what the file says of its rows fits together, as it does in every file that is not damaged.
    pub fn counts_agree(&self) -> bool {
        let metadata = self.metadata.metadata();
        let rows = metadata.row_groups().iter().try_fold(0_i64, |rows, group| {
            let is_of_rows = group.column(self.id_leaf).num_values() == group.num_rows() && group.num_rows() >= 0;
            rows.checked_add(group.num_rows()).filter(|_| is_of_rows)
        });
        rows == Some(metadata.file_metadata().num_rows())
    }

    /// Whether ids are whole numbers, not texts.
    pub fn has_numbers_for_ids(&self) -> bool {
        self.id_kind.is_integer()
    }

    /// Two ids between which, both included, all ids of a row group are as far as it says; none where it does not say.
    pub fn ids_between(&self, group: &RowGroup) -> Option<(String, String)> {
        match (&self.id_kind, self.metadata.metadata().row_group(group.index).column(self.id_leaf).statistics()?) {
            (DataType::Utf8, Statistics::ByteArray(ids)) => {
                Some((ids.min_opt()?.as_utf8().ok()?.to_owned(), ids.max_opt()?.as_utf8().ok()?.to_owned()))
            }
            (DataType::Int8 | DataType::Int16 | DataType::Int32, Statistics::Int32(ids)) => {
                Some((ids.min_opt()?.to_string(), ids.max_opt()?.to_string()))
            }
            (DataType::Int64, Statistics::Int64(ids)) => Some((ids.min_opt()?.to_string(), ids.max_opt()?.to_string())),
            _ => None,
        }
    }

    /// The batches of a row group, and how many bytes of the file it takes.
    pub fn read(&self, path: &Path, group: &RowGroup) -> Result<(Batches<'_>, u64), Problem> {
        let columns = self.metadata.metadata().row_group(group.index).columns();
        let ranges = columns.iter().enumerate().filter(|(leaf, _)| self.projection.leaf_included(*leaf));
        let ranges: Option<Vec<(u64, u64)>> = ranges.map(|(_, column)| range_of(column)).collect();
        let ranges = ranges.ok_or_else(|| Problem::Parquet("a column starts before the file".to_owned()))?;
        let start = ranges.iter().map(|range| range.0).min().unwrap_or(0);
        let end = ranges.iter().map(|range| range.0.saturating_add(range.1)).max().unwrap_or(0);
        let bytes = Part::read(path, start, end).map_err(Problem::Io)?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, self.metadata.clone())
            .with_projection(self.projection.clone())
            .with_row_groups(vec![group.index])
            .with_batch_size(BATCH);
        let reader = guarded(|| builder.build().map_err(problem))?;
        Ok((Batches { reader, table: self.table, wanted: &self.wanted, row: group.first_row }, end - start))
    }
}

/// Where a column of a row group starts and how many bytes it takes; none in a damaged file, of which parquet's own
/// `byte_range` makes a panic.
fn range_of(column: &ColumnChunkMetaData) -> Option<(u64, u64)> {
    let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    Some((u64::try_from(start).ok()?, u64::try_from(column.compressed_size()).ok()?))
}

/// The same with each text column of `table` but the ids as numbers in a dictionary, as nearly all writers have them.
fn with_dictionaries(metadata: &ArrowReaderMetadata, table: Table) -> Result<ArrowReaderMetadata, Problem> {
    let codes = &table.columns()[1..];
    let fields = metadata.schema().fields().iter().map(|field| {
        if field.data_type() == &DataType::Utf8 && codes.iter().any(|column| column.name == field.name()) {
            let kind = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
            Arc::new(arrow_schema::Field::new(field.name(), kind, field.is_nullable()))
        } else {
            field.clone()
        }
    });
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(schema.into());
    ArrowReaderMetadata::try_new(metadata.metadata().clone(), options).map_err(problem)
}

/// The batches of a row group, one after the other.
pub(crate) struct Batches<'a> {
    reader: ParquetRecordBatchReader,
    table: Table,
    wanted: &'a [usize],
    /// The number of the next batch's first row.
    row: u64,
}

impl Batches<'_> {
    /// The next batch; none at the end.
    pub fn next(&mut self) -> Result<Option<Batch>, Problem> {
        let Batches { reader, table, wanted, .. } = self;
        let next = guarded(|| {
            let next = reader.next().transpose().map_err(|error| Problem::Parquet(one_line(&error)))?;
            Ok(next.map(|batch| {
                let of_days = |slot: usize| table.columns().get(slot).is_some_and(|column| column.of_days);
                let columns = wanted.iter().zip(batch.columns());
                let columns = columns.map(|(&slot, values)| (slot, Column::new(values, of_days(slot)))).collect();
                (batch, columns)
            }))
        })?;
        let Some((batch, columns)) = next else { return Ok(None) };
        let row = self.row;
        self.row = self.row.saturating_add(batch.num_rows() as u64);
        Ok(Some(Batch { columns, row, rows: batch.num_rows() }))
    }
}

/// Does what trusts a file in what it says of itself: one damaged file in a thousand makes it panic.
fn guarded<T>(work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Problem::Parquet("a page is damaged".to_owned())))
}

/// Rows of a file.
pub(crate) struct Batch {
    /// Each with its place among the table's columns.
    columns: Vec<(usize, Column)>,
    /// The number of the first row.
    row: u64,
    rows: usize,
}

impl Batch {
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The id in a row; empty where there is none.
    pub fn id(&self, row: usize) -> Cow<'_, str> {
        let mut id = Field::EMPTY;
        for (_, column) in self.columns.iter().filter(|(slot, _)| *slot == 0) {
            column.read(row..row + 1, std::iter::once(&mut id));
        }
        id.into_text()
    }
}

/// Reads records one after the other.
pub(crate) struct Records<'a> {
    batch: &'a Batch,
    rows: Range<usize>,
}

impl<'a> Records<'a> {
    /// The records in some rows of a batch.
    pub fn new(batch: &'a Batch, rows: Range<usize>) -> Records<'a> {
        Records { batch, rows }
    }

    /// Reads the next records into `fields`, so many each, leaving alone those that the file does not have, and puts the
    /// number of each row into `lines`; gives how many there are.
    pub fn next(&mut self, fields: &mut [Field<'a>], width: usize, lines: &mut [u64]) -> usize {
        let rows = self.rows.start..self.rows.end.min(self.rows.start + lines.len());
        for (slot, column) in &self.batch.columns {
            column.read(rows.clone(), fields[*slot..].iter_mut().step_by(width));
        }
        for (row, line) in rows.clone().zip(lines) {
            *line = self.batch.row.saturating_add(row as u64);
        }
        self.rows.start = rows.end;
        rows.len()
    }
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
        let length = end.saturating_sub(start);
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(length).read_to_end(&mut bytes)?;
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

#[cfg(test)]
mod tests {
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;

    use super::*;

    #[test]
    fn a_column_that_starts_before_the_file_has_no_range() {
        let schema = parse_message_type("message table { REQUIRED BINARY patron_id (UTF8); }").unwrap();
        let column = |dictionary: Option<i64>, data: i64, bytes: i64| {
            ColumnChunkMetaData::builder(SchemaDescriptor::new(schema.clone().into()).column(0))
                .set_dictionary_page_offset(dictionary)
                .set_data_page_offset(data)
                .set_total_compressed_size(bytes)
                .build()
                .unwrap()
        };
        assert_eq!(range_of(&column(None, 4, 10)), Some((4, 10)));
        assert_eq!(range_of(&column(Some(4), 8, 10)), Some((4, 10)));
        for damaged in [column(None, -4, 10), column(Some(-4), 8, 10), column(None, 4, -10)] {
            assert_eq!(range_of(&damaged), None);
        }
    }
}
