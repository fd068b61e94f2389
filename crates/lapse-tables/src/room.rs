//! The room that rows which cannot be used have in memory, where they are kept until `rejects.csv` is written: in the order of
//! the tables, each with what it says of nearly known ids, which is known only at the end.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::Problem;
use crate::{Bounds, Table, TableError};

/// The room that is left. A row is noted in it before it is kept.
pub(crate) struct Room {
    most: u64,
    used: AtomicU64,
    /// In the order of [`Table::ALL`].
    tables: [OfTable; 4],
}

/// What was noted of a table.
#[derive(Default)]
struct OfTable {
    rows: AtomicU64,
    first: Mutex<Option<First>>,
}

/// The first row of a table that cannot be used, of those that were noted.
#[derive(Clone)]
pub(crate) struct First {
    /// Its place among all, whose second number is its line or counts as lines do.
    pub at: (usize, u64),
    pub file: String,
    pub column: String,
    pub problem: String,
}

/// What a row takes beside its value, in bytes.
const ROW: usize = 256;

impl Room {
    pub fn new(bounds: Bounds) -> Room {
        Room { most: bounds.rejects, used: AtomicU64::new(0), tables: Default::default() }
    }

    /// Notes a row whose value has this many bytes; `what` says more of it. False where there is no room for it.
    #[cold]
    pub fn note(&self, table: Table, at: (usize, u64), value: usize, what: impl FnOnce() -> First) -> bool {
        let OfTable { rows, first } = &self.tables[table as usize];
        rows.fetch_add(1, Ordering::Relaxed);
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|first| at < first.at) {
            *first = Some(what());
        }
        let bytes = (ROW + value) as u64;
        self.used.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.most
    }

    /// What is told where there is no room for a row of `table`, in a folder or not. `line` gives the line of the first row.
    pub fn full(&self, table: Table, folder: &Path, line: impl FnOnce((usize, u64)) -> u64) -> TableError {
        let OfTable { rows, first } = &self.tables[table as usize];
        // Other threads may find no room at the same moment, and tell the same.
        let first = first.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let first = first.expect("a row was noted before there is no room");
        let problem = Problem::Rejects {
            rows: rows.load(Ordering::Relaxed),
            line: line(first.at),
            column: first.column,
            problem: first.problem,
        };
        TableError { path: folder.join(first.file), place: None, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_threads_without_room_at_once_would_have_panicked() {
        let room = Room::new(Bounds { rejects: 0, ..Bounds::default() });
        let first = || First {
            at: (0, 2),
            file: "a.csv".to_owned(),
            column: "patron_id".to_owned(),
            problem: "odd".to_owned(),
        };
        for _ in 0..2 {
            assert!(!room.note(Table::Activity, (0, 2), 1, first));
        }
        let told = [(), ()].map(|()| room.full(Table::Activity, Path::new("data"), |(_, line)| line).to_string());
        assert!(told[0].starts_with("data/a.csv: 2 rows of this table"), "{}", told[0]);
        assert_eq!(told[0], told[1]);
    }
}
