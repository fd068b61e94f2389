//! Files that are all sorted by patron: cut at the same patrons into segments, each read, joined and worked on by itself, so
//! that memory does not grow with the number of patrons. The order is detected, not promised: what turns out otherwise,
//! whatever is broken, and tables that are packed, of several text files or of several formats are left to those who read
//! all tables first.

mod cut;
mod files;
mod gathered;
mod groups;
mod order;
mod segment;
#[cfg(test)]
mod tests;
mod unsorted;

use std::collections::BTreeSet;
use std::path::Path;
use std::slice;

use lapse_engine::Codes;

use crate::codes::{self, AllCodes, Renumberings};
use crate::foreknown::Foreknown;
use crate::noted::Noted;
use crate::room::{First, Room};
use crate::work::contract::{PatronBatch, PatronFacts, Visit, Work};
use crate::work::steps::Steps;
use crate::{Known, Progress, ReadWhole, Reject, Rows, Seen, Table};
pub(crate) use files::Within;
use files::{Buffers, Files};
use segment::{Found, OfPatron, Reading};
pub(crate) use unsorted::{Stop, Unsorted};

/// How large a segment is, about.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Bytes of all text files together.
    bytes: u64,
    /// Patrons of a row group at the most.
    patrons: usize,
}

/// Large enough that a segment costs little beside its rows, and small enough that it stays in a processor's cache.
const SEGMENT: Size = Size { bytes: 2 << 20, patrons: 16 << 10 };
/// For rows of a segment that become a row group, which is the better the larger it is.
const ROW_GROUP: Size = Size { bytes: 12 << 20, patrons: 64 << 10 };

impl Size {
    /// The size of segments whose rows become something that is the better the larger it is, or of any others.
    pub fn of(large_steps: bool) -> Size {
        if large_steps { ROW_GROUP } else { SEGMENT }
    }
}

/// Sorted files in segments.
pub(crate) struct Segments<'a> {
    files: Files,
    known: &'a Known,
    foreknown: &'a Foreknown,
    progress: &'a Progress,
    room: Room,
    folder: &'a Path,
}

/// What one thread reads segments with, and learns from them.
pub(crate) struct Reader<'a> {
    buffers: Buffers,
    reading: Reading<'a>,
}

impl<'a> Segments<'a> {
    /// Opens the files in a folder and cuts them into segments of about this size, for a run by policies that know `known`,
    /// with what is foreknown.
    pub fn open(
        folder: Within<'a>,
        known: &'a Known,
        foreknown: &'a Foreknown,
        threads: usize,
        progress: &'a Progress,
        size: Size,
    ) -> Result<Segments<'a>, Unsorted> {
        let files = Files::open(folder, &foreknown.asked.columns, threads, size)?;
        progress.expect((0..files.steps()).map(|step| files.work(step)).sum());
        let (room, folder) = (Room::new(folder.bounds), folder.path);
        Ok(Segments { files, known, foreknown, progress, room, folder })
    }

    /// What people are told of files that turned out not to be sorted.
    pub fn why(&self, unsorted: Unsorted) -> Option<ReadWhole> {
        unsorted.into_why(|table, step, line| match self.files.first_break(table, step) {
            Some((file, line)) => (Some(file), line),
            // A patron has two rows where the table is cut.
            None => (None, line + self.files.lines_before(table, step)),
        })
    }

    /// Adds up what the threads read and the segments found, if the files were sorted to the end; the workers come with what
    /// their codes are here.
    pub fn finish<W>(&self, threads: Vec<(Reader<'_>, W)>, found: Vec<Found>) -> Result<Visit<W>, Unsorted> {
        self.check_strays(&found)?;
        let mut all_codes = self.known.codes().clone();
        let mut noted = Noted::new(self.known);
        let beyond: Vec<Codes> =
            threads.iter().map(|(reader, _)| codes::beyond(&reader.reading.codes.codes, self.known.codes())).collect();
        let renumberings = Renumberings::of(&beyond, &mut all_codes);
        let mut workers = Vec::new();
        for ((reader, worker), to) in threads.into_iter().zip(renumberings) {
            noted.add(&reader.reading.noted, &to);
            workers.push((worker, to));
        }
        let mut rows = [Rows::default(); 4];
        let mut rejects: Vec<Reject> = Vec::new();
        let mut patrons = 0;
        // The first line of the first segment stands after the header.
        let mut lines = [0; 4];
        for of_segment in found {
            patrons += of_segment.patrons;
            for mut reject in of_segment.rejects {
                rows[reject.table as usize].rejected += 1;
                reject.line += lines[reject.table as usize];
                rejects.push(reject);
            }
            for table in Table::ALL {
                rows[table as usize].read += of_segment.rows[table as usize];
                lines[table as usize] += of_segment.lines[table as usize];
            }
        }
        rejects.sort();
        let Noted { newest, newest_date, faults, counts, .. } = noted;
        let told = self.foreknown.told;
        let codes = all_codes;
        let read_whole = None;
        let seen = Seen { patrons, codes, rejects, rows, faults, newest, newest_date, counts, told, read_whole };
        Ok(Visit { seen, workers })
    }

    /// Notes the rows of a step that cannot be used, before they are kept until the last step.
    fn note(&self, step: usize, rejects: &[Reject]) -> Result<(), Stop> {
        for reject in rejects {
            let first = || First {
                at: (step, reject.line),
                file: reject.file.to_string(),
                column: reject.column.clone(),
                problem: reject.problem.clone(),
            };
            if !self.room.note(reject.table, (step, reject.line), reject.value.len(), first) {
                let line = |(step, line)| line + self.files.lines_before(reject.table, step);
                return Err(Stop::Table(Box::new(self.room.full(reject.table, self.folder, line))));
            }
        }
        Ok(())
    }

    /// A row that is out of order belongs to no patron, or the files are not sorted after all.
    fn check_strays(&self, found: &[Found]) -> Result<(), Unsorted> {
        let ids: BTreeSet<&str> =
            found.iter().flat_map(|of_segment| &of_segment.strays).map(|stray| &*stray.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        // Where a line end may stand within a record, a patron cannot be looked for.
        let lines_in_quotes = found.iter().any(|of_segment| of_segment.lines_in_quotes);
        let of_patron = if lines_in_quotes { None } else { Some(self.files.first_of(&ids)) };
        let is_one: Box<dyn Fn(&str) -> bool> = match of_patron {
            Some(Ok(None)) => return Ok(()),
            Some(Ok(Some(of_patron))) => Box::new(move |id| id == of_patron),
            Some(Err(_)) | None => Box::new(|_| true),
        };
        for (step, of_segment) in found.iter().enumerate() {
            if let Some(stray) = of_segment.strays.iter().find(|stray| is_one(&stray.id)) {
                return Err(Unsorted::at(stray.table, &stray.file, stray.line).in_step(step));
            }
        }
        Err(Unsorted::broken())
    }
}

impl<'a> Steps for Segments<'a> {
    type Reader = Reader<'a>;
    type Found = Found;
    type Stop = Stop;

    fn count(&self) -> usize {
        self.files.steps()
    }

    fn work(&self, step: usize) -> u64 {
        self.files.work(step)
    }

    fn new_reader(&self) -> Reader<'a> {
        let (codes, noted) = (AllCodes::new(self.known), Noted::new(self.known));
        Reader { buffers: Buffers::default(), reading: Reading { codes, noted, foreknown: self.foreknown } }
    }

    fn take<W: Work>(
        &self,
        step: usize,
        reader: &mut Reader<'a>,
        work: &W,
        worker: &mut W::Worker,
        rows: &mut W::Rows,
    ) -> Result<Found, Stop> {
        let mut found = Found::default();
        let Reader { buffers, reading } = reader;
        let Some(segment) = self.files.read(step, buffers).map_err(|unsorted| unsorted.in_step(step))? else {
            return Ok(found);
        };
        if work.one_by_one() {
            let mut first = 0;
            let each = |codes: &Codes, of_patron: &OfPatron<'_>| {
                let (patrons, facts) = (slice::from_ref(&of_patron.patron), of_patron as &dyn PatronFacts);
                let batch = PatronBatch { place: (step, first), codes, facts, first: 0, patrons };
                first += 1;
                work.work(worker, &batch, rows).map_err(Stop::Extra)
            };
            segment.walk_patrons(reading, &mut found, each).map_err(|stop| stop.in_step(step))?;
        } else {
            let gathered = segment.gather(reading, &mut found).map_err(|stop| stop.in_step(step))?;
            let codes = &reading.codes.codes;
            gathered.in_batches(|first, patrons| {
                let batch = PatronBatch { place: (step, first), codes, facts: &gathered, first, patrons };
                work.work(worker, &batch, rows)
            })?;
        }
        self.note(step, &found.rejects)?;
        work.end_of_step(worker, rows);
        self.files.done(step);
        self.progress.read(found.rows.iter().sum());
        Ok(found)
    }
}
