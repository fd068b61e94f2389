//! A folder of output, such as that of a run: its files appear together and complete, or not at all.
//! They are written to a folder of their own beside it, which gets its place at the end. One program at a time does so.

mod disk;
mod lock;
mod names;
mod place;
mod swap;

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

pub use lock::WhoWrites;
use lock::{Lock, NoLock};
use names::{Found, Holds, foreign};
use place::Place;
use swap::Places;

/// An output folder while a run, or something else, writes to it. Dropped without [`OutDir::finish`], it leaves nothing.
#[derive(Debug)]
pub struct OutDir(Arc<Mutex<Claimed>>);

/// Removes what a run has written so far, while the run goes on in another thread.
pub struct Abandon(Arc<Mutex<Claimed>>);

/// The folder. Whoever has the mutex may change what is in it.
#[derive(Debug)]
struct Claimed {
    /// As it was asked for.
    path: PathBuf,
    places: Places,
    /// The folders that this run made, the innermost first.
    made: Vec<PathBuf>,
    /// None once the folder is left.
    lock: Option<Lock>,
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
    /// Another program writes to it.
    #[error(
        "{}: {}; wait until it ends, or name another folder as --out",
        dir.display(),
        Who(*writer)
    )]
    Taken {
        /// The folder.
        dir: PathBuf,
        /// Which program, where that is known.
        writer: Option<WhoWrites>,
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

/// Who writes to a folder, as a sentence starts with it.
struct Who(Option<WhoWrites>);

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(who) => write!(f, "process {} has been writing to this folder since {}", who.process, who.since()),
            None => f.write_str("another program is writing to this folder"),
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
        OutDir::claim_for(path, Holds::AnEarlierRun, Place::of)
    }

    /// Takes `path` for files that are not those of a run: a folder that does not exist yet, or is empty but for what was
    /// left by somebody who was killed.
    pub fn claim_empty(path: &Path) -> Result<OutDir, OutDirError> {
        OutDir::claim_for(path, Holds::Nothing, Place::of)
    }

    fn claim_for(
        path: &Path,
        holds: Holds,
        place_of: impl FnOnce(&Path) -> io::Result<Place>,
    ) -> Result<OutDir, OutDirError> {
        let failed = |error| OutDirError::Io { path: Some(path.to_owned()), error };
        // Before anything is touched, and again once nobody else can change it. Where files were being moved, by somebody
        // who was killed or still is at it, the second look alone is of use.
        if !path.join(names::ASIDE).is_dir() {
            refuse_foreign(path, holds)?;
        }
        let made = place::missing(if path.file_name().is_some() { place::parent(path) } else { path });
        let out = made.first().map_or(Ok(()), |innermost| disk::create_folders(innermost)).map_err(failed);
        let not_locked = |no_lock| match no_lock {
            NoLock::Held(writer) => OutDirError::Taken { dir: path.to_owned(), writer },
            NoLock::Io(error) => failed(error),
        };
        let out = out.and_then(|()| {
            let Place { out, works } = place_of(path).map_err(failed)?;
            let (work, lock) = lock_first(&works).map_err(not_locked)?;
            Ok((Places::new(out, work, holds), lock))
        });
        let (places, lock) = out.inspect_err(|_| remove_empty(&made))?;
        let claimed =
            Claimed { path: path.to_owned(), places: places.clone(), made, lock: Some(lock), finished: false };
        let out = OutDir(Arc::new(Mutex::new(claimed)));
        match holds {
            // What was moved away is known by what still is there.
            Holds::AnEarlierRun => refuse_foreign(path, holds).and_then(|()| places.clean().map_err(not_locked))?,
            // What was moved in goes first.
            Holds::Nothing => places.clean().map_err(not_locked).and_then(|()| refuse_foreign(path, holds))?,
        }
        disk::create_folder(&places.new).map_err(failed)?;
        Ok(out)
    }

    /// A new file; it gets its place in [`OutDir::finish`].
    pub fn create(&self, name: &str) -> Result<OutFile, OutDirError> {
        let claimed = hold(&self.0);
        debug_assert!(claimed.places.knows(name), "{name} would not be recognised as a run's");
        let path = claimed.path.join(name);
        match disk::create_file(&claimed.places.new.join(name)) {
            Ok(file) => Ok(OutFile { path, file, written: 0, on_its_way: 0 }),
            Err(error) => Err(OutDirError::Io { path: Some(path), error }),
        }
    }

    /// Puts every file in its place once all are on the disk, and removes what an earlier run left of its own.
    pub fn finish(self) -> Result<(), OutDirError> {
        let places = hold(&self.0).places.clone();
        // Another thread may abandon the run while the disk takes its time.
        let synced = places.sync();
        let mut claimed = hold(&self.0);
        synced
            .and_then(|()| places.put_in_place())
            .map_err(|error| OutDirError::Io { path: Some(claimed.path.clone()), error })?;
        claimed.finished = true;
        Ok(())
    }

    /// A handle with which another thread can remove what this run has written.
    pub fn abandon(&self) -> Abandon {
        Abandon(self.0.clone())
    }
}

impl Abandon {
    /// Removes what the run wrote, unless it is finished, and holds it while `then` happens, which is told whether it is.
    pub fn abandon(&self, then: impl FnOnce(bool)) {
        let mut claimed = hold(&self.0);
        claimed.leave();
        then(claimed.finished);
    }
}

fn hold(claimed: &Mutex<Claimed>) -> MutexGuard<'_, Claimed> {
    claimed.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Claimed {
    /// Leaves the folder to others; nothing of what was not finished is left in it.
    fn leave(&mut self) {
        let Some(lock) = self.lock.take() else { return };
        // When even this fails, the next claim of the folder does it.
        let _ = self.places.leave();
        lock.release();
        if !self.finished {
            remove_empty(&self.made);
        }
    }
}

impl Drop for OutDir {
    fn drop(&mut self) {
        hold(&self.0).leave();
    }
}

/// Takes the lock in the first of these folders in which there can be one.
fn lock_first(works: &[PathBuf]) -> Result<(&Path, Lock), NoLock> {
    let (last, others) = works.split_last().expect("unfinished files have a place");
    for work in others {
        match Lock::take(work) {
            Ok(lock) => return Ok((work, lock)),
            // Nothing can be made there, so that nobody else has the lock there.
            Err(NoLock::Io(_)) if !work.exists() => {}
            Err(no_lock) => return Err(no_lock),
        }
    }
    Ok((last, Lock::take(last)?))
}

/// Refuses a folder with something in it that is not replaced.
fn refuse_foreign(path: &Path, holds: Holds) -> Result<(), OutDirError> {
    let found = match Found::all(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(OutDirError::Io { path: Some(path.to_owned()), error }),
    };
    match foreign(&found, holds) {
        Some(foreign) => Err(OutDirError::Occupied { dir: path.to_owned(), found: foreign.into() }),
        None => Ok(()),
    }
}

/// Removes the folders that are empty.
fn remove_empty(folders: &[PathBuf]) {
    for folder in folders {
        // Somebody else may have put something into it.
        let _ = disk::remove_folder(folder);
    }
}

/// A file of a run; what goes wrong names the place where it would have appeared.
#[derive(Debug)]
pub struct OutFile {
    path: PathBuf,
    file: File,
    /// How many bytes were written.
    written: u64,
    /// How many of them the system was asked to bring to the disk.
    on_its_way: u64,
}

/// After this many bytes the system is asked to bring them to the disk. It would wait until the end of the run otherwise,
/// which waits for it.
const WRITE_BACK: u64 = 8 << 20;

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.written += count as u64;
        if self.written - self.on_its_way >= WRITE_BACK {
            disk::start_write_back(&self.file, self.on_its_way..self.written);
            self.on_its_way = self.written;
        }
        Ok(count)
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
        Write::write_all(self, bytes).map_err(|error| OutDirError::Io { path: Some(self.path.clone()), error })
    }
}

#[cfg(test)]
mod tests;
