//! A run: from the tables of a source to the tables of decisions, written to a folder or kept in memory.

use arrow_array::RecordBatch;
use lapse_engine::Tally;
use lapse_policy::DayPolicy;

use super::contract::{Extras, Options, Output, Run, RunError, Visit};
use super::decide::Deciding;
use super::drive::drive;
use crate::source::Source;
use crate::write::{self, OutTables, RecordBatches, Rows, Written};
use crate::{Known, OutDir};

/// Decides every patron of a source by `policy`, on its day, and by `extras`, and writes the decisions (and the rejects,
/// where there are any) to `out`. The same input gives the same bytes, whatever the number of threads.
pub fn run(
    source: &dyn Source,
    policy: &DayPolicy,
    extras: Option<&dyn Extras>,
    out: &OutDir,
    options: Options<'_>,
) -> Result<Run, RunError> {
    let mut tables = OutTables::create(out, options.format)?;
    let run = decide(source, policy, extras, options, options.format.into(), &mut tables)?;
    tables.finish()?;
    if !run.seen.rejects.is_empty() {
        out.create("rejects.csv")?.write_all(&write::rejects(&run.seen.rejects))?;
    }
    Ok(run)
}

/// The decisions of a run as Arrow record batches, in the order and with the columns of the files that `run` writes as
/// Parquet.
pub struct Decided {
    /// What was read and decided.
    pub run: Run,
    /// What becomes of each membership.
    pub memberships: Vec<RecordBatch>,
    /// What becomes of each record.
    pub records: Vec<RecordBatch>,
    /// What becomes of each profile.
    pub profiles: Vec<RecordBatch>,
    /// The rows that could not be used, as `rejects.csv` has them.
    pub rejects: RecordBatch,
}

/// As [`run`], with the decisions kept in memory. The format in `options` does not matter.
pub fn run_in_memory(
    source: &dyn Source,
    policy: &DayPolicy,
    extras: Option<&dyn Extras>,
    options: Options<'_>,
) -> Result<Decided, RunError> {
    let mut batches = RecordBatches::default();
    let run = decide(source, policy, extras, options, Written::Arrow, &mut batches)?;
    let rejects = write::rejects_batch(&run.seen.rejects);
    let [memberships, records, profiles] = batches.tables;
    Ok(Decided { run, memberships, records, profiles, rejects })
}

/// Decides every patron and hands the rows to `out`.
fn decide(
    source: &dyn Source,
    policy: &DayPolicy,
    extras: Option<&dyn Extras>,
    options: Options<'_>,
    written: Written,
    out: &mut impl Output<Rows = Rows>,
) -> Result<Run, RunError> {
    let work = Deciding { policy, extras, changes_only: options.changes_only, written };
    let visit = drive(source, &Known::by(policy), options.threads, options.progress, &work, out)?;
    Ok(of_visit(visit.map(|decider| decider.tally)))
}

/// Adds up what the threads of a run counted.
pub(crate) fn of_visit(visit: Visit<Tally>) -> Run {
    let mut tally = Tally::default();
    for (of_thread, to) in &visit.workers {
        tally.add_all_as(of_thread, |code| to.library(code), |code| to.subscription(code), |code| to.source(code));
    }
    Run { seen: visit.seen, tally }
}
