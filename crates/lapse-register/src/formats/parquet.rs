//! Parquet files: their columns by other names, row group by row group.

use std::path::Path;

use arrow_array::RecordBatch;
use lapse_tables::source::{self, open_with_end};
use lapse_tables::{Problem, TableError};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use crate::part_error::error;

/// A file whose metadata was read.
#[derive(Clone, Debug)]
pub(crate) struct ParquetFile(ArrowReaderMetadata);

/// This many rows are unpacked at a time.
const ROWS: usize = 8 << 10;

impl ParquetFile {
    /// Reads what the file at `path` says of itself.
    pub fn open(path: &Path) -> Result<ParquetFile, TableError> {
        let file = open_with_end(path).map_err(|problem| error(path, problem))?;
        guarded(path, || ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map(ParquetFile))
    }

    /// The names of its columns.
    pub fn names(&self) -> Vec<String> {
        self.0.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// What a column holds where no table can have that.
    pub fn unreadable(&self, column: usize) -> Option<&'static str> {
        lapse_tables::source::unreadable(self.0.schema().field(column).data_type())
    }

    /// How many row groups there are.
    pub fn groups(&self) -> usize {
        self.0.metadata().num_row_groups()
    }

    /// The number of the first row of a row group, from 1.
    pub fn first_row(&self, group: usize) -> u64 {
        let before = (0..group).map(|group| self.0.metadata().row_group(group).num_rows());
        1 + before.map(|rows| u64::try_from(rows).unwrap_or(0)).sum::<u64>()
    }

    /// Reads some columns of a row group.
    pub fn read(&self, path: &Path, group: usize, columns: &[usize]) -> Result<ParquetRecordBatchReader, TableError> {
        let file = open_with_end(path).map_err(|problem| error(path, problem))?;
        let mask = ProjectionMask::roots(self.0.parquet_schema(), columns.iter().copied());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.0.clone());
        guarded(path, || builder.with_row_groups(vec![group]).with_projection(mask).with_batch_size(ROWS).build())
    }
}

/// The next rows of a row group; none at its end.
pub(crate) fn next(path: &Path, reader: &mut ParquetRecordBatchReader) -> Result<Option<RecordBatch>, TableError> {
    guarded(path, || reader.next().transpose())
}

/// Does what trusts the file at `path` in what it says of itself.
fn guarded<T, E: std::fmt::Display>(path: &Path, work: impl FnOnce() -> Result<T, E>) -> Result<T, TableError> {
    let done = source::guarded(|| work().map_err(|why| Problem::Parquet(why.to_string())));
    done.map_err(|problem| error(path, problem))
}
