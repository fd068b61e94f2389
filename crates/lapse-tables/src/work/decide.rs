//! Every patron of an extract to the engine, and the decisions to files, batch by batch.

use lapse_engine::{Decisions, ExtraError, ExtraRules, Patron, Room, Rules, Silent, Tally, evaluate, evaluate_batch};

use super::batches::{Stopped, write_batches};
use super::contract::{BATCH, Extras, Options, RunError};
use crate::Format;
use crate::join::Extract;
use crate::write::{OutTables, Writer};

/// So many where the rows of a batch become a row group, which is the better the larger it is.
const ROW_GROUP: usize = 64 << 10;

/// Decides every patron of `extract` by `rules`, with what `extra` says of each batch in the words of `words`, and writes
/// the three tables to `out`. The same input gives the same bytes, whatever the number of threads. `work` is what it counts
/// for in the progress.
pub(crate) fn decide(
    extract: &Extract,
    rules: &Rules,
    extra: Option<&dyn ExtraRules>,
    words: Option<&dyn Extras>,
    out: &mut OutTables,
    options: Options<'_>,
    work: u64,
) -> Result<Tally, RunError> {
    let writer = Writer::new(&extract.codes, options.format, words, options.changes_only);
    let batch_size = match options.format {
        Format::Csv | Format::Ndjson => BATCH,
        Format::Parquet => ROW_GROUP,
    };
    let batches = extract.len().div_ceil(batch_size);
    let tallies = write_batches(
        options.threads,
        batches,
        || (Tally::default(), Decisions::default(), Room::default()),
        |(tally, decisions, room), batch, rows| {
            let end = extract.len().min((batch + 1) * batch_size);
            for start in (batch * batch_size..end).step_by(BATCH) {
                let indexes = start..end.min(start + BATCH);
                let Some(extra) = extra else {
                    for index in indexes {
                        let patron = extract.patron(index);
                        evaluate(&patron, rules, decisions);
                        tally.add(&patron, decisions);
                        writer.write(extract.ids.get(index), &patron, decisions, rows);
                    }
                    continue;
                };
                let patrons: Vec<Patron<'_>> = indexes.map(|index| extract.patron(index)).collect();
                evaluate_batch(start, &patrons, rules, extra, room, &mut Silent, |index, decisions| {
                    tally.add(&patrons[index], decisions);
                    writer.write(extract.ids.get(start + index), &patrons[index], decisions, rows);
                })?;
            }
            writer.seal(rows);
            options.progress.did(work / batches as u64);
            Ok::<(), ExtraError>(())
        },
        out,
    );
    match tallies {
        Ok(tallies) => {
            let mut all = Tally::default();
            for (tally, ..) in tallies {
                all.add_all(&tally);
            }
            Ok(all)
        }
        Err(Stopped::Writing(error)) => Err(RunError::Out(error)),
        Err(Stopped::Making(error)) => Err(RunError::Extra(error)),
    }
}
