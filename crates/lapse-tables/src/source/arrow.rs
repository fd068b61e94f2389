//! Rows in columns, as Arrow has them: a batch from a row group of Parquet or from memory, and its records.

use std::borrow::Cow;
use std::ops::Range;

use arrow_array::ArrayRef;

use super::column::Column;
use super::contract::Records;
use super::field::Field;
use super::text_piece::PlainRecords;
use super::together::{TOGETHER, Together};
use crate::{Table, TableError};

/// This many rows are made into one batch, at the most.
pub(super) const BATCH: usize = 32 << 10;

/// Rows of a table that follow each other.
pub struct Batch {
    /// Each with its place among the fields of a record.
    columns: Vec<(usize, Column)>,
    /// The number of the first row.
    row: u64,
    rows: usize,
}

impl Batch {
    /// Rows of `table` from number `row` on; each column comes with its place among the fields of a record.
    pub fn new<'c>(table: Table, columns: impl Iterator<Item = (usize, &'c ArrayRef)>, rows: usize, row: u64) -> Batch {
        let of_days = |slot: usize| table.columns().get(slot).is_some_and(|column| column.of_days);
        let columns = columns.map(|(slot, values)| (slot, Column::new(values, of_days(slot)))).collect();
        Batch { columns, row, rows }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Reads the fields of one row, leaving alone those that the batch does not have.
    pub fn read_row<'a>(&'a self, row: usize, fields: &mut [Field<'a>]) {
        for (slot, column) in &self.columns {
            column.read(row..row + 1, std::iter::once(&mut fields[*slot]));
        }
    }

    /// The id in a row; empty where there is none.
    pub(crate) fn id(&self, row: usize) -> Cow<'_, str> {
        let mut id = Field::EMPTY;
        for (_, column) in self.columns.iter().filter(|(slot, _)| *slot == 0) {
            column.read(row..row + 1, std::iter::once(&mut id));
        }
        id.into_text()
    }
}

/// The records in some rows of a batch.
pub(crate) struct BatchRecords<'a> {
    batch: &'a Batch,
    part: u32,
    rows: Range<usize>,
}

impl<'a> BatchRecords<'a> {
    /// The records in these rows of a batch, which is of this part of its table.
    pub fn new(batch: &'a Batch, part: u32, rows: Range<usize>) -> BatchRecords<'a> {
        BatchRecords { batch, part, rows }
    }
}

impl<'a> Records<'a> for BatchRecords<'a> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        let Range { start, end } = self.rows;
        let line = self.batch.row.saturating_add(start as u64);
        together.fill_columns(self.part, line, end - start, |fields, width, rows| {
            for (slot, column) in &self.batch.columns {
                column.read(start..start + rows, fields[*slot..].iter_mut().step_by(width));
            }
        });
        self.rows.start = end.min(start + TOGETHER);
        Ok(together.count() > 0)
    }
}

impl<'a> PlainRecords<'a> for BatchRecords<'a> {}
