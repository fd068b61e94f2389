//! A plugin's file, read once: the bytes that are hashed are the bytes that are loaded, whatever happens to the file.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::library_error::LibraryError;
use crate::linked::linked_by_path;

/// The bytes of a plugin, where nobody can change them any more.
#[derive(Debug)]
pub struct Binary {
    sha256: String,
    /// The first place from which it has the system load further libraries.
    linked_by_path: Option<String>,
    copy: Copy,
}

impl Binary {
    /// Reads a file.
    pub fn read(path: &Path) -> io::Result<Binary> {
        let bytes = fs::read(path)?;
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(&bytes) {
            write!(sha256, "{byte:02x}").expect("a String takes any text");
        }
        Ok(Binary { sha256, linked_by_path: linked_by_path(&bytes), copy: Copy::of(&bytes)? })
    }

    /// The SHA-256 of the bytes, as hex: what `sha256` in a policy pins.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether it brings in nothing that its pin does not cover.
    pub(crate) fn check_links(&self) -> Result<(), LibraryError> {
        match &self.linked_by_path {
            Some(place) => Err(LibraryError::LinksByPath(place.as_str().into())),
            None => Ok(()),
        }
    }

    /// The path to load, in this process or in one that inherits [`Binary::inherited`].
    pub(crate) fn path(&self) -> PathBuf {
        self.copy.path()
    }

    /// The file that a process must inherit for the path to mean the same there.
    pub(crate) fn inherited(&self) -> BorrowedFd<'_> {
        self.copy.0.as_fd()
    }
}

/// A file in memory, sealed against every change.
#[cfg(target_os = "linux")]
#[derive(Debug)]
struct Copy(File);

#[cfg(target_os = "linux")]
impl Copy {
    fn of(bytes: &[u8]) -> io::Result<Copy> {
        use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
        let mut file = File::from(memfd_create("lapse-plugin", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
        file.write_all(bytes)?;
        fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
        Ok(Copy(file))
    }

    fn path(&self) -> PathBuf {
        use std::os::fd::AsRawFd;
        format!("/proc/self/fd/{}", self.0.as_raw_fd()).into()
    }
}

/// A file that only this user can read or write.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
struct Copy(tempfile::NamedTempFile);

#[cfg(not(target_os = "linux"))]
impl Copy {
    fn of(bytes: &[u8]) -> io::Result<Copy> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(bytes)?;
        file.flush()?;
        Ok(Copy(file))
    }

    fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_is_what_was_hashed_even_if_the_file_changes_meanwhile() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "abc").unwrap();
        let binary = Binary::read(file.path()).unwrap();
        fs::write(file.path(), "another").unwrap();
        assert_eq!(binary.sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(fs::read(binary.path()).unwrap(), b"abc");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn nobody_can_write_to_what_is_loaded() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "abc").unwrap();
        let binary = Binary::read(file.path()).unwrap();
        assert!(File::options().write(true).open(binary.path()).and_then(|mut copy| copy.write_all(b"x")).is_err());
    }
}
