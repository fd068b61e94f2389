//! Where patrons come from when they are worked on: from sorted files segment by segment, or from tables that were all read
//! before. Both hand them out in numbered steps, and this takes the steps.

use lapse_engine::{Codes, ExtraError};

use super::contract::{Output, Work};
use super::in_order::{Stopped, in_order};
use crate::Progress;

/// Patrons in numbered steps, which any thread takes. They are begun in their order.
pub(crate) trait Steps: Sync {
    /// What one thread reads with, and keeps from step to step.
    type Reader: Send;
    /// What a step finds beside its patrons.
    type Found: Send;
    /// Why a step cannot be taken.
    type Stop: From<ExtraError> + Send;

    /// How many steps there are.
    fn count(&self) -> usize;

    /// What a step counts for in the progress.
    fn work(&self, step: usize) -> u64;

    /// What a thread needs to read with.
    fn new_reader(&self) -> Self::Reader;

    /// Does the work on the patrons of a step.
    fn take<W: Work>(
        &self,
        step: usize,
        reader: &mut Self::Reader,
        work: &W,
        worker: &mut W::Worker,
        rows: &mut W::Rows,
    ) -> Result<Self::Found, Self::Stop>;
}

/// What came of all steps: for each thread what it read with and its worker, for each step what it found.
pub(crate) type Taken<S, W> = (Vec<(<S as Steps>::Reader, <W as Work>::Worker)>, Vec<<S as Steps>::Found>);

/// Does the work on the patrons of all steps; `codes` are those with which all threads begin.
pub(crate) fn take_steps<S: Steps, W: Work, O: Output<Rows = W::Rows>>(
    steps: &S,
    codes: &Codes,
    threads: usize,
    progress: &Progress,
    work: &W,
    out: &mut O,
) -> Result<Taken<S, W>, Stopped<S::Stop>> {
    let new_worker = || (steps.new_reader(), work.new_worker(codes));
    let take = |(reader, worker): &mut (S::Reader, W::Worker), step: usize, rows: &mut W::Rows| {
        let found = steps.take(step, reader, work, worker, rows)?;
        progress.did(steps.work(step));
        Ok(found)
    };
    in_order(threads, steps.count(), new_worker, take, out)
}
