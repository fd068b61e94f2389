//! Why cases cannot be read or tried.

use std::io;
use std::path::PathBuf;

use lapse_engine::ExtraError;
use lapse_tables::TableError;
use thiserror::Error;

/// Why cases cannot be read or tried.
#[derive(Debug, Error)]
pub enum CasesError {
    /// A path that should be a case file or a folder of them cannot be read.
    #[error("cannot read {}: {error}; give a case file or a folder of them", .path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// There is no case file in any of these places.
    #[error("there is no case file in {}; write one there", listed(.looked))]
    NoCaseFile {
        /// Where they were looked for.
        looked: Vec<PathBuf>,
    },
    /// A case file cannot be read.
    #[error("cannot read the case file {}: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// A case file is not UTF-8.
    #[error("cannot read the case file {}: line {line} is not UTF-8; save the file with the encoding UTF-8", .path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first line that is not, from 1.
        line: usize,
    },
    /// No case has this text in its name.
    #[error("no case has `{text}` in its name")]
    NoSuchCase {
        /// The text.
        text: String,
    },
    /// The case files have mistakes, which each of them tells.
    #[error("the case files have {}; no case was run", lapse_policy::count(*.number as u64, "mistake", "mistakes"))]
    Mistakes {
        /// How many, in all files together.
        number: usize,
    },
    /// The tables cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A plugin cannot be asked.
    #[error(transparent)]
    Plugin(#[from] ExtraError),
}

fn listed(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(" or ")
}
