//! A source as another crate would implement it: rows of text in memory, in pieces of two.

use std::sync::Arc;

use lapse_tables::source::{Field, PartColumns, Piece, Pieces, Records, Source, TableSource, Together};
use lapse_tables::{Progress, Table, TableError};

use super::extract::{Extract, Rows};

pub struct Outside {
    pub tables: [Option<Rows>; 4],
    /// Reading fails.
    pub broken: bool,
}

impl Outside {
    pub fn of(extract: &Extract) -> Outside {
        Outside { tables: extract.tables.clone().map(Some), broken: false }
    }
}

impl Source for Outside {
    fn table(&self, table: Table, asked: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        assert!(asked.is_empty(), "nobody asks for more columns here");
        let Some(rows) = &self.tables[table as usize] else { return Ok(None) };
        Ok(Some(Box::new(OutsideTable { table, rows, name: [table.name().into()], broken: self.broken })))
    }
}

struct OutsideTable<'a> {
    table: Table,
    rows: &'a Rows,
    name: [Arc<str>; 1],
    broken: bool,
}

impl TableSource for OutsideTable<'_> {
    fn parts(&self) -> &[Arc<str>] {
        &self.name
    }

    fn work(&self) -> u64 {
        self.rows.len() as u64
    }

    fn columns(&self) -> Result<Vec<PartColumns>, TableError> {
        let names = self.table.columns().iter().map(|column| column.name.to_owned()).collect();
        Ok(vec![PartColumns { part: self.name[0].clone(), names }])
    }

    fn pieces<'p>(&'p self, progress: &'p Progress) -> Pieces<'p> {
        let pieces = self.rows.chunks(2).enumerate().map(move |(number, rows)| {
            let piece = OutsidePiece { rows, first: 2 * number as u64 + 1, broken: self.broken, progress, done: false };
            Ok(Box::new(piece) as Box<dyn Piece>)
        });
        Box::new(pieces)
    }
}

struct OutsidePiece<'p> {
    rows: &'p [Vec<String>],
    first: u64,
    broken: bool,
    progress: &'p Progress,
    done: bool,
}

impl Piece for OutsidePiece<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        if self.broken {
            let problem = lapse_tables::Problem::Source("the connection was closed".into());
            return Err(TableError { path: "register".into(), place: None, problem });
        }
        if std::mem::replace(&mut self.done, true) {
            self.progress.did(self.rows.len() as u64);
            return Ok(None);
        }
        Ok(Some(Box::new(OutsideRecords { rows: self.rows, line: self.first })))
    }
}

struct OutsideRecords<'p> {
    rows: &'p [Vec<String>],
    line: u64,
}

impl<'p> Records<'p> for OutsideRecords<'p> {
    fn next(&mut self, together: &mut Together<'p>) -> Result<bool, TableError> {
        together.fill(0, |fields| {
            let Some((row, rest)) = self.rows.split_first() else { return Ok(None) };
            for (field, value) in fields.iter_mut().zip(row) {
                *field = Field::Text(value.as_str().into());
            }
            self.rows = rest;
            self.line += 1;
            Ok(Some(self.line - 1))
        })
    }
}
