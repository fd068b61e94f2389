//! Why files are not read segment by segment after all.

use std::sync::Arc;

use lapse_engine::ExtraError;

use crate::{ReadWhole, Table, TableError, WholeCause};

/// The files are not sorted by patron, or cannot be read segment by segment for another reason. Small, because every step of
/// the walk may come back with one.
#[derive(Debug)]
pub(crate) struct Unsorted(Box<Found>);

/// What was found, and where.
#[derive(Debug)]
struct Found {
    why: Option<ReadWhole>,
    /// The step in which it was found.
    step: Option<usize>,
}

impl Unsorted {
    /// Something about the files is broken. Who reads all of them will say what, so it is not said here.
    pub fn broken() -> Unsorted {
        Unsorted(Box::new(Found { why: None, step: None }))
    }

    /// It is this about that file of a table.
    #[cold]
    pub fn of(table: Table, file: &Arc<str>, cause: WholeCause) -> Unsorted {
        Unsorted(Box::new(Found { why: Some(ReadWhole { table, file: file.clone(), cause }), step: None }))
    }

    /// This row of a table comes after one with a greater id.
    #[cold]
    pub fn at(table: Table, file: &Arc<str>, line: u64) -> Unsorted {
        Unsorted::of(table, file, WholeCause::NotSorted { line })
    }

    /// The same, found in a step.
    pub fn in_step(mut self, step: usize) -> Unsorted {
        self.0.step = Some(step);
        self
    }

    /// What people are told, if it is for them. A step that finds a table out of order does not always know the row, or on
    /// which line of the file it stands, so `find` looks for it, told the table, the step and the line that is known.
    pub fn into_why(self, find: impl FnOnce(Table, usize, u64) -> (Option<Arc<str>>, u64)) -> Option<ReadWhole> {
        let Found { why, step } = *self.0;
        let mut why = why?;
        if let (Some(step), WholeCause::NotSorted { line }) = (step, &mut why.cause) {
            let (file, found) = find(why.table, step, *line);
            *line = found;
            why.file = file.unwrap_or(why.file);
        }
        Some(why)
    }
}

/// Why a segment was not taken.
pub(crate) enum Stop {
    /// See [`Unsorted`].
    Unsorted(Unsorted),
    /// The extra rules cannot be asked.
    Extra(ExtraError),
    /// There is no room for the rows of a table that cannot be used.
    Table(Box<TableError>),
}

impl Stop {
    /// The same, found in a step.
    pub fn in_step(self, step: usize) -> Stop {
        match self {
            Stop::Unsorted(unsorted) => Stop::Unsorted(unsorted.in_step(step)),
            other @ (Stop::Extra(_) | Stop::Table(_)) => other,
        }
    }
}

impl From<Unsorted> for Stop {
    fn from(unsorted: Unsorted) -> Stop {
        Stop::Unsorted(unsorted)
    }
}

impl From<ExtraError> for Stop {
    fn from(error: ExtraError) -> Stop {
        Stop::Extra(error)
    }
}
