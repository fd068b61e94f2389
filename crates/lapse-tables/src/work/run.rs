//! A run from the tables of an extract to the tables of decisions: over files that share an ascending order piece by
//! piece, over others by reading all of them first.

use std::fmt;
use std::path::Path;

use lapse_engine::{Codes, ExtraError, ExtraReason, ExtraRules, Rules, Tally};
use lapse_policy::{Day, DayPolicy};

use crate::extract::Tables;
use crate::write::{self, OutTables};
use crate::{AskedColumn, Format, OutDir, OutDirError, Progress, Seen, TableError, decide, ordered};

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

/// Decides every patron of the tables in `data` by `policy`, on its day, and by `extras`, and writes the decisions (and
/// the rejects, where there are any) to `out`. The same input gives the same bytes, whatever the number of threads.
pub fn run(
    data: &Path,
    policy: &DayPolicy,
    extras: Option<&dyn Extras>,
    out: &OutDir,
    options: Options<'_>,
) -> Result<Run, RunError> {
    let mut tables = OutTables::create(out, options.format)?;
    let run = if let Some(run) = ordered::run(data, policy, extras, &mut tables, options)? {
        run
    } else {
        tables = OutTables::create(out, options.format)?;
        over_all(data, policy, extras, &mut tables, options)?
    };
    tables.finish()?;
    if !run.seen.rejects.is_empty() {
        out.create("rejects.csv")?.write_all(&write::rejects(&run.seen.rejects))?;
    }
    Ok(run)
}

/// Reads all tables, then decides.
pub(crate) fn over_all(
    data: &Path,
    policy: &DayPolicy,
    extras: Option<&dyn Extras>,
    out: &mut OutTables,
    options: Options<'_>,
) -> Result<Run, RunError> {
    let columns = extras.map_or(&[][..], |extras| extras.columns());
    let tables = Tables::open(data, columns)?;
    // Reading and deciding take about as long as each other.
    let work = tables.bytes();
    options.progress.expect(2 * work);
    let extract = tables.read(policy.date, Codes::of(policy), options.threads, options.progress)?;
    let rules = Rules::new(policy, &extract.codes);
    let extra = extras.map(|extras| extras.rules(&extract.codes, &extract));
    let tally = decide::decide(&extract, &rules, extra.as_deref(), extras, out, options, work)?;
    drop(extra);
    Ok(Run { seen: extract.into_seen(), tally })
}
