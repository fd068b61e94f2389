//! What no type can enforce of a source is looked at while its rows are read. Whoever writes a source in another crate is
//! told what it does otherwise, and for which row.

use super::field::{Field, RowPlace};
use super::together::Together;
use crate::error::Problem;
use crate::{Table, TableError};

/// The rows of a table, or of a piece of it, as far as they were looked at.
#[derive(Clone, Copy)]
pub(super) struct Check {
    table: Table,
    /// How many parts the table has.
    parts: usize,
    /// Where the first and the last row stand; none where no row was looked at.
    seen: Option<(RowPlace, RowPlace)>,
}

impl Check {
    /// No row yet of a table that comes in this many parts.
    pub fn new(table: Table, parts: usize) -> Check {
        Check { table, parts, seen: None }
    }

    /// Looks at rows that were read, which follow those before.
    #[inline]
    pub fn rows(&mut self, together: &Together<'_>) -> Result<(), TableError> {
        for &at in together.places() {
            self.follows(at)?;
            self.seen = Some((self.seen.map_or(at, |(first, _)| first), at));
        }
        if let Some((_, at)) = self.seen.filter(|(_, at)| at.part as usize >= self.parts) {
            let (part, parts, row) = (at.part, self.parts, at.line.into());
            return Err(self.error(Problem::NoSuchPart { part, parts, row }));
        }
        if together.has_texts_alone() {
            return Ok(());
        }
        let columns = self.table.columns();
        for (slot, column) in columns.iter().enumerate().filter(|(_, column)| !column.of_days) {
            if let Some(row) = together.column(slot).position(|field| matches!(field, Field::Day(_))) {
                let row = together.places()[row].line.into();
                return Err(self.error(Problem::DayForText { column: column.name, row }));
            }
        }
        Ok(())
    }

    /// Looks at a piece that follows what was looked at.
    pub fn piece(&mut self, piece: Check) -> Result<(), TableError> {
        if let Some((first, last)) = piece.seen {
            self.follows(first)?;
            self.seen = Some((first, last));
        }
        Ok(())
    }

    /// Whether a row stands after those before. Beyond four billion, rows have no numbers of their own.
    #[inline]
    fn follows(&self, at: RowPlace) -> Result<(), TableError> {
        match self.seen {
            Some((_, before)) if at <= before && at.line != u32::MAX => {
                Err(self.error(Problem::RowsOutOfPlace { row: at.line.into(), before: before.line.into() }))
            }
            _ => Ok(()),
        }
    }

    #[cold]
    fn error(&self, problem: Problem) -> TableError {
        TableError { path: self.table.name().into(), place: None, problem }
    }
}
