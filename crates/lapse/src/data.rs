//! What `--data` names: a folder of tables, a register file, or a database. This is the one place that tells them apart.

use std::path::{Path, PathBuf};

use lapse_register::{Address, ApplyError, Database, Purpose, RegisterError, RegisterFile};
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
        let (files, source): (Vec<PathBuf>, Box<dyn Source>) = if let Some(address) = address(path) {
            let database = Database::open(&address, Purpose::Read)?.ignoring(ignored_columns);
            (Vec::new(), Box::new(database))
        } else if is_register(path) {
            match register(path)? {
                RegisterFile::Files(register) => {
                    let files = register.files().map(Path::to_owned).chain([path.to_owned()]).collect();
                    (files, Box::new(register.ignoring(ignored).bounded(bounds)))
                }
                RegisterFile::Database(register) => {
                    let database = Database::of_register(*register, Purpose::Read)?.ignoring(ignored_columns);
                    (vec![path.to_owned()], Box::new(database))
                }
            }
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

    /// Refuses results that would replace a file with a table, or would be read as one from then on.
    pub fn refuse_losses<'p>(&self, results: impl IntoIterator<Item = &'p Path>) -> Result<(), Refusal> {
        match results.into_iter().find(|path| self.is_among_tables(path)) {
            Some(path) => Err(Refusal::ResultIsTable { path: path.to_owned(), data: self.path.clone() }),
            None => Ok(()),
        }
    }

    /// The same for the folder that the files of a run go to.
    pub fn refuse_out(&self, out: &Path) -> Result<(), Refusal> {
        // Where it is the folder of the tables itself, they are in the way already, or it has none.
        if self.is_among_tables(out) && files::place_of(out) != files::place_of(&self.path) {
            return Err(Refusal::OutAmongTables { out: out.to_owned(), data: self.path.clone() });
        }
        Ok(())
    }

    /// Whether a table is read from here or from below, or would be if there were a file.
    fn is_among_tables(&self, path: &Path) -> bool {
        let place = files::place_of(path);
        // A link in the folder, too, leads to a file that must not be replaced.
        self.source.files().iter().chain(&self.files).any(|file| files::place_of(file).starts_with(&place))
            || !self.is_register() && files::has_name_of_table(&place, &self.path)
    }
}

/// Reads a register file; its mistakes are printed on standard error.
pub fn register(path: &Path) -> Result<RegisterFile, Failure> {
    RegisterFile::read(path).map_err(|error| {
        if let RegisterError::Mistakes { mistakes, .. } = &error {
            for mistake in mistakes {
                terminal::say(&format!("{mistake}\n"));
            }
        }
        error.into()
    })
}

/// Opens the database that `--data` names.
pub fn database(path: &Path, purpose: Purpose) -> Result<Database, Failure> {
    if let Some(address) = address(path) {
        return Ok(Database::open(&address, purpose)?);
    }
    match is_register(path).then(|| register(path)).transpose()? {
        Some(RegisterFile::Database(register)) => Ok(Database::of_register(*register, purpose)?),
        Some(RegisterFile::Files(_)) | None => Err(ApplyError::NoDatabase(path.to_owned()).into()),
    }
}

/// The database that a path is the address or the file of; none for anything else.
pub fn address(path: &Path) -> Option<Address> {
    if let Some(address) = path.to_str().and_then(Address::parse) {
        return Some(address);
    }
    Address::is_sqlite(path).then(|| Address::Sqlite(path.to_owned()))
}

/// Whether a path is meant as a register file: it ends in `.toml` and is no folder.
pub fn is_register(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) && !path.is_dir()
}
