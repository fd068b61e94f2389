//! What was read of the tables, apart from the patrons themselves.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use lapse_engine::{BlocksId, Codes, LibraryId, NewestActivity, Told};
use lapse_policy::Day;

use crate::{ReadWhole, Reject};

/// What was read of an extract, without the patrons themselves.
pub struct Seen {
    /// How many patrons there are.
    pub patrons: usize,
    /// Every code that the tables use, the policy's, or those that were given, first.
    pub codes: Codes,
    /// The rows that could not be used, by table and line.
    pub rejects: Vec<Reject>,
    /// How many rows each table has, usable or not, in the order of [`crate::Table::ALL`].
    pub rows: [Rows; 4],
    /// What is odd about the data but usable.
    pub faults: Faults,
    /// The newest activity of each source.
    pub newest: NewestActivity,
    /// The newest day up to the run on which somebody was active or a membership began.
    pub newest_date: Option<Day>,
    /// How many usable rows name each code.
    pub counts: RowCounts,
    /// What the extract tells about anybody.
    pub told: Told,
    /// Why the tables were read whole rather than segment by segment, where they are files that could be otherwise.
    pub read_whole: Option<ReadWhole>,
}

/// How many rows were read and rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// All of them.
    pub read: u64,
    /// Those that cannot be used.
    pub rejected: u64,
}

/// How many usable rows name each code, by its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// By library, of each table in the order of [`crate::Table::ALL`]; `patrons` names none.
    pub libraries: [Vec<u64>; 4],
    /// Memberships by subscription, over all libraries.
    pub subscriptions: Vec<u64>,
    /// Activity by source.
    pub sources: Vec<u64>,
    /// Accounts by library and the cell that names their blocks.
    pub blocks: HashMap<(LibraryId, BlocksId), u64, RandomState>,
}

impl RowCounts {
    /// Whether there is a usable row of activity.
    pub fn has_activity(&self) -> bool {
        self.sources.iter().any(|&rows| rows > 0)
    }
}

/// Data faults that reject no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Activity rows with a date after the run; each counts as activity on the run day.
    pub activity_after_run: u64,
    /// Profiles last active after the run.
    pub profiles_after_run: u64,
    /// Accounts settled after the run.
    pub settled_after_run: u64,
    /// Activity rows whose date looks like an empty one (1900-01-01, 1970-01-01); each is no activity.
    pub activity_that_looks_empty: u64,
    /// Memberships that begin on such a day, which stands.
    pub starts_that_look_empty: u64,
}

impl std::ops::AddAssign for Faults {
    fn add_assign(&mut self, other: Faults) {
        self.activity_after_run += other.activity_after_run;
        self.profiles_after_run += other.profiles_after_run;
        self.settled_after_run += other.settled_after_run;
        self.activity_that_looks_empty += other.activity_that_looks_empty;
        self.starts_that_look_empty += other.starts_that_look_empty;
    }
}
