//! What is still to be read of the files of a table, handed out piece by piece: file after file, a text cut at the ends of
//! records, a Parquet file by its row groups.

use std::sync::Arc;

use super::contract::{Piece, Pieces};
use super::csv;
use super::find::TableFile;
use super::header::{Header, read_header};
use super::lines::place;
use super::parquet::{Opened, RowGroup, RowGroupPiece};
use super::text::Text;
use super::text_piece::{Cutting, Spares, TextPiece};
use crate::error::TableError;
use crate::{Format, Progress, Table};

/// About this many bytes of a text are read at a time by one thread.
const PIECE: usize = 2 << 20;

/// Hands out the pieces of files in their order.
pub(super) struct FilePieces<'p> {
    table: Table,
    files: &'p [TableFile],
    asked: &'p Arc<[String]>,
    progress: &'p Progress,
    open: Option<Open<'p>>,
    next_file: usize,
    spares: Spares,
}

/// A piece of a file.
pub(super) enum FilePiece<'p> {
    Text(TextPiece<'p>),
    RowGroup(RowGroupPiece<'p>),
}

/// The file that is being handed out.
enum Open<'p> {
    Text(Text<'p>, Cutting),
    Parquet(Arc<Opened>, std::vec::IntoIter<RowGroup>),
}

impl<'p> FilePieces<'p> {
    pub fn new(
        table: Table,
        files: &'p [TableFile],
        asked: &'p Arc<[String]>,
        progress: &'p Progress,
    ) -> FilePieces<'p> {
        FilePieces { table, files, asked, progress, open: None, next_file: 0, spares: Spares::default() }
    }

    fn try_next(&mut self) -> Result<Option<FilePiece<'p>>, TableError> {
        loop {
            if let Some(open) = &mut self.open {
                let index = self.next_file - 1;
                let part = u32::try_from(index).expect("fewer than four billion files");
                let file = &self.files[index];
                match open {
                    Open::Text(text, cutting) => {
                        let mut bytes = self.spares.take();
                        let next = text.next(&mut bytes)?;
                        if let Some(line) = next {
                            let (cutting, path, spares) = (cutting.clone(), &file.path, self.spares.clone());
                            let piece = TextPiece { bytes, cutting, part, line, path, spares, done: false };
                            return Ok(Some(FilePiece::Text(piece)));
                        }
                    }
                    Open::Parquet(opened, groups) => {
                        if let Some(group) = groups.next() {
                            let (opened, path) = (opened.clone(), &file.path);
                            let piece = RowGroupPiece::new(opened, group, part, path, self.progress);
                            return Ok(Some(FilePiece::RowGroup(piece)));
                        }
                    }
                }
            }
            let Some(file) = self.files.get(self.next_file) else { return Ok(None) };
            self.next_file += 1;
            self.open = Some(self.open(file)?);
        }
    }

    fn open(&self, file: &'p TableFile) -> Result<Open<'p>, TableError> {
        match file.format {
            Format::Csv => {
                let mut text = Text::open(file, PIECE, self.progress)?;
                let header = csv_header(&mut text, file, self.table, self.asked)?;
                text.pass(header.body);
                Ok(Open::Text(text, Cutting::Csv(header.wanted.into())))
            }
            Format::Ndjson => {
                let mut text = Text::open(file, PIECE, self.progress)?;
                let start = text.start(|_| 0)?;
                let mark = if start.starts_with(csv::MARK) { csv::MARK.len() } else { 0 };
                text.pass(mark);
                Ok(Open::Text(text, Cutting::Ndjson { columns: self.table.columns(), asked: self.asked.clone() }))
            }
            Format::Parquet => {
                let opened = open_parquet(file, self.table, self.asked)?;
                let groups = opened.row_groups();
                Ok(Open::Parquet(Arc::new(opened), groups.into_iter()))
            }
        }
    }
}

impl<'p> FilePieces<'p> {
    /// The pieces as they are.
    pub fn boxed(self) -> Pieces<'p> {
        Box::new(self.map(|piece| {
            piece.map(|piece| match piece {
                FilePiece::Text(piece) => Box::new(piece) as Box<dyn Piece>,
                FilePiece::RowGroup(piece) => Box::new(piece),
            })
        }))
    }
}

impl<'p> Iterator for FilePieces<'p> {
    type Item = Result<FilePiece<'p>, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.try_next().transpose()
    }
}

/// Reads the header of a CSV file of a table.
pub(crate) fn csv_header(
    text: &mut Text<'_>,
    file: &TableFile,
    table: Table,
    asked: &[String],
) -> Result<Header, TableError> {
    let start = text.start(|bytes| csv::end_of_record(bytes, csv::start(bytes)));
    let start = start?;
    read_header(start, table, asked).map_err(|(at, problem)| TableError {
        path: file.path.clone(),
        place: at.map(|at| place(start, at, 1)),
        problem,
    })
}

/// Opens a Parquet file of a table.
pub(crate) fn open_parquet(file: &TableFile, table: Table, asked: &[String]) -> Result<Opened, TableError> {
    Opened::open(&file.path, table, asked, file.bounds).map_err(|problem| TableError {
        path: file.path.clone(),
        place: None,
        problem,
    })
}
