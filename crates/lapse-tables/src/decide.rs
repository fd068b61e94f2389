//! Every patron of an extract to the engine, and the decisions to files, batch by batch.

use std::convert::Infallible;

use lapse_engine::{Decisions, Rules, Tally, evaluate};

use crate::batches::{Stopped, write_batches};
use crate::write::{OutTables, Writer};
use crate::{Extract, Format, Options, OutDirError};

/// So many patrons are decided at a time by one thread.
const BATCH: usize = 4096;
/// So many where the rows of a batch become a row group, which is the better the larger it is.
const ROW_GROUP: usize = 64 << 10;

/// Decides every patron of `extract` by `rules` and writes the three tables to `out`. The same input gives the same
/// bytes, whatever the number of threads. `work` is what it counts for in the progress.
pub(crate) fn decide(
    extract: &Extract,
    rules: &Rules,
    out: &mut OutTables,
    options: Options<'_>,
    work: u64,
) -> Result<Tally, OutDirError> {
    let writer = Writer::new(&extract.codes, options.format, options.changes_only);
    let batch_size = match options.format {
        Format::Csv | Format::Ndjson => BATCH,
        Format::Parquet => ROW_GROUP,
    };
    let batches = extract.len().div_ceil(batch_size);
    let worker = || (Tally::default(), Decisions::default());
    let tallies = write_batches(
        options.threads,
        batches,
        worker,
        |(tally, decisions), batch, rows| {
            let start = batch * batch_size;
            for index in start..extract.len().min(start + batch_size) {
                let patron = extract.patron(index);
                evaluate(&patron, rules, decisions);
                tally.add(&patron, decisions);
                writer.write(extract.ids.get(index), &patron, decisions, rows);
            }
            writer.seal(rows);
            options.progress.did(work / batches as u64);
            Ok::<(), Infallible>(())
        },
        out,
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
