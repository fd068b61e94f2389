//! The patrons of tables that were all read before, in steps of many patrons.

use std::slice;

use lapse_engine::{ExtraError, Patron};

use super::contract::{BATCH, PatronBatch, Work};
use super::steps::Steps;
use crate::join::Extract;

/// This many patrons where the rows of a step become a row group, which is the better the larger it is.
const LARGE: usize = 64 << 10;

/// An extract in steps.
pub(crate) struct Whole<'a> {
    extract: &'a Extract,
    /// How many patrons a step has.
    size: usize,
    /// What all steps together count for in the progress.
    work: u64,
}

impl<'a> Whole<'a> {
    pub fn new(extract: &'a Extract, large_steps: bool, work: u64) -> Whole<'a> {
        Whole { extract, size: if large_steps { LARGE } else { BATCH }, work }
    }
}

impl Steps for Whole<'_> {
    type Reader = ();
    type Found = ();
    type Stop = ExtraError;

    fn count(&self) -> usize {
        self.extract.len().div_ceil(self.size)
    }

    fn work(&self, _: usize) -> u64 {
        self.work / self.count() as u64
    }

    fn new_reader(&self) {}

    fn take<W: Work>(
        &self,
        step: usize,
        (): &mut (),
        work: &W,
        worker: &mut W::Worker,
        rows: &mut W::Rows,
    ) -> Result<(), ExtraError> {
        let extract = self.extract;
        let first = step * self.size;
        let patrons = first..extract.len().min(first + self.size);
        let mut each = |first: usize, patrons: &[Patron<'_>]| {
            let place = (0, first);
            work.work(worker, &PatronBatch { place, codes: &extract.codes, facts: extract, first, patrons }, rows)
        };
        if work.one_by_one() {
            for index in patrons {
                each(index, slice::from_ref(&extract.patron(index)))?;
            }
        } else {
            for first in patrons.clone().step_by(BATCH) {
                let batch = first..patrons.end.min(first + BATCH);
                let batch: Vec<Patron<'_>> = batch.map(|index| extract.patron(index)).collect();
                each(first, &batch)?;
            }
        }
        work.end_of_step(worker, rows);
        Ok(())
    }
}
