//! A policy from texts by name, such as those of a Git revision, a database or an editor that has not saved yet. It is
//! what a folder with files of these names and contents would be.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use crate::gathered::{Gathered, GatheredFile};
use crate::load_error::LoadError;
use crate::names::{self, CONSORTIUM, Entry};

/// Sorts texts into policy files, and leaves out what a folder has beside them.
pub(crate) fn gather(texts: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Gathered, LoadError> {
    let mut by_name = BTreeMap::new();
    for (name, bytes) in texts {
        if names::layer(&name).is_some() && by_name.contains_key(&name) {
            return Err(LoadError::Twice { name });
        }
        by_name.insert(name, bytes);
    }
    if !by_name.contains_key(CONSORTIUM) {
        return Err(LoadError::Consortium { path: PathBuf::from(CONSORTIUM), source: io::ErrorKind::NotFound.into() });
    }
    let entries = |folder: Option<&str>| entries(by_name.keys(), folder);
    let misnamed = names::misnamed(entries, |folder| entries(None).contains(&(folder.to_owned(), true)));
    let mut files: Vec<GatheredFile> = by_name
        .into_iter()
        .filter_map(|(name, bytes)| Some(GatheredFile { layer: names::layer(&name)?, name, bytes: Ok(bytes) }))
        .collect();
    // The names are sorted within each layer by then.
    files.sort_by_key(|file| file.layer);
    Ok(Gathered { files, misnamed })
}

/// What would lie in a folder, by name, without what is hidden.
fn entries<'n>(names: impl Iterator<Item = &'n String>, folder: Option<&str>) -> Vec<Entry> {
    let inside = names.filter_map(|name| match folder {
        Some(folder) => name.strip_prefix(folder)?.strip_prefix('/'),
        None => Some(name.as_str()),
    });
    let entries: BTreeSet<Entry> = inside
        .map(|name| match name.split_once('/') {
            Some((folder, _)) => (folder.to_owned(), true),
            None => (name.to_owned(), false),
        })
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    entries.into_iter().collect()
}
