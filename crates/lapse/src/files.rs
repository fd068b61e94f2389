//! The files of a command, as [`lapse_tables::files`] writes them. Where Ctrl-C ends the program, nothing is left beside them.

use std::path::Path;

pub use lapse_tables::files::{Aside, CannotWrite, Readers, has_name_of_table, is_device, place_of};

use crate::interrupt;

/// Writes files that belong together: all of them, or none.
pub fn write_all<'a, T: AsRef<[u8]> + ?Sized + 'a>(
    files: impl IntoIterator<Item = (&'a Path, &'a T)>,
) -> Result<(), CannotWrite> {
    lapse_tables::files::write_all(files, &making)
}

/// As [`write_all`], each file for its readers.
pub fn write_all_for<'a, T: AsRef<[u8]> + ?Sized + 'a>(
    files: impl IntoIterator<Item = (&'a Path, &'a T, Readers)>,
) -> Result<(), CannotWrite> {
    lapse_tables::files::write_all_for(files, &making)
}

/// A file that waits for its place.
pub fn aside(path: &Path, content: impl AsRef<[u8]>, readers: Readers) -> Result<Aside, CannotWrite> {
    Aside::write(path, content, readers, &making)
}

/// Ctrl-C waits while a file is made, and removes it from then on.
fn making() -> Box<dyn FnOnce(&Path)> {
    let waits = interrupt::waits();
    Box::new(|file| waits.removes(file))
}
