//! A first register for a folder of exports: what can be told by looking at the files, with a comment where a person must
//! decide.

mod names;
mod seen;
mod write;

use std::fs;
use std::path::Path;

use crate::error::RegisterError;
use seen::SeenFile;

/// The text of a register, and how many questions are open.
pub struct Draft {
    /// The register file.
    pub text: String,
    /// How many comments ask a person to decide.
    pub questions: u64,
}

/// The endings of files that may hold a table.
const ENDINGS: [&str; 8] = [".csv", ".txt", ".tsv", ".json", ".ndjson", ".jsonl", ".xlsx", ".parquet"];

impl Draft {
    /// Looks at every file in a folder that may hold a table.
    pub fn of(folder: &Path) -> Result<Draft, RegisterError> {
        let unreadable = |error| RegisterError::Folder { path: folder.to_owned(), error };
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let lower = name.to_lowercase();
            let plain = lower.strip_suffix(".gz").or_else(|| lower.strip_suffix(".zst")).unwrap_or(&lower);
            if ENDINGS.iter().any(|ending| plain.ends_with(ending)) && entry.path().is_file() {
                names.push(name);
            }
        }
        if names.is_empty() {
            return Err(RegisterError::NoFiles { path: folder.to_owned() });
        }
        names.sort();
        let seen: Vec<SeenFile> = names.iter().flat_map(|name| SeenFile::look(folder, name)).collect();
        let text = write::register(&seen);
        let questions = text.matches("DECIDE").count() as u64 - 1;
        Ok(Draft { text, questions })
    }
}
