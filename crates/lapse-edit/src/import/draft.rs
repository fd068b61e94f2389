//! Policy files with changes that are not written yet. The policy that they make is loaded as any other, from a copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lapse_policy::Policy;
use tempfile::TempDir;
use toml_edit::DocumentMut;

use crate::layout;

/// A policy directory and the library files of it that change.
pub struct Draft {
    dir: PathBuf,
    copy: TempDir,
    changed: BTreeMap<String, DocumentMut>,
    new: BTreeSet<String>,
}

impl Draft {
    /// A copy of a policy directory, without changes.
    pub fn of(dir: &Path) -> Result<Draft, String> {
        let failed = |error: io::Error| format!("the policies in {} cannot be copied ({error})", dir.display());
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
    pub fn policy(&self) -> Result<Policy, String> {
        for (file, document) in &self.changed {
            fs::write(self.copy.path().join(file), document.to_string())
                .map_err(|error| format!("the changed policies cannot be tried ({error})"))?;
        }
        let loaded = Policy::load(self.copy.path()).map_err(|error| error.to_string())?;
        loaded.policy.ok_or_else(|| {
            format!("the changed policies would have errors:\n{}", loaded.diagnostics.render(false).trim_end())
        })
    }

    /// Whether a file is there.
    pub fn has(&self, file: &str) -> bool {
        self.changed.contains_key(file) || self.dir.join(file).exists()
    }

    /// Whether a file is one of the draft's own.
    pub fn is_new(&self, file: &str) -> bool {
        self.new.contains(file)
    }

    /// Adds a file.
    pub fn add(&mut self, file: &str, document: DocumentMut) {
        self.changed.insert(file.to_owned(), document);
        self.new.insert(file.to_owned());
    }

    /// A file to be changed.
    pub fn file(&mut self, file: &str) -> Result<&mut DocumentMut, String> {
        if !self.changed.contains_key(file) {
            let text = fs::read_to_string(self.copy.path().join(file))
                .map_err(|error| format!("{file} cannot be read ({error})"))?;
            let document = text.parse().map_err(|error| format!("{file} cannot be read ({error})"))?;
            self.changed.insert(file.to_owned(), document);
        }
        Ok(self.changed.get_mut(file).expect("it was just read"))
    }

    /// The changed files with their texts; one that was in canonical layout still is.
    pub fn into_files(self) -> Vec<(PathBuf, String)> {
        self.changed
            .into_iter()
            .map(|(file, document)| {
                let path = self.dir.join(&file);
                let text = document.to_string();
                let before = fs::read_to_string(&path).ok();
                let canonical = before.is_none_or(|before| layout::format(&before).as_ref() == Ok(&before));
                let laid_out = if canonical { layout::format(&text).ok() } else { None };
                (path, laid_out.unwrap_or(text))
            })
            .collect()
    }
}
