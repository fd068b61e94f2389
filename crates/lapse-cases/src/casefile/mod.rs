//! Case files (interface.md, "Case files"): made-up patrons with what is expected to happen to them, written by the
//! people who edit policies. `reader` reads one, `write` writes one, `mistake` shows what is wrong with it, `facts` are the patron's rows,
//! `expect` is what the case expects, and `find` knows where the files lie.

mod expect;
mod facts;
mod find;
mod mistake;
mod reader;
mod write;

use std::ops::Range;
use std::path::{Path, PathBuf};

use lapse_policy::Day;
use lapse_tables::{AskedColumn, Table};

pub use expect::{Column, Expectation, NONE, Wanted};
pub use facts::{Cell, Facts, Row, Written};
pub use find::{collect, find, folders};
pub use mistake::{CaseText, Mistake};
pub use write::quoted;

use crate::Failure;

/// What a case file may say at its top, in the order in which it is laid out.
pub const FILE_KEYS: [&str; 3] = ["library", "date", "case"];

/// What a case may say, in that order.
pub fn case_keys() -> impl Iterator<Item = &'static str> + Clone {
    let rows = [Table::Memberships, Table::Activity, Table::Accounts].map(Table::name);
    ["name", "library", "date"].into_iter().chain(columns(Table::Patrons)).chain(rows).chain(["bad_input", "expect"])
}

/// What a row of a table may say, in that order: its columns but for the patron, who is the case.
pub fn columns(table: Table) -> impl Iterator<Item = &'static str> + Clone {
    table.columns()[1..].iter().map(|column| column.name)
}

/// A case file.
pub struct CaseFile {
    /// What it says, letter by letter.
    pub text: CaseText,
    /// Its cases, in their order.
    pub cases: Vec<Case>,
    /// What cannot be used.
    pub mistakes: Vec<Mistake>,
}

/// A made-up patron on a day, and what is expected.
pub struct Case {
    /// What it shows, in a sentence.
    pub name: String,
    /// Where the name stands.
    pub span: Range<usize>,
    /// The day of the run.
    pub date: Day,
    /// The patron.
    pub facts: Facts,
    /// In the order of the file.
    pub expectations: Vec<Expectation>,
}

impl CaseFile {
    /// Reads a file, whose patrons may have the columns that plugins ask for. Mistakes in it are in the result; a file
    /// that is no text is refused.
    pub fn read(path: &Path, asked: &[AskedColumn]) -> Result<CaseFile, Failure> {
        let refused = |why: String| Failure::refused(format!("cannot read the case file {}: {why}", path.display()));
        let bytes = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes[..error.valid_up_to()].split(|&byte| byte == b'\n').count();
            refused(format!("line {line} is not UTF-8; save the file with the encoding UTF-8"))
        })?;
        let text = CaseText::new(path.display().to_string(), text.to_owned());
        let (cases, mistakes) = reader::read(&text.text, asked);
        Ok(CaseFile { text, cases, mistakes })
    }

    /// Reads every file, in order.
    pub fn read_all(paths: &[PathBuf], asked: &[AskedColumn]) -> Result<Vec<CaseFile>, Failure> {
        paths.iter().map(|path| CaseFile::read(path, asked)).collect()
    }
}
