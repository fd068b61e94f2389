//! Policy files with changes that are not written yet. The policy that they make is loaded from a copy, as any other is
//! from its directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lapse_policy::Policy;
use tempfile::TempDir;
use toml_edit::DocumentMut;

use super::change::{Change, ChangedFile};
use crate::{ChangeError, ImportError, layout};

/// A policy directory, and its library files that change.
pub struct Draft {
    dir: PathBuf,
    copy: TempDir,
    changed: BTreeMap<String, DocumentMut>,
    new: BTreeSet<String>,
}

impl Draft {
    /// A copy of a policy directory, without changes.
    pub fn of(dir: &Path) -> Result<Draft, ImportError> {
        let failed = |error: io::Error| ImportError::CannotCopy { policies: dir.to_owned(), error };
        let copy = tempfile::tempdir().map_err(failed)?;
        fs::copy(dir.join("consortium.toml"), copy.path().join("consortium.toml")).map_err(failed)?;
        for folder in ["groups", "libraries"] {
            let to = copy.path().join(folder);
            fs::create_dir(&to).map_err(failed)?;
            let Ok(entries) = fs::read_dir(dir.join(folder)) else { continue };
            for entry in entries {
                let entry = entry.map_err(failed)?;
                if entry.path().extension().is_some_and(|ending| ending == "toml") {
                    fs::copy(entry.path(), to.join(entry.file_name())).map_err(failed)?;
                }
            }
        }
        Ok(Draft { dir: dir.to_owned(), copy, changed: BTreeMap::new(), new: BTreeSet::new() })
    }

    /// The policy with the changes so far.
    pub fn policy(&self) -> Result<Policy, ChangeError> {
        for (file, document) in &self.changed {
            fs::write(self.copy.path().join(file), document.to_string()).map_err(ChangeError::CannotTry)?;
        }
        let loaded = Policy::load(self.copy.path())?;
        let shown = || loaded.diagnostics.render(false).trim_end().to_owned();
        loaded.policy.ok_or_else(|| ChangeError::HasErrors { shown: shown() })
    }

    /// Whether there is such a file, with or without the changes.
    pub fn has(&self, file: &str) -> bool {
        self.changed.contains_key(file) || self.dir.join(file).exists()
    }

    /// Whether the changes add this file.
    pub fn is_new(&self, file: &str) -> bool {
        self.new.contains(file)
    }

    /// Adds a file.
    pub fn add(&mut self, file: &str, document: DocumentMut) {
        self.changed.insert(file.to_owned(), document);
        self.new.insert(file.to_owned());
    }

    /// A file, to be changed.
    pub fn file(&mut self, file: &str) -> Result<&mut DocumentMut, ChangeError> {
        if !self.changed.contains_key(file) {
            let name = || file.to_owned();
            let text = fs::read_to_string(self.copy.path().join(file))
                .map_err(|error| ChangeError::CannotRead { file: name(), error })?;
            let not_toml = |error| ChangeError::NotToml { file: name(), error: Box::new(error) };
            let document = text.parse().map_err(not_toml)?;
            self.changed.insert(file.to_owned(), document);
        }
        Ok(self.changed.get_mut(file).expect("it was just read"))
    }

    /// The changed files with their texts, each with its own of these changes. A file that is in canonical layout stays so.
    pub fn into_files(self, changes: Vec<(String, Change)>) -> Vec<ChangedFile> {
        let mut of_file: BTreeMap<String, Vec<Change>> = BTreeMap::new();
        for (file, change) in changes {
            of_file.entry(file).or_default().push(change);
        }
        self.changed
            .into_iter()
            .map(|(name, document)| {
                let path = self.dir.join(&name);
                let text = document.to_string();
                let before = fs::read_to_string(&path).ok();
                let canonical = before.is_none_or(|before| layout::format_policy(&before).as_ref() == Ok(&before));
                let laid_out = if canonical { layout::format_policy(&text).ok() } else { None };
                ChangedFile {
                    is_new: self.new.contains(&name),
                    changes: of_file.remove(&name).unwrap_or_default(),
                    text: laid_out.unwrap_or(text),
                    path,
                    name,
                }
            })
            .collect()
    }
}
