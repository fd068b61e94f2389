//! Parquet: row groups become batches of columns. Only the columns of the table are read, a row group at a time and in
//! batches.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_schema::{DataType, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::basic::ConvertedType;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;

use super::arrow::{BATCH, Batch, BatchRecords};
use super::column::unreadable;
use super::contract::{Piece, Records};
use super::open::open_with_end;
use super::wanted::Wanted;
use crate::contained::contained;
use crate::error::Problem;
use crate::{Bounds, Progress, Table, TableError};

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
    bounds: Bounds,
    /// The bytes of the file.
    length: u64,
    /// The bytes of the texts that were unpacked so far.
    unpacked: AtomicU64,
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
    pub fn open(path: &Path, table: Table, asked: &[String], bounds: Bounds) -> Result<Opened, Problem> {
        let file = open_with_end(path)?;
        let of_file = file.metadata().map_err(Problem::Io)?;
        if of_file.is_dir() {
            return Err(Problem::Io(io::ErrorKind::IsADirectory.into()));
        }
        // What the writer's own types were does not matter, only what the file holds.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = guarded(|| ArrowReaderMetadata::load(&file, options).map_err(problem))?;
        let mut wanted = Wanted::new(table, asked);
        for (root, field) in metadata.schema().fields().iter().enumerate() {
            let stored = &metadata.parquet_schema().root_schema().get_fields()[root];
            let marked = stored.get_basic_info().converted_type();
            wanted.see(root, field.name(), || match field.data_type() {
                // The reader checks and unpacks as text only what is marked as nothing but text.
                DataType::Utf8 if marked == ConvertedType::JSON => Some("JSON"),
                kind => unreadable(kind),
            })?;
        }
        let (roots, wanted): (Vec<usize>, Vec<usize>) = wanted.finish()?.into_iter().unzip();
        let names = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
        let schema = metadata.parquet_schema();
        let id_root = wanted.iter().position(|&column| column == 0).map(|place| roots[place]);
        let is_of_ids = |&leaf: &usize| Some(schema.get_column_root_idx(leaf)) == id_root;
        let id_leaf = (0..schema.num_columns()).find(is_of_ids).ok_or(Problem::NoColumn(table.columns()[0].name))?;
        let id_kind = metadata.schema().field(schema.get_column_root_idx(id_leaf)).data_type().clone();
        let metadata = with_dictionaries(&metadata, table)?;
        let projection = ProjectionMask::roots(metadata.parquet_schema(), roots);
        let length = of_file.len();
        let unpacked = AtomicU64::new(0);
        Ok(Opened { metadata, table, projection, wanted, names, id_leaf, id_kind, bounds, length, unpacked })
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

    /// Whether a row group may have a row with this id, as far as the file says between which ids its rows lie.
    pub fn may_have(&self, group: &RowGroup, id: &str) -> bool {
        let statistics = self.metadata.metadata().row_group(group.index).column(self.id_leaf).statistics();
        // Rows without an id do not count. Writers of long ago compared texts in an order of their own.
        if id.is_empty() || statistics.is_none_or(Statistics::is_min_max_deprecated) {
            return true;
        }
        let Some((first, last)) = self.ids_between(group) else { return true };
        if self.has_numbers_for_ids() {
            let [id, first, last] = [id, &first, &last].map(|id| id.parse::<i64>().ok());
            // An id that is not a number is not in a column of numbers.
            id.is_some_and(|id| first.is_none_or(|first| first <= id) && last.is_none_or(|last| id <= last))
        } else {
            (&*first..=&*last).contains(&id)
        }
    }

    /// The numbers of the rows of a row group that have a wanted id, looked for in the ids alone.
    fn rows_with(
        &self,
        path: &Path,
        group: &RowGroup,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<usize>, Problem> {
        let mut rows = Vec::new();
        let (mut reader, mut before) = (self.id_reader(path, group)?, 0);
        while let Some(batch) = self.next_batch(&mut reader)? {
            rows.extend((0..batch.rows()).filter(|&row| is_wanted(&batch.id(row))).map(|row| before + row));
            before += batch.rows();
        }
        Ok(rows)
    }

    /// The rows of a row group that have a wanted id: their numbers in the file, and the rows themselves.
    pub fn find(
        &self,
        path: &Path,
        group: &RowGroup,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<(Vec<u64>, Vec<Batch>), Problem> {
        let rows = self.rows_with(path, group, is_wanted)?;
        let mut batches = Vec::new();
        if !rows.is_empty() {
            let mut reader = self.reader_of_rows(path, group, &rows)?;
            while let Some(batch) = self.next_batch(&mut reader)? {
                batches.push(batch);
            }
        }
        let numbers = rows.into_iter().map(|row| group.first_row.saturating_add(row as u64)).collect();
        Ok((numbers, batches))
    }

    /// What unpacks a row group.
    pub fn reader(&self, path: &Path, group: &RowGroup) -> Result<GroupReader, Problem> {
        self.reader_of(path, group, &self.projection, None)
    }

    /// What unpacks some rows of a row group, by their numbers in it, which ascend.
    fn reader_of_rows(&self, path: &Path, group: &RowGroup, rows: &[usize]) -> Result<GroupReader, Problem> {
        let ranges = rows.iter().map(|&row| row..row + 1);
        let selection = RowSelection::from_consecutive_ranges(ranges, group.rows);
        self.reader_of(path, group, &self.projection, Some(selection))
    }

    /// What unpacks the ids of a row group, and nothing else.
    pub fn id_reader(&self, path: &Path, group: &RowGroup) -> Result<GroupReader, Problem> {
        let ids = ProjectionMask::leaves(self.metadata.parquet_schema(), [self.id_leaf]);
        Ok(GroupReader { only_ids: true, ..self.reader_of(path, group, &ids, None)? })
    }

    fn reader_of(
        &self,
        path: &Path,
        group: &RowGroup,
        projection: &ProjectionMask,
        rows: Option<RowSelection>,
    ) -> Result<GroupReader, Problem> {
        let columns = self.metadata.metadata().row_group(group.index).columns();
        let ranges = columns.iter().enumerate().filter(|(leaf, _)| projection.leaf_included(*leaf));
        let ranges: Option<Vec<(u64, u64)>> = ranges.map(|(_, column)| range_of(column)).collect();
        let ranges = ranges.ok_or_else(|| Problem::Parquet("a column starts before the file".to_owned()))?;
        let sizes = columns.iter().enumerate().filter(|(leaf, _)| projection.leaf_included(*leaf));
        let sizes = sizes.map(|(_, column)| u64::try_from(column.uncompressed_size()).unwrap_or(u64::MAX));
        if sizes.fold(0, u64::saturating_add) > self.bounds.unpacked(self.length) {
            return Err(Problem::Expands(self.bounds.expansion));
        }
        let start = ranges.iter().map(|range| range.0).min().unwrap_or(0);
        let end = ranges.iter().map(|range| range.0.saturating_add(range.1)).max().unwrap_or(0);
        let part = Part::read(path, start, end).map_err(Problem::Io)?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(part, self.metadata.clone())
            .with_projection(projection.clone())
            .with_row_groups(vec![group.index])
            .with_batch_size(BATCH);
        let builder = match rows {
            Some(rows) => builder.with_row_selection(rows),
            None => builder,
        };
        let batches = guarded(|| builder.build().map_err(problem))?;
        Ok(GroupReader { batches, row: group.first_row, bytes: end - start, only_ids: false })
    }

    /// Whether the texts of a batch, and of all so far, are not too many bytes: a file has a text once, and rows name it.
    fn check_texts(&self, batch: &RecordBatch) -> Result<(), Problem> {
        let texts = batch.columns().iter().filter_map(|column| column.as_string_opt::<i32>());
        let mut bytes = 0;
        for text in texts {
            let of_column = text.value_offsets().last().unwrap_or(&0) - text.value_offsets().first().unwrap_or(&0);
            bytes += u64::from(of_column.unsigned_abs());
            if of_column.unsigned_abs() as usize > self.bounds.line
                && text
                    .value_offsets()
                    .windows(2)
                    .any(|ends| (ends[1] - ends[0]).unsigned_abs() as usize > self.bounds.line)
            {
                return Err(Problem::LongValue(self.bounds.line));
            }
        }
        let all = self.unpacked.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if all > self.bounds.unpacked(self.length) { Err(Problem::Expands(self.bounds.expansion)) } else { Ok(()) }
    }

    /// The next batch of a row group; none at the end.
    pub fn next_batch(&self, reader: &mut GroupReader) -> Result<Option<Batch>, Problem> {
        let GroupReader { batches, row, bytes: _, only_ids } = reader;
        let wanted = if *only_ids { &[0][..] } else { &self.wanted };
        let next = guarded(|| {
            let next = batches.next().transpose().map_err(|error| Problem::Parquet(one_line(&error)))?;
            if let Some(batch) = next.as_ref().filter(|_| !*only_ids) {
                self.check_texts(batch)?;
            }
            let columns = |batch: &RecordBatch| {
                let columns = wanted.iter().copied().zip(batch.columns());
                Batch::new(self.table, columns, batch.num_rows(), *row)
            };
            Ok(next.as_ref().map(columns))
        })?;
        *row = row.saturating_add(next.as_ref().map_or(0, |batch| batch.rows() as u64));
        Ok(next)
    }
}

/// What unpacks a row group, batch by batch.
pub(crate) struct GroupReader {
    batches: ParquetRecordBatchReader,
    /// The number of the next batch's first row.
    row: u64,
    /// How many bytes of the file the row group takes.
    bytes: u64,
    only_ids: bool,
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

/// Does what trusts a file in what it says of itself: one damaged file in a thousand makes it panic.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    contained(work).unwrap_or_else(|| Err(Problem::Parquet("a page is damaged".to_owned())))
}

/// A row group of a file, unpacked batch by batch.
pub(super) struct RowGroupPiece<'p> {
    pub opened: Arc<Opened>,
    pub group: RowGroup,
    pub part: u32,
    pub path: &'p Path,
    progress: &'p Progress,
    reading: Option<GroupReader>,
    batch: Option<Batch>,
}

impl<'p> RowGroupPiece<'p> {
    pub fn new(
        opened: Arc<Opened>,
        group: RowGroup,
        part: u32,
        path: &'p Path,
        progress: &'p Progress,
    ) -> RowGroupPiece<'p> {
        RowGroupPiece { opened, group, part, path, progress, reading: None, batch: None }
    }

    fn next(&mut self) -> Result<Option<Batch>, Problem> {
        let reading = match &mut self.reading {
            Some(reading) => reading,
            none => none.insert(self.opened.reader(self.path, &self.group)?),
        };
        let next = self.opened.next_batch(reading)?;
        if next.is_none() {
            self.progress.did(reading.bytes);
        }
        Ok(next)
    }
}

impl Piece for RowGroupPiece<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        // The one before is done with; two at a time would take twice the memory.
        self.batch = None;
        self.batch = self.next().map_err(|problem| TableError { path: self.path.to_owned(), place: None, problem })?;
        let rows = self.batch.as_ref().map(|batch| BatchRecords::new(batch, self.part, 0..batch.rows()));
        Ok(rows.map(|records| Box::new(records) as Box<dyn Records<'_> + '_>))
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
