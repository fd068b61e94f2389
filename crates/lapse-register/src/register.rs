//! What a register file says, once it was read: where each table is, and how its columns and values are written.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use lapse_tables::{Bounds, Table};

use crate::cache::Cache;
use crate::dialect::Dialect;

/// A register of files, which is a source of the four tables.
#[derive(Debug)]
pub struct Register {
    pub(crate) path: PathBuf,
    /// Ids that nearly match are not meant.
    pub(crate) ids_are_exact: bool,
    pub(crate) tables: [Vec<Part>; 4],
    pub(crate) ignored_columns: Vec<String>,
    pub(crate) bounds: Bounds,
    pub(crate) cache: Cache,
}

impl Register {
    /// The same, where the columns with these names are not meant as those whose names they nearly have.
    #[must_use]
    pub fn ignoring(mut self, columns: impl IntoIterator<Item = String>) -> Register {
        self.ignored_columns.extend(columns);
        self
    }

    /// The same, whose files may hold as much as `bounds` say.
    #[must_use]
    pub fn bounded(mut self, bounds: Bounds) -> Register {
        self.bounds = bounds;
        for part in self.tables.iter_mut().flatten() {
            part.bounds = bounds;
        }
        self
    }

    /// Every file that the register names, as far as it is there.
    pub fn files(&self) -> impl Iterator<Item = &std::path::Path> {
        self.tables.iter().flatten().map(|part| part.file.as_path())
    }
}

/// A file as far as it serves a table.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub table: Table,
    pub file: PathBuf,
    /// As people are told.
    pub name: Arc<str>,
    /// The sheet of a workbook; the first without one.
    pub sheet: Option<String>,
    pub kind: FileKind,
    pub dialect: Dialect,
    /// For each column of the table, or beyond it, what the file calls it. An empty name is none of its columns.
    pub columns: BTreeMap<String, String>,
    /// What every row has in a column.
    pub constants: BTreeMap<String, String>,
    /// For a column, what the texts of the file mean.
    pub values: HashMap<String, HashMap<String, String>>,
    /// Rows without a value in one of these columns are no rows.
    pub skip_empty: Vec<String>,
    pub bounds: Bounds,
}

/// What kind of file a table is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Text with a sign between fields.
    Text,
    /// An array of objects, or objects one after the other.
    Json,
    Workbook,
    Parquet,
}

impl FileKind {
    /// By the ending of a file's name, without what packs it. Whatever has another ending is text with fields.
    pub fn of(name: &str) -> FileKind {
        let lower = name.to_lowercase();
        let plain = lower.strip_suffix(".gz").or_else(|| lower.strip_suffix(".zst")).unwrap_or(&lower);
        match plain.rsplit_once('.').map(|(_, ending)| ending) {
            Some("json" | "ndjson" | "jsonl") => FileKind::Json,
            Some("xlsx" | "xlsm") => FileKind::Workbook,
            Some("parquet") => FileKind::Parquet,
            _ => FileKind::Text,
        }
    }
}

impl Part {
    /// What stands between two fields.
    pub fn delimiter(&self) -> u8 {
        let is_tabbed = || self.file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
        self.dialect.delimiter.unwrap_or_else(|| if is_tabbed() { b'\t' } else { b',' })
    }

    /// What the file calls a column; none where it is said to have none.
    pub fn theirs<'a>(&'a self, column: &'a str) -> Option<&'a str> {
        match self.columns.get(column) {
            Some(theirs) if theirs.is_empty() => None,
            Some(theirs) => Some(theirs),
            None => Some(column),
        }
    }
}
