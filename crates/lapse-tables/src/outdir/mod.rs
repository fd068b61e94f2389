//! A folder of output, such as that of a run: its files appear together and complete, or not at all.
//! They are written to a folder of their own inside it and renamed at the end, `summary.json` as the last.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, DirEntry, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

/// What a run may have written; nothing else is ever replaced.
const TABLES: [&str; 3] = ["memberships", "records", "profiles"];
const FORMATS: [&str; 3] = ["csv", "ndjson", "parquet"];
const REJECTS: &str = "rejects.csv";
/// Its presence says that a run finished here.
const SUMMARY: &str = "summary.json";
/// Where the files of a run are written before they get their place.
const ASIDE: &str = ".lapse-unfinished";
/// Where, in there, the files of an earlier run wait until those of this run have their place.
const EARLIER: &str = "earlier";

/// An output folder while a run, or something else, writes to it. Dropped without [`OutDir::finish`], it leaves nothing.
#[derive(Debug)]
pub struct OutDir(Arc<Mutex<Claimed>>);

/// Removes what a run has written so far, while the run goes on in another thread.
pub struct Abandon(Arc<Mutex<Claimed>>);

/// The folder. Whoever holds the lock may change what is in it.
#[derive(Debug)]
struct Claimed {
    path: PathBuf,
    /// The folder in it where files are written before they get their place.
    aside: PathBuf,
    /// Whether its files are those of a run, and it may hold those of an earlier one.
    of_a_run: bool,
    /// The folders that this run made, the innermost first.
    made: Vec<PathBuf>,
    finished: bool,
}

/// Output that cannot be written; nothing was (exit code 2).
#[derive(Debug, Error)]
pub enum OutDirError {
    /// The folder has something in it that no earlier run wrote.
    #[error(
        "{}: this folder holds {}, which is not the output of an earlier run; name an empty or new folder as --out",
        dir.display(),
        found.display()
    )]
    Occupied {
        /// The folder.
        dir: PathBuf,
        /// What is there.
        found: PathBuf,
    },
    /// The operating system says no.
    #[error("{}cannot be written ({error}); nothing was kept of this run", What(path.as_deref()))]
    Io {
        /// The file or folder, where it is known.
        path: Option<PathBuf>,
        /// What it says.
        error: io::Error,
    },
}

/// What cannot be written, as a sentence starts with it.
struct What<'a>(Option<&'a Path>);

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, "{}: this ", path.display()),
            None => f.write_str("the output "),
        }
    }
}

impl From<io::Error> for OutDirError {
    fn from(error: io::Error) -> OutDirError {
        OutDirError::Io { path: None, error }
    }
}

impl OutDir {
    /// Takes `path` for a run: a folder that does not exist yet, is empty, or holds an earlier run.
    pub fn claim(path: &Path) -> Result<OutDir, OutDirError> {
        OutDir::claim_for(path, ASIDE, true)
    }

    /// Takes `path` for files that are not those of a run: a folder that does not exist yet, or is empty but for what was
    /// left in the folder `aside` by somebody who was killed. There the files are written before they get their place.
    pub fn claim_empty(path: &Path, aside: &str) -> Result<OutDir, OutDirError> {
        OutDir::claim_for(path, aside, false)
    }

    fn claim_for(path: &Path, aside: &str, of_a_run: bool) -> Result<OutDir, OutDirError> {
        let failed = |error| OutDirError::Io { path: Some(path.to_owned()), error };
        match fs::read_dir(path) {
            Ok(entries) => {
                let found: io::Result<Vec<Found>> = entries.map(|entry| Found::new(&entry?)).collect();
                let found = found.map_err(failed)?;
                let foreign = if of_a_run {
                    foreign(&found)
                } else {
                    found.iter().find(|found| found.name != *aside).map(|found| &found.name)
                };
                if let Some(foreign) = foreign {
                    return Err(OutDirError::Occupied { dir: path.to_owned(), found: foreign.into() });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let made = path.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists());
        let made = made.map(Path::to_owned).collect();
        let aside = path.join(aside);
        let claimed = Claimed { path: path.to_owned(), aside: aside.clone(), of_a_run, made, finished: false };
        let out = OutDir(Arc::new(Mutex::new(claimed)));
        if let Err(error) = remove_if_there(&aside).and_then(|()| fs::create_dir_all(&aside)) {
            return Err(OutDirError::Io { path: Some(path.to_owned()), error });
        }
        Ok(out)
    }

    /// A new file; it gets its place in [`OutDir::finish`].
    pub fn create(&self, name: &str) -> Result<OutFile, OutDirError> {
        let claimed = lock(&self.0);
        debug_assert!(!claimed.of_a_run || is_table_or_summary(name), "{name} would not be recognised as a run's");
        let path = claimed.path.join(name);
        match File::create(claimed.aside.join(name)) {
            Ok(file) => Ok(OutFile { path, file }),
            Err(error) => Err(OutDirError::Io { path: Some(path), error }),
        }
    }

    /// Puts every file in its place, and removes what an earlier run left of its own.
    pub fn finish(self) -> Result<(), OutDirError> {
        let mut claimed = lock(&self.0);
        claimed.put_in_place().map_err(|error| OutDirError::Io { path: Some(claimed.path.clone()), error })?;
        claimed.finished = true;
        Ok(())
    }

    /// A handle with which another thread can remove what this run has written.
    pub fn abandon(&self) -> Abandon {
        Abandon(self.0.clone())
    }
}

impl Abandon {
    /// Removes what the run wrote, unless it is finished, and holds it while `then` happens.
    pub fn abandon(&self, then: impl FnOnce()) {
        let claimed = lock(&self.0);
        claimed.leave_nothing();
        then();
    }
}

fn lock(claimed: &Mutex<Claimed>) -> MutexGuard<'_, Claimed> {
    claimed.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Claimed {
    /// The files of an earlier run are moved aside first, and moved back when something fails.
    fn put_in_place(&self) -> io::Result<()> {
        let mut moved = Vec::new();
        let result = self.moves().and_then(|moves| {
            for (from, to) in moves {
                fs::rename(&from, &to)?;
                moved.push((from, to));
            }
            Ok(())
        });
        if result.is_err() {
            for (from, to) in moved.into_iter().rev() {
                // A file that cannot be moved back stays aside; the first error is the one to tell.
                let _ = fs::rename(to, from);
            }
        }
        result?;
        // Every file is in its place; what is left here goes when the next run claims the folder.
        let _ = fs::remove_dir_all(&self.aside);
        Ok(())
    }

    /// Which file is renamed to what, in order: the files of an earlier run are moved aside, its summary first, and then those
    /// of this run are moved in, the summary last.
    fn moves(&self) -> io::Result<Vec<(PathBuf, PathBuf)>> {
        let aside = &self.aside;
        let earlier = aside.join(EARLIER);
        let names = |dir: &Path| -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(dir)? {
                names.extend(entry?.file_name().into_string());
            }
            names.sort_by_key(|name| name == SUMMARY);
            Ok(names)
        };
        let (mut old, new) = (names(&self.path)?, names(aside)?);
        old.retain(|name| if self.of_a_run { is_table_or_summary(name) } else { new.contains(name) });
        fs::create_dir(&earlier)?;
        let out_of_the_way = old.iter().rev().map(|name| (self.path.join(name), earlier.join(name)));
        let into_place = new.iter().map(|name| (aside.join(name), self.path.join(name)));
        Ok(out_of_the_way.chain(into_place).collect())
    }

    fn leave_nothing(&self) {
        if self.finished {
            return;
        }
        let aside = &self.aside;
        // Files of an earlier run that could not be put back stay where they are rather than go.
        if fs::read_dir(aside.join(EARLIER)).is_ok_and(|mut entries| entries.next().is_some()) {
            return;
        }
        // When even this fails, nothing more can be done.
        let _ = fs::remove_dir_all(aside);
        for dir in &self.made {
            let _ = fs::remove_dir(dir);
        }
    }
}

impl Drop for OutDir {
    fn drop(&mut self) {
        lock(&self.0).leave_nothing();
    }
}

/// A file of a run; what goes wrong names the place where it would have appeared.
#[derive(Debug)]
pub struct OutFile {
    path: PathBuf,
    file: File,
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl OutFile {
    /// Where it will appear.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

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

/// The first thing in the folder that no earlier run wrote. A file with one of the names that a run uses counts as a run's
/// only where the rest of a run is there too: a summary and every table, or the folder that a killed run left behind.
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

#[cfg(test)]
mod tests;
