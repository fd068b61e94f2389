//! Rows on their way from a database: so many that handing them from thread to thread costs nothing, each value behind its
//! length, as PostgreSQL sends them. Any thread takes them apart.

use lapse_policy::Day;
use lapse_tables::source::Field;

/// A chunk is handed on when it has this many bytes.
pub(crate) const CHUNK: usize = 256 << 10;

/// The length of a value that there is none of.
const NULL: i32 = -1;

/// What a column of a database gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfColumn {
    pub name: String,
    /// Whether its values come as days since 2000-01-01 in four bytes; otherwise they are texts.
    pub is_day: bool,
    /// What the database calls its type, where it tells.
    pub of_type: String,
}

/// Rows that follow each other.
#[derive(Debug, Default)]
pub(crate) struct RowChunk {
    bytes: Vec<u8>,
    pub rows: u64,
}

impl RowChunk {
    /// Whether it should be handed on.
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= CHUNK
    }

    /// Adds a value of the row at hand.
    pub fn push(&mut self, value: Option<&[u8]>) {
        let length = value.map_or(NULL, |value| i32::try_from(value.len()).unwrap_or(i32::MAX));
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(value.unwrap_or_default());
    }

    /// Adds a row whose values stand behind their lengths already.
    pub fn push_row(&mut self, values: &[u8]) {
        self.bytes.extend_from_slice(values);
        self.rows += 1;
    }

    /// Its values.
    pub fn values(&self) -> ChunkValues<'_> {
        ChunkValues { rest: &self.bytes }
    }
}

/// The values of a chunk, one after the other.
pub(crate) struct ChunkValues<'a> {
    rest: &'a [u8],
}

impl<'a> ChunkValues<'a> {
    /// Whether there is none left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next value as a field; an error where it is not UTF-8.
    pub fn next(&mut self, is_day: bool) -> Result<Field<'a>, std::str::Utf8Error> {
        let Some((length, rest)) = self.rest.split_first_chunk::<4>() else { return Ok(Field::EMPTY) };
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            self.rest = rest;
            return Ok(Field::EMPTY);
        };
        let (value, rest) = rest.split_at(length.min(rest.len()));
        self.rest = rest;
        match <[u8; 4]>::try_from(value) {
            Ok(days) if is_day => Ok(day(i32::from_be_bytes(days))),
            _ => Ok(Field::Text(std::str::from_utf8(value)?.into())),
        }
    }
}

/// Days from 1970-01-01 to 2000-01-01.
const TO_2000: i32 = 10_957;

/// The day that PostgreSQL writes as this number. Its `infinity` is the day that systems write for no end, and any day that
/// the calendar of lapse does not have is a text, which no table takes.
fn day(days: i32) -> Field<'static> {
    match days {
        i32::MAX => Field::Day(Day::MAX),
        i32::MIN => Field::Text("-infinity".into()),
        days => days
            .checked_add(TO_2000)
            .and_then(Day::from_days_since_1970)
            .map_or_else(|| Field::Text(format!("{days} days after 2000-01-01").into()), Field::Day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_out_as_they_went_in() {
        let mut chunk = RowChunk::default();
        chunk.push(Some(b"P1"));
        chunk.push(None);
        chunk.push(Some(&8217_i32.to_be_bytes()));
        chunk.push(Some(&i32::MAX.to_be_bytes()));
        chunk.push(Some(b"abcd"));
        let mut values = chunk.values();
        assert_eq!(values.next(false).unwrap(), Field::Text("P1".into()));
        assert_eq!(values.next(true).unwrap(), Field::EMPTY);
        assert_eq!(values.next(true).unwrap(), Field::Day("2022-07-01".parse().unwrap()));
        assert_eq!(values.next(true).unwrap(), Field::Day(Day::MAX));
        assert_eq!(values.next(false).unwrap(), Field::Text("abcd".into()));
        assert!(values.is_empty());
    }
}
