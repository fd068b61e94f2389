//! Looks for the rows of one patron in files: each piece is searched for the bytes of the id where they may be a whole
//! field, and only the records with such a place are parsed. What comes out has every row of the patron, and may have rows
//! of others.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memchr;

use super::arrow::Batch;
use super::broken::Broken;
use super::contract::{Piece, Pieces, Records, TableSource};
use super::file_pieces::{FilePiece, FilePieces};
use super::folder::FolderTable;
use super::parquet::RowGroupPiece;
use super::text::{count_lines, place};
use super::text_piece::{Cutting, TextPiece};
use super::together::Together;
use super::{csv, hits, ndjson, near_hits};
use crate::error::Problem;
use crate::slips::LeftOfIds;
use crate::{Progress, TableError};

/// Which ids are looked for.
#[derive(Clone, Copy)]
pub(crate) enum LookedFor<'i> {
    /// This one.
    Id(&'i str),
    /// Those that nearly are one of these.
    Nearly(&'i LeftOfIds),
}

impl LookedFor<'_> {
    /// Whether an id is one of them.
    pub fn is(self, id: &str) -> bool {
        match self {
            LookedFor::Id(wanted) => id == wanted,
            LookedFor::Nearly(left) => left.near(id).is_some(),
        }
    }
}

/// To look for more ids than this in a text takes longer than to parse it.
const MANY: usize = 16;

/// The files of a table, as far as they hold an id.
pub(crate) struct Looked<'i> {
    files: FolderTable,
    wanted: LookedFor<'i>,
    /// Row groups are passed over that cannot have the id by what their file says of them.
    trusting: bool,
    passed_over: AtomicBool,
}

impl<'i> Looked<'i> {
    /// The rows with a wanted id in `files`. Where it is `trusting`, row groups that say that they lie between other ids are
    /// not looked at.
    pub fn new(files: FolderTable, wanted: LookedFor<'i>, trusting: bool) -> Looked<'i> {
        Looked { files, wanted, trusting, passed_over: AtomicBool::new(false) }
    }

    /// Whether a row group was passed over.
    pub fn passed_over(&self) -> bool {
        self.passed_over.load(Ordering::Relaxed)
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
                    Box::new(LookedText { piece, wanted: self.wanted, found: Vec::new() }) as Box<dyn Piece>
                }
                FilePiece::RowGroup(piece) => {
                    Box::new(LookedGroup { piece, looked: self, rows: Vec::new(), batches: Vec::new(), done: false })
                }
            })
        }))
    }
}

/// A piece of a text.
struct LookedText<'p> {
    piece: TextPiece<'p>,
    wanted: LookedFor<'p>,
    /// The records to be parsed.
    found: Vec<Range<usize>>,
}

impl LookedText<'_> {
    /// The records that may be of the patron.
    fn look(&self) -> Vec<Range<usize>> {
        let bytes = &self.piece.bytes[..];
        let mut places = match (self.wanted, &self.piece.cutting) {
            (LookedFor::Id(id), Cutting::Csv(wanted)) => {
                let column = wanted.iter().position(|&slot| slot == Some(0)).expect("a header has the ids");
                hits::in_csv(bytes, column, id)
            }
            (LookedFor::Id(id), Cutting::Ndjson { columns, .. }) => hits::in_ndjson(bytes, columns[0].name, id),
            (LookedFor::Nearly(left), _) => left.iter().flat_map(|left| near_hits::in_text(bytes, left)).collect(),
        };
        places.sort_unstable();
        let mut found: Vec<Range<usize>> = Vec::new();
        for at in places {
            // A record starts here.
            let known = found.last().map_or(0, |record| record.end);
            if at < known {
                continue;
            }
            let before = &bytes[known..at];
            let (start, end) = match &self.piece.cutting {
                Cutting::Csv(_) => {
                    let start = known + csv::last_end_of_record(before).unwrap_or(0);
                    (start, csv::end_of_record(bytes, start))
                }
                Cutting::Ndjson { .. } => {
                    let start = known + ndjson::last_end_of_record(before).unwrap_or(0);
                    (start, memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1))
                }
            };
            found.push(start..end);
        }
        found
    }
}

impl Piece for LookedText<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        if self.piece.done {
            return Ok(None);
        }
        let parses_all = match self.wanted {
            // An empty value has no bytes of its own.
            LookedFor::Id(id) => id.is_empty(),
            LookedFor::Nearly(left) => left.len() > MANY,
        };
        if parses_all {
            return self.piece.records();
        }
        self.piece.done = true;
        self.found = self.look();
        if self.found.is_empty() {
            return Ok(None);
        }
        let TextPiece { bytes, cutting, part, line, path, .. } = &self.piece;
        let left = self.found.iter();
        Ok(Some(Box::new(Found { bytes, cutting, part: *part, at: 0, line: *line, path, left })))
    }
}

/// Some records of a text.
struct Found<'a> {
    bytes: &'a [u8],
    cutting: &'a Cutting,
    part: u32,
    /// A byte of the text, and the physical line in which it stands.
    at: usize,
    line: u64,
    path: &'a Path,
    /// Where the records are that were not read yet.
    left: std::slice::Iter<'a, Range<usize>>,
}

impl<'a> Records<'a> for Found<'a> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        together.fill(self.part, |fields| {
            for range in self.left.by_ref() {
                self.line += count_lines(&self.bytes[self.at..range.start]);
                self.at = range.start;
                let bytes = &self.bytes[range.clone()];
                let failed = |at: usize, problem: Problem| {
                    let place = place(bytes, at, self.line);
                    TableError { path: self.path.to_owned(), place: Some(place), problem }
                };
                let text = std::str::from_utf8(bytes).map_err(|error| failed(error.valid_up_to(), Problem::NotUtf8))?;
                let read = self.cutting.read_one(text, fields);
                // An empty line is not a record, even when the id is the carriage return at its end.
                if read.map_err(|Broken { at, how }| failed(at, how.into()))? {
                    return Ok(Some(self.line));
                }
            }
            Ok(None)
        })
    }
}

/// A row group.
struct LookedGroup<'p> {
    piece: RowGroupPiece<'p>,
    looked: &'p Looked<'p>,
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
        let wanted = self.looked.wanted;
        let trusted = self.looked.trusting && matches!(wanted, LookedFor::Id(id) if !opened.may_have(group, id));
        if trusted {
            self.looked.passed_over.store(true, Ordering::Relaxed);
            return Ok(None);
        }
        let found = opened.find(path, group, |id| wanted.is(id));
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
