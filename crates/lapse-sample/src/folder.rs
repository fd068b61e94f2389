//! The folder of a data set. Its tables appear together and complete, or not at all: they are written to a folder inside
//! it and renamed at the end. (`lapse_tables::OutDir` does the same for what a run decides.)

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use lapse_tables::{OutDirError, Table};

use crate::SampleError;
use crate::rows::FourTables;

/// The folder that the tables are written to before they are renamed.
const ASIDE: &str = ".lapse-sample-unfinished";
/// The number of bytes that are collected before they are written to a file.
const PIECE: usize = 1 << 16;

/// A folder while a data set is written to it. When it is dropped without [`Folder::finish`], it removes what it wrote.
pub struct Folder {
    path: PathBuf,
    /// The folders that did not exist before, the innermost first.
    made: Vec<PathBuf>,
    /// In the order of [`Table::ALL`].
    files: Vec<File>,
    finished: bool,
}

impl Folder {
    /// Takes `path`, which must be an empty folder or not exist yet.
    pub fn claim(path: &Path) -> Result<Folder, SampleError> {
        let failed = |error| SampleError::from(OutDirError::Io { path: Some(path.to_owned()), error });
        match fs::read_dir(path) {
            Ok(entries) => {
                for entry in entries {
                    let name = entry.map_err(failed)?.file_name();
                    if name != ASIDE {
                        return Err(SampleError::Occupied { folder: path.to_owned(), found: name });
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let made = path.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists());
        let made = made.map(Path::to_owned).collect();
        let mut folder = Folder { path: path.to_owned(), made, files: Vec::new(), finished: false };
        folder.open().map_err(failed)?;
        Ok(folder)
    }

    fn open(&mut self) -> io::Result<()> {
        let aside = self.path.join(ASIDE);
        if aside.exists() {
            fs::remove_dir_all(&aside)?;
        }
        fs::create_dir_all(&aside)?;
        for table in Table::ALL {
            self.files.push(File::create(aside.join(file_name(table)))?);
        }
        Ok(())
    }

    /// Writes the rows of each table to its file once there are enough of them, and forgets them.
    pub fn take(&mut self, tables: &mut FourTables) -> Result<(), SampleError> {
        self.take_from(tables, PIECE)
    }

    fn take_from(&mut self, tables: &mut FourTables, least: usize) -> Result<(), SampleError> {
        for ((file, rows), table) in self.files.iter_mut().zip(&mut tables.0).zip(Table::ALL) {
            if rows.bytes.len() >= least {
                let written = file.write_all(&rows.bytes);
                written.map_err(|error| OutDirError::Io { path: Some(self.path.join(file_name(table))), error })?;
                rows.bytes.clear();
            }
        }
        Ok(())
    }

    /// Writes the last rows, and puts every file in its place.
    pub fn finish(mut self, mut tables: FourTables) -> Result<(), SampleError> {
        self.take_from(&mut tables, 0)?;
        self.files.clear();
        let aside = self.path.join(ASIDE);
        let names = Table::ALL.map(file_name);
        for (index, name) in names.iter().enumerate() {
            let place = self.path.join(name);
            if let Err(error) = fs::rename(aside.join(name), &place) {
                // The folder was empty before, so the files that are there now are ours to remove.
                for moved in &names[..index] {
                    let _ = fs::remove_file(self.path.join(moved));
                }
                return Err(OutDirError::Io { path: Some(place), error }.into());
            }
        }
        self.finished = true;
        // Every file is in its place. A run ignores the empty folder, should it stay.
        let _ = fs::remove_dir(aside);
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        self.files.clear();
        // The error that brought us here is told; where even this fails, there is nothing else to do.
        let _ = fs::remove_dir_all(self.path.join(ASIDE));
        for dir in &self.made {
            let _ = fs::remove_dir(dir);
        }
    }
}

fn file_name(table: Table) -> String {
    format!("{}.csv", table.name())
}
