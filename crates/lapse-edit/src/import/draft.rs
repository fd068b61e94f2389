//! Policy files with changes that are not written yet, and the policy that they make.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lapse_policy::{Policy, is_policy_file, read_small_file};
use toml_edit::DocumentMut;

use super::change::{Change, ChangedFile};
use crate::{ChangeError, ImportError, layout};

/// The files of a policy directory by name, and those that change.
pub struct Draft {
    dir: PathBuf,
    before: BTreeMap<String, Vec<u8>>,
    changed: BTreeMap<String, DocumentMut>,
    new: BTreeSet<String>,
}

impl Draft {
    /// The files of a policy directory, without changes.
    pub fn of(dir: &Path) -> Result<Draft, ImportError> {
        let before = read(dir).map_err(|error| ImportError::CannotRead { policies: dir.to_owned(), error })?;
        Ok(Draft { dir: dir.to_owned(), before, changed: BTreeMap::new(), new: BTreeSet::new() })
    }

    /// The policy with the changes so far.
    pub fn policy(&self) -> Result<Policy, ChangeError> {
        let same = self.before.iter().filter(|(name, _)| !self.changed.contains_key(*name));
        let same = same.map(|(name, text)| (name.clone(), text.clone()));
        let changed = self.changed.iter().map(|(name, document)| (name.clone(), document.to_string().into_bytes()));
        let loaded = Policy::from_texts(same.chain(changed))?;
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
            let before = self.before.get(file).expect("the policy has its libraries from these files");
            let text = str::from_utf8(before).expect("a policy with a file that is not UTF-8 has errors");
            let not_toml = |error| ChangeError::NotToml { file: file.to_owned(), error: Box::new(error) };
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
                let text = document.to_string();
                let before = self.before.get(&name).and_then(|before| str::from_utf8(before).ok());
                let canonical = before.is_none_or(|before| layout::format_policy(before).as_deref() == Ok(before));
                let laid_out = if canonical { layout::format_policy(&text).ok() } else { None };
                ChangedFile {
                    is_new: self.new.contains(&name),
                    changes: of_file.remove(&name).unwrap_or_default(),
                    text: laid_out.unwrap_or(text),
                    path: self.dir.join(&name),
                    name,
                }
            })
            .collect()
    }
}

/// The policy files of a directory, by name.
fn read(dir: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::from([("consortium.toml".to_owned(), read_small_file(&dir.join("consortium.toml"))?)]);
    for folder in ["groups", "libraries"] {
        let Ok(entries) = fs::read_dir(dir.join(folder)) else { continue };
        for entry in entries {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if is_policy_file(&name) {
                files.insert(name, read_small_file(&entry.path())?);
            }
        }
    }
    Ok(files)
}
