//! Sorted files of either kind in steps: a step reads a segment, or unpacks what later segments need.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::cut::Cuts;
use super::groups::{Groups, Share};
use super::segment::Segment;
use super::{Size, Unsorted};
use crate::source::{Folder, FolderTable};
use crate::{AskedColumn, Bounds, Format, Table, WholeCause};

/// Files that are sorted by patron as far as one can see without reading them.
pub(super) enum Files {
    /// Text files, which are cut at bytes.
    Cuts(Box<Cuts>),
    /// Parquet files, which are cut at rows.
    Groups(Box<Groups>),
}

/// The folder of the files, and how much each may hold.
#[derive(Clone, Copy)]
pub(crate) struct Within<'a> {
    pub path: &'a Path,
    pub bounds: Bounds,
}

/// Where one thread puts what it reads.
#[derive(Default)]
pub(super) struct Buffers {
    texts: [Vec<u8>; 4],
    shares: [Vec<Share>; 4],
}

impl Files {
    /// Opens the files in a folder and cuts them into segments of about this size.
    pub fn open(folder: Within<'_>, asked: &[AskedColumn], threads: usize, size: Size) -> Result<Files, Unsorted> {
        let mut tables: [Option<FolderTable>; 4] = [const { None }; 4];
        for table in Table::ALL {
            let files = Folder::files(folder.path, table, &AskedColumn::names(asked, table), folder.bounds);
            tables[table as usize] = files.map_err(|_| Unsorted::broken())?;
        }
        let is_parquet = |table: &FolderTable| table.files.iter().all(|file| file.format == Format::Parquet);
        let of_patrons = tables[Table::Patrons as usize].as_ref().is_some_and(is_parquet);
        if let Some(other) = tables.iter().flatten().find(|&table| is_parquet(table) != of_patrons) {
            return Err(Unsorted::of(other.table, &other.files[0].name, WholeCause::OtherFormat));
        }
        if of_patrons {
            Ok(Files::Groups(Box::new(Groups::open(tables, size.patrons)?)))
        } else {
            Ok(Files::Cuts(Box::new(Cuts::open(tables, threads, size.bytes)?)))
        }
    }

    /// How many steps there are. They are begun in their order.
    pub fn steps(&self) -> usize {
        match self {
            Files::Cuts(files) => files.segments(),
            Files::Groups(files) => files.steps(),
        }
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

    /// Says that the segment which a step read is not needed any more.
    pub fn done(&self, step: usize) {
        match self {
            Files::Cuts(_) => {}
            Files::Groups(files) => files.done(step),
        }
    }

    /// The file of a table and the line, or row, of the first row that comes after one with a greater id, looked for near a
    /// step first.
    pub fn first_break(&self, table: Table, step: usize) -> Option<(Arc<str>, u64)> {
        match self {
            Files::Cuts(files) => files.first_break(table, step),
            Files::Groups(files) => files.first_break(table, step),
        }
    }

    /// How many lines of a text stand before a step from which lines are counted; none where rows are not lines.
    pub fn lines_before(&self, table: Table, step: usize) -> u64 {
        match self {
            Files::Cuts(files) => files.lines_before(table, step),
            Files::Groups(_) => 0,
        }
    }

    /// The first of `ids` that a patron has. Each line of a text of patrons must be a record.
    pub fn first_of<'i>(&self, ids: &BTreeSet<&'i str>) -> Result<Option<&'i str>, Unsorted> {
        match self {
            Files::Cuts(files) => files.first_of(ids),
            Files::Groups(files) => files.first_of(ids),
        }
    }
}
