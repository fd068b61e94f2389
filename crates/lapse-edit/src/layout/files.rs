//! Many files at once: either all of them have a canonical layout, or none is to be changed.

use std::path::PathBuf;

use crate::{LayoutError, NoLayout};

use super::{CaseOrder, format};

/// What laying out files comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaidOut {
    /// How many of the files have a canonical layout.
    pub seen: u64,
    /// Those whose layout is another one, each with its text in canonical layout.
    pub changed: Vec<(PathBuf, String)>,
}

/// Lays out files, without writing them. Each comes with whether somebody named it: a file that was only found in a
/// folder is passed over where it is neither a policy file nor a case file.
pub fn lay_out(files: impl IntoIterator<Item = (PathBuf, bool)>, cases: &CaseOrder) -> Result<LaidOut, LayoutError> {
    let mut laid_out = LaidOut::default();
    let mut without = Vec::new();
    for (path, named) in files {
        let text = match lapse_policy::read_small_text(&path) {
            Ok(text) => text,
            Err(error) => return Err(LayoutError::CannotRead { path, error }),
        };
        match format(&text, cases) {
            Ok(formatted) => {
                laid_out.seen += 1;
                if formatted != text {
                    laid_out.changed.push((path, formatted));
                }
            }
            Err(NoLayout::NotOurs) if !named => {}
            Err(reason) => without.push((path, reason)),
        }
    }
    if without.is_empty() { Ok(laid_out) } else { Err(LayoutError::NoLayout { files: without }) }
}
