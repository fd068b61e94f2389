//! What stops a run: a table that cannot be read as one. What people are told of it stands here alone.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// A table that cannot be read; nothing was written (exit code 2).
#[derive(Debug, Error)]
#[error("{}{}: {problem}", path.display(), At(*place))]
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
#[derive(Debug, Error)]
pub enum Problem {
    /// The operating system says no.
    #[error("this cannot be read ({0}); check that it is a file that you may read")]
    Io(std::io::Error),
    /// A file that is a device, such as `/dev/zero`.
    #[error("this is a device, which may never end, not a file; put a file with the rows of the table here")]
    Device,
    /// A pipe that no program writes to.
    #[error(
        "no program writes to this pipe, after a minute; start the one that does together with this command, or put a file \
         here"
    )]
    NobodyWrites,
    /// A pipe or the like in place of a file of a format whose files are read from their end.
    #[error("files of this format are read from their end, which cannot be done with a pipe; put a file here")]
    ReadFromItsEnd,
    /// A file is not what it was when it was first read.
    #[error("this file was changed or replaced while it was read; start again when nothing writes to it any more")]
    Changed,
    /// The folder of the tables is not there.
    #[error("there is no such folder; name the one that holds the tables")]
    NoFolder,
    /// What should be the folder of the tables is a file.
    #[error("this is not a folder; name the one that holds the tables")]
    NotAFolder,
    /// The folder has no such table.
    #[error("there is no table `{0}` in this folder; put a file {0}.csv, .ndjson or .parquet there")]
    MissingTable(&'static str),
    /// The file in a table's folder is of no format that is read.
    #[error(
        "the folder of a table has files that end in .csv, .csv.gz, .csv.zst, .ndjson, .ndjson.gz, .ndjson.zst or .parquet \
         and nothing else; move this elsewhere"
    )]
    Format,
    /// The table is there a second time, in this file or folder.
    #[error("the table is there as {0} too; keep the one that is meant")]
    TwoFormats(String),
    /// A source that is not a folder has no such table, though every extract has it.
    #[error("there is no table `{0}`, which every extract needs; add it")]
    NoTable(&'static str),
    /// What a source that is not a folder of files says of itself.
    #[error("{0}")]
    Source(Box<dyn std::error::Error + Send + Sync>),
    /// The folder of a table has no file.
    #[error("this folder of a table has no file in it; put the table's files there")]
    EmptyFolder,
    /// A packed file, by the name of what packed it, that cannot be unpacked.
    #[error("this {0} file is cut off or damaged ({1}); copy or write it anew")]
    Packed(&'static str, std::io::Error),
    /// A file that unpacks to more than this many times its size.
    #[error(
        "this file unpacks to more than {0} times its size, as no export does; write it anew, or say --max-expansion with a \
         greater number if its rows are right"
    )]
    Expands(u64),
    /// A line, or a record over several lines, with more than this many bytes.
    #[error(
        "the row that starts here is longer than {} MB; look for a quote that is never closed or a line end that is missing, \
         or say --max-line with a greater number",
        .0.div_ceil(1 << 20)
    )]
    LongLine(usize),
    /// More rows cannot be used than there is room for in memory.
    #[error(
        "{rows} rows of this table cannot be used so far, and there is no room for more; the first is on line {line}, `{column}`: \
         {problem}; look whether the tables are of the same patrons and of one export"
    )]
    Rejects {
        /// How many were found.
        rows: u64,
        /// The line, or the number, of the first of them.
        line: u64,
        /// The column of its first problem.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A value of a Parquet file with more than this many bytes.
    #[error("a value is longer than {} MB; write it shorter, or say --max-line with a greater number", .0.div_ceil(1 << 20))]
    LongValue(usize),
    /// A Parquet file that cannot be read, in the words of its reader.
    #[error("this Parquet file is damaged, or is not Parquet ({0}); copy or write it anew")]
    Parquet(String),
    /// A required column is not among the columns of a source that says which it has, as Parquet files and record batches do.
    #[error("there is no column `{0}`, which every row needs; add it")]
    NoColumn(&'static str),
    /// A column of a Parquet file or of a record batch holds what no table can have.
    #[error("the column `{column}` holds {kind}; write it as text, dates, integers, decimals or booleans")]
    ColumnKind {
        /// Which.
        column: &'static str,
        /// What it holds, in words.
        kind: &'static str,
    },
    /// A column stands twice in a source without a header, such as record batches.
    #[error("there are two columns `{0}`; keep one of the two")]
    SecondColumn(&'static str),
    /// A column that a plugin asks for is not in a source without a header.
    #[error("there is no column `{0}`, which a plugin asks for; add it, or take it out of the plugin's `columns`")]
    NoAskedColumn(String),
    /// A source gives a day in a column whose values are not days.
    #[error("the source gives a day as the `{column}` of row {row}, which is not a column of days; give it as text")]
    DayForText {
        /// Which.
        column: &'static str,
        /// The row's line, or its number.
        row: u64,
    },
    /// A source says that a row is of a part that its table does not have.
    #[error(
        "the source says that row {row} is of part {part}, but the table has {}; count its parts from 0 on",
        lapse_policy::count(*parts as u64, "part", "parts")
    )]
    NoSuchPart {
        /// The number that the source gives.
        part: u32,
        /// How many parts there are.
        parts: usize,
        /// The row's line, or its number.
        row: u64,
    },
    /// The rows of a source do not stand at ascending places.
    #[error(
        "the source gives row {row} after row {before}; give the rows of each part by ascending numbers, part after part"
    )]
    RowsOutOfPlace {
        /// The line, or the number, of the row.
        row: u64,
        /// That of the row before.
        before: u64,
    },
    /// A line that is not JSON, in the words of the parser.
    #[error("this is not JSON ({0}); each line must hold one object")]
    NotJson(Box<str>),
    /// A line that is JSON but no object.
    #[error("this line is not a JSON object; each line must hold one")]
    NotAnObject,
    /// An object or a list as the value of a column.
    #[error("the value of `{0}` is an object or a list; write a text, a number, true, false or null")]
    Nested(&'static str),
    /// A column that an object has twice.
    #[error("this object has `{0}` twice; keep one of the two")]
    RepeatedKey(&'static str),
    /// The file has nothing in it.
    #[error("the file is empty; its first line must name the columns")]
    NoHeader,
    /// A required column is not in the header.
    #[error("the header does not name the column `{0}`, which every row needs; add it")]
    MissingColumn(&'static str),
    /// A column that a plugin asks for is not in the header of a text, or in a Parquet file.
    #[error(
        "the header does not name the column `{0}`, which a plugin asks for; add it, or take it out of the plugin's `columns`"
    )]
    MissingAskedColumn(String),
    /// A required column is not in the header, but another that may be meant as it.
    #[error(
        "the header does not name the column `{column}`, which every row needs, but `{near}`; write it as `{column}`"
    )]
    NearColumn {
        /// The one that is missing.
        column: &'static str,
        /// The one that is there.
        near: String,
    },
    /// A column that is nearly called like one that the table lacks.
    #[error(
        "there is no column `{column}`, but `{name}`, which nearly is its name; write it as `{column}`, or say --ignore-column \
         {} if it is another",
        as_word(name)
    )]
    ColumnSlip {
        /// The one that is missing.
        column: String,
        /// The one that is there.
        name: String,
    },
    /// The columns of the header seem to stand between these, not commas.
    #[error("the columns of the header seem to be separated by {0}; save the file with commas between them")]
    Separator(&'static str),
    /// A column stands twice in the header of a text, or in a Parquet file.
    #[error("the header names the column `{0}` twice; keep one of the two")]
    RepeatedColumn(&'static str),
    /// Bytes that are not UTF-8.
    #[error("this byte is not UTF-8 text; save the file in the encoding UTF-8")]
    NotUtf8,
    /// A row with too many or too few fields.
    #[error("this row has {got} {} where the header has {expected}; look for a comma too many or a line cut short", if *got == 1 { "field" } else { "fields" })]
    Fields {
        /// How many the header has.
        expected: usize,
        /// How many the row has.
        got: usize,
    },
    /// A quote where none can be.
    #[error("a double quote stands where none can; put the whole field in quotes and write a quote inside it twice")]
    BrokenQuote,
    /// A quoted field that never ends.
    #[error("the quoted field that starts here never ends; close its quote")]
    UnclosedQuote,
}

impl Problem {
    /// Why a file could not be read on: a problem that was found while it was unpacked, or what the operating system says.
    pub fn reading(error: std::io::Error) -> Problem {
        error.downcast::<Problem>().unwrap_or_else(Problem::Io)
    }
}

/// A place as it follows the name of a file; nothing where there is none.
struct At(Option<Place>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |Place { line, column }| write!(f, ":{line}:{column}"))
    }
}

/// A name as it is typed after an option: in quotes where a shell would take it apart.
fn as_word(name: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    if name.chars().all(is_plain) { name.into() } else { format!("'{}'", name.replace('\'', "'\\''")).into() }
}
