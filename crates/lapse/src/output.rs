//! A text file that appears whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::Failure;

/// Writes `text` aside, and puts it in its place when it is complete. The folder is made where there is none.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    Aside::write(path, text)?.put_in_place()
}

/// A complete file that waits for its place; dropped, it is gone.
pub struct Aside<'a> {
    path: &'a Path,
    file: NamedTempFile,
}

impl Aside<'_> {
    /// Writes `text` into the folder of `path`, which is made where there is none.
    pub fn write<'a>(path: &'a Path, text: &str) -> Result<Aside<'a>, Failure> {
        let written = || {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let mut file = tempfile::Builder::new().prefix(".lapse-").tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            open_to_readers(file.as_file())?;
            Ok(Aside { path, file })
        };
        written().map_err(|error| cannot_be_written(path, &error))
    }

    /// Gives it its name.
    pub fn put_in_place(self) -> Result<(), Failure> {
        let Aside { path, file } = self;
        file.persist(path).map(drop).map_err(|error| cannot_be_written(path, &error.error))
    }
}

fn cannot_be_written(path: &Path, error: &io::Error) -> Failure {
    Failure::refused(format!("{} cannot be written: {error}", path.display()))
}

/// A temporary file is its owner's alone; what a command writes is for others to read.
#[cfg(unix)]
fn open_to_readers(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_readers(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}
