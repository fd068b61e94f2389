//! Sorted files of either kind in steps: a step reads a segment, or unpacks what later segments need.

use std::collections::BTreeSet;
use std::path::Path;

use super::cut::Cuts;
use super::groups::{Groups, Share};
use super::segment::Segment;
use super::{Size, Unsorted};
use crate::AskedColumn;

/// Files that are sorted by patron as far as one can see without reading them.
pub(super) enum Files {
    /// Texts, by bytes.
    Cuts(Box<Cuts>),
    /// Parquet, by rows.
    Groups(Box<Groups>),
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
        match Groups::open(data, asked, size.patrons) {
            Ok(groups) => Ok(Files::Groups(Box::new(groups))),
            Err(Unsorted) => Ok(Files::Cuts(Box::new(Cuts::open(data, asked, threads, size.bytes)?))),
        }
    }

    /// How many steps there are. They are begun in their order.
    pub fn steps(&self) -> usize {
        match self {
            Files::Cuts(files) => files.segments(),
            Files::Groups(files) => files.steps(),
        }
    }

    /// What all steps count for in the progress.
    pub fn all_work(&self) -> u64 {
        (0..self.steps()).map(|step| self.work(step)).sum()
    }

    /// What a step counts for in the progress.
    pub fn work(&self, step: usize) -> u64 {
        match self {
            Files::Cuts(files) => files.bytes(step),
            Files::Groups(files) => files.work(step),
        }
    }

    /// Takes a step: gives the segment, if it reads one.
    pub fn read<'a>(&'a self, step: usize, buffers: &'a mut Buffers) -> Result<Option<Segment<'a>>, Unsorted> {
        match self {
            Files::Cuts(files) => files.read(step, &mut buffers.texts).map(Some),
            Files::Groups(files) => files.read(step, &mut buffers.shares),
        }
    }

    /// The segment that a step read is done with.
    pub fn done(&self, step: usize) {
        match self {
            Files::Cuts(_) => {}
            Files::Groups(files) => files.done(step),
        }
    }

    /// Whether one of `ids` is that of a patron. Each line of a text of patrons must be a record.
    pub fn have_any_of(&self, ids: &BTreeSet<&str>) -> Result<bool, Unsorted> {
        match self {
            Files::Cuts(files) => files.has_any_of(ids),
            Files::Groups(files) => files.has_any_of(ids),
        }
    }
}
