//! The folder of a run's output: its files appear together and complete, or not at all.
//! They are written to a folder of their own inside it and renamed at the end, `summary.json` as the last.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, DirEntry, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a run may have written; nothing else is ever replaced.
const TABLES: [&str; 3] = ["memberships", "records", "profiles"];
const FORMATS: [&str; 3] = ["csv", "ndjson", "parquet"];
const REJECTS: &str = "rejects.csv";
/// Its presence says that a run finished here.
const SUMMARY: &str = "summary.json";
/// Where files are written before they get their place.
const ASIDE: &str = ".lapse-unfinished";

/// An output folder while a run writes to it. Dropped without [`OutDir::finish`], it leaves nothing.
#[derive(Debug)]
pub struct OutDir {
    path: PathBuf,
    /// The folders that this run made, the innermost first.
    made: Vec<PathBuf>,
    finished: bool,
}

/// Output that cannot be written; nothing was (exit code 2).
#[derive(Debug)]
pub enum OutDirError {
    /// The folder has something in it that no earlier run wrote.
    Occupied {
        /// The folder.
        dir: PathBuf,
        /// What is there.
        found: PathBuf,
    },
    /// The operating system says no.
    Io {
        /// The file or folder, where it is known.
        path: Option<PathBuf>,
        /// What it says.
        error: io::Error,
    },
}

impl fmt::Display for OutDirError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutDirError::Occupied { dir, found } => write!(
                f,
                "{}: this folder holds {}, which is not the output of an earlier run; name an empty or new folder as --out",
                dir.display(),
                found.display()
            ),
            OutDirError::Io { path: Some(path), error } => {
                write!(f, "{}: this cannot be written ({error}); nothing was kept of this run", path.display())
            }
            OutDirError::Io { path: None, error } => {
                write!(f, "the output cannot be written ({error}); nothing was kept of this run")
            }
        }
    }
}

impl std::error::Error for OutDirError {}

impl From<io::Error> for OutDirError {
    fn from(error: io::Error) -> OutDirError {
        OutDirError::Io { path: None, error }
    }
}

impl OutDir {
    /// Takes `path` for a run: a folder that does not exist yet, is empty, or holds an earlier run.
    pub fn claim(path: &Path) -> Result<OutDir, OutDirError> {
        let failed = |error| OutDirError::Io { path: Some(path.to_owned()), error };
        match fs::read_dir(path) {
            Ok(entries) => {
                let found: io::Result<Vec<Found>> = entries.map(|entry| Found::new(&entry?)).collect();
                if let Some(foreign) = foreign(&found.map_err(failed)?) {
                    return Err(OutDirError::Occupied { dir: path.to_owned(), found: foreign.into() });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let made = path.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists());
        let out = OutDir { path: path.to_owned(), made: made.map(Path::to_owned).collect(), finished: false };
        let aside = out.path.join(ASIDE);
        if let Err(error) = remove_if_there(&aside).and_then(|()| fs::create_dir_all(&aside)) {
            return Err(OutDirError::Io { path: Some(path.to_owned()), error });
        }
        Ok(out)
    }

    /// A new file of this run; it gets its place in [`OutDir::finish`].
    pub fn create(&self, name: &str) -> Result<OutFile, OutDirError> {
        debug_assert!(is_table_or_summary(name), "{name} would not be recognised as a run's");
        let path = self.path.join(name);
        match File::create(self.path.join(ASIDE).join(name)) {
            Ok(file) => Ok(OutFile { path, file }),
            Err(error) => Err(OutDirError::Io { path: Some(path), error }),
        }
    }

    /// Puts every file in its place, and removes what an earlier run left of its own.
    pub fn finish(mut self) -> Result<(), OutDirError> {
        self.put_in_place().map_err(|error| OutDirError::Io { path: Some(self.path.clone()), error })?;
        self.finished = true;
        Ok(())
    }

    /// The earlier run's files step aside first and come back when something fails.
    fn put_in_place(&self) -> io::Result<()> {
        let aside = self.path.join(ASIDE);
        let mut moved = Vec::new();
        let result = self.moves(&aside).and_then(|moves| {
            for (from, to) in moves {
                fs::rename(&from, &to)?;
                moved.push((from, to));
            }
            Ok(())
        });
        if result.is_err() {
            for (from, to) in moved.into_iter().rev() {
                fs::rename(to, from)?;
            }
        }
        result?;
        // Every file is in its place; what is left here goes when the next run claims the folder.
        let _ = fs::remove_dir_all(aside);
        Ok(())
    }

    /// First the earlier run's files out of the way, its summary first; then this run's in, the summary last.
    fn moves(&self, aside: &Path) -> io::Result<Vec<(PathBuf, PathBuf)>> {
        let earlier = aside.join("earlier");
        let names = |dir: &Path| -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(dir)? {
                names.extend(entry?.file_name().into_string().ok().filter(|name| is_table_or_summary(name)));
            }
            names.sort_by_key(|name| name == SUMMARY);
            Ok(names)
        };
        let (old, new) = (names(&self.path)?, names(aside)?);
        fs::create_dir(&earlier)?;
        let out_of_the_way = old.iter().rev().map(|name| (self.path.join(name), earlier.join(name)));
        let into_place = new.iter().map(|name| (aside.join(name), self.path.join(name)));
        Ok(out_of_the_way.chain(into_place).collect())
    }
}

impl Drop for OutDir {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        // Nothing can be done, and nothing more be said, when even this fails.
        let _ = fs::remove_dir_all(self.path.join(ASIDE));
        for dir in &self.made {
            let _ = fs::remove_dir(dir);
        }
    }
}

/// A file of a run; what goes wrong names the place where it would have appeared.
#[derive(Debug)]
pub struct OutFile {
    path: PathBuf,
    file: File,
}

impl OutFile {
    /// Adds `bytes` at the end.
    pub fn write_all(&mut self, bytes: &[u8]) -> Result<(), OutDirError> {
        self.file.write_all(bytes).map_err(|error| OutDirError::Io { path: Some(self.path.clone()), error })
    }
}

/// Something that is in an output folder before the run.
struct Found {
    name: OsString,
    is_dir: bool,
}

impl Found {
    fn new(entry: &DirEntry) -> io::Result<Found> {
        Ok(Found { name: entry.file_name(), is_dir: entry.file_type()?.is_dir() })
    }

    fn is_aside(&self) -> bool {
        self.is_dir && self.name == ASIDE
    }

    fn is_file_of_a_run(&self) -> bool {
        !self.is_dir && self.name.to_str().is_some_and(is_table_or_summary)
    }

    fn is_table(&self, table: &str) -> bool {
        self.name.to_str().is_some_and(|name| name.split_once('.').is_some_and(|(name, _)| name == table))
    }
}

/// What no earlier run wrote. A file by a run's names is a run's only beside what every run leaves: a summary and each
/// table, or the folder of one that was killed.
fn foreign(found: &[Found]) -> Option<&OsString> {
    let killed = found.iter().any(Found::is_aside);
    let finished = found.iter().any(|found| found.name == SUMMARY)
        && TABLES.iter().all(|table| found.iter().any(|found| found.is_table(table)));
    let of_a_run = |found: &Found| found.is_aside() || found.is_file_of_a_run() && (killed || finished);
    found.iter().find(|&found| !of_a_run(found)).map(|found| &found.name)
}

fn is_table_or_summary(name: &str) -> bool {
    name == SUMMARY
        || name == REJECTS
        || name.split_once('.').is_some_and(|(table, format)| TABLES.contains(&table) && FORMATS.contains(&format))
}

fn remove_if_there(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
