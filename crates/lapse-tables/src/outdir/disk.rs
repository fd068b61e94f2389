//! What an output folder does to the disk. Files are readable by their owner alone, since patrons' rows are in them, and
//! tests let each of these steps fail in turn.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::ops::Range;
use std::path::Path;

/// A new file that only its owner can read.
pub fn create_file(path: &Path) -> io::Result<File> {
    step()?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A new folder that only its owner can enter, with those above it that are not there.
pub fn create_folders(path: &Path) -> io::Result<()> {
    step()?;
    builder().recursive(true).create(path)
}

/// A new folder that only its owner can enter.
pub fn create_folder(path: &Path) -> io::Result<()> {
    step()?;
    builder().create(path)
}

fn builder() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "a mode is set on Unix alone"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Moves a file or folder.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    fs::rename(from, to)
}

/// Gives each of two folders the name of the other, in one step of the file system. Fails where it has no such step.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    step()?;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (one, other);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Gives a folder the permissions of another.
pub fn copy_permissions(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}

/// Removes a file.
pub fn remove_file(path: &Path) -> io::Result<()> {
    step()?;
    fs::remove_file(path)
}

/// Removes a folder that is empty.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    step()?;
    fs::remove_dir(path)
}

/// Removes a folder and what is in it, if it is there.
pub fn remove_all(path: &Path) -> io::Result<()> {
    step()?;
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Asks the system to bring these bytes of a file to the disk while the program goes on, where there is a way to ask.
pub fn start_write_back(file: &File, bytes: Range<u64>) {
    #[cfg(target_os = "linux")]
    {
        use std::num::NonZeroU64;

        use rustix::fs::{Advice, fadvise};
        // Linux starts to write pages that are said not to be needed. What goes wrong with them, the wait at the end tells.
        let _ = fadvise(file, bytes.start, NonZeroU64::new(bytes.end - bytes.start), Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, bytes);
}

/// Waits until the content of a file is on the disk.
pub fn sync_file(path: &Path) -> io::Result<()> {
    step()?;
    // Windows does this to a file that is opened for writing alone.
    File::options().write(true).open(path)?.sync_all()
}

/// Waits until the names in a folder are on the disk, where the system can be asked for that.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    step()?;
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(path)?.sync_all() {
        // Some network file systems know this for files alone.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        result => result,
    }
}

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "it fails in tests")]
fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub use in_tests::{Trouble, step, with_trouble};

#[cfg(test)]
mod in_tests {
    use std::cell::Cell;
    use std::io;

    /// What happens to a step.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Trouble {
        /// It fails, and those after it go well.
        Fails,
        /// Nothing is done from it on, as by a program that was killed.
        Killed,
    }

    thread_local! {
        static NEXT: Cell<Option<(usize, Trouble)>> = const { Cell::new(None) };
    }

    /// Does `work` with trouble at the step of this number. Says too whether there was such a step.
    pub fn with_trouble<T>(at: usize, trouble: Trouble, work: impl FnOnce() -> T) -> (T, bool) {
        NEXT.set(Some((at, trouble)));
        let done = work();
        let left = NEXT.replace(None);
        let met = left.is_none_or(|(steps, _)| steps == 0);
        (done, met)
    }

    pub fn step() -> io::Result<()> {
        match NEXT.get() {
            None => Ok(()),
            Some((0, trouble)) => {
                if trouble == Trouble::Fails {
                    NEXT.set(None);
                }
                Err(io::Error::other("this step is made to fail"))
            }
            Some((steps, trouble)) => {
                NEXT.set(Some((steps - 1, trouble)));
                Ok(())
            }
        }
    }
}
