//! What `--data` names: a folder of tables, or a register file, by its ending. This is the one place that tells them apart.

use std::path::{Path, PathBuf};

use lapse_register::{Register, RegisterError};
use lapse_tables::source::Unchanged;
use lapse_tables::{Bounds, Folder, Source};

use crate::refusal::Refusal;
use crate::{Failure, files, terminal};

/// The tables that a command decides by.
pub struct Data {
    path: PathBuf,
    /// The files of a register, and the register itself; none for a folder.
    files: Vec<PathBuf>,
    source: Box<dyn Source>,
    unchanged: Unchanged,
}

impl Data {
    /// Opens what `--data` names, whose files may hold as much as `bounds` say. Columns with names among `ignored_columns` are
    /// not taken for those whose names they nearly have. The mistakes of a register are printed on standard error.
    pub fn open(path: &Path, ignored_columns: &[String], bounds: Bounds) -> Result<Data, Failure> {
        let ignored = ignored_columns.iter().cloned();
        let (files, source): (Vec<PathBuf>, Box<dyn Source>) = if is_register(path) {
            let register = register(path)?;
            let files = register.files().map(Path::to_owned).chain([path.to_owned()]).collect();
            (files, Box::new(register.ignoring(ignored).bounded(bounds)))
        } else {
            (Vec::new(), Box::new(Folder::new(path).ignoring(ignored).bounded(bounds)))
        };
        let unchanged = Unchanged::of(&*source);
        Ok(Data { path: path.to_owned(), files, source, unchanged })
    }

    /// Fails where a file with a table was changed since it was opened: a command reads some files several times.
    pub fn check_unchanged(&self) -> Result<(), Failure> {
        Ok(self.unchanged.check(&*self.source)?)
    }

    /// Where the rows come from.
    pub fn source(&self) -> &dyn Source {
        &*self.source
    }

    /// Whether it is a register of files.
    pub fn is_register(&self) -> bool {
        !self.files.is_empty()
    }

    /// Refuses results that would replace a file with a table.
    pub fn refuse_losses<'p>(&self, results: impl IntoIterator<Item = &'p Path>) -> Result<(), Refusal> {
        if !self.is_register() {
            return files::refuse_losses(&self.path, results);
        }
        let places: Vec<PathBuf> = self.files.iter().map(|file| files::place_of(file)).collect();
        for path in results {
            if places.contains(&files::place_of(path)) {
                return Err(Refusal::ResultIsTable { path: path.to_owned(), data: self.path.clone() });
            }
        }
        Ok(())
    }
}

/// Reads a register file; its mistakes are printed on standard error.
pub fn register(path: &Path) -> Result<Register, Failure> {
    Register::read(path).map_err(|error| {
        if let RegisterError::Mistakes { mistakes, .. } = &error {
            for mistake in mistakes {
                terminal::say(&format!("{mistake}\n"));
            }
        }
        error.into()
    })
}

/// Whether a path is meant as a register file: it ends in `.toml` and is no folder.
fn is_register(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) && !path.is_dir()
}
