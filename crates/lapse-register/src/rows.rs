//! Some rows of a source in memory, each at the place where it stands there, as a source of their own.

use std::sync::Arc;

use lapse_tables::source::{Field, Piece, Pieces, Records, RowPlace, TableSource, Together};
use lapse_tables::{Progress, Source, Table, TableError};

/// Rows of the four tables.
#[derive(Default)]
pub(crate) struct Rows {
    pub tables: [Option<TableRows>; 4],
}

/// Rows of a table.
pub(crate) struct TableRows {
    pub parts: Vec<Arc<str>>,
    /// The fields of each, as text.
    pub rows: Vec<(RowPlace, Vec<String>)>,
}

/// Reads the rows of a table one after the other, as text, until `see` has enough and says false.
pub(crate) fn each_row(
    table: Table,
    opened: &dyn TableSource,
    mut see: impl FnMut(RowPlace, &[Field<'_>]) -> bool,
) -> Result<(), TableError> {
    let progress = Progress::default();
    for piece in opened.pieces(&progress) {
        let mut piece = piece?;
        while let Some(mut records) = piece.records()? {
            let mut together = Together::new(table.columns().len());
            while records.next(&mut together)? {
                for (at, fields) in together.iter() {
                    if !see(at, fields) {
                        return Ok(());
                    }
                }
            }
        }
    }
    Ok(())
}

impl Source for Rows {
    fn table(&self, table: Table, _: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        Ok(self.tables[table as usize].as_ref().map(|rows| Box::new(rows) as Box<dyn TableSource>))
    }
}

impl TableSource for &TableRows {
    fn parts(&self) -> &[Arc<str>] {
        &self.parts
    }

    fn work(&self) -> u64 {
        self.rows.len() as u64
    }

    fn pieces<'p>(&'p self, _: &'p Progress) -> Pieces<'p> {
        Box::new(std::iter::once(Ok(Box::new(RowsPiece { rows: &self.rows, done: false }) as Box<dyn Piece>)))
    }
}

struct RowsPiece<'p> {
    rows: &'p [(RowPlace, Vec<String>)],
    done: bool,
}

impl Piece for RowsPiece<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        let first = !std::mem::replace(&mut self.done, true);
        Ok(first.then(|| Box::new(RowsLeft(self.rows)) as Box<dyn Records<'_>>))
    }
}

struct RowsLeft<'a>(&'a [(RowPlace, Vec<String>)]);

impl<'a> Records<'a> for RowsLeft<'a> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        let part = self.0.first().map_or(0, |(at, _)| at.part);
        together.fill(part, |fields| {
            let Some(((at, row), rest)) = self.0.split_first().filter(|((at, _), _)| at.part == part) else {
                return Ok(None);
            };
            for (field, text) in fields.iter_mut().zip(row) {
                *field = Field::Text(text.as_str().into());
            }
            self.0 = rest;
            Ok(Some(at.line.into()))
        })
    }
}
