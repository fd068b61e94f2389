//! Sorted files of either kind in steps: a step reads a segment, or unpacks what later segments need.

use std::path::Path;

use super::cut::Csv;
use super::groups::{Parquet, Share};
use super::segment::Segment;
use super::{Size, Unsorted};
use crate::AskedColumn;

/// Files that are sorted by patron as far as one can see without reading them.
pub(super) enum Files {
    Csv(Box<Csv>),
    Parquet(Box<Parquet>),
}

/// Where one thread puts what it reads.
#[derive(Default)]
pub(super) struct Buffers {
    texts: [Vec<u8>; 4],
    shares: [Vec<Share>; 4],
}

impl Files {
    /// Opens the files in `data` and cuts them into segments of about this size.
    pub fn open(data: &Path, asked: &[AskedColumn], threads: usize, size: Size) -> Result<Files, Unsorted> {
        match Parquet::open(data, asked, size.patrons) {
            Ok(parquet) => Ok(Files::Parquet(Box::new(parquet))),
            Err(Unsorted) => Ok(Files::Csv(Box::new(Csv::open(data, asked, threads, size.bytes)?))),
        }
    }

    /// How many steps there are. They are begun in their order.
    pub fn steps(&self) -> usize {
        match self {
            Files::Csv(files) => files.segments(),
            Files::Parquet(files) => files.steps(),
        }
    }

    /// What a step counts for in the progress.
    pub fn work(&self, step: usize) -> u64 {
        match self {
            Files::Csv(files) => files.bytes(step),
            Files::Parquet(files) => files.rows(step),
        }
    }

    /// Takes a step: gives the segment, if it reads one.
    pub fn read<'a>(&'a self, step: usize, buffers: &'a mut Buffers) -> Result<Option<Segment<'a>>, Unsorted> {
        match self {
            Files::Csv(files) => files.read(step, &mut buffers.texts).map(Some),
            Files::Parquet(files) => files.read(step, &mut buffers.shares),
        }
    }

    /// The segment that a step read is done with.
    pub fn done(&self, step: usize) {
        match self {
            Files::Csv(_) => {}
            Files::Parquet(files) => files.done(step),
        }
    }

    /// Whether one of `ids` may be that of a patron. Each line of the patrons must be a record.
    pub fn may_have_any_of(&self, ids: &[&String]) -> Result<bool, Unsorted> {
        match self {
            Files::Csv(files) => files.has_any_of(ids),
            Files::Parquet(_) => Ok(true),
        }
    }
}
