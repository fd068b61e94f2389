//! What those who work on patrons agree on: how to run, what a run gives back, what rules from outside get to know.

use std::fmt;

use lapse_engine::{Codes, ExtraError, ExtraReason, ExtraRules, Patron, Tally};
use lapse_policy::Day;

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
#[derive(Debug)]
pub enum RunError {
    /// A table cannot be read.
    Table(TableError),
    /// The output cannot be written.
    Out(OutDirError),
    /// The extra rules cannot be asked.
    Extra(ExtraError),
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

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Table(error) => error.fmt(f),
            RunError::Out(error) => error.fmt(f),
            RunError::Extra(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RunError {}

impl From<TableError> for RunError {
    fn from(error: TableError) -> RunError {
        RunError::Table(error)
    }
}

impl From<ExtraError> for RunError {
    fn from(error: ExtraError) -> RunError {
        RunError::Extra(error)
    }
}

impl From<OutDirError> for RunError {
    fn from(error: OutDirError) -> RunError {
        RunError::Out(error)
    }
}

/// So many patrons are worked on at a time by one thread.
pub(crate) const BATCH: usize = 4096;

/// Work on patrons.
pub trait Work: Sync {
    /// What one thread keeps from batch to batch.
    type Worker: Send;

    /// Columns beyond the contract, which the tables must have.
    fn columns(&self) -> &[AskedColumn];

    /// A worker for patrons whose codes start with these.
    fn new_worker(&self, codes: &Codes) -> Self::Worker;

    /// Does the work on a batch.
    fn work(&self, worker: &mut Self::Worker, batch: &PatronBatch<'_>) -> Result<(), ExtraError>;
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
