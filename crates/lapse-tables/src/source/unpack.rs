//! The bytes of a file, unpacked, as far as they are not many times more than the file.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::open::open_file;
use crate::error::Problem;
use crate::{Bounds, Progress};

/// How the bytes of a file are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// With gzip.
    Gzip,
    /// With zstd.
    Zstd,
}

/// Opens a file and unpacks it. `progress` is told how much was read of it as it lies there. Reading fails with a [`Problem`]
/// within the error where it would be more than the bounds allow.
pub fn unpack<'p>(
    path: &Path,
    packing: Packing,
    bounds: &Bounds,
    progress: Option<&'p Progress>,
) -> Result<Box<dyn Read + Send + 'p>, Problem> {
    let file = open_file(path)?;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let read = Arc::new(AtomicU64::new(0));
    let told = Told { file, progress, read: read.clone() };
    let reader: Box<dyn Read + Send + 'p> = match packing {
        Packing::Plain => return Ok(Box::new(told)),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(128 << 10, told))),
        Packing::Zstd => Box::new(zstd::Decoder::new(NotEmpty { reader: told, seen: false }).map_err(Problem::Io)?),
    };
    Ok(Box::new(Bounded { reader, bounds: *bounds, length, read, unpacked: 0 }))
}

/// Tells how much was read of the file as it lies there.
struct Told<'p> {
    file: File,
    progress: Option<&'p Progress>,
    /// How many bytes were read.
    read: Arc<AtomicU64>,
}

impl Read for Told<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        if let Some(progress) = self.progress {
            progress.did(read as u64);
        }
        Ok(read)
    }
}

/// A packed file without a byte is one whose writer failed, not an empty table.
struct NotEmpty<R> {
    reader: R,
    seen: bool,
}

impl<R: Read> Read for NotEmpty<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        if read == 0 && !self.seen && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.seen = true;
        Ok(read)
    }
}

/// What is unpacked, no more than the bounds allow.
struct Bounded<R> {
    reader: R,
    bounds: Bounds,
    /// The bytes of the file; 0 of a pipe, of which only what was read counts.
    length: u64,
    read: Arc<AtomicU64>,
    unpacked: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.unpacked += read as u64;
        if self.unpacked > self.bounds.unpacked
            && self.unpacked > self.bounds.unpacked(self.length.max(self.read.load(Ordering::Relaxed)))
        {
            return Err(io::Error::other(Problem::Expands(self.bounds.expansion)));
        }
        Ok(read)
    }
}
