//! A text file that appears whole or not at all.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::Failure;

/// Writes `text` aside, and puts it in its place when it is complete. The folder is made where there is none.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut aside = tempfile::Builder::new().prefix(".lapse-").tempfile_in(folder)?;
        aside.write_all(text.as_bytes())?;
        open_to_readers(aside.as_file())?;
        aside.persist(path).map_err(|error| error.error)
    };
    written().map(drop).map_err(|error| Failure::refused(format!("{} cannot be written: {error}", path.display())))
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
