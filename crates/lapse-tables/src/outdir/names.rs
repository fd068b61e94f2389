//! What a run may have written to its folder. Nothing else there is ever moved or removed.

use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

const TABLES: [&str; 3] = ["memberships", "records", "profiles"];
const FORMATS: [&str; 3] = ["csv", "ndjson", "parquet"];
const REJECTS: &str = "rejects.csv";
/// Its presence says that a run finished here.
pub const SUMMARY: &str = "summary.json";
/// The folder for unfinished files, in an output folder that cannot be exchanged as a whole; beside one that can, this is
/// the end of its name.
pub const ASIDE: &str = ".lapse-unfinished";

/// Whose output a folder may hold before something is written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// That of an earlier run, which is replaced.
    AnEarlierRun,
    /// Nothing.
    Nothing,
}

/// Something that is in an output folder.
pub struct Found {
    /// Its name.
    pub name: OsString,
    is_dir: bool,
}

impl Found {
    fn new(entry: &DirEntry) -> io::Result<Found> {
        Ok(Found { name: entry.file_name(), is_dir: entry.file_type()?.is_dir() })
    }

    /// All that is in a folder.
    pub fn all(dir: &Path) -> io::Result<Vec<Found>> {
        fs::read_dir(dir)?.map(|entry| Found::new(&entry?)).collect()
    }

    /// Whether this is the folder for unfinished files.
    pub fn is_aside(&self) -> bool {
        self.is_dir && self.name == ASIDE
    }

    /// Whether a file that is there is replaced by what is written.
    pub fn is_replaced(&self, holds: Holds) -> bool {
        holds == Holds::AnEarlierRun && !self.is_dir && self.name.to_str().is_some_and(is_table_or_summary)
    }

    fn is_table(&self, table: &str) -> bool {
        self.name.to_str().is_some_and(|name| name.split_once('.').is_some_and(|(name, _)| name == table))
    }
}

/// The first thing in the folder that no earlier run wrote. A file with one of the names that a run uses counts as a run's
/// only where the rest of a run is there too: a summary and every table, or the folder that a killed run left behind.
pub fn foreign(found: &[Found], holds: Holds) -> Option<&OsString> {
    let killed = found.iter().any(Found::is_aside);
    let finished = found.iter().any(|found| found.name == SUMMARY)
        && TABLES.iter().all(|table| found.iter().any(|found| found.is_table(table)));
    let known = |found: &Found| found.is_aside() || found.is_replaced(holds) && (killed || finished);
    found.iter().find(|&found| !known(found)).map(|found| &found.name)
}

/// Whether a run writes a file of this name.
pub fn is_table_or_summary(name: &str) -> bool {
    name == SUMMARY
        || name == REJECTS
        || name.split_once('.').is_some_and(|(table, format)| TABLES.contains(&table) && FORMATS.contains(&format))
}
