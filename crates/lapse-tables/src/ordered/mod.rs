//! Files that are all sorted by patron: cut at the same patrons into segments, each read, joined and decided (and, in a run,
//! written) by itself, so that memory does not grow with the number of patrons. The order is detected, not promised: what
//! turns out otherwise, whatever is broken, and tables that are packed, of several text files or of several formats are
//! left to those who read all first.

mod cut;
mod files;
mod gathered;
mod groups;
mod order;
mod segment;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use lapse_engine::{
    Codes, Decisions, ExtraError, NewestActivity, Room, Rules, Silent, Tally, evaluate, evaluate_batch,
};
use lapse_policy::{Day, DayPolicy};

use crate::codes::{PieceCodes, Renumberings};
use crate::parallel::in_batches;
use crate::work::batches::{Stopped, write_batches};
use crate::work::contract::{Extras, Options, PatronBatch, PatronFacts, Run, RunError, Visit, Work};
use crate::write::{self, OutTables, Writer};
use crate::{Faults, Format, Progress, Reject, Rows, Seen, Table};
use files::{Buffers, Files};
use order::Order;
use segment::{Found, Segment};

/// How large a segment is, about.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Bytes of all text files together.
    bytes: u64,
    /// Patrons of a row group at the most.
    patrons: usize,
}

/// So large that segments are no trouble, and so small that they stay in a processor's cache.
pub(crate) const SEGMENT: Size = Size { bytes: 2 << 20, patrons: 16 << 10 };
/// So large where the rows of a segment become a row group, which is the better the larger it is.
const ROW_GROUP: Size = Size { bytes: 12 << 20, patrons: 64 << 10 };

/// The files are not sorted by patron, or something about them is broken.
#[derive(Debug)]
struct Unsorted;

/// Why a segment was not decided.
enum Failed {
    /// See [`Unsorted`].
    Unsorted,
    /// The extra rules cannot be asked.
    Extra(ExtraError),
}

impl From<Unsorted> for Failed {
    fn from(Unsorted: Unsorted) -> Failed {
        Failed::Unsorted
    }
}

/// Decides every patron and writes the tables, when the files in `data` are sorted by patron. None when they are not;
/// some rows are written then, which are of no use.
pub(crate) fn run(
    data: &Path,
    policy: &DayPolicy,
    extras: Option<&dyn Extras>,
    out: &mut OutTables,
    options: Options<'_>,
) -> Result<Option<Run>, RunError> {
    let size = match options.format {
        Format::Csv | Format::Ndjson => SEGMENT,
        Format::Parquet => ROW_GROUP,
    };
    run_in_segments(data, policy, extras, out, options, size)
}

fn run_in_segments(
    data: &Path,
    policy: &DayPolicy,
    extras: Option<&dyn Extras>,
    out: &mut OutTables,
    options: Options<'_>,
    size: Size,
) -> Result<Option<Run>, RunError> {
    let asked = extras.map_or(&[][..], |extras| extras.columns());
    let Ok(files) = Files::open(data, asked, options.threads, size) else { return Ok(None) };
    options.progress.expect(files.all_work());
    let codes = Codes::of(policy);
    let rules = Rules::new(policy, &codes);
    let found: Vec<OnceLock<Found>> = (0..files.steps()).map(|_| OnceLock::new()).collect();
    let workers = write_batches(
        options.threads,
        files.steps(),
        || Worker::new(policy, &codes, &rules, extras, options),
        |worker, step, rows| {
            let mut of_segment = Found::default();
            let Worker { buffers, reading, deciding } = worker;
            if let Some(segment) = files.read(step, buffers)? {
                deciding.decide(segment, reading, extras, rows, &mut of_segment)?;
                deciding.writer.seal(rows);
                files.done(step);
            }
            options.progress.read(of_segment.rows.iter().sum());
            options.progress.did(files.work(step));
            found[step].get_or_init(|| of_segment);
            Ok(())
        },
        out,
    );
    let workers = match workers {
        Ok(workers) => workers,
        Err(Stopped::Making(Failed::Unsorted)) => return Ok(None),
        Err(Stopped::Making(Failed::Extra(error))) => return Err(error.into()),
        Err(Stopped::Writing(error)) => return Err(error.into()),
    };
    let found: Vec<Found> = found.into_iter().filter_map(OnceLock::into_inner).collect();
    if !are_sorted(&files, &found) {
        return Ok(None);
    }
    let threads = workers.into_iter().map(|worker| (worker.reading.into(), worker.deciding.tally)).collect();
    let Visit { seen, workers } = together(threads, found, codes, policy.date);
    let mut tally = Tally::default();
    for (of_thread, to) in &workers {
        tally.add_all_as(of_thread, |code| to.library(code), |code| to.subscription(code));
    }
    Ok(Some(Run { seen, tally }))
}

/// Does `work` on every patron, when the files in `data` are sorted by patron, in segments of about this size. None when
/// they are not.
pub(crate) fn visit<W: Work>(
    data: &Path,
    day: Day,
    codes: Codes,
    threads: usize,
    progress: &Progress,
    work: &W,
    size: Size,
) -> Result<Option<Visit<W::Worker>>, ExtraError> {
    let Ok(files) = Files::open(data, work.columns(), threads, size) else { return Ok(None) };
    progress.expect(files.all_work());
    let new_worker = || (Buffers::default(), Reading::new(day, &codes), work.new_worker(&codes));
    let visited = in_batches(threads, files.steps(), new_worker, |(buffers, reading, worker), step| {
        let mut found = Found::default();
        if let Some(segment) = files.read(step, buffers)? {
            let gathered = segment.gather(reading, work.columns(), &mut found)?;
            let codes = reading.codes.all();
            gathered.in_batches(|first, patrons| {
                let batch = PatronBatch { place: (step, first), codes: &codes, facts: &gathered, first, patrons };
                work.work(worker, &batch).map_err(Failed::Extra)
            })?;
            files.done(step);
        }
        progress.read(found.rows.iter().sum());
        progress.did(files.work(step));
        Ok(found)
    });
    let (workers, found) = match visited {
        Ok(visited) => visited,
        Err(Failed::Unsorted) => return Ok(None),
        Err(Failed::Extra(error)) => return Err(error),
    };
    if !are_sorted(&files, &found) {
        return Ok(None);
    }
    let threads = workers.into_iter().map(|(_, reading, worker)| (reading.into(), worker)).collect();
    Ok(Some(together(threads, found, codes, day)))
}

/// A row that is out of order is a stranger's or the files are not sorted after all.
fn are_sorted(files: &Files, found: &[Found]) -> bool {
    let strays: BTreeSet<&str> = found.iter().flat_map(|of_segment| &of_segment.strays).map(String::as_str).collect();
    // Where a line end may be no end of a record, a patron cannot be looked for.
    let lines_in_quotes = found.iter().any(|of_segment| of_segment.lines_in_quotes);
    strays.is_empty() || !lines_in_quotes && matches!(files.have_any_of(&strays), Ok(false))
}

/// What one thread of a run keeps from segment to segment.
struct Worker<'a> {
    buffers: Buffers,
    reading: Reading<'a>,
    deciding: Deciding<'a>,
}

/// What one thread learns from the tables.
struct Reading<'a> {
    run: Day,
    codes: PieceCodes<'a>,
    newest: NewestActivity,
    faults: Faults,
}

/// What one thread of a run decides with, and counts.
struct Deciding<'a> {
    rules: Rules,
    writer: Writer<'a>,
    /// How many codes the rules and the writer know beyond the policy's.
    learnt: usize,
    decisions: Decisions,
    room: Room,
    tally: Tally,
}

impl<'a> Worker<'a> {
    fn new(
        policy: &DayPolicy,
        codes: &'a Codes,
        rules: &Rules,
        extras: Option<&'a dyn Extras>,
        options: Options<'_>,
    ) -> Worker<'a> {
        let deciding = Deciding {
            rules: rules.clone(),
            writer: Writer::new(codes, options.format, extras, options.changes_only),
            learnt: 0,
            decisions: Decisions::default(),
            room: Room::default(),
            tally: Tally::default(),
        };
        Worker { buffers: Buffers::default(), reading: Reading::new(policy.date, codes), deciding }
    }
}

impl<'a> Reading<'a> {
    fn new(run: Day, codes: &'a Codes) -> Reading<'a> {
        Reading {
            run,
            codes: PieceCodes::new(codes),
            newest: NewestActivity::new(run, codes.libraries.len(), codes.sources.len()),
            faults: Faults::default(),
        }
    }
}

impl Deciding<'_> {
    /// Decides each patron of a segment, and adds the rows to `rows`.
    fn decide(
        &mut self,
        segment: Segment<'_>,
        reading: &mut Reading<'_>,
        extras: Option<&dyn Extras>,
        rows: &mut write::Rows,
        found: &mut Found,
    ) -> Result<(), Failed> {
        let Some(extras) = extras else {
            segment.walk_patrons(reading, found, |codes, id, patron| {
                self.learn(codes);
                evaluate(patron, &self.rules, &mut self.decisions);
                self.tally.add(patron, &self.decisions);
                self.writer.write(id, patron, &self.decisions, rows);
            })?;
            return Ok(());
        };
        let gathered = segment.gather(reading, extras.columns(), found)?;
        self.learn(&reading.codes);
        let codes = reading.codes.all();
        let extra = extras.rules(&codes, &gathered);
        let Deciding { rules, writer, room, tally, .. } = self;
        gathered.in_batches(|first, patrons| {
            evaluate_batch(first, patrons, rules, &*extra, room, &mut Silent, |index, decisions| {
                tally.add(&patrons[index], decisions);
                writer.write(gathered.id(first + index), &patrons[index], decisions, rows);
            })
            .map_err(Failed::Extra)
        })
    }

    /// Makes the rules and the writer know the codes that were found since.
    fn learn(&mut self, codes: &PieceCodes<'_>) {
        if codes.found() > self.learnt {
            self.learnt = codes.found();
            self.rules.learn_blocks(codes.blocks.texts());
            self.writer.learn(codes.libraries.texts(), codes.subscriptions.texts());
        }
    }
}

/// What one thread read.
struct Read {
    /// The codes beyond the policy's.
    codes: Codes,
    newest: NewestActivity,
    faults: Faults,
}

impl From<Reading<'_>> for Read {
    fn from(Reading { run: _, codes, newest, faults }: Reading<'_>) -> Read {
        Read { codes: codes.into_new(), newest, faults }
    }
}

/// Adds up what the threads read and the segments found; the workers come with what their codes are here.
fn together<W>(threads: Vec<(Read, W)>, found: Vec<Found>, mut codes: Codes, day: Day) -> Visit<W> {
    let mut newest = NewestActivity::new(day, codes.libraries.len(), codes.sources.len());
    let mut faults = Faults::default();
    let renumberings = Renumberings::of(threads.iter().map(|(read, _)| &read.codes), &mut codes);
    let mut workers = Vec::new();
    for ((read, worker), to) in threads.into_iter().zip(renumberings) {
        newest.add_all(&read.newest);
        faults += read.faults;
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
    Visit { seen: Seen { patrons, codes, rejects, rows, faults, newest }, workers }
}
