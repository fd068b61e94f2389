//! A table's files, read in pieces side by side whatever their format; places in them for messages.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::broken::Broken;
use super::field::RowPlace;
use super::find::{Source, find};
use super::header::read_header;
use super::pieces::{Pieces, Unread};
use super::records::{OfFormat, Records};
use super::text::{Text, place};
use super::{csv, ndjson, parquet};
use crate::error::{Place, Problem, TableError};
use crate::{AskedColumn, Format, Progress, Table};

/// So much of a file is read for its header at first.
const HEADER: usize = 64 << 10;

/// The columns that a file says it has.
pub(crate) struct FileColumns {
    /// The file's name, as people are told.
    pub file: Arc<str>,
    pub names: Vec<String>,
}

/// The files of a table.
pub(crate) struct TableInput {
    pub table: Table,
    pub files: Vec<Source>,
    /// The columns beyond the table's that are read too.
    pub asked: Vec<String>,
}

impl TableInput {
    /// Finds the files of `table` in `dir`; none where the table may be absent and is.
    pub fn open(dir: &Path, table: Table, asked: &[AskedColumn]) -> Result<Option<TableInput>, TableError> {
        let files = find(dir, table)?;
        let asked = asked.iter().filter(|column| column.table == table).map(|column| column.name.clone()).collect();
        Ok((!files.is_empty()).then_some(TableInput { table, files, asked }))
    }

    /// How many fields each record has: the table's columns, then those that are asked for.
    pub fn fields(&self) -> usize {
        self.table.columns().len() + self.asked.len()
    }

    /// The columns that each file says it has, by the file's name; not of a format that does not say, nor of what is no
    /// file that can be read twice.
    pub fn column_names(&self) -> Result<Vec<FileColumns>, TableError> {
        let mut all = Vec::new();
        for source in &self.files {
            let failed = |problem| TableError { path: source.path.clone(), place: None, problem };
            if !source.path.is_file() {
                continue;
            }
            let names = match source.format {
                Format::Csv => {
                    let progress = Progress::default();
                    let io = |error| failed(Problem::Io(error));
                    let mut text = Text::open(source, HEADER, &progress).map_err(io)?;
                    let start = text.start(|bytes| csv::end_of_record(bytes, csv::start(bytes))).map_err(io)?;
                    read_header(start, self.table, &[]).map_err(|(_, problem)| failed(problem))?.names
                }
                Format::Parquet => parquet::Opened::open(&source.path, self.table, &[]).map_err(failed)?.names,
                Format::Ndjson => continue,
            };
            all.push(FileColumns { file: source.name.clone(), names });
        }
        Ok(all)
    }

    /// How many bytes the files take.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| fs::metadata(&file.path).map_or(0, |metadata| metadata.len())).sum()
    }

    /// The name of the file with this place, as people are told.
    pub fn name(&self, place: RowPlace) -> &Arc<str> {
        &self.files[place.file as usize].name
    }

    /// Reads the table in pieces on `threads` threads: `piece` gets the records of one piece. The results come in the order of
    /// the table; the first broken place stops all.
    pub fn read<R: Send>(
        &self,
        threads: usize,
        progress: &Progress,
        piece: impl Fn(&mut Records<'_>) -> Result<R, Broken> + Sync,
    ) -> Result<Vec<R>, TableError> {
        let pieces = Mutex::new(Pieces::new(self, progress));
        let results = Mutex::new(BTreeMap::new());
        let stopped = AtomicBool::new(false);
        let work = || {
            let mut buffer = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let next = pieces.lock().unwrap_or_else(PoisonError::into_inner).next(&mut buffer);
                let Some((number, unread)) = next else { break };
                let mut found = Vec::new();
                let read = unread.and_then(|unread| {
                    self.read_piece(&unread, &buffer, progress, |records| {
                        found.push(piece(records)?);
                        Ok(())
                    })
                });
                if read.is_err() {
                    stopped.store(true, Ordering::Relaxed);
                }
                results.lock().unwrap_or_else(PoisonError::into_inner).insert(number, read.map(|()| found));
            }
        };
        if threads <= 1 {
            work();
        } else {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(work);
                }
            });
        }
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        let in_order: Result<Vec<Vec<R>>, TableError> = results.into_values().collect();
        in_order.map(|found| found.into_iter().flatten().collect())
    }

    /// Hands the records of a piece to `take`: those of a text in one go, those of a row group batch by batch.
    fn read_piece(
        &self,
        unread: &Unread,
        buffer: &[u8],
        progress: &Progress,
        mut take: impl FnMut(&mut Records<'_>) -> Result<(), Broken>,
    ) -> Result<(), TableError> {
        match unread {
            Unread::Text { file, line, wanted } => {
                let failed = |at, problem| self.error(*file, Some(place(buffer, at, *line)), problem);
                let text =
                    std::str::from_utf8(buffer).map_err(|error| failed(error.valid_up_to(), Problem::NotUtf8))?;
                let records = if let Some(wanted) = wanted {
                    OfFormat::Csv(csv::Records::new(text, wanted, *line))
                } else {
                    let keys = ndjson::Keys { columns: self.table.columns(), asked: &self.asked };
                    OfFormat::Ndjson(ndjson::Records::new(text, keys, *line))
                };
                let mut records = Records::new(*file, records);
                take(&mut records).map_err(|Broken { at, how }| failed(at, how.into()))?;
                progress.read(records.count);
            }
            Unread::RowGroup { file, opened, group } => {
                let failed = |problem| self.error(*file, None, problem);
                let (mut batches, bytes) = opened.read(&self.files[*file as usize].path, group).map_err(failed)?;
                while let Some(batch) = batches.next().map_err(failed)? {
                    let rows = 0..batch.rows();
                    let mut records = Records::new(*file, OfFormat::Parquet(parquet::Records::new(&batch, rows)));
                    take(&mut records).map_err(|Broken { at: _, how }| failed(how.into()))?;
                    progress.read(records.count);
                }
                progress.did(bytes);
            }
        }
        Ok(())
    }

    /// What is wrong with one of the files.
    pub fn error(&self, file: u32, place: Option<Place>, problem: Problem) -> TableError {
        TableError { path: self.files[file as usize].path.clone(), place, problem }
    }
}
