//! A field of a record, as every format gives it, and the place at which a record stands. What the fields mean, and which
//! rows can be used, does not depend on the format.

use std::borrow::Cow;

use lapse_policy::Day;

/// Where a row stands. The order is that of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowPlace {
    /// Which of the table's parts, such as files; from 0.
    pub part: u32,
    /// The physical line on which it starts, or its number in a part without lines; from 1.
    pub line: u32,
}

impl RowPlace {
    #[inline]
    pub(super) fn new(part: u32, line: u64) -> RowPlace {
        RowPlace { part, line: u32::try_from(line).unwrap_or(u32::MAX) }
    }
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// The value as CSV would have it; empty where there is nothing.
    Text(Cow<'a, str>),
    /// A day, from a source that tells days from texts, in a column whose values are days or in one beyond the table's own.
    Day(Day),
}

impl<'a> Field<'a> {
    /// There is nothing.
    pub const EMPTY: Field<'static> = Field::Text(Cow::Borrowed(""));

    /// The value as CSV would have it.
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Field::Text(text) => text,
            Field::Day(day) => Cow::Owned(day.to_string()),
        }
    }

    /// The same, of a field that is still needed.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Field::Text(text) => Cow::Borrowed(text),
            Field::Day(day) => Cow::Owned(day.to_string()),
        }
    }

    /// The value of a column of a table that does not hold days.
    #[inline]
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Field::Text(text) => text,
            Field::Day(_) => unreachable!("rows are looked at for days among texts when they are read"),
        }
    }
}
