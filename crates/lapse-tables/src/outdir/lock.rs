//! One program at a time writes to an output folder. It holds a lock on a file in the folder for unfinished files, beside
//! the output, so that the file is never taken for output. The operating system lets go of the lock when the program ends,
//! however it ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use lapse_policy::Day;

use super::disk;

/// The file that is locked.
const LOCK: &str = "lock";
/// The file that says who holds the lock: the number of the process, and since when, in seconds since 1970.
const WRITER: &str = "writer";
/// How often the folder is made again, when another program that ends removes it.
const TRIES: usize = 100;

/// The lock of an output folder. What it is dropped without [`Lock::release`] leaves behind is no hindrance.
#[derive(Debug)]
pub struct Lock {
    /// The folder with the file.
    folder: PathBuf,
    _held: File,
}

/// Who writes to an output folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhoWrites {
    /// The number of the process.
    pub process: u32,
    /// When it began, in seconds since 1970 (UTC).
    pub seconds: u64,
}

/// Why there is no lock.
#[derive(Debug)]
pub enum NoLock {
    /// Another program holds it; where it has said so already, which.
    Held(Option<WhoWrites>),
    /// The operating system says no.
    Io(io::Error),
}

impl From<NoLock> for io::Error {
    fn from(no_lock: NoLock) -> io::Error {
        match no_lock {
            NoLock::Held(_) => io::Error::new(io::ErrorKind::ResourceBusy, "another program is writing to it"),
            NoLock::Io(error) => error,
        }
    }
}

impl From<io::Error> for NoLock {
    fn from(error: io::Error) -> NoLock {
        NoLock::Io(error)
    }
}

impl Lock {
    /// Takes the lock in `folder`, which is made if it is not there.
    pub fn take(folder: &Path) -> Result<Lock, NoLock> {
        for _ in 0..TRIES {
            match disk::create_folder(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
                _ => refuse_folder_of_others(folder)?,
            }
            let path = folder.join(LOCK);
            let file = match disk::create_file(&path) {
                // The program that made the folder has ended, and removed it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(NoLock::Held(WhoWrites::read(&folder.join(WRITER)))),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
            // The program that held the lock may have removed the file before it let go.
            if !is_at(&file, &path) {
                continue;
            }
            fs::write(folder.join(WRITER), WhoWrites::this().to_line())?;
            return Ok(Lock { folder: folder.to_owned(), _held: file });
        }
        Err(NoLock::Held(None))
    }

    /// Lets go of the lock, and removes the folder unless somebody has put something into it.
    pub fn release(self) {
        // Where something of this is left, the next program that takes the lock does not mind.
        let _ = disk::remove_file(&self.folder.join(WRITER));
        let _ = disk::remove_file(&self.folder.join(LOCK));
        let _ = disk::remove_folder(&self.folder);
    }

    /// Whether a file in the folder belongs to the lock.
    pub fn owns(name: &std::ffi::OsStr) -> bool {
        name == LOCK || name == WRITER
    }
}

impl WhoWrites {
    /// When it began, such as `2022-07-01 09:30:00 UTC`.
    pub fn since(self) -> String {
        let (days, of_day) = (self.seconds / 86_400, self.seconds % 86_400);
        let day = Day::UNIX_EPOCH.add_days(i32::try_from(days).unwrap_or(i32::MAX));
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        format!("{day} {hour:02}:{minute:02}:{second:02} UTC")
    }

    fn this() -> WhoWrites {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        WhoWrites { process: std::process::id(), seconds }
    }

    fn to_line(self) -> String {
        format!("{} {}\n", self.process, self.seconds)
    }

    fn read(path: &Path) -> Option<WhoWrites> {
        let text = fs::read_to_string(path).ok()?;
        let (process, seconds) = text.strip_suffix('\n')?.split_once(' ')?;
        Some(WhoWrites { process: process.parse().ok()?, seconds: seconds.parse().ok()? })
    }
}

/// Whether the file that was opened is still the one of this name.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let place = |metadata: &fs::Metadata| (metadata.dev(), metadata.ino());
        let both = file.metadata().and_then(|file| Ok((file, fs::symlink_metadata(path)?)));
        both.is_ok_and(|(file, named)| place(&file) == place(&named))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}

/// In a folder that everybody may write to, somebody else could have made this one to look at what is written to it.
fn refuse_folder_of_others(folder: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(folder) {
        // The program that made it has ended, and removed it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    #[cfg(target_os = "linux")]
    let is_own = std::os::unix::fs::MetadataExt::uid(&metadata) == rustix::process::geteuid().as_raw();
    #[cfg(not(target_os = "linux"))]
    let is_own = true;
    if metadata.is_dir() && is_own {
        return Ok(());
    }
    let what = format!("{} belongs to somebody else", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
}
