//! Opens the file of a table. What may never come to an end is refused: a device, and a pipe that nobody writes to.

use std::fs::{self, File};
use std::path::Path;

use crate::error::Problem;

/// Opens the file at `path` for reading. A pipe is waited for until some program writes to it, a minute at the most.
pub fn open_file(path: &Path) -> Result<File, Problem> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;

        let kind = fs::metadata(path).map_err(Problem::Io)?.file_type();
        if kind.is_char_device() || kind.is_block_device() {
            return Err(Problem::Device);
        }
        if kind.is_fifo() {
            return pipe::open(path, pipe::PATIENCE);
        }
    }
    File::open(path).map_err(Problem::Io)
}

/// As [`open_file`], for a format that tells at its end what is where, so that a pipe has no use.
pub fn open_with_end(path: &Path) -> Result<File, Problem> {
    let kind = fs::metadata(path).map_err(Problem::Io)?;
    if !kind.is_file() && !kind.is_dir() {
        return Err(Problem::ReadFromItsEnd);
    }
    File::open(path).map_err(Problem::Io)
}

#[cfg(unix)]
mod pipe {
    use std::fs::File;
    use std::path::Path;
    use std::sync::mpsc;
    use std::time::Duration;

    use crate::error::Problem;

    /// How long a pipe is waited for. A run that a timer started should end with a sentence, not hang until somebody looks.
    pub(super) const PATIENCE: Duration = Duration::from_mins(1);

    /// Opens a pipe as soon as a program has opened it to write to it.
    pub(super) fn open(path: &Path, patience: Duration) -> Result<File, Problem> {
        let (opened, wait) = mpsc::channel();
        let path = path.to_owned();
        // Opening a pipe blocks. Where nobody comes, the thread goes on waiting until the program ends.
        std::thread::spawn(move || opened.send(File::open(path)));
        match wait.recv_timeout(patience) {
            Ok(file) => file.map_err(Problem::Io),
            Err(_) => Err(Problem::NobodyWrites),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::*;

    fn pipe(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("patrons.csv");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }

    #[test]
    fn a_pipe_without_a_writer_hung() {
        let folder = tempfile::tempdir().unwrap();
        let opened = pipe::open(&pipe(folder.path()), Duration::from_millis(50));
        assert!(matches!(opened, Err(Problem::NobodyWrites)), "{opened:?}");
    }

    #[test]
    fn a_pipe_is_read_as_soon_as_somebody_writes_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = pipe(folder.path());
        let late = path.clone();
        let writer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            fs::write(late, "patron_id\n").unwrap();
        });
        assert_eq!(std::io::read_to_string(open_file(&path).unwrap()).unwrap(), "patron_id\n");
        writer.join().unwrap();
        assert!(matches!(open_with_end(&path), Err(Problem::ReadFromItsEnd)));
    }

    #[test]
    fn dev_zero_as_a_table_filled_the_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("patrons.csv");
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert!(matches!(open_file(&path), Err(Problem::Device)));
    }
}
