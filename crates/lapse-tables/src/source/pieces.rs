//! What is still to be read of a table, handed out piece by piece: file after file, a text cut at the ends of records, a
//! Parquet file by its row groups.

use std::sync::Arc;

use super::csv;
use super::find::{Packing, Source};
use super::header::read_header;
use super::input::TableInput;
use super::parquet::{self, RowGroup};
use super::text::{Text, place};
use crate::error::{Problem, TableError};
use crate::{Format, Progress};

/// About so many bytes of a text are read at a time by one thread.
const PIECE: usize = 2 << 20;

/// Hands out the pieces of a table in their order.
pub(crate) struct Pieces<'a> {
    input: &'a TableInput,
    progress: &'a Progress,
    open: Option<Open<'a>>,
    next_file: usize,
    handed_out: usize,
}

/// The file that is being handed out.
enum Open<'a> {
    Text(Text<'a>, Option<Arc<[Option<usize>]>>),
    Parquet(Arc<parquet::Opened>, std::vec::IntoIter<RowGroup>),
}

/// A piece that is still to be read.
pub(crate) enum Unread {
    /// A piece of a text, which is in the buffer.
    Text {
        file: u32,
        /// The physical line on which it starts.
        line: u64,
        /// For CSV: for each column of the file, its place among the table's columns.
        wanted: Option<Arc<[Option<usize>]>>,
    },
    /// A row group.
    RowGroup { file: u32, opened: Arc<parquet::Opened>, group: RowGroup },
}

impl<'a> Pieces<'a> {
    /// All of `input`.
    pub fn new(input: &'a TableInput, progress: &'a Progress) -> Pieces<'a> {
        Pieces { input, progress, open: None, next_file: 0, handed_out: 0 }
    }

    /// The next piece with its number, its bytes in `buffer` if it is text; none when there is no more.
    pub fn next(&mut self, buffer: &mut Vec<u8>) -> Option<(usize, Result<Unread, TableError>)> {
        let next = self.try_next(buffer).transpose()?;
        self.handed_out += 1;
        Some((self.handed_out, next))
    }

    fn try_next(&mut self, buffer: &mut Vec<u8>) -> Result<Option<Unread>, TableError> {
        loop {
            if let Some(open) = &mut self.open {
                let index = self.next_file - 1;
                let file = u32::try_from(index).expect("fewer than four billion files");
                match open {
                    Open::Text(text, wanted) => {
                        let source = &self.input.files[index];
                        let failed = |error| self.input.error(file, None, unpacking(source, error));
                        if let Some(line) = text.next(buffer).map_err(failed)? {
                            return Ok(Some(Unread::Text { file, line, wanted: wanted.clone() }));
                        }
                    }
                    Open::Parquet(opened, groups) => {
                        if let Some(group) = groups.next() {
                            return Ok(Some(Unread::RowGroup { file, opened: opened.clone(), group }));
                        }
                    }
                }
            }
            let Some(source) = self.input.files.get(self.next_file) else { return Ok(None) };
            self.next_file += 1;
            self.open = Some(open(source, self.input, self.progress)?);
        }
    }
}

fn open<'a>(source: &Source, input: &TableInput, progress: &'a Progress) -> Result<Open<'a>, TableError> {
    let failed = |problem| TableError { path: source.path.clone(), place: None, problem };
    let unpacking = |error| failed(unpacking(source, error));
    match source.format {
        Format::Csv => {
            let mut text = Text::open(source, PIECE, progress).map_err(unpacking)?;
            let start = text.start(|bytes| csv::end_of_record(bytes, csv::start(bytes))).map_err(unpacking)?;
            let header = read_header(start, input.table, &input.asked).map_err(|(at, problem)| TableError {
                path: source.path.clone(),
                place: at.map(|at| place(start, at, 1)),
                problem,
            })?;
            text.pass(header.body);
            Ok(Open::Text(text, Some(header.wanted.into())))
        }
        Format::Ndjson => {
            let mut text = Text::open(source, PIECE, progress).map_err(unpacking)?;
            let start = text.start(|_| 0).map_err(unpacking)?;
            let mark = if start.starts_with(csv::MARK) { csv::MARK.len() } else { 0 };
            text.pass(mark);
            Ok(Open::Text(text, None))
        }
        Format::Parquet => {
            let opened = parquet::Opened::open(&source.path, input.table, &input.asked).map_err(failed)?;
            let groups = opened.row_groups();
            Ok(Open::Parquet(Arc::new(opened), groups.into_iter()))
        }
    }
}

/// What it means when a file cannot be read on.
fn unpacking(source: &Source, error: std::io::Error) -> Problem {
    let packed = match source.packing {
        Packing::Plain => return Problem::Io(error),
        Packing::Gzip => "gzip",
        Packing::Zstd => "zstd",
    };
    // The operating system has a number for each thing that it says; an unpacker has not.
    if error.raw_os_error().is_some() { Problem::Io(error) } else { Problem::Packed(packed, error) }
}
