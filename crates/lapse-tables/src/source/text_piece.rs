//! A piece of a text in memory, and its records, whether it is CSV or NDJSON.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::broken::Broken;
use super::contract::{Piece, Records};
use super::field::Field;
use super::text::place;
use super::together::Together;
use super::{csv, ndjson};
use crate::error::{Problem, TableError};
use crate::table::Column;

/// How a text is cut into fields.
#[derive(Clone)]
pub(crate) enum Cutting {
    /// As CSV: for each column of the file, its place among the fields that are wanted.
    Csv(Arc<[Option<usize>]>),
    /// As NDJSON: a column of the table, or one of those that are asked for, is found by its name.
    Ndjson { columns: &'static [Column], asked: Arc<[String]> },
}

impl Cutting {
    /// The records of `text`, which is of this part of its table, lies in the file at `path`, and starts at the start of
    /// `line`.
    pub fn records<'a>(
        &'a self,
        text: &'a str,
        part: u32,
        line: u64,
        path: &'a Path,
    ) -> Box<dyn PlainRecords<'a> + 'a> {
        let at = At { text, part, line, path };
        match self {
            Cutting::Csv(wanted) => Box::new(Text { records: csv::Records::new(text, wanted, line), at }),
            Cutting::Ndjson { columns, asked } => {
                let keys = ndjson::Keys { columns, asked };
                Box::new(Text { records: ndjson::Records::new(text, keys, line), at })
            }
        }
    }

    /// Reads the first record of `text` into `fields`; false where there is none, so that they are left alone.
    pub fn read_one<'a>(&'a self, text: &'a str, fields: &mut [Field<'a>]) -> Result<bool, Broken> {
        let line = match self {
            Cutting::Csv(wanted) => csv::Records::new(text, wanted, 1).next(fields)?,
            Cutting::Ndjson { columns, asked } => {
                let keys = ndjson::Keys { columns, asked };
                ndjson::Records::new(text, keys, 1).next(fields)?
            }
        };
        Ok(line.is_some())
    }
}

/// The records of a plain file, as the walk over sorted files wants them.
pub(crate) trait PlainRecords<'a>: Records<'a> {
    /// Whether a record that was read has a line end within a field.
    fn have_lines_in_quotes(&self) -> bool {
        false
    }

    /// The line ends before what was not read yet, counted from where the lines of the records start; none where rows are
    /// not lines.
    fn lines(&self) -> u64 {
        0
    }
}

/// Where a text stands.
#[derive(Clone, Copy)]
struct At<'a> {
    text: &'a str,
    part: u32,
    line: u64,
    path: &'a Path,
}

/// The records of a text.
struct Text<'a, R> {
    records: R,
    at: At<'a>,
}

impl At<'_> {
    #[cold]
    fn error(&self, Broken { at, how }: Broken) -> TableError {
        let place = place(self.text.as_bytes(), at, self.line);
        TableError { path: self.path.to_owned(), place: Some(place), problem: how.into() }
    }
}

impl<'a> Records<'a> for Text<'a, csv::Records<'a>> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        together.fill_texts(self.at.part, |fields| self.records.next(fields)).map_err(|broken| self.at.error(broken))
    }
}

impl<'a> PlainRecords<'a> for Text<'a, csv::Records<'a>> {
    fn have_lines_in_quotes(&self) -> bool {
        self.records.have_lines_in_quotes()
    }

    fn lines(&self) -> u64 {
        self.records.line() - 1
    }
}

impl<'a> Records<'a> for Text<'a, ndjson::Records<'a>> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        together.fill_texts(self.at.part, |fields| self.records.next(fields)).map_err(|broken| self.at.error(broken))
    }
}

impl<'a> PlainRecords<'a> for Text<'a, ndjson::Records<'a>> {
    fn lines(&self) -> u64 {
        self.records.line() - 1
    }
}

/// Buffers that are used for one piece after the other, so that memory is not asked for anew for each.
#[derive(Clone, Default)]
pub(super) struct Spares(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spares {
    pub fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, buffer: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

/// A piece of a text file, whose bytes were read.
pub(super) struct TextPiece<'p> {
    pub bytes: Vec<u8>,
    pub cutting: Cutting,
    pub part: u32,
    /// The physical line on which it starts.
    pub line: u64,
    pub path: &'p Path,
    pub spares: Spares,
    /// Its records were asked for.
    pub done: bool,
}

impl Piece for TextPiece<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        let text = std::str::from_utf8(&self.bytes).map_err(|error| TableError {
            path: self.path.to_owned(),
            place: Some(place(&self.bytes, error.valid_up_to(), self.line)),
            problem: Problem::NotUtf8,
        })?;
        Ok(Some(self.cutting.records(text, self.part, self.line, self.path)))
    }
}

impl Drop for TextPiece<'_> {
    fn drop(&mut self) {
        self.spares.give_back(std::mem::take(&mut self.bytes));
    }
}
