//! Any work on all patrons: over files that share an ascending order segment by segment, over others after reading all of
//! them. What reads and what works know nothing of each other.

use lapse_engine::Codes;

use super::contract::{Nothing, Output, RunError, Visit, Work};
use super::in_order::Stopped;
use super::steps::take_steps;
use super::whole::Whole;
use crate::codes::Renumberings;
use crate::foreknown::Foreknown;
use crate::join::extract::Tables;
use crate::ordered::{self, Size, Within};
use crate::source::{Source, Unchanged};
use crate::{Known, Progress, ReadWhole, Seen};

/// Does `work` on every patron of a source, for a run by policies that know `known`. `progress` gets to know
/// how far it is.
pub fn visit<W: Work<Rows = ()>>(
    source: &dyn Source,
    known: &Known,
    threads: usize,
    progress: &Progress,
    work: &W,
) -> Result<Visit<W::Worker>, RunError> {
    drive(source, known, threads, progress, work, &mut Nothing)
}

/// Does `work` as [`visit`] does, and hands the rows that it makes to `out` in the order of the patrons. The same input gives
/// the same rows, whatever the number of threads.
pub fn drive<W: Work, O: Output<Rows = W::Rows>>(
    source: &dyn Source,
    known: &Known,
    threads: usize,
    progress: &Progress,
    work: &W,
    out: &mut O,
) -> Result<Visit<W::Worker>, RunError> {
    Unchanged::during(source, || {
        let foreknown = &Foreknown::of(source, work.columns(), known)?;
        let how = How { known, foreknown, threads, progress };
        let size = Size::of(out.large_steps());
        match in_segments(source, how, work, out, size)? {
            Ok(visit) => Ok(visit),
            Err(why) => {
                out.start_again()?;
                let mut visit = over_all(source, how, work, out)?;
                visit.seen.read_whole = why;
                Ok(visit)
            }
        }
    })
}

/// By what and how work is done.
#[derive(Clone, Copy)]
pub(crate) struct How<'a> {
    pub known: &'a Known,
    pub foreknown: &'a Foreknown,
    pub threads: usize,
    pub progress: &'a Progress,
}

/// Works on sorted files, in segments of about this size: once more, where the rows say otherwise than what was foreknown by
/// the columns. Otherwise the reason why the tables must be read whole, where it is one that people can do something about.
pub(crate) fn in_segments<W: Work, O: Output<Rows = W::Rows>>(
    source: &dyn Source,
    how: How<'_>,
    work: &W,
    out: &mut O,
    size: Size,
) -> Result<Result<Visit<W::Worker>, Option<ReadWhole>>, RunError> {
    let mut foreknown = how.foreknown.clone();
    loop {
        let mut visit = match once_in_segments(source, How { foreknown: &foreknown, ..how }, work, out, size)? {
            Ok(visit) => visit,
            Err(why) => return Ok(Err(why)),
        };
        let Seen { rejects, counts, .. } = &mut visit.seen;
        match foreknown.corrected(source, rejects, counts, how.threads)? {
            None => {
                foreknown.tell(rejects);
                return Ok(Ok(visit));
            }
            Some(better) => foreknown = better,
        }
        out.start_again()?;
    }
}

/// Works on sorted files, in segments of about this size, with what is foreknown.
fn once_in_segments<W: Work, O: Output<Rows = W::Rows>>(
    source: &dyn Source,
    How { known, foreknown, threads, progress }: How<'_>,
    work: &W,
    out: &mut O,
    size: Size,
) -> Result<Result<Visit<W::Worker>, Option<ReadWhole>>, RunError> {
    let Some(folder) = source.folder() else { return Ok(Err(None)) };
    let folder = Within { path: folder, bounds: source.bounds() };
    let segments = match ordered::Segments::open(folder, known, foreknown, threads, progress, size) {
        Ok(segments) => segments,
        Err(unsorted) => return Ok(Err(unsorted.into_why(|_, _, line| (None, line)))),
    };
    let taken = match take_steps(&segments, known.codes(), threads, progress, work, out) {
        Ok(taken) => taken,
        Err(Stopped::Writing(error)) => return Err(error.into()),
        Err(Stopped::Step(ordered::Stop::Extra(error))) => return Err(error.into()),
        Err(Stopped::Step(ordered::Stop::Table(error))) => return Err((*error).into()),
        Err(Stopped::Step(ordered::Stop::Unsorted(unsorted))) => return Ok(Err(segments.why(unsorted))),
    };
    let (threads, found) = taken;
    Ok(segments.finish(threads, found).map_err(|unsorted| segments.why(unsorted)))
}

/// Reads all tables, then works.
pub(crate) fn over_all<W: Work, O: Output<Rows = W::Rows>>(
    source: &dyn Source,
    How { known, foreknown, threads, progress }: How<'_>,
    work: &W,
    out: &mut O,
) -> Result<Visit<W::Worker>, RunError> {
    let tables = Tables::open(source, &foreknown.asked)?;
    // Reading and working take about as long as each other.
    let reading = tables.work();
    progress.expect(reading.saturating_mul(2));
    let extract = tables.read(known, foreknown.told, threads, progress)?;
    let steps = Whole::new(&extract, out.large_steps(), reading);
    let workers = match take_steps(&steps, &extract.codes, threads, progress, work, out) {
        Ok((workers, _)) => workers,
        Err(Stopped::Writing(error)) => return Err(error.into()),
        Err(Stopped::Step(error)) => return Err(error.into()),
    };
    let mut seen = extract.into_seen();
    // All workers knew all codes.
    let none = Codes::default();
    let same = Renumberings::of(workers.iter().map(|_| &none), &mut seen.codes);
    let workers = workers.into_iter().map(|((), worker)| worker).zip(same).collect();
    Ok(Visit { seen, workers })
}
