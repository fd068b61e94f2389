//! What was read of the tables, apart from the patrons themselves.

use lapse_engine::{Codes, NewestActivity};

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

/// Data faults that reject no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Activity rows with a date after the run; each counts as activity on the run day.
    pub activity_after_run: u64,
    /// Profiles last active after the run.
    pub profiles_after_run: u64,
}

impl std::ops::AddAssign for Faults {
    fn add_assign(&mut self, other: Faults) {
        self.activity_after_run += other.activity_after_run;
        self.profiles_after_run += other.profiles_after_run;
    }
}
