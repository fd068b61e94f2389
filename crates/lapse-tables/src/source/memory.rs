//! Arrow record batches in memory as a source: what another program hands over, and what is made up to be tried, needs no
//! files.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use lapse_engine::Told;

use super::arrow::{BATCH, Batch, BatchRecords};
use super::column::unreadable;
use super::contract::{PartColumns, Piece, Pieces, Records, Source, TableSource};
use super::wanted::Wanted;
use crate::error::Problem;
use crate::{Progress, Table, TableError};

/// The four tables as record batches. Columns are found by their names; what they hold is read as it is from Parquet: text
/// of any layout, dictionaries of text, days (`Date32`), booleans, integers and decimals. A row stands at its number within
/// its table, from 1.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    tables: [Option<Vec<RecordBatch>>; 4],
    told: Option<Told>,
}

impl Memory {
    /// No table yet.
    pub fn new() -> Memory {
        Memory::default()
    }

    /// The same with these batches as a table, in their order. Without batches the table is there and has no row.
    #[must_use]
    pub fn with(mut self, table: Table, batches: impl IntoIterator<Item = RecordBatch>) -> Memory {
        self.tables[table as usize] = Some(batches.into_iter().collect());
        self
    }

    /// The same, where these are some rows of a whole that tells this about anybody: made-up patrons need no table that
    /// they are not in.
    #[must_use]
    pub fn telling(mut self, told: Told) -> Memory {
        self.told = Some(told);
        self
    }
}

impl Memory {
    /// The same with a table of text: its columns by name, each with a text for every row. An empty text is no value.
    #[must_use]
    pub fn with_texts<'t>(self, table: Table, columns: impl IntoIterator<Item = (&'t str, Vec<&'t str>)>) -> Memory {
        let columns = columns.into_iter().map(|(name, texts)| (name, Arc::new(StringArray::from(texts)) as ArrayRef));
        let batch = RecordBatch::try_from_iter(columns).expect("there are columns, all with a text for every row");
        self.with(table, [batch])
    }
}

impl Source for Memory {
    fn table(&self, table: Table, asked: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        let Some(batches) = &self.tables[table as usize] else { return Ok(None) };
        let wanted = batches.iter().map(|batch| {
            let mut wanted = Wanted::new(table, asked);
            for (number, field) in batch.schema_ref().fields().iter().enumerate() {
                wanted.see(number, field.name(), || unreadable(field.data_type()))?;
            }
            wanted.finish()
        });
        let wanted: Result<Vec<Vec<(usize, usize)>>, Problem> = wanted.collect();
        let failed =
            |problem| TableError { path: PathBuf::from(table.name()), place: None, problem: of_batch(problem) };
        let name = [Arc::from(table.name())];
        Ok(Some(Box::new(MemoryTable { table, name, batches, wanted: wanted.map_err(failed)? })))
    }

    fn told_by_the_whole(&self) -> Option<Told> {
        self.told
    }
}

/// What is wrong with the columns of a batch, which has no header.
fn of_batch(problem: Problem) -> Problem {
    match problem {
        Problem::RepeatedColumn(column) => Problem::SecondColumn(column),
        Problem::MissingAskedColumn(column) => Problem::NoAskedColumn(column),
        other => other,
    }
}

/// The batches of a table.
struct MemoryTable<'a> {
    table: Table,
    name: [Arc<str>; 1],
    batches: &'a [RecordBatch],
    /// For each batch, the number of each column that is wanted and its place among the fields of a record.
    wanted: Vec<Vec<(usize, usize)>>,
}

impl TableSource for MemoryTable<'_> {
    fn parts(&self) -> &[Arc<str>] {
        &self.name
    }

    /// How many rows there are.
    fn work(&self) -> u64 {
        self.batches.iter().map(|batch| batch.num_rows() as u64).sum()
    }

    fn columns(&self) -> Result<Vec<PartColumns>, TableError> {
        let names =
            |batch: &RecordBatch| batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect();
        let first = self.batches.first().map(names);
        Ok(first.into_iter().map(|names| PartColumns { part: self.name[0].clone(), names }).collect())
    }

    fn pieces<'p>(&'p self, progress: &'p Progress) -> Pieces<'p> {
        let mut before = 0;
        let pieces = self.batches.iter().zip(&self.wanted).flat_map(move |(batch, wanted)| {
            let first = before + 1;
            before += batch.num_rows() as u64;
            (0..batch.num_rows()).step_by(BATCH).map(move |start| {
                let rows = batch.slice(start, BATCH.min(batch.num_rows() - start));
                let row = first + start as u64;
                let piece = MemoryPiece { table: self.table, wanted, rows, row, progress, batch: None };
                Ok(Box::new(piece) as Box<dyn Piece>)
            })
        });
        Box::new(pieces)
    }
}

/// Some rows of a batch.
struct MemoryPiece<'p> {
    table: Table,
    wanted: &'p [(usize, usize)],
    rows: RecordBatch,
    /// The number of the first.
    row: u64,
    progress: &'p Progress,
    /// The rows when they were asked for.
    batch: Option<Batch>,
}

impl Piece for MemoryPiece<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        let rows = self.rows.num_rows();
        if self.batch.is_some() {
            self.progress.did(rows as u64);
            return Ok(None);
        }
        let columns = self.wanted.iter().map(|&(number, slot)| (slot, self.rows.column(number)));
        let batch = self.batch.insert(Batch::new(self.table, columns, rows, self.row));
        Ok(Some(Box::new(BatchRecords::new(batch, 0, 0..rows))))
    }
}
