//! Why a register, or a file of it, cannot be read. What people are told of it stands here alone.

use std::io;
use std::path::PathBuf;

use lapse_policy::count;
use thiserror::Error;

/// A register file that cannot be used.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// The operating system says no.
    #[error("cannot read the register {}: {error}", path.display())]
    Unreadable {
        /// The register file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The register file is not UTF-8.
    #[error("cannot read the register {}: line {line} is not UTF-8; save the file with the encoding UTF-8", path.display())]
    NotUtf8 {
        /// The register file.
        path: PathBuf,
        /// The first line that is not, from 1.
        line: usize,
    },
    /// The register file has mistakes.
    #[error("the register {} has {}; nothing was read", path.display(), count(mistakes.len() as u64, "mistake", "mistakes"))]
    Mistakes {
        /// The register file.
        path: PathBuf,
        /// Each with its place, laid out and coloured for a terminal.
        mistakes: Vec<String>,
    },
    /// A folder for which no register can be written.
    #[error("cannot look at the folder {}: {error}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// A folder without files that can hold tables.
    #[error("{} has no file that can hold a table; put the exports there (.csv, .txt, .tsv, .xlsx, .json, .ndjson)", path.display())]
    NoFiles {
        /// The folder.
        path: PathBuf,
    },
}

/// What is wrong with a file of a register.
#[derive(Debug, Error)]
pub(crate) enum FileProblem {
    /// Bytes that are no text in the encoding.
    #[error("line {line} is not {encoding} text; say in the register which `encoding` it has")]
    NotText {
        /// Where, from 1.
        line: u64,
        /// As the register names it.
        encoding: &'static str,
    },
    /// A column that the register names is not there.
    #[error("there is no column `{theirs}`, which the register takes as `{column}`; {}", meant(near.as_deref(), found))]
    NoMappedColumn {
        /// The column of the table.
        column: String,
        /// Its name in the register.
        theirs: String,
        /// A column with nearly this name.
        near: Option<String>,
        /// The columns that there are.
        found: Vec<String>,
    },
    /// A column that every row needs is not there, and the register does not say which it is.
    #[error(
        "there is no column `{column}`, which every row of {table} needs; say under `columns` of [tables.{table}] which it is, or under `constants` what all rows have; {}",
        the_columns(found)
    )]
    NoColumn {
        /// The column of the table.
        column: &'static str,
        /// The table.
        table: &'static str,
        /// The columns that there are.
        found: Vec<String>,
    },
    /// The columns seem to be parted by another sign.
    #[error("the fields of the first line seem to be separated by {0}; set `delimiter` in the register")]
    Delimiter(&'static str),
    /// A column that a plugin asks for is not there.
    #[error(
        "there is no column `{0}`, which a plugin asks for; say under `columns` which it is, or take it out of the plugin's `columns`"
    )]
    NoAskedColumn(String),
    /// A column that is nearly called like one that the table lacks.
    #[error(
        "there is no column `{column}`, but `{name}`, which nearly is its name; write {column} = \"{name}\" under `columns` in the register, or {column} = \"\" if it is another"
    )]
    Slip {
        /// The column that is missing.
        column: &'static str,
        /// The one that is there.
        name: String,
    },
    /// A column that is needed stands twice.
    #[error("there are two columns `{0}`; keep one of the two")]
    TwoColumns(String),
    /// A row with too many or too few fields.
    #[error("the row has {} where the first line has {expected}; look for a {delimiter} too many or a line cut short", count(*got as u64, "field", "fields"))]
    Fields {
        /// How many the header has.
        expected: usize,
        /// How many the row has.
        got: usize,
        /// What parts fields, for people.
        delimiter: &'static str,
    },
    /// An object where a text should be.
    #[error("the value of `{0}` is an object; a path with points reaches into it, such as `{0}.name`")]
    Object(String),
    /// A JSON file that holds no objects.
    #[error("record {0} is not a JSON object; the file must hold an array of objects, or objects one after the other")]
    NotAnObject(u64),
    /// A record that is not JSON, in the words of the parser.
    #[error("record {record} is not JSON ({problem}); write the file anew")]
    NotJson {
        /// Its number or line, from 1.
        record: u64,
        /// In the words of the parser.
        problem: String,
    },
    /// A record that is longer than is read.
    #[error(
        "record {record} is longer than {megabytes} MB; look for a quote or a brace that is never closed, or say --max-line with a greater number"
    )]
    LongRecord {
        /// Its number or line, from 1.
        record: u64,
        /// How long a record may be.
        megabytes: usize,
    },
    /// A Parquet column of points in time.
    #[error("the column `{0}` holds points in time; write it as dates")]
    Moments(String),
    /// A workbook without such a sheet.
    #[error("there is no sheet `{sheet}`; {}", the_sheets(found))]
    NoSheet {
        /// Its name in the register.
        sheet: String,
        /// The sheets that there are.
        found: Vec<String>,
    },
    /// A workbook that cannot be read, in the words of its reader.
    #[error("this workbook is damaged, or is not a workbook ({0}); save it anew as .xlsx")]
    Workbook(String),
}

/// What people are told of the columns of a file.
fn meant(near: Option<&str>, found: &[String]) -> String {
    near.map_or_else(|| the_columns(found), |near| format!("did you mean `{near}`?"))
}

/// The columns that a file has, as far as a line holds them.
fn the_columns(found: &[String]) -> String {
    match found {
        [] => "it has no columns".to_owned(),
        found => format!("it has {}", listed(found)),
    }
}

fn the_sheets(found: &[String]) -> String {
    format!("the workbook has {}", listed(found))
}

/// Names in a sentence, twenty at the most.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
