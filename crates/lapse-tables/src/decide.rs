//! Every patron of an extract to the engine, and the decisions to files, batch by batch.

use lapse_engine::{Decisions, ExtraError, ExtraRules, Patron, Room, Rules, Silent, Tally, evaluate, evaluate_batch};

use crate::batches::{Stopped, write_batches};
use crate::write::{OutTables, Writer};
use crate::{Extract, Extras, Options, RunError};

/// So many patrons are decided at a time by one thread.
const BATCH: usize = 4096;

/// Decides every patron of `extract` by `rules`, with what `extra` says of each batch in the words of `words`, and writes the three tables to
/// `out`. The same input gives the same bytes, whatever the number of threads.
pub(crate) fn decide(
    extract: &Extract,
    rules: &Rules,
    extra: Option<&dyn ExtraRules>,
    words: Option<&dyn Extras>,
    out: &mut OutTables,
    options: Options,
) -> Result<Tally, RunError> {
    let writer = Writer::new(&extract.codes, words, options.changes_only);
    let tallies = write_batches(
        options.threads,
        extract.len().div_ceil(BATCH),
        || (Tally::default(), Decisions::default(), Room::default()),
        |(tally, decisions, room), batch, rows| {
            let start = batch * BATCH;
            let indexes = start..extract.len().min(start + BATCH);
            let Some(extra) = extra else {
                for index in indexes {
                    let patron = extract.patron(index);
                    evaluate(&patron, rules, decisions);
                    tally.add(&patron, decisions);
                    writer.write(extract.ids.get(index), &patron, decisions, rows);
                }
                return Ok::<(), ExtraError>(());
            };
            let patrons: Vec<Patron<'_>> = indexes.map(|index| extract.patron(index)).collect();
            evaluate_batch(start, &patrons, rules, extra, room, &mut Silent, |index, decisions| {
                tally.add(&patrons[index], decisions);
                writer.write(extract.ids.get(start + index), &patrons[index], decisions, rows);
            })
        },
        |rows| out.write(rows),
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
