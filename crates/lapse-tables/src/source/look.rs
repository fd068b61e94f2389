//! Looks for the rows of one patron in files: each piece is searched for the bytes of the id, and only what holds them is
//! parsed. What comes out has every row of the patron, and may have rows of others. Where the bytes of a file need not be
//! those of the id, because of quotes or escapes, the piece is parsed as usual.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter, memrchr};

use super::arrow::Batch;
use super::broken::Broken;
use super::contract::{Piece, Pieces, Records, TableSource};
use super::file_pieces::{FilePiece, FilePieces};
use super::folder::FolderTable;
use super::parquet::RowGroupPiece;
use super::text::{count_lines, place};
use super::text_piece::{Cutting, TextPiece};
use super::together::Together;
use crate::error::Problem;
use crate::{Progress, TableError};

/// The files of a table, as far as they hold an id.
pub(super) struct Looked<'i> {
    files: FolderTable,
    id: &'i str,
    finder: Finder<'i>,
}

impl<'i> Looked<'i> {
    pub fn new(files: FolderTable, id: &'i str) -> Looked<'i> {
        Looked { files, id, finder: Finder::new(id) }
    }
}

impl TableSource for Looked<'_> {
    fn parts(&self) -> &[Arc<str>] {
        self.files.parts()
    }

    fn work(&self) -> u64 {
        self.files.work()
    }

    fn pieces<'p>(&'p self, progress: &'p Progress) -> Pieces<'p> {
        let pieces = FilePieces::new(self.files.table, &self.files.files, &self.files.asked, progress);
        Box::new(pieces.map(|piece| {
            piece.map(|piece| match piece {
                FilePiece::Text(piece) => {
                    Box::new(LookedText { piece, looked: self, lines: Vec::new() }) as Box<dyn Piece>
                }
                FilePiece::RowGroup(piece) => {
                    Box::new(LookedGroup { piece, id: self.id, rows: Vec::new(), batches: Vec::new(), done: false })
                }
            })
        }))
    }
}

/// A piece of a text.
struct LookedText<'p> {
    piece: TextPiece<'p>,
    looked: &'p Looked<'p>,
    /// The lines to be parsed, where not the whole piece is.
    lines: Vec<Range<usize>>,
}

/// What of a piece of a text is to be parsed.
enum Parse {
    Nothing,
    Lines(Vec<Range<usize>>),
    Everything,
}

impl LookedText<'_> {
    fn look(&self) -> Parse {
        let bytes = &self.piece.bytes[..];
        let hits = || self.looked.finder.find_iter(bytes);
        match &self.piece.cutting {
            // A quote in a field is written twice, so that the id would not be found as it is.
            Cutting::Csv(_) if self.looked.id.is_empty() || self.looked.id.contains('"') => Parse::Everything,
            Cutting::Csv(_) if hits().next().is_none() => Parse::Nothing,
            // Where there are quotes, a line end may stand within a field.
            Cutting::Csv(_) if memchr(b'"', bytes).is_some() => Parse::Everything,
            Cutting::Csv(_) => lines_at(bytes, hits()),
            Cutting::Ndjson { .. } if self.looked.id.is_empty() => Parse::Everything,
            // Any character may be written as an escape.
            Cutting::Ndjson { .. } => {
                let mut places: Vec<usize> = hits().chain(memchr_iter(b'\\', bytes)).collect();
                places.sort_unstable();
                lines_at(bytes, places.into_iter())
            }
        }
    }
}

/// The lines in which these places lie, which ascend.
fn lines_at(bytes: &[u8], places: impl Iterator<Item = usize>) -> Parse {
    let mut lines: Vec<Range<usize>> = Vec::new();
    for at in places {
        let known = lines.last().map_or(0, |line| line.end);
        if at >= known {
            let start = memrchr(b'\n', &bytes[known..at]).map_or(known, |end| known + end + 1);
            let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
            lines.push(start..end);
        }
    }
    if lines.is_empty() { Parse::Nothing } else { Parse::Lines(lines) }
}

impl Piece for LookedText<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        if self.piece.done {
            return Ok(None);
        }
        match self.look() {
            Parse::Everything => self.piece.records(),
            Parse::Nothing => Ok(None),
            Parse::Lines(lines) => {
                self.piece.done = true;
                self.lines = lines;
                let TextPiece { bytes, cutting, part, line, path, .. } = &self.piece;
                let left = self.lines.iter();
                Ok(Some(Box::new(Lines { bytes, cutting, part: *part, at: 0, line: *line, path, left })))
            }
        }
    }
}

/// The records of some lines of a text, each of which is one.
struct Lines<'a> {
    bytes: &'a [u8],
    cutting: &'a Cutting,
    part: u32,
    /// A byte of the text, and the physical line in which it stands.
    at: usize,
    line: u64,
    path: &'a Path,
    left: std::slice::Iter<'a, Range<usize>>,
}

impl<'a> Records<'a> for Lines<'a> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        together.fill(self.part, |fields| {
            let Some(range) = self.left.next() else { return Ok(None) };
            self.line += count_lines(&self.bytes[self.at..range.start]);
            self.at = range.start;
            let bytes = &self.bytes[range.clone()];
            let failed = |at: usize, problem: Problem| {
                let place = place(bytes, at, self.line);
                TableError { path: self.path.to_owned(), place: Some(place), problem }
            };
            let text = std::str::from_utf8(bytes).map_err(|error| failed(error.valid_up_to(), Problem::NotUtf8))?;
            self.cutting.read_one(text, fields).map_err(|Broken { at, how }| failed(at, how.into()))?;
            Ok(Some(self.line))
        })
    }
}

/// A row group.
struct LookedGroup<'p> {
    piece: RowGroupPiece<'p>,
    id: &'p str,
    /// The numbers of the rows that were found.
    rows: Vec<u64>,
    /// The rows themselves.
    batches: Vec<Batch>,
    done: bool,
}

impl Piece for LookedGroup<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        let RowGroupPiece { opened, group, part, path, .. } = &self.piece;
        let found = opened.find(path, group, self.id);
        (self.rows, self.batches) =
            found.map_err(|problem| TableError { path: path.to_path_buf(), place: None, problem })?;
        let rows = self.batches.iter().flat_map(|batch| (0..batch.rows()).map(move |row| (batch, row)));
        let rows = rows.zip(&self.rows).map(|((batch, row), &number)| (batch, row, number));
        Ok(Some(Box::new(FoundRows { rows, part: *part })))
    }
}

/// Rows that were found in a row group, each with its batch, its place there and its number in the file.
struct FoundRows<I> {
    rows: I,
    part: u32,
}

impl<'a, I: Iterator<Item = (&'a Batch, usize, u64)>> Records<'a> for FoundRows<I> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        together.fill(self.part, |fields| {
            let Some((batch, row, number)) = self.rows.next() else { return Ok(None) };
            batch.read_row(row, fields);
            Ok(Some(number))
        })
    }
}
