//! A case file as it is read: its text, its cases and its mistakes.

use std::path::{Path, PathBuf};

use lapse_policy::Mistake;

use super::case::Case;
use super::case_text::CaseText;
use super::further::FurtherColumns;
use super::reader;
use crate::error::CasesError;

/// A case file.
pub struct CaseFile {
    /// Its text and its path.
    pub text: CaseText,
    /// Its cases, in their order.
    pub cases: Vec<Case>,
    /// What cannot be used.
    pub mistakes: Vec<Mistake>,
}

impl CaseFile {
    /// Reads a file, whose patrons may have these columns beyond the contract. Mistakes in it become part of the result, so that
    /// all of them can be shown; a file that cannot be read as UTF-8 is an error.
    pub fn read(path: &Path, further: &FurtherColumns) -> Result<CaseFile, CasesError> {
        let bytes =
            lapse_policy::read_small_file(path).map_err(|error| CasesError::File { path: path.to_owned(), error })?;
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes[..error.valid_up_to()].split(|&byte| byte == b'\n').count();
            CasesError::NotUtf8 { path: path.to_owned(), line }
        })?;
        let text = CaseText::new(path.display().to_string(), text.to_owned());
        let (cases, mistakes) = reader::read(&text.text, further);
        Ok(CaseFile { text, cases, mistakes })
    }

    /// Reads every file, in order.
    pub fn read_all(paths: &[PathBuf], further: &FurtherColumns) -> Result<Vec<CaseFile>, CasesError> {
        paths.iter().map(|path| CaseFile::read(path, further)).collect()
    }
}
