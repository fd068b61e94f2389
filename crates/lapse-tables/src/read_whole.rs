//! Why tables were read whole rather than segment by segment, which takes more memory and time, and what people are told.

use std::fmt;
use std::sync::Arc;

use crate::Table;

/// Why tables were read whole, and which of them is the cause. The text says it as part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadWhole {
    /// Which table.
    pub table: Table,
    /// Its file within the extract, or the table's name where it is not about one file.
    pub file: Arc<str>,
    /// What about it.
    pub cause: WholeCause,
}

/// What about a table makes all be read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WholeCause {
    /// Its rows do not ascend by patron.
    NotSorted {
        /// The row that comes after one with a greater id: its physical line, or its number in Parquet.
        line: u64,
    },
    /// Its file is packed.
    Packed,
    /// It comes in several text files.
    SeveralFiles,
    /// It is Parquet and another table is text, or the other way round.
    OtherFormat,
    /// It is read from what can be read only once, such as a pipe.
    NotAFile,
    /// A row has no id where Parquet rows are cut by their ids.
    NoId {
        /// The number of the row.
        line: u64,
    },
    /// A Parquet file does not say between which ids the rows of a row group lie.
    NoStatistics,
    /// Its ids are numbers and those of another table or file are text, or the other way round.
    OtherIds,
    /// A row, or the header, is longer than what is looked at to find where a row starts.
    LongRow,
    /// A line end stands within a field, so that one cannot tell from the middle of the file where a row starts.
    LineEndInField,
}

impl WholeCause {
    /// A word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            WholeCause::NotSorted { .. } => "not-sorted",
            WholeCause::Packed => "packed",
            WholeCause::SeveralFiles => "several-files",
            WholeCause::OtherFormat => "other-format",
            WholeCause::NotAFile => "not-a-file",
            WholeCause::NoId { .. } => "no-id",
            WholeCause::NoStatistics => "no-statistics",
            WholeCause::OtherIds => "other-ids",
            WholeCause::LongRow => "long-row",
            WholeCause::LineEndInField => "line-end-in-field",
        }
    }

    /// The row that is the cause, where it is a row: its physical line, or its number in Parquet.
    pub const fn line(self) -> Option<u64> {
        match self {
            WholeCause::NotSorted { line } | WholeCause::NoId { line } => Some(line),
            WholeCause::Packed
            | WholeCause::SeveralFiles
            | WholeCause::OtherFormat
            | WholeCause::NotAFile
            | WholeCause::NoStatistics
            | WholeCause::OtherIds
            | WholeCause::LongRow
            | WholeCause::LineEndInField => None,
        }
    }
}

impl ReadWhole {
    /// What people can do about it, as a sentence goes on after the cause.
    const fn advice(&self) -> &'static str {
        match self.cause {
            WholeCause::NotSorted { .. } => "sort every table by patron_id",
            WholeCause::Packed => "unpack it",
            WholeCause::SeveralFiles => "put its rows into one file, or write all tables as Parquet",
            WholeCause::OtherFormat => "write all tables as text or all as Parquet",
            WholeCause::NotAFile => "store it as a file",
            WholeCause::NoId { .. } => "give every row one",
            WholeCause::NoStatistics => "write it with statistics of that column",
            WholeCause::OtherIds => "write the ids of all tables alike",
            WholeCause::LongRow => "leave out columns that nobody reads",
            WholeCause::LineEndInField => "write it without",
        }
    }

    /// The whole sentence, without its full stop.
    pub fn sentence(&self) -> String {
        let advice = self.advice();
        format!("the tables were read whole, because {self}; {advice}, and this takes half the time and little memory")
    }
}

impl fmt::Display for ReadWhole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match self.cause {
            WholeCause::NotSorted { line } => {
                let row = if self.file.ends_with(".parquet") { "row" } else { "line" };
                write!(f, " is not sorted by patron_id ({row} {line} breaks the order)")
            }
            WholeCause::Packed => f.write_str(" is packed"),
            WholeCause::SeveralFiles => f.write_str(" comes in several text files"),
            WholeCause::OtherFormat => f.write_str(" is of another format than the other tables"),
            WholeCause::NotAFile => f.write_str(" can be read only once, as a pipe can"),
            WholeCause::NoId { line } => write!(f, " has a row without patron_id (row {line})"),
            WholeCause::NoStatistics => {
                f.write_str(" does not have the least and greatest patron_id of each row group")
            }
            WholeCause::OtherIds => f.write_str(" has another type of patron_id than the other tables"),
            WholeCause::LongRow => f.write_str(" has a row of more than 4 KB"),
            WholeCause::LineEndInField => f.write_str(" has a line end within a field"),
        }
    }
}
