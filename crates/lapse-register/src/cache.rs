//! What was found in files that must be read whole to know their columns: each is read once, though a table is opened several
//! times in a run.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use lapse_tables::TableError;

use crate::formats::workbook::Sheet;

/// A workbook, and the name of its sheet if it has one.
type SheetOf = (PathBuf, Option<String>);

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// The rows of sheets, by workbook and name.
    sheets: Mutex<HashMap<SheetOf, Arc<Sheet>>>,
    /// The paths of JSON files to their values.
    paths: Mutex<HashMap<PathBuf, Arc<BTreeSet<String>>>>,
}

impl Cache {
    /// A sheet that is known, or that `read` reads.
    pub fn sheet(
        &self,
        key: SheetOf,
        read: impl FnOnce() -> Result<Sheet, TableError>,
    ) -> Result<Arc<Sheet>, TableError> {
        known_or(&self.sheets, key, read)
    }

    /// The paths of a file that are known, or that `read` reads.
    pub fn paths(
        &self,
        key: PathBuf,
        read: impl FnOnce() -> Result<BTreeSet<String>, TableError>,
    ) -> Result<Arc<BTreeSet<String>>, TableError> {
        known_or(&self.paths, key, read)
    }
}

fn known_or<K: std::hash::Hash + Eq, V>(
    known: &Mutex<HashMap<K, Arc<V>>>,
    key: K,
    read: impl FnOnce() -> Result<V, TableError>,
) -> Result<Arc<V>, TableError> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(value) = known.get(&key) {
        return Ok(Arc::clone(value));
    }
    let value = Arc::new(read()?);
    known.insert(key, Arc::clone(&value));
    Ok(value)
}
