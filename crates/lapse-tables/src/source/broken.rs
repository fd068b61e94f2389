//! How a record of a text is broken. Each format finds this; what people are told about it is in the error of the table.

use crate::error::Problem;

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
    /// A line that is not JSON, in the words of the parser.
    NotJson(Box<str>),
    /// A line that is JSON but no object.
    NotAnObject,
    /// An object or a list as the value of a column.
    Nested(&'static str),
    /// A column that an object has twice.
    RepeatedKey(&'static str),
}

impl From<How> for Problem {
    fn from(how: How) -> Problem {
        match how {
            How::Fields { expected, got } => Problem::Fields { expected, got },
            How::Quote => Problem::BrokenQuote,
            How::Unclosed => Problem::UnclosedQuote,
            How::NotJson(sentence) => Problem::NotJson(sentence),
            How::NotAnObject => Problem::NotAnObject,
            How::Nested(column) => Problem::Nested(column),
            How::RepeatedKey(column) => Problem::RepeatedKey(column),
        }
    }
}
