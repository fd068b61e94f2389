//! The bytes of a text file, unpacked and cut at the ends of records into pieces that are read side by side. Only the
//! pieces that are being read are in memory.

use std::fs::File;
use std::io::{self, BufReader, Read};

use super::find::{Packing, TableFile};
pub(super) use super::lines::{count_lines, place};
use super::{csv, ndjson};
use crate::Format;
use crate::progress::Progress;

/// A text file, read from its start to its end.
pub(crate) struct Text<'a> {
    reader: Box<dyn Read + Send + 'a>,
    format: Format,
    /// What was read beyond the last piece.
    left: Vec<u8>,
    ended: bool,
    /// The physical line on which the next piece starts.
    line: u64,
    piece: usize,
}

/// Tells how much was read of the file as it lies there.
struct Told<'a> {
    file: File,
    progress: &'a Progress,
}

impl Read for Told<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.progress.did(read as u64);
        Ok(read)
    }
}

impl<'a> Text<'a> {
    /// Opens a text file, to be cut into pieces of about this many bytes.
    pub fn open(file: &TableFile, piece: usize, progress: &'a Progress) -> io::Result<Text<'a>> {
        let told = Told { file: File::open(&file.path)?, progress };
        let reader: Box<dyn Read + Send + 'a> = match file.packing {
            Packing::Plain => Box::new(told),
            Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(128 << 10, told))),
            Packing::Zstd => Box::new(zstd::Decoder::new(NotEmpty { reader: told, seen: false })?),
        };
        Ok(Text { reader, format: file.format, left: Vec::new(), ended: false, line: 1, piece })
    }

    /// The start of the file, with the first record that is whole and its end by `end_of_first`; the end of the bytes
    /// says that it is not whole.
    pub fn start(&mut self, end_of_first: impl Fn(&[u8]) -> usize) -> io::Result<&[u8]> {
        let mut enough = 64 << 10;
        loop {
            let mut left = std::mem::take(&mut self.left);
            let filled = self.fill(&mut left, enough);
            self.left = left;
            filled?;
            if self.ended || end_of_first(&self.left) < self.left.len() {
                return Ok(&self.left);
            }
            enough *= 2;
        }
    }

    /// Passes over this many bytes of the start.
    pub fn pass(&mut self, bytes: usize) {
        self.line += count_lines(&self.left[..bytes]);
        self.left.drain(..bytes);
    }

    /// Puts the next piece into `buffer` and gives the physical line on which it starts; none at the end.
    pub fn next(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<u64>> {
        buffer.clear();
        buffer.append(&mut self.left);
        let mut enough = self.piece;
        loop {
            self.fill(buffer, enough)?;
            if self.ended {
                break;
            }
            let end = match self.format {
                Format::Csv => csv::last_end_of_record(buffer),
                Format::Ndjson => ndjson::last_end_of_record(buffer),
                Format::Parquet => unreachable!("a Parquet file is not a text"),
            };
            if let Some(end) = end {
                self.left.extend_from_slice(&buffer[end..]);
                buffer.truncate(end);
                break;
            }
            enough *= 2;
        }
        if buffer.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        self.line += count_lines(buffer);
        Ok(Some(line))
    }

    /// Reads on until there are this many bytes, or the file ends.
    fn fill(&mut self, buffer: &mut Vec<u8>, enough: usize) -> io::Result<()> {
        if let Some(missing) = enough.checked_sub(buffer.len()).filter(|&missing| missing > 0 && !self.ended) {
            let read = (&mut self.reader).take(missing as u64).read_to_end(buffer)?;
            self.ended = read < missing;
        }
        Ok(())
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
