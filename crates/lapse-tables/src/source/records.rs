//! The records of a piece of a file, whatever its format.

use super::broken::Broken;
use super::field::{Field, RowPlace};
use super::together::{TOGETHER, Together};
use super::{csv, ndjson, parquet};

/// The records of a piece of a file.
pub(crate) struct Records<'a> {
    file: u32,
    format: OfFormat<'a>,
    /// How many were read.
    pub count: u64,
}

/// As its format has them.
pub(crate) enum OfFormat<'a> {
    Csv(csv::Records<'a>),
    Ndjson(ndjson::Records<'a>),
    Parquet(parquet::Records<'a>),
}

impl<'a> Records<'a> {
    pub fn new(file: u32, format: OfFormat<'a>) -> Records<'a> {
        Records { file, format, count: 0 }
    }

    /// Reads the next records into `together`, leaving alone the fields that the file does not have. False at the end.
    pub fn next(&mut self, together: &mut Together<'a>) -> Result<bool, Broken> {
        let mut lines = [0; TOGETHER];
        let Together { fields, width, places, count } = together;
        *count = match &mut self.format {
            OfFormat::Csv(records) => one_by_one(fields, *width, &mut lines, |fields| records.next(fields))?,
            OfFormat::Ndjson(records) => one_by_one(fields, *width, &mut lines, |fields| records.next(fields))?,
            OfFormat::Parquet(records) => records.next(fields, *width, &mut lines),
        };
        for (line, place) in lines.into_iter().zip(places) {
            *place = RowPlace { file: self.file, line: u32::try_from(line).unwrap_or(u32::MAX) };
        }
        self.count += *count as u64;
        Ok(*count > 0)
    }

    /// Reads the next record by itself, if there is one.
    pub fn next_one(&mut self, fields: &mut [Field<'a>]) -> Result<(), Broken> {
        match &mut self.format {
            OfFormat::Csv(records) => records.next(fields).map(|_| ()),
            OfFormat::Ndjson(records) => records.next(fields).map(|_| ()),
            OfFormat::Parquet(records) => {
                records.next(fields, fields.len(), &mut [0]);
                Ok(())
            }
        }
    }

    /// Whether a record that was read has a line end within.
    pub fn have_lines_in_quotes(&self) -> bool {
        match &self.format {
            OfFormat::Csv(records) => records.have_lines_in_quotes(),
            OfFormat::Ndjson(_) | OfFormat::Parquet(_) => false,
        }
    }

    /// The line ends before what was not read yet, in a count that starts where the lines of the records do; none where
    /// rows are no lines.
    pub fn lines(&self) -> u64 {
        match &self.format {
            OfFormat::Csv(records) => records.line() - 1,
            OfFormat::Ndjson(records) => records.line() - 1,
            OfFormat::Parquet(_) => 0,
        }
    }
}

/// Reads records while there are any and `fields` has room, each with its line; gives how many.
#[inline]
fn one_by_one<'a>(
    fields: &mut [Field<'a>],
    width: usize,
    lines: &mut [u64; TOGETHER],
    mut next: impl FnMut(&mut [Field<'a>]) -> Result<Option<u64>, Broken>,
) -> Result<usize, Broken> {
    let mut count = 0;
    for (fields, line) in fields.chunks_exact_mut(width).zip(lines) {
        let Some(found) = next(fields)? else { break };
        *line = found;
        count += 1;
    }
    Ok(count)
}
