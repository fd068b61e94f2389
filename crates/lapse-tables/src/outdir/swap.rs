//! Output gets its place. Where the file system can, the folder that was written is exchanged with the one that is there in
//! one step, so that whoever is killed whenever leaves the earlier output whole or the new one. Where it cannot, the files
//! are moved one by one, and what is moved away stays until all is done: the next claim of the folder moves it back.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::disk;
use super::lock::{Lock, NoLock};
use super::names::{ASIDE, Found, Holds, SUMMARY, foreign, is_table_or_summary};

/// The folder, among unfinished files, that gets the place of the output.
const NEW: &str = "new";
/// Where the files of an earlier run wait until those of this run have their place.
const EARLIER: &str = "earlier";
/// The files of an earlier run that nobody needs any more.
const REPLACED: &str = "replaced";
/// A list of the files of this run. Once it is there, all files of the earlier run are moved away, and those of this run are
/// moved in.
const COMING: &str = "coming";

/// The folders of an output.
#[derive(Clone, Debug)]
pub struct Places {
    /// Where the output appears, without links.
    pub out: PathBuf,
    /// Where it is written before.
    pub new: PathBuf,
    /// The folder for unfinished files in the output, which is there only while files are moved one by one.
    inner: PathBuf,
    holds: Holds,
}

impl Places {
    /// For the output `out`, with unfinished files in `work`.
    pub fn new(out: PathBuf, work: &Path, holds: Holds) -> Places {
        Places { new: work.join(NEW), inner: out.join(ASIDE), out, holds }
    }

    /// Whether a file of this name is found again by the next run, which replaces it.
    pub fn knows(&self, name: &str) -> bool {
        self.holds == Holds::Nothing || is_table_or_summary(name)
    }

    /// Makes good what a program that was killed left, and removes what nobody needs. Only who has the lock may do this.
    pub fn clean(&self) -> Result<(), NoLock> {
        if !self.inner.exists() {
            return Ok(self.remove_unfinished()?);
        }
        self.with_inner(|| {
            if self.all_are_in()? {
                disk::rename(&self.inner.join(EARLIER), &self.inner.join(REPLACED))?;
            } else {
                self.restore()?;
            }
            self.remove_unfinished()
        })
    }

    /// Does something with the folder for unfinished files in the output, which is made if it is not there. Somebody who
    /// may not write beside the output has the lock in that folder.
    fn with_inner<T>(&self, work: impl FnOnce() -> io::Result<T>) -> Result<T, NoLock> {
        if self.new.starts_with(&self.inner) {
            return Ok(work()?);
        }
        let lock = Lock::take(&self.inner)?;
        let done = work();
        lock.release();
        Ok(done?)
    }

    /// Removes what was written and has not got its place.
    pub fn leave(&self) -> io::Result<()> {
        // Who has the lock beside the output does not have the one in it.
        if self.new.starts_with(&self.inner) { self.remove_unfinished() } else { disk::remove_all(&self.new) }
    }

    /// Removes what is unfinished, but for the lock. An earlier run's files that could not be moved back stay.
    fn remove_unfinished(&self) -> io::Result<()> {
        disk::remove_all(&self.new)?;
        if self.inner.join(EARLIER).is_dir() {
            return Ok(());
        }
        let Ok(found) = Found::all(&self.inner) else { return Ok(()) };
        for name in found.iter().map(|found| &found.name).filter(|name| !Lock::owns(name)) {
            let path = self.inner.join(name);
            if path.is_dir() { disk::remove_all(&path)? } else { disk::remove_file(&path)? }
        }
        Ok(())
    }

    /// Waits until all that was written is on the disk.
    pub fn sync(&self) -> io::Result<()> {
        for name in names(&self.new)? {
            disk::sync_file(&self.new.join(name))?;
        }
        disk::sync_folder(&self.new)
    }

    /// Gives what was written its place.
    pub fn put_in_place(&self) -> io::Result<()> {
        if !self.out.exists() {
            disk::rename(&self.new, &self.out)?;
            return self.sync_parent().inspect_err(|_| {
                // The first error is the one to tell, here and below.
                let _ = disk::rename(&self.out, &self.new);
            });
        }
        if self.can_be_exchanged() {
            disk::copy_permissions(&self.out, &self.new)?;
            if disk::exchange(&self.new, &self.out).is_ok() {
                self.sync_parent().inspect_err(|_| {
                    let _ = disk::exchange(&self.new, &self.out);
                })?;
                self.remove_replaced();
                return Ok(());
            }
            // The file system has no such step, or not for this folder.
        }
        Ok(self.with_inner(|| {
            let filled = self.fill().inspect_err(|_| {
                // What cannot be moved back now is moved back by the next claim.
                let _ = self.restore();
            });
            // What cannot be removed now is removed by the next claim.
            let _ = self.remove_unfinished();
            filled
        })?)
    }

    /// Whether nothing is lost when another folder gets the place of this one.
    fn can_be_exchanged(&self) -> bool {
        let within = self.new.starts_with(&self.out);
        // A program whose current folder is exchanged would find itself in the folder that is removed.
        let is_current = std::env::current_dir().is_ok_and(|current| current.starts_with(&self.out));
        // Somebody may have put something in while the run went on.
        let is_known = || {
            Found::all(&self.out)
                .is_ok_and(|found| foreign(&found, self.holds).is_none() && !found.iter().any(Found::is_aside))
        };
        cfg!(target_os = "linux") && !within && !is_current && is_known() && is_alike(&self.out, &self.new)
    }

    /// Removes the earlier run's files, which an exchange has left where the new ones were.
    fn remove_replaced(&self) {
        for found in Found::all(&self.new).unwrap_or_default() {
            let path = self.new.join(&found.name);
            // What cannot be removed goes with the next claim. What somebody put in at the last moment stays with the output.
            let _ = if found.is_replaced(self.holds) {
                disk::remove_file(&path)
            } else {
                disk::rename(&path, &self.out.join(&found.name))
            };
        }
        let _ = disk::remove_folder(&self.new);
    }

    fn sync_parent(&self) -> io::Result<()> {
        self.out.parent().map_or(Ok(()), disk::sync_folder)
    }

    /// Moves the files of the earlier run away, its summary first, and those of this run in, their summary last.
    fn fill(&self) -> io::Result<()> {
        let inner = &self.inner;
        let new = inner.join(NEW);
        if new != self.new {
            disk::rename(&self.new, &new)?;
        }
        let coming = names(&new)?;
        let earlier = inner.join(EARLIER);
        disk::create_folder(&earlier)?;
        disk::sync_folder(inner)?;
        let going = Found::all(&self.out)?.into_iter().filter(|found| found.is_replaced(self.holds));
        for name in summary_last(going.map(|found| found.name).collect()).into_iter().rev() {
            disk::rename(&self.out.join(&name), &earlier.join(&name))?;
        }
        disk::sync_folder(&earlier)?;
        write_list(inner, &coming)?;
        for name in &coming {
            let to = self.out.join(name);
            if to.exists() {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file of this name has come in between"));
            }
            disk::rename(&new.join(name), &to)?;
        }
        disk::sync_folder(&self.out)?;
        // From here on the new output stands.
        let replaced = inner.join(REPLACED);
        disk::rename(&earlier, &replaced)?;
        disk::sync_folder(inner).inspect_err(|_| {
            let _ = disk::rename(&replaced, &earlier);
        })
    }

    /// Whether a program was killed between the last file that it moved in and the step with which the new output stands.
    fn all_are_in(&self) -> io::Result<bool> {
        let [new, earlier, list] = [NEW, EARLIER, COMING].map(|name| self.inner.join(name));
        if !earlier.is_dir() || !list.exists() {
            return Ok(false);
        }
        Ok(read_list(&list)?.iter().all(|name| self.out.join(name).exists() && !new.join(name).exists()))
    }

    /// Moves the files of an earlier run back, where those of a later one were not moved in as a whole.
    fn restore(&self) -> io::Result<()> {
        let [new, earlier, list] = [NEW, EARLIER, COMING].map(|name| self.inner.join(name));
        if !earlier.is_dir() {
            return Ok(());
        }
        if list.exists() {
            for name in read_list(&list)?.iter().rev() {
                let (from, to) = (self.out.join(name), new.join(name));
                if !to.exists() && from.exists() {
                    disk::rename(&from, &to)?;
                }
            }
            disk::remove_file(&list)?;
            disk::sync_folder(&self.inner)?;
        }
        for name in names(&earlier)? {
            disk::rename(&earlier.join(&name), &self.out.join(&name))?;
        }
        disk::sync_folder(&self.out)?;
        disk::remove_folder(&earlier)
    }
}

/// The names in a folder, the summary's last.
fn names(dir: &Path) -> io::Result<Vec<OsString>> {
    Ok(summary_last(Found::all(dir)?.into_iter().map(|found| found.name).collect()))
}

fn summary_last(mut names: Vec<OsString>) -> Vec<OsString> {
    names.sort_by_key(|name| name == SUMMARY);
    names
}

fn write_list(inner: &Path, names: &[OsString]) -> io::Result<()> {
    let (unfinished, list) = (inner.join("coming.unfinished"), inner.join(COMING));
    let names: Vec<&str> = names.iter().filter_map(|name| name.to_str()).collect();
    fs::write(&unfinished, names.join("\n"))?;
    disk::sync_file(&unfinished)?;
    disk::rename(&unfinished, &list)?;
    disk::sync_folder(inner)
}

fn read_list(list: &Path) -> io::Result<Vec<String>> {
    let is_name = |name: &&str| {
        let mut parts = Path::new(OsStr::new(name)).components();
        matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
    };
    Ok(fs::read_to_string(list)?.lines().filter(is_name).map(str::to_owned).collect())
}

/// Whether a folder has the owner, the group and the attributes (such as access lists) of another.
fn is_alike(one: &Path, other: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let owners = |path: &Path| fs::metadata(path).map(|metadata| (metadata.uid(), metadata.gid()));
        let same_owners = owners(one).and_then(|one| Ok(one == owners(other)?));
        same_owners.unwrap_or(false) && attributes(one).is_some_and(|one| attributes(other) == Some(one))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (one, other);
        false
    }
}

/// The names and values of the attributes of a folder; none if they are too many, or cannot be read.
#[cfg(target_os = "linux")]
fn attributes(path: &Path) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    use rustix::io::Errno;
    let mut names = vec![0; 4096];
    let length = match rustix::fs::listxattr(path, &mut *names) {
        // A file system without attributes.
        Err(Errno::NOTSUP) => 0,
        length => length.ok()?,
    };
    names.truncate(length);
    let mut all = Vec::new();
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0; 65_536];
        let length = rustix::fs::getxattr(path, name, &mut *value).ok()?;
        value.truncate(length);
        all.push((name.to_vec(), value));
    }
    all.sort();
    Some(all)
}
