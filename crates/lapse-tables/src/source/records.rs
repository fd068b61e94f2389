//! Records as every format gives them: the fields of a table's columns as text, and the place at which a row stands. What
//! the fields mean, and which rows can be used, is told apart from formats.

use std::borrow::Cow;

use lapse_policy::Day;

use crate::{csv, ndjson, parquet};

/// Where a row stands. The order is that of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowPlace {
    /// Which of the table's files.
    pub file: u32,
    /// The physical line on which it starts, or its number in a file without lines; from 1.
    pub line: u32,
}

/// What is broken, at a byte of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub at: usize,
    pub how: How,
}

/// How a record is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// A row with too many or too few fields.
    Fields { expected: usize, got: usize },
    /// A quote inside an unquoted field, or text after a closing quote.
    Quote,
    /// A quoted field that never ends.
    Unclosed,
    /// A line that is no JSON, in the words of the parser.
    NotJson(Box<str>),
    /// A line that is JSON but no object.
    NotAnObject,
    /// An object or a list as the value of a column.
    Nested(&'static str),
    /// A column that an object has twice.
    RepeatedKey(&'static str),
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// As CSV would have it; empty where there is nothing.
    Text(Cow<'a, str>),
    /// In a column of days, of a format that tells them apart.
    Day(Day),
}

impl<'a> Field<'a> {
    pub const EMPTY: Field<'static> = Field::Text(Cow::Borrowed(""));

    /// As CSV would have it.
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Field::Text(text) => text,
            Field::Day(day) => Cow::Owned(day.to_string()),
        }
    }

    /// The same of a column that is none of days.
    #[inline]
    pub fn as_str(&self) -> &str {
        match self {
            Field::Text(text) => text,
            Field::Day(_) => unreachable!("only a column of days has days"),
        }
    }
}

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

/// So many records are read at once.
pub(crate) const TOGETHER: usize = 32;

/// Records that are read at once.
pub(crate) struct Together<'a> {
    fields: Vec<Field<'a>>,
    /// How many fields each has.
    width: usize,
    places: [RowPlace; TOGETHER],
    count: usize,
}

impl<'a> Together<'a> {
    /// None yet, of so many fields each, at least one.
    pub fn new(width: usize) -> Together<'a> {
        Together {
            fields: vec![Field::EMPTY; TOGETHER * width],
            width,
            places: [RowPlace::default(); TOGETHER],
            count: 0,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Where one of them stands; none beyond the last.
    pub fn place(&self, at: usize) -> Option<RowPlace> {
        (at < self.count).then(|| self.places[at])
    }

    /// The fields of one of them.
    pub fn fields(&self, at: usize) -> &[Field<'a>] {
        &self.fields[at * self.width..][..self.width]
    }

    /// Forgets what was read.
    pub fn clear(&mut self) {
        self.fields.fill(Field::EMPTY);
        self.count = 0;
    }

    /// Each, with its place.
    pub fn iter(&self) -> impl Iterator<Item = (RowPlace, &[Field<'a>])> {
        self.places.into_iter().zip(self.fields.chunks_exact(self.width)).take(self.count)
    }

    /// The first field of each.
    pub fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.fields.chunks_exact(self.width).take(self.count).map(|fields| fields[0].as_str())
    }
}
