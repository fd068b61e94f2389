//! What can go wrong when policy files are edited, each with its sentence. Nothing is written then.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use lapse_policy::schema::Kind;
use lapse_policy::{Day, LoadError, count};

/// A text that has no canonical layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLayout {
    /// It is not TOML.
    #[error("this is not valid TOML")]
    NotToml {
        /// The line where TOML ends, from 1.
        line: usize,
    },
    /// It is TOML, but neither a policy file nor a case file.
    #[error("this is neither a policy file nor a case file")]
    NotOurs,
    /// A comment stands where it would be lost.
    #[error("a comment stands in the middle of a value; move it to a line of its own")]
    Comment,
}

/// Files that cannot be laid out.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// A file or folder cannot be read.
    #[error("{}: this cannot be read ({error}); no file was changed", path.display())]
    CannotRead {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// Some files have no canonical layout.
    #[error("{}; no file was changed", without_layout(files))]
    NoLayout {
        /// Each of them, with the reason.
        files: Vec<(PathBuf, NoLayout)>,
    },
}

fn without_layout(files: &[(PathBuf, NoLayout)]) -> String {
    let sentences = files.iter().map(|(path, reason)| {
        let path = path.display();
        match reason {
            NoLayout::NotToml { line } => format!("{path}:{line}: {reason}"),
            NoLayout::NotOurs | NoLayout::Comment => format!("{path}: {reason}"),
        }
    });
    sentences.collect::<Vec<_>>().join("; ")
}

/// A list that cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The list, or the file that maps its columns, cannot be used.
    #[error("{}: {why}", path.display())]
    List {
        /// The file.
        path: PathBuf,
        /// Why.
        why: ListError,
    },
    /// The policies cannot be read, to be changed in memory.
    #[error("the policies in {} cannot be copied ({error})", policies.display())]
    CannotRead {
        /// The policy directory.
        policies: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The policies cannot be changed as the list says.
    #[error("{}: {why}", path.display())]
    Change {
        /// The list.
        path: PathBuf,
        /// Why.
        why: ChangeError,
    },
    /// Cells make no sense.
    #[error("{}", senseless(path, cells))]
    Cells {
        /// The list.
        path: PathBuf,
        /// The cells, in the order in which they were found.
        cells: Vec<CellProblem>,
    },
}

/// Every cell on a line of its own, below what they have in common.
fn senseless(path: &Path, cells: &[CellProblem]) -> String {
    let number = count(cells.len() as u64, "cell makes", "cells make");
    let mut text = format!("{}: {number} no sense, so nothing was written", path.display());
    for CellProblem { address, why } in cells {
        let _ = write!(text, "\n  {address}: {why}");
    }
    text
}

/// A file that cannot be read as a list, or as a map of the columns of one.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The operating system says no.
    #[error("this cannot be read ({0})")]
    CannotRead(io::Error),
    /// Its name has another ending than those of lists.
    #[error("this is neither a workbook (.xlsx) nor a list (.csv)")]
    OtherEnding,
    /// It is not a workbook.
    #[error("this cannot be read as a workbook ({0}); save it anew as .xlsx")]
    Workbook(calamine::XlsxError),
    /// It is a workbook that unpacks to far more than its size.
    #[error("this unpacks to far more than a list holds; save it anew as .xlsx")]
    Large,
    /// It is a workbook with a damage that its reader does not expect.
    #[error("this cannot be read as a workbook (it is damaged); save it anew as .xlsx")]
    Damaged,
    /// The workbook has no sheet.
    #[error("this workbook has no sheet")]
    NoSheet,
    /// A cell has an address that no list of subscriptions needs.
    #[error("there is a cell at {address}, which is too far out")]
    FarOut {
        /// The cell, such as `ZZZ1`.
        address: String,
    },
    /// The list is not in the encoding that we read.
    #[error("this is not UTF-8: save it as \"CSV UTF-8\"")]
    NotUtf8,
    /// A quote is never closed, or is closed within a cell.
    #[error("the quotes of a cell are broken, as far as can be told on line {line}")]
    Quotes {
        /// The line of the opening quote, from 1.
        line: usize,
    },
    /// It is not a list of cells.
    #[error("this cannot be read as a list ({0}); save it anew as \"CSV UTF-8\"")]
    Csv(csv::Error),
    /// It has more rows than any list of subscriptions needs.
    #[error("this list is too long")]
    TooLong,
    /// It has no row at all.
    #[error("there is no row in it")]
    NoRow,
    /// Two columns have headers that mean the same.
    #[error("{first} and {second} are both headers of `{column}`")]
    TwoHeaders {
        /// The cell of the first header.
        first: String,
        /// The cell of the second header.
        second: String,
        /// What both would hold.
        column: &'static str,
    },
    /// A column is missing that the list must have.
    #[error("no column has the header `{header}` for `{column}`; name the header in a file and give it with --columns")]
    NoHeader {
        /// The header or headers that were looked for.
        header: String,
        /// What the column would hold.
        column: &'static str,
    },
    /// The map of columns is not TOML.
    #[error("this is not TOML: {message}")]
    NotToml {
        /// What the reader of TOML says.
        message: String,
    },
    /// The map of columns has a value at its top.
    #[error("`{name}` is not a table")]
    NotATable {
        /// The key.
        name: String,
    },
    /// The map of columns has a table that it cannot have.
    #[error("unknown table `{name}`: expected `columns` or `values`")]
    UnknownTable {
        /// The table.
        name: String,
    },
    /// The map of columns gives a header that is not text.
    #[error("`columns.{column}` is not a text; put the header in quotes")]
    NotText {
        /// The column.
        column: &'static str,
    },
    /// The map of columns gives a list or a table where a value should stand.
    #[error("`values.{column}` is not a single value")]
    NotOneValue {
        /// The column.
        column: &'static str,
    },
    /// The map of columns names a column that lists do not have.
    #[error("unknown column `{name}`: {}", match near { Some(near) => format!("did you mean `{near}`?"), None => format!("expected one of {known}") })]
    UnknownColumn {
        /// The name.
        name: String,
        /// A column with nearly this name.
        near: Option<&'static str>,
        /// Every column, with commas between.
        known: String,
    },
}

/// Policy files that cannot be changed as a list says.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The changed policies cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The changed policies have errors.
    #[error("the changed policies would have errors:\n{shown}")]
    HasErrors {
        /// The errors as `lapse check` shows them.
        shown: String,
    },
    /// A policy file is not TOML.
    #[error("{file} cannot be read ({error})")]
    NotToml {
        /// The file, relative to the policy directory.
        file: String,
        /// What the reader of TOML says.
        error: Box<toml_edit::TomlError>,
    },
}

/// A cell of a list that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellProblem {
    /// The cell, such as `D17`.
    pub address: String,
    /// What is wrong with it.
    pub why: CellError,
}

/// What a cell of a list can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Expected {
    /// What a key of a policy file can hold.
    #[error("{}", .0.expected())]
    Value(Kind),
    /// A renewal: its mode, or its word in a policy file.
    #[error("0, 1, {}", Kind::Renewal.expected())]
    Renewal,
    /// The name of a library or a subscription.
    #[error("the code or the name of a {column}")]
    CodeOrName {
        /// The column.
        column: &'static str,
    },
    /// A date.
    #[error("a date such as 2022-07-01 or 1/7/2022")]
    Date,
}

/// What is wrong with a cell of a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    /// It stands in a column without a header.
    #[error("no header stands above this")]
    NoHeader,
    /// It holds something that its column cannot hold.
    #[error("`{shown}` is not {expected}")]
    Unexpected {
        /// What it holds.
        shown: String,
        /// What its column can hold.
        expected: Expected,
    },
    /// The row does not say which library or subscription it is about.
    #[error("the {column} is missing")]
    Missing {
        /// The column.
        column: &'static str,
    },
    /// The row says what holds from a date on, and not from which.
    #[error("the date from which this holds is missing")]
    NoDate,
    /// An earlier row is about the same subscription.
    #[error("{first} is about the same subscription of the same library")]
    SecondRow {
        /// The earlier row, such as `row 3`, or its cell, such as `B3`.
        first: String,
    },
    /// The subscription would be new, and this cannot be its code.
    #[error("{library} has no subscription `{code}`, and this cannot be the code of a new one")]
    SubscriptionCode {
        /// The library.
        library: String,
        /// What the cell holds.
        code: String,
    },
    /// The library would be new, and this cannot be its code.
    #[error("the policies have no library `{code}`, and this cannot be the code of a new one")]
    LibraryCode {
        /// What the cell holds.
        code: String,
    },
    /// The library would be new, and another library has the file that it would get.
    #[error("the policies have no library `{code}`, but {file} is there")]
    FileIsThere {
        /// What the cell holds.
        code: String,
        /// The file, relative to the policy directory.
        file: String,
    },
    /// An amendment is enforced that says something else.
    #[error("{file}:{line} holds here since {from}, and no library can override it: {key} = {current}, not {wanted}")]
    Enforced {
        /// The file of the amendment, relative to the policy directory.
        file: String,
        /// The line that says the value, from 1.
        line: usize,
        /// The day from which the amendment holds.
        from: Day,
        /// The key of the subscription.
        key: &'static str,
        /// Its value, as a policy file writes it.
        current: String,
        /// The value that the list gives.
        wanted: String,
    },
    /// The library's file is written in a way that cannot be changed here.
    #[error("{file} {why}")]
    Edit {
        /// The file, relative to the policy directory.
        file: String,
        /// Why.
        why: EditError,
    },
    /// All changes together do not lead to what the cell says.
    #[error("{key} would still be {current} on {day}{}, not {wanted}", by.as_ref().map_or(String::new(), |by| format!(" by {by}")))]
    NotReached {
        /// The key of the subscription.
        key: &'static str,
        /// Its value after the changes, as a policy file writes it.
        current: String,
        /// The day for which the list says it.
        day: Day,
        /// The file and line that decide; `None` where none does.
        by: Option<String>,
        /// The value that the list gives.
        wanted: String,
    },
}

/// Why a file cannot be changed here. Its sentence follows the name of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Its amendments are one inline list.
    #[error("has its amendments in one list; write each below a header `[[amendment]]` of its own")]
    AmendmentsInList,
    /// A name of a table has a value.
    #[error("has something else where a table should stand")]
    NoTable,
}
