//! Errors of the files of a register, as those of any table.

use std::path::Path;

use lapse_tables::{Place, Problem, TableError};

use crate::dialect::Encoding;
use crate::error::FileProblem;
use crate::formats::csv::Broken;
use crate::formats::text::NoText;

/// Something that is wrong with a file.
pub(crate) fn error(path: &Path, problem: Problem) -> TableError {
    TableError { path: path.to_owned(), place: None, problem }
}

/// Something that only registers know is wrong with a file.
pub(crate) fn problem(path: &Path, problem: FileProblem) -> TableError {
    error(path, Problem::Source(problem.into()))
}

/// A text that cannot be read.
pub(crate) fn no_text(path: &Path, encoding: Encoding, why: NoText) -> TableError {
    match why {
        NoText::File(problem) => error(path, problem),
        NoText::Long(line, bytes) => TableError {
            path: path.to_owned(),
            place: Some(Place { line, column: 1 }),
            problem: Problem::LongLine(bytes),
        },
        NoText::Encoding(line) => problem(path, FileProblem::NotText { line, encoding: encoding.name() }),
    }
}

/// A text in which something is broken.
#[derive(Clone, Copy)]
pub(crate) struct Where<'a> {
    pub path: &'a Path,
    pub delimiter: u8,
    pub text: &'a str,
    /// The line at which the text starts.
    pub line: u64,
}

/// A record of a text that cannot be read; its header has `expected` fields.
pub(crate) fn broken(at: Where<'_>, why: Broken, expected: usize) -> TableError {
    let Where { path, delimiter, text, line } = at;
    let (at, what) = match why {
        Broken::Quote(at) => (at, Problem::BrokenQuote),
        Broken::Unclosed(at) => (at, Problem::UnclosedQuote),
        Broken::Fields(at, got) => {
            let delimiter = match delimiter {
                b';' => "semicolon",
                b'\t' => "tab",
                b'|' => "vertical bar",
                _ => "comma",
            };
            (at, Problem::Source(FileProblem::Fields { expected, got, delimiter }.into()))
        }
    };
    let before = &text[..at];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = line + before.matches('\n').count() as u64;
    let column = 1 + before[start..].chars().count() as u64;
    TableError { path: path.to_owned(), place: Some(Place { line, column }), problem: what }
}
