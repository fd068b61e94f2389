//! The bytes of a text file, unpacked and cut at the ends of records into pieces that are read side by side. Only the
//! pieces that are being read are in memory.

use std::io::Read;

use super::find::TableFile;
pub(super) use super::lines::{count_lines, place};
use super::unpack::{Packing, unpack};
use super::{csv, ndjson};
use crate::error::{Place, Problem, TableError};
use crate::progress::Progress;
use crate::{Bounds, Format};

/// A text file, read from its start to its end.
pub(crate) struct Text<'a> {
    file: &'a TableFile,
    reader: Box<dyn Read + Send + 'a>,
    bounds: Bounds,
    /// What was read beyond the last piece.
    left: Vec<u8>,
    ended: bool,
    /// The physical line on which the next piece starts.
    line: u64,
    piece: usize,
}

impl<'a> Text<'a> {
    /// Opens a text file, to be cut into pieces of about this many bytes.
    pub fn open(file: &'a TableFile, piece: usize, progress: &'a Progress) -> Result<Text<'a>, TableError> {
        let reader = unpack(&file.path, file.packing, &file.bounds, Some(progress));
        let reader = reader.map_err(|problem| failed(file, packed(file, problem)))?;
        Ok(Text { file, reader, bounds: file.bounds, left: Vec::new(), ended: false, line: 1, piece })
    }

    /// The start of the file, with the first record that is whole and its end by `end_of_first`; the end of the bytes
    /// says that it is not whole.
    pub fn start(&mut self, end_of_first: impl Fn(&[u8]) -> usize) -> Result<&[u8], TableError> {
        let mut enough = 64 << 10;
        loop {
            let mut left = std::mem::take(&mut self.left);
            let filled = self.fill(&mut left, enough);
            self.left = left;
            filled?;
            if self.ended || end_of_first(&self.left) < self.left.len() {
                return Ok(&self.left);
            }
            enough = self.more(self.left.len())?;
        }
    }

    /// Passes over this many bytes of the start.
    pub fn pass(&mut self, bytes: usize) {
        self.line += count_lines(&self.left[..bytes]);
        self.left.drain(..bytes);
    }

    /// Puts the next piece into `buffer` and gives the physical line on which it starts; none at the end.
    pub fn next(&mut self, buffer: &mut Vec<u8>) -> Result<Option<u64>, TableError> {
        buffer.clear();
        buffer.append(&mut self.left);
        let mut enough = self.piece;
        loop {
            self.fill(buffer, enough)?;
            if self.ended {
                break;
            }
            let end = match self.file.format {
                Format::Csv => csv::last_end_of_record(buffer),
                Format::Ndjson => ndjson::last_end_of_record(buffer),
                Format::Parquet => unreachable!("a Parquet file is not a text"),
            };
            if let Some(end) = end {
                self.left.extend_from_slice(&buffer[end..]);
                buffer.truncate(end);
                break;
            }
            enough = self.more(buffer.len())?;
        }
        if buffer.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        self.line += count_lines(buffer);
        Ok(Some(line))
    }

    /// How many bytes to look at next for the end of a record that did not end within `bytes`.
    fn more(&self, bytes: usize) -> Result<usize, TableError> {
        if bytes >= self.bounds.line {
            let place = Some(Place { line: self.line, column: 1 });
            return Err(TableError { place, ..failed(self.file, Problem::LongLine(self.bounds.line)) });
        }
        Ok(self.bounds.line.min(bytes * 2))
    }

    /// Reads on until there are this many bytes, or the file ends.
    fn fill(&mut self, buffer: &mut Vec<u8>, enough: usize) -> Result<(), TableError> {
        if let Some(missing) = enough.checked_sub(buffer.len()).filter(|&missing| missing > 0 && !self.ended) {
            let read = (&mut self.reader).take(missing as u64).read_to_end(buffer);
            let read = read.map_err(|error| failed(self.file, packed(self.file, Problem::reading(error))))?;
            self.ended = read < missing;
        }
        Ok(())
    }
}

fn failed(file: &TableFile, problem: Problem) -> TableError {
    TableError { path: file.path.clone(), place: None, problem }
}

/// What it means when a file cannot be read on.
fn packed(file: &TableFile, problem: Problem) -> Problem {
    let packed = match file.packing {
        Packing::Plain => None,
        Packing::Gzip => Some("gzip"),
        Packing::Zstd => Some("zstd"),
    };
    match (packed, problem) {
        // The operating system has a number for each thing that it says; an unpacker has not.
        (Some(packed), Problem::Io(error)) if error.raw_os_error().is_none() => Problem::Packed(packed, error),
        (_, problem) => problem,
    }
}
