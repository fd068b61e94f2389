//! Every patron of an extract to the engine, and the decisions to files: in batches side by side, written in order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use lapse_engine::{Decisions, ExtraError, ExtraRules, Patron, Room, Rules, Silent, Tally, evaluate, evaluate_batch};

use crate::write::{self, Rows, TABLES, Writer};
use crate::{Extract, OutDir, OutDirError};

/// So many patrons are decided at a time by one thread.
const BATCH: usize = 4096;
/// So many batches for each thread may wait for their turn to be written.
const WAITING: usize = 4;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Leave out `valid`, `expired` and `kept` rows.
    pub changes_only: bool,
    /// How many threads decide.
    pub threads: usize,
}

/// Why a run came to nothing.
#[derive(Debug)]
pub enum DecideError {
    /// The decisions cannot be written.
    Out(OutDirError),
    /// The plugins cannot be asked.
    Extra(ExtraError),
}

impl From<OutDirError> for DecideError {
    fn from(error: OutDirError) -> DecideError {
        DecideError::Out(error)
    }
}

/// Decides every patron of `extract` by `rules` and writes the tables (and the rejects, where there are any) to `out`.
/// The same input gives the same bytes, whatever the number of threads.
pub fn decide(extract: &Extract, rules: &Rules, out: &OutDir, options: Options) -> Result<Tally, OutDirError> {
    decide_with(extract, rules, None, out, options).map_err(|error| match error {
        DecideError::Out(error) => error,
        DecideError::Extra(_) => unreachable!("no extra rules were asked"),
    })
}

/// As [`decide`], with what `extra` says of each batch of patrons.
pub fn decide_with(
    extract: &Extract,
    rules: &Rules,
    extra: Option<&dyn ExtraRules>,
    out: &OutDir,
    options: Options,
) -> Result<Tally, DecideError> {
    let mut files = Vec::new();
    for (name, header) in TABLES {
        let mut file = out.create(&format!("{name}.csv"))?;
        file.write_all(header.as_bytes())?;
        files.push(file);
    }
    let tally = decide_all(extract, rules, extra, options, |rows| {
        files.iter_mut().zip(rows).try_for_each(|(file, rows)| file.write_all(rows))
    })?;
    if !extract.rejects.is_empty() {
        out.create("rejects.csv")?.write_all(&write::rejects(&extract.rejects))?;
    }
    Ok(tally)
}

fn decide_all(
    extract: &Extract,
    rules: &Rules,
    extra: Option<&dyn ExtraRules>,
    options: Options,
    mut write: impl FnMut(&Rows) -> Result<(), OutDirError>,
) -> Result<Tally, DecideError> {
    let writer = Writer::new(&extract.codes, extra, options.changes_only);
    let threads = options.threads.max(1);
    // Empty rows go round: a worker takes some, fills them and sends them to be written, and they come back empty. So
    // a thread that is ahead of the others waits, and memory stays bounded.
    let (give_back, empty) = channel::<Rows>();
    let (send, receive) = channel();
    for _ in 0..threads * WAITING {
        give_back.send(Rows::default()).expect("the other end is held below");
    }
    let work = Work { extract, rules, extra, writer: &writer, next: AtomicUsize::new(0), empty: Mutex::new(empty) };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let send = send.clone();
                scope.spawn(|| work.batches(send))
            })
            .collect();
        drop(send);
        let written = write_in_order(receive, give_back, &mut write);
        let mut tally = Tally::default();
        for worker in workers {
            match worker.join() {
                Ok(of_worker) => tally.add_all(&of_worker),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        written.map(|()| tally)
    })
}

/// Writes batches as they come, in their order. Ends early, and the workers with it, when writing or deciding fails.
#[expect(clippy::needless_pass_by_value, reason = "both ends must be dropped when writing fails, so that workers end")]
fn write_in_order(
    receive: Receiver<(usize, Result<Rows, ExtraError>)>,
    give_back: Sender<Rows>,
    write: &mut impl FnMut(&Rows) -> Result<(), OutDirError>,
) -> Result<(), DecideError> {
    let mut waiting = BTreeMap::new();
    let mut turn = 0;
    for (batch, rows) in receive {
        waiting.insert(batch, rows.map_err(DecideError::Extra)?);
        while let Some(mut rows) = waiting.remove(&turn) {
            write(&rows)?;
            rows.iter_mut().for_each(Vec::clear);
            // The workers are gone when the last batch is done; nobody needs the rows then.
            let _ = give_back.send(rows);
            turn += 1;
        }
    }
    Ok(())
}

struct Work<'a> {
    extract: &'a Extract,
    rules: &'a Rules,
    extra: Option<&'a dyn ExtraRules>,
    writer: &'a Writer<'a>,
    next: AtomicUsize,
    empty: Mutex<Receiver<Rows>>,
}

impl Work<'_> {
    /// Decides batches until none is left, or until nobody writes them any more.
    #[expect(clippy::needless_pass_by_value, reason = "the sender must be dropped when the worker ends")]
    fn batches(&self, send: Sender<(usize, Result<Rows, ExtraError>)>) -> Tally {
        let mut tally = Tally::default();
        let mut room = Room::default();
        loop {
            // Rows before a batch number: a worker that has a number can always finish it.
            let Ok(mut rows) = self.empty.lock().unwrap_or_else(PoisonError::into_inner).recv() else { break };
            let batch = self.next.fetch_add(1, Ordering::Relaxed);
            let start = batch * BATCH;
            if start >= self.extract.len() {
                break;
            }
            let end = self.extract.len().min(start + BATCH);
            let decided = match self.extra {
                None => {
                    self.built_in(start..end, &mut tally, &mut rows);
                    Ok(())
                }
                Some(extra) => self.with(extra, start..end, &mut room, &mut tally, &mut rows),
            };
            if send.send((batch, decided.map(|()| rows))).is_err() {
                break;
            }
        }
        tally
    }

    fn built_in(&self, batch: Range<usize>, tally: &mut Tally, rows: &mut Rows) {
        let mut decisions = Decisions::default();
        for index in batch {
            let patron = self.extract.patron(index);
            evaluate(&patron, self.rules, &mut decisions);
            tally.add(&patron, &decisions);
            self.writer.write(self.extract.ids.get(index), &patron, &decisions, rows);
        }
    }

    fn with(
        &self,
        extra: &dyn ExtraRules,
        batch: Range<usize>,
        room: &mut Room,
        tally: &mut Tally,
        rows: &mut Rows,
    ) -> Result<(), ExtraError> {
        let patrons: Vec<Patron<'_>> = batch.clone().map(|index| self.extract.patron(index)).collect();
        evaluate_batch(batch.start, &patrons, self.rules, extra, room, &mut Silent, |index, decisions| {
            tally.add(&patrons[index], decisions);
            self.writer.write(self.extract.ids.get(batch.start + index), &patrons[index], decisions, rows);
        })
    }
}
