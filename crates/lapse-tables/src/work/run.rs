//! A run from the tables of an extract to the tables of decisions: over files that share an ascending order piece by
//! piece, over others by reading all of them first.

use std::path::Path;

use lapse_engine::{Codes, Rules};
use lapse_policy::DayPolicy;

use super::contract::{Extras, Options, Run, RunError};
use super::decide;
use crate::join::extract::Tables;
use crate::write::{self, OutTables};
use crate::{OutDir, ordered};

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
