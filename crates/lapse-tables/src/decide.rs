//! Every patron of an extract to the engine, and the decisions to files, batch by batch.

use std::convert::Infallible;

use lapse_engine::{Decisions, Rules, Tally, evaluate};

use crate::batches::{Stopped, write_batches};
use crate::write::{OutTables, Writer};
use crate::{Extract, Options, OutDirError};

/// So many patrons are decided at a time by one thread.
const BATCH: usize = 4096;

/// Decides every patron of `extract` by `rules` and writes the three tables to `out`. The same input gives the same
/// bytes, whatever the number of threads.
pub(crate) fn decide(
    extract: &Extract,
    rules: &Rules,
    out: &mut OutTables,
    options: Options,
) -> Result<Tally, OutDirError> {
    let writer = Writer::new(&extract.codes, options.changes_only);
    let worker = || (Tally::default(), Decisions::default());
    let tallies = write_batches(
        options.threads,
        extract.len().div_ceil(BATCH),
        worker,
        |(tally, decisions), batch, rows| {
            let start = batch * BATCH;
            for index in start..extract.len().min(start + BATCH) {
                let patron = extract.patron(index);
                evaluate(&patron, rules, decisions);
                tally.add(&patron, decisions);
                writer.write(extract.ids.get(index), &patron, decisions, rows);
            }
            Ok::<(), Infallible>(())
        },
        |rows| out.write(rows),
    );
    match tallies {
        Ok(tallies) => {
            let mut all = Tally::default();
            for (tally, _) in tallies {
                all.add_all(&tally);
            }
            Ok(all)
        }
        Err(Stopped::Writing(error)) => Err(error),
        Err(Stopped::Making(never)) => match never {},
    }
}
