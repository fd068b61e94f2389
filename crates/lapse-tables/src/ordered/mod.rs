//! The run over CSV files that are all sorted by patron: cut at the same patrons into segments, each read, joined, decided
//! and written by itself, so that memory stays flat. The order is detected, not promised: what turns out otherwise, and
//! whatever is broken, is left to the run that reads all tables first.

mod cut;
mod gathered;
mod segment;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::OnceLock;

use lapse_engine::{Codes, Decisions, ExtraError, NewestActivity, Room, Rules, Tally};
use lapse_policy::DayPolicy;

use crate::batches::{Stopped, write_batches};
use crate::codes::{PieceCodes, Renumberings};
use crate::write::{OutTables, Writer};
use crate::{Extras, Faults, Format, Options, Reject, Rows, Run, RunError, Table};
use cut::{Cut, Files};
use segment::{Found, Segment};

/// About so many bytes of all files together make a segment.
const SEGMENT: u64 = 2 << 20;
/// So many where the rows of a segment become a row group, which is the better the larger it is.
const ROW_GROUP: u64 = 12 << 20;

/// The files are not sorted by patron, or something about them is broken.
struct Unsorted;

/// Why a segment was not decided.
enum Failed {
    /// See [`Unsorted`].
    Unsorted,
    /// The extra rules cannot be asked.
    Extra(ExtraError),
}

impl From<Unsorted> for Failed {
    fn from(Unsorted: Unsorted) -> Failed {
        Failed::Unsorted
    }
}

/// Decides every patron and writes the tables, when the files in `data` are sorted by patron. None when they are not;
/// some rows are written then, which are of no use.
pub(crate) fn run(
    data: &Path,
    policy: &DayPolicy,
    extras: Option<&dyn Extras>,
    out: &mut OutTables,
    options: Options<'_>,
) -> Result<Option<Run>, RunError> {
    let segment = match options.format {
        Format::Csv | Format::Ndjson => SEGMENT,
        Format::Parquet => ROW_GROUP,
    };
    run_in_segments(data, policy, extras, out, options, segment)
}

fn run_in_segments(
    data: &Path,
    policy: &DayPolicy,
    extras: Option<&dyn Extras>,
    out: &mut OutTables,
    options: Options<'_>,
    bytes: u64,
) -> Result<Option<Run>, RunError> {
    let asked = extras.map_or(&[][..], |extras| extras.columns());
    let Ok(files) = Files::open(data, asked, options.threads, bytes) else { return Ok(None) };
    options.progress.expect(files.segments.iter().map(Cut::bytes).sum());
    let codes = Codes::of(policy);
    let rules = Rules::new(policy, &codes);
    let found: Vec<OnceLock<Found>> = files.segments.iter().map(|_| OnceLock::new()).collect();
    let workers = write_batches(
        options.threads,
        files.segments.len(),
        || Worker::new(policy, &codes, &rules, extras, options),
        |worker, index, rows| {
            let mut of_segment = Found::default();
            let segment = Segment::read(&files, index, &mut worker.buffers)?;
            segment.decide(&mut worker.state, extras, rows, &mut of_segment)?;
            worker.state.writer.seal(rows);
            options.progress.read(of_segment.rows.iter().sum());
            options.progress.did(files.segments[index].bytes());
            found[index].get_or_init(|| of_segment);
            Ok(())
        },
        out,
    );
    let counted: Vec<Counted> = match workers {
        Ok(workers) => workers.into_iter().map(Counted::from).collect(),
        Err(Stopped::Making(Failed::Unsorted)) => return Ok(None),
        Err(Stopped::Making(Failed::Extra(error))) => return Err(error.into()),
        Err(Stopped::Writing(error)) => return Err(error.into()),
    };
    let found: Vec<Found> = found.into_iter().filter_map(OnceLock::into_inner).collect();
    // A row that is out of order is a stranger's or the files are not sorted after all.
    let strays: Vec<&String> = found.iter().flat_map(|of_segment| &of_segment.strays).collect();
    let quotes = found.iter().any(|of_segment| of_segment.quotes);
    if strays.is_empty() || !quotes && matches!(files.has_any_of(&strays), Ok(false)) {
        Ok(Some(together(&counted, found, codes, policy)))
    } else {
        Ok(None)
    }
}

/// What one thread keeps from segment to segment.
struct Worker<'a> {
    buffers: [Vec<u8>; 4],
    state: State<'a>,
}

/// What one thread knows and counts.
struct State<'a> {
    codes: PieceCodes<'a>,
    rules: Rules,
    writer: Writer<'a>,
    /// How many codes the rules and the writer know beyond the policy's.
    learnt: usize,
    decisions: Decisions,
    room: Room,
    tally: Tally,
    newest: NewestActivity,
    faults: Faults,
}

impl<'a> Worker<'a> {
    fn new(
        policy: &DayPolicy,
        codes: &'a Codes,
        rules: &Rules,
        extras: Option<&'a dyn Extras>,
        options: Options<'_>,
    ) -> Worker<'a> {
        let state = State {
            codes: PieceCodes::new(codes),
            rules: rules.clone(),
            writer: Writer::new(codes, options.format, extras, options.changes_only),
            learnt: 0,
            decisions: Decisions::default(),
            room: Room::default(),
            tally: Tally::default(),
            newest: NewestActivity::new(policy.date, codes.libraries.len(), codes.sources.len()),
            faults: Faults::default(),
        };
        Worker { buffers: Default::default(), state }
    }
}

impl State<'_> {
    /// Makes the rules and the writer know the codes that were found since.
    fn learn(&mut self) {
        if self.codes.found() > self.learnt {
            self.learnt = self.codes.found();
            self.rules.learn_blocks(self.codes.blocks.texts());
            self.writer.learn(self.codes.libraries.texts(), self.codes.subscriptions.texts());
        }
    }
}

/// What one thread counted, with its codes.
struct Counted {
    /// Those beyond the policy's.
    codes: Codes,
    tally: Tally,
    newest: NewestActivity,
    faults: Faults,
}

impl From<Worker<'_>> for Counted {
    fn from(Worker { state, .. }: Worker<'_>) -> Counted {
        let State { codes, tally, newest, faults, .. } = state;
        Counted { codes: codes.into_new(), tally, newest, faults }
    }
}

/// Adds up what the threads counted and the segments found.
fn together(counted: &[Counted], found: Vec<Found>, mut codes: Codes, policy: &DayPolicy) -> Run {
    let mut tally = Tally::default();
    let mut newest = NewestActivity::new(policy.date, policy.libraries.len(), codes.sources.len());
    let mut faults = Faults::default();
    let renumberings = Renumberings::of(counted.iter().map(|of_thread| &of_thread.codes), &mut codes);
    for (of_thread, to) in counted.iter().zip(renumberings) {
        tally.add_all_as(&of_thread.tally, |code| to.libraries.of_code(code), |code| to.subscriptions.of_code(code));
        newest.add_all(&of_thread.newest);
        faults += of_thread.faults;
    }
    let mut rows = [Rows::default(); 4];
    let mut rejects: Vec<Reject> = Vec::new();
    let mut patrons = 0;
    // The first line of the first segment stands after the header.
    let mut lines = [0; 4];
    for of_segment in found {
        patrons += of_segment.patrons;
        for mut reject in of_segment.rejects {
            rows[reject.table as usize].rejected += 1;
            reject.line += lines[reject.table as usize];
            rejects.push(reject);
        }
        for table in Table::ALL {
            rows[table as usize].read += of_segment.rows[table as usize];
            lines[table as usize] += of_segment.lines[table as usize];
        }
    }
    rejects.sort();
    Run { patrons, codes, rejects, rows, faults, newest, tally }
}
