//! The archives that workbooks are: how much they unpack to is found out before their reader puts all of it into memory.

use std::io::{self, Read, Seek, SeekFrom};

use zip::ZipArchive;

use crate::Bounds;
use crate::error::Problem;

/// Fails where the files in an archive are many times larger than the archive. What the archive says of their sizes is not
/// trusted, so all are unpacked, a little at a time. What is no archive passes, for its reader to say so.
pub fn unpacks_within(mut file: impl Read + Seek, bounds: &Bounds) -> Result<(), Problem> {
    let length = file.seek(SeekFrom::End(0)).map_err(Problem::Io)?;
    let most = bounds.unpacked(length);
    let Ok(mut archive) = ZipArchive::new(file) else { return Ok(()) };
    let mut left = most;
    for index in 0..archive.len() {
        let Ok(packed) = archive.by_index(index) else { continue };
        // Where a file is damaged, its reader comes as far as this.
        left -= unpacked(packed, left + 1).min(left);
        if left == 0 {
            return Err(Problem::Expands(bounds.expansion));
        }
    }
    Ok(())
}

/// How many bytes can be read, no more than `most`.
fn unpacked(file: impl Read, most: u64) -> u64 {
    let (mut file, mut all, mut buffer) = (file.take(most), 0, vec![0; 64 << 10]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return all,
            Ok(read) => all += read as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return all,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    #[test]
    fn an_archive_that_is_small_and_unpacks_to_far_more_is_refused() {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["a", "b"] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(&vec![b'x'; 600 << 10]).unwrap();
        }
        let bytes = archive.finish().unwrap().into_inner();
        let bounds = Bounds { unpacked: 1 << 20, ..Bounds::default() };
        assert!(matches!(unpacks_within(Cursor::new(&bytes), &bounds), Err(Problem::Expands(300))));
        assert!(unpacks_within(Cursor::new(&bytes), &Bounds { unpacked: 2 << 20, ..bounds }).is_ok());
        assert!(unpacks_within(Cursor::new(&bytes), &Bounds { expansion: 10_000, ..bounds }).is_ok());
        assert!(unpacks_within(Cursor::new(b"no archive"), &bounds).is_ok());
    }
}
