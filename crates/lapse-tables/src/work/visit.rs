//! Any work on all patrons, a batch at a time: over files that share an ascending order segment by segment, over others
//! after reading all of them. What reads and what works know nothing of each other.

use std::path::Path;

use lapse_engine::{Codes, ExtraError, Patron};
use lapse_policy::Day;

use super::contract::{BATCH, PatronBatch, RunError, Visit, Work};
use crate::codes::Renumberings;
use crate::join::extract::Tables;
use crate::parallel::in_batches;
use crate::{Progress, ordered};

/// Does `work` on every patron of the tables in `data`, for a run on `day`; `codes` are those of its policies. `progress`
/// gets to know how far it is.
pub fn visit<W: Work>(
    data: &Path,
    day: Day,
    codes: impl Fn() -> Codes,
    threads: usize,
    progress: &Progress,
    work: &W,
) -> Result<Visit<W::Worker>, RunError> {
    match ordered::visit(data, day, codes(), threads, progress, work, ordered::SEGMENT)? {
        Some(visit) => Ok(visit),
        None => over_all(data, day, codes(), threads, progress, work),
    }
}

/// Reads all tables, then works.
pub(crate) fn over_all<W: Work>(
    data: &Path,
    day: Day,
    codes: Codes,
    threads: usize,
    progress: &Progress,
    work: &W,
) -> Result<Visit<W::Worker>, RunError> {
    let tables = Tables::open(data, work.columns())?;
    // Reading and working take about as long as each other.
    let bytes = tables.bytes();
    progress.expect(2 * bytes);
    let extract = tables.read(day, codes, threads, progress)?;
    let batches = extract.len().div_ceil(BATCH);
    let new_worker = || work.new_worker(&extract.codes);
    let (workers, _) = in_batches(threads, batches, new_worker, |worker, batch| {
        let first = batch * BATCH;
        let indexes = first..extract.len().min(first + BATCH);
        let patrons: Vec<Patron<'_>> = indexes.map(|index| extract.patron(index)).collect();
        let place = (0, first);
        work.work(worker, &PatronBatch { place, codes: &extract.codes, facts: &extract, first, patrons: &patrons })?;
        progress.did(bytes / batches as u64);
        Ok::<(), ExtraError>(())
    })?;
    let mut seen = extract.into_seen();
    // All workers knew all codes.
    let none = Codes::default();
    let same = Renumberings::of(workers.iter().map(|_| &none), &mut seen.codes);
    let workers = workers.into_iter().zip(same).collect();
    Ok(Visit { seen, workers })
}
