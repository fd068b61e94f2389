//! Some rows of a table as texts, each at the place where it stands in its source: as a source of their own they are read as they
//! would be there.

use std::sync::Arc;

use super::contract::{PartColumns, Piece, Pieces, Records, TableSource};
use super::field::{Field, RowPlace};
use super::together::Together;
use crate::{Progress, TableError};

/// Rows of one table. A reference to them is a [`TableSource`].
#[derive(Clone, Debug, Default)]
pub struct TextRows {
    /// What the columns of the table are called, in the order of the fields; empty where nobody says.
    pub names: Vec<String>,
    /// What the parts of the table are called.
    pub parts: Vec<Arc<str>>,
    /// The fields of each row, for the columns of the table in their order and those that were asked for.
    pub rows: Vec<(RowPlace, Vec<String>)>,
}

impl TableSource for &TextRows {
    fn parts(&self) -> &[Arc<str>] {
        &self.parts
    }

    fn work(&self) -> u64 {
        self.rows.len() as u64
    }

    fn columns(&self) -> Result<Vec<PartColumns>, TableError> {
        let part = self.parts.first().filter(|_| !self.names.is_empty()).cloned();
        Ok(part.into_iter().map(|part| PartColumns { part, names: self.names.clone() }).collect())
    }

    fn pieces<'p>(&'p self, _: &'p Progress) -> Pieces<'p> {
        let piece = TextRowsPiece { rows: &self.rows, done: false };
        Box::new(std::iter::once(Ok(Box::new(piece) as Box<dyn Piece>)))
    }
}

/// All rows of a table.
struct TextRowsPiece<'p> {
    rows: &'p [(RowPlace, Vec<String>)],
    done: bool,
}

impl Piece for TextRowsPiece<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        let first = !std::mem::replace(&mut self.done, true);
        Ok(first.then(|| Box::new(TextRecords(self.rows)) as Box<dyn Records<'_>>))
    }
}

/// The rows that were not read yet.
struct TextRecords<'a>(&'a [(RowPlace, Vec<String>)]);

impl<'a> Records<'a> for TextRecords<'a> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        // The rows of one part at a time.
        let part = self.0.first().map_or(0, |(at, _)| at.part);
        together.fill_texts(part, |fields| {
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
