//! What every source of rows keeps to, be it a folder of files, Arrow record batches in memory or a database in another
//! crate: a source has tables, a table hands out pieces in its order, and any thread turns a piece into records, some at a
//! time, so that what is called through a pointer is called once for many rows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lapse_engine::Told;

use super::gap::Gap;
use super::together::Together;
use crate::{Bounds, Progress, Table, TableError};

/// Where the rows of the four tables come from.
pub trait Source: Sync {
    /// Opens a table, with the columns beyond its own that are `asked` for by name, which it must have. None where the source
    /// has no such table; whether it may be absent is for the reader to judge.
    fn table(&self, table: Table, asked: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError>;

    /// What lies beside the tables and may have been meant as one of them.
    fn gaps_beside(&self) -> Result<Vec<Gap>, TableError> {
        Ok(Vec::new())
    }

    /// The folder in which all tables are files, for a source that is one. Sorted files are read from there segment by
    /// segment, without going through [`Source::table`].
    fn folder(&self) -> Option<&Path> {
        None
    }

    /// How much its files may hold.
    fn bounds(&self) -> Bounds {
        Bounds::default()
    }

    /// The files that the tables are in, which must be the same at the end of a run as at its start.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// The columns that are not meant as those whose names they nearly have.
    fn ignored_columns(&self) -> &[String] {
        &[]
    }

    /// Whether ids that nearly match are those of two patrons, so that no row holds a patron whose id it nearly has.
    fn ids_are_exact(&self) -> bool {
        false
    }

    /// For a source that has some rows of another: what the whole tells about anybody.
    fn told_by_the_whole(&self) -> Option<Told> {
        None
    }
}

/// A table of a source.
pub trait TableSource: Sync {
    /// The parts that the table comes in, such as files, by the names that people are told. A record says of which part it is
    /// by the place in this list, from 0.
    fn parts(&self) -> &[Arc<str>];

    /// How much there is to read, in any unit; a source that cannot know says 0.
    fn work(&self) -> u64;

    /// The names of the columns of each part that can tell them without being read; no part needs to. Of accounts whose
    /// columns nobody tells none is known, so that they let no record go for what they do not say.
    fn columns(&self) -> Result<Vec<PartColumns>, TableError> {
        Ok(Vec::new())
    }

    /// The pieces of the table in its order. `progress` is told through [`Progress::did`] how much of [`TableSource::work`]
    /// is done, by whoever does it.
    fn pieces<'p>(&'p self, progress: &'p Progress) -> Pieces<'p>;
}

/// The pieces of a table, one after the other.
pub type Pieces<'p> = Box<dyn Iterator<Item = Result<Box<dyn Piece + 'p>, TableError>> + Send + 'p>;

/// A piece of a table, which any thread may read by itself.
pub trait Piece: Send {
    /// The next records of the piece; none at its end. A piece that is large when it is unpacked gives them in several lots,
    /// each of which is done with before the next is asked for.
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError>;
}

/// Records that follow each other, each at a later place of the table than the one before ([`super::RowPlace`]).
pub trait Records<'a> {
    /// Reads the next records into `together`; false at the end. Fields that the source does not have are left alone.
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError>;
}

/// The columns that a part of a table says it has.
#[derive(Clone, Debug)]
pub struct PartColumns {
    /// The part, as people are told.
    pub part: Arc<str>,
    /// Their names.
    pub names: Vec<String>,
}
