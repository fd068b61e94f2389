//! What stops a run: a table that cannot be read as one. Its text is for people and stands here alone.

use std::fmt;
use std::path::PathBuf;

/// A table that cannot be read; nothing was written (exit code 2).
#[derive(Debug)]
pub struct TableError {
    /// The file or folder.
    pub path: PathBuf,
    /// Where in the file, when it is about a place.
    pub place: Option<Place>,
    /// What is wrong.
    pub problem: Problem,
}

/// A place in a text file, both numbers from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The physical line.
    pub line: u64,
    /// The character in it.
    pub column: u64,
}

/// What is wrong with a table.
#[derive(Debug)]
pub enum Problem {
    /// The operating system says no.
    Io(std::io::Error),
    /// The folder of the tables is not there.
    NoFolder,
    /// What should be the folder of the tables is a file.
    NotAFolder,
    /// The folder has no such table.
    MissingTable(&'static str),
    /// The file in a table's folder is of no format that is read.
    Format,
    /// The table is there a second time, in this file or folder.
    TwoFormats(String),
    /// The folder of a table has no file.
    EmptyFolder,
    /// A packed file, by the name of what packed it, that cannot be unpacked.
    Packed(&'static str, std::io::Error),
    /// A Parquet file that is not in order, in the words of its reader.
    Parquet(String),
    /// A required column is not in a Parquet file.
    NoColumn(&'static str),
    /// A column of a Parquet file that holds what no table can have.
    ColumnKind {
        /// Which.
        column: &'static str,
        /// What it holds, in words.
        kind: &'static str,
    },
    /// A line that is no JSON, in the words of the parser.
    NotJson(Box<str>),
    /// A line that is JSON but no object.
    NotAnObject,
    /// An object or a list as the value of a column.
    Nested(&'static str),
    /// A column that an object has twice.
    RepeatedKey(&'static str),
    /// The file has nothing in it.
    NoHeader,
    /// A required column is not in the header.
    MissingColumn(&'static str),
    /// A column that a plugin asks for is not in the header.
    MissingAskedColumn(String),
    /// A required column is not in the header, but another that may be meant as it.
    NearColumn {
        /// The one that is missing.
        column: &'static str,
        /// The one that is there.
        near: String,
    },
    /// The columns of the header seem to stand between these, not commas.
    Separator(&'static str),
    /// A column stands twice in the header.
    RepeatedColumn(&'static str),
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A row with too many or too few fields.
    Fields {
        /// How many the header has.
        expected: usize,
        /// How many the row has.
        got: usize,
    },
    /// A quote where none can be.
    BrokenQuote,
    /// A quoted field that never ends.
    UnclosedQuote,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(Place { line, column }) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        f.write_str(": ")?;
        match &self.problem {
            Problem::Io(error) => write!(f, "this cannot be read ({error}); check that it is a file that you may read"),
            Problem::NoFolder => f.write_str("there is no such folder; name the one that holds the tables"),
            Problem::NotAFolder => f.write_str("this is no folder; name the one that holds the tables"),
            Problem::MissingTable(name) => {
                write!(f, "there is no table `{name}` in this folder; put a file {name}.csv, .ndjson or .parquet there")
            }
            Problem::Format => f.write_str(
                "the folder of a table has files that end in .csv, .csv.gz, .csv.zst, .ndjson, .ndjson.gz, .ndjson.zst or \
                 .parquet and nothing else; move this elsewhere",
            ),
            Problem::TwoFormats(other) => {
                write!(f, "the table is there as {other} too; keep the one that is meant")
            }
            Problem::EmptyFolder => f.write_str("this folder of a table has no file in it; put the table's files there"),
            Problem::Packed(packed, error) => {
                write!(f, "this is no whole {packed} file ({error}); copy or write it anew")
            }
            Problem::Parquet(error) => write!(f, "this is no Parquet file in order ({error}); copy or write it anew"),
            Problem::NoColumn(name) => write!(f, "there is no column `{name}`, which every row needs; add it"),
            Problem::ColumnKind { column, kind } => write!(
                f,
                "the column `{column}` holds {kind}; write it as text, dates, integers, decimals or booleans"
            ),
            Problem::NotJson(error) => write!(f, "this is not JSON ({error}); each line must hold one object"),
            Problem::NotAnObject => f.write_str("this line is not a JSON object; each line must hold one"),
            Problem::Nested(column) => {
                write!(f, "the value of `{column}` is an object or a list; write a text, a number, true, false or null")
            }
            Problem::RepeatedKey(column) => write!(f, "this object has `{column}` twice; keep one of the two"),
            Problem::NoHeader => f.write_str("the file is empty; its first line must name the columns"),
            Problem::MissingColumn(name) => {
                write!(f, "the header does not name the column `{name}`, which every row needs; add it")
            }
            Problem::MissingAskedColumn(name) => write!(
                f,
                "the header does not name the column `{name}`, which a plugin asks for; add it, or take it out of the \
                 plugin's `columns`"
            ),
            Problem::NearColumn { column, near } => write!(
                f,
                "the header does not name the column `{column}`, which every row needs, but `{near}`; write it as `{column}`"
            ),
            Problem::Separator(separator) => write!(
                f,
                "the columns of the header seem to be separated by {separator}; save the file with commas between them"
            ),
            Problem::RepeatedColumn(name) => {
                write!(f, "the header names the column `{name}` twice; keep one of the two")
            }
            Problem::NotUtf8 => f.write_str("this byte is not UTF-8 text; save the file in the encoding UTF-8"),
            Problem::Fields { expected, got } => write!(
                f,
                "this row has {got} {} where the header has {expected}; look for a comma too many or a line cut short",
                if *got == 1 { "field" } else { "fields" }
            ),
            Problem::BrokenQuote => f.write_str(
                "a double quote stands where none can; put the whole field in quotes and write a quote inside it twice",
            ),
            Problem::UnclosedQuote => f.write_str("the quoted field that starts here never ends; close its quote"),
        }
    }
}

impl std::error::Error for TableError {}
