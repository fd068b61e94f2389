//! The consortium's list of subscriptions becomes changes of library files.
//!
//! 1. `cells` reads a workbook or a CSV file as cells with addresses.
//! 2. `columns` finds out what each column holds, by its header; `mapping` is what a file says of headers.
//! 3. `rows` reads each row: what holds now, and what from a date on.
//! 4. `plan` compares that with the policy and decides what to change.
//! 5. `edit` changes a file's text, and leaves the rest of it as it is.
//! 6. `draft` loads the changed files, so that the plan is checked against the policy that they make.
//! 7. `change` is what comes out.

mod cells;
mod change;
mod column;
mod columns;
mod day;
mod draft;
mod edit;
mod mapping;
mod plan;
mod rows;

use std::path::{Path, PathBuf};

use lapse_policy::Day;

pub use change::{Change, ChangedFile, Coded, NearlyKnown};

use crate::{ImportError, ListError};
use cells::Cells;
use columns::Columns;
use draft::Draft;
use mapping::Mapping;
use plan::{Plan, plan};
use rows::read_rows;

/// A list whose headers are found.
#[derive(Debug)]
pub struct List {
    path: PathBuf,
    cells: Cells,
    columns: Columns,
}

/// What a list changes. Nothing of it is written yet.
#[derive(Debug)]
pub struct Import {
    /// The number of rows of the list.
    pub rows: u64,
    /// The changes, by file.
    pub files: Vec<ChangedFile>,
    /// What is worth a second look.
    pub notes: Vec<NearlyKnown>,
}

impl List {
    /// Reads a workbook (`.xlsx`, its first sheet) or a list (`.csv`), and finds its columns by their headers. `mapping` is
    /// a TOML file with other headers in `[columns]`, and in `[values]` what holds for every row.
    pub fn read(path: &Path, mapping: Option<&Path>) -> Result<List, ImportError> {
        let refused = |path: &Path| {
            let path = path.to_owned();
            move |why| ImportError::List { path, why }
        };
        let cells = Cells::read(path).map_err(refused(path))?;
        let mapping = match mapping {
            None => Mapping::default(),
            Some(path) => {
                let text = lapse_policy::read_small_text(path).map_err(ListError::CannotRead);
                text.and_then(|text| Mapping::read(&text)).map_err(refused(path))?
            }
        };
        let columns = Columns::find(&cells, &mapping).map_err(refused(path))?;
        Ok(List { path: path.to_owned(), cells, columns })
    }

    /// The columns that nothing is read from: the cell of each header, and the header.
    pub fn unused(&self) -> &[(String, String)] {
        &self.columns.unused
    }

    /// Decides what to change in the policy directory `policies` so that it says what the list says. `today` stands for now
    /// in a row without a date.
    pub fn plan(&self, policies: &Path, today: Day) -> Result<Import, ImportError> {
        let (rows, mut problems) = read_rows(&self.cells, &self.columns);
        let mut draft = Draft::of(policies)?;
        let mut planned = Plan::default();
        if problems.is_empty() {
            let name = self.path.file_name().unwrap_or_default().to_string_lossy();
            let reason = format!("As in the consortium's list of subscriptions ({name})");
            planned = plan(&mut draft, &rows, today, &reason)
                .map_err(|why| ImportError::Change { path: self.path.clone(), why })?;
            problems.append(&mut planned.problems);
        }
        if !problems.is_empty() {
            return Err(ImportError::Cells { path: self.path.clone(), cells: problems });
        }
        Ok(Import { rows: rows.len() as u64, files: draft.into_files(planned.changes), notes: planned.notes })
    }
}
