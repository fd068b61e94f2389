//! A field of a record, as every format gives it, and the place at which a record stands. What the fields mean, and which
//! rows can be used, does not depend on the format.

use std::borrow::Cow;

use lapse_policy::Day;

/// Where a row stands. The order is that of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowPlace {
    /// Which of the table's files.
    pub file: u32,
    /// The physical line on which it starts, or its number in a file without lines; from 1.
    pub line: u32,
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
