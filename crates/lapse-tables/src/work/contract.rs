//! What those who work on patrons agree on: how to run, what a run gives back, what rules from outside get to know.

use lapse_engine::{Codes, ExtraError, ExtraReason, ExtraRules, Patron, Tally};
use lapse_policy::Day;
use thiserror::Error;

use crate::codes::Renumberings;
use crate::{AskedColumn, Format, OutDirError, Progress, Seen, TableError};

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Leave out `valid`, `expired` and `kept` rows.
    pub changes_only: bool,
    /// How the tables are written.
    pub format: Format,
    /// How many threads work.
    pub threads: usize,
    /// Gets to know how far the run is.
    pub progress: &'a Progress,
}

/// What a run read and decided.
pub struct Run {
    /// What was read.
    pub seen: Seen,
    /// The outcomes, counted.
    pub tally: Tally,
}

/// Why a run stopped; nothing was written (exit code 2).
#[derive(Debug, Error)]
pub enum RunError {
    /// A table cannot be read.
    #[error("{0}")]
    Table(#[from] TableError),
    /// The output cannot be written.
    #[error("{0}")]
    Out(#[from] OutDirError),
    /// The extra rules cannot be asked.
    #[error("{0}")]
    Extra(#[from] ExtraError),
}

/// Rules from outside, and what they need to know.
pub trait Extras: Sync {
    /// Columns beyond the contract, which the tables must have.
    fn columns(&self) -> &[AskedColumn];

    /// The rules over patrons with these codes, whose tables were read with these columns.
    fn rules<'a>(&'a self, codes: &'a Codes, facts: &'a dyn PatronFacts) -> Box<dyn ExtraRules + 'a>;

    /// The word for one of their reasons.
    fn word(&self, reason: ExtraReason) -> &str;
}

/// What is known about patrons beyond what the engine knows, by their place.
pub trait PatronFacts: Sync {
    /// The id.
    fn id(&self, patron: usize) -> &str;

    /// The birth date, where it is known.
    fn birth_date(&self, patron: usize) -> Option<Day>;

    /// The text of a column that was asked for, by its place among those, in a row of the patron: the number of the
    /// membership or account, 0 for the row in `patrons`.
    fn asked(&self, column: usize, patron: usize, row: usize) -> &str;
}

/// This many patrons are worked on at a time by one thread, at the most.
pub(crate) const BATCH: usize = 4096;

/// Work on patrons.
pub trait Work: Sync {
    /// What one thread keeps from batch to batch.
    type Worker: Send;
    /// The rows that the work on the patrons of a step makes, to be written in the order of the patrons; `()` where it makes
    /// none.
    type Rows: Send;

    /// Columns beyond the contract, which the tables must have.
    fn columns(&self) -> &[AskedColumn];

    /// Whether each patron comes in a batch of its own, as soon as it is read, without the columns that are asked for. That
    /// takes the least time and memory, but is of no use to work that takes many patrons at once.
    fn one_by_one(&self) -> bool {
        false
    }

    /// A worker for patrons whose codes start with these.
    fn new_worker(&self, codes: &Codes) -> Self::Worker;

    /// Does the work on a batch, and adds what it makes to `rows`.
    fn work(&self, worker: &mut Self::Worker, batch: &PatronBatch<'_>, rows: &mut Self::Rows)
    -> Result<(), ExtraError>;

    /// Does what is left to do with the rows of a step before they are written, on the thread that made them.
    fn end_of_step(&self, _worker: &mut Self::Worker, _rows: &mut Self::Rows) {}
}

/// Where the rows of work go, step by step.
pub trait Output {
    /// The rows of a step.
    type Rows: Send;

    /// Empty rows, to be filled.
    fn empty(&self) -> Self::Rows;

    /// Takes the rows of the next step, and leaves them empty.
    fn take(&mut self, rows: &mut Self::Rows) -> Result<(), OutDirError>;

    /// Forgets all that was taken: the first step will come once more.
    fn start_again(&mut self) -> Result<(), OutDirError>;

    /// Whether steps should have many patrons, because each becomes something that is the better the larger it is.
    fn large_steps(&self) -> bool {
        false
    }
}

/// The output of work that makes no rows.
pub(crate) struct Nothing;

impl Output for Nothing {
    type Rows = ();

    fn empty(&self) {}

    fn take(&mut self, (): &mut ()) -> Result<(), OutDirError> {
        Ok(())
    }

    fn start_again(&mut self) -> Result<(), OutDirError> {
        Ok(())
    }
}

/// Patrons who are worked on together.
pub struct PatronBatch<'a> {
    /// Its place among all; batches come to the threads in no order.
    pub place: (usize, usize),
    /// The codes of the patrons; those beyond the codes that were given are the worker's own.
    pub codes: &'a Codes,
    /// What else is known about them, and about others.
    pub facts: &'a dyn PatronFacts,
    /// The place of the first of them there.
    pub first: usize,
    /// The patrons.
    pub patrons: &'a [Patron<'a>],
}

/// What was read, and what came of the work.
pub struct Visit<W> {
    /// What was read.
    pub seen: Seen,
    /// The workers, with what the codes of each are in `codes`.
    pub workers: Vec<(W, Renumberings)>,
}

impl<W> Visit<W> {
    /// The same with something else in place of each worker.
    pub(crate) fn map<V>(self, of: impl Fn(W) -> V) -> Visit<V> {
        let workers = self.workers.into_iter().map(|(worker, to)| (of(worker), to)).collect();
        Visit { seen: self.seen, workers }
    }
}
