//! How far a run has come, for another thread to look at while it works.

use std::sync::atomic::{AtomicU64, Ordering};

/// How far a run has come, to be looked at at any time by whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    expected: AtomicU64,
    done: AtomicU64,
    rows: AtomicU64,
}

/// How far a run had come at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// The share of the work that is done, from 0 to 1.
    pub share: f64,
    /// The rows that were read.
    pub rows: u64,
}

impl Progress {
    /// How far the run is now.
    pub fn look(&self) -> Look {
        let [expected, done, rows] =
            [&self.expected, &self.done, &self.rows].map(|count| count.load(Ordering::Relaxed));
        #[expect(clippy::cast_precision_loss, reason = "a share for people")]
        let share = if expected == 0 { 0.0 } else { (done as f64 / expected as f64).min(1.0) };
        Look { share, rows }
    }

    /// This much is to be done; what was done before does not count any more.
    pub(crate) fn expect(&self, work: u64) {
        self.expected.store(work, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.rows.store(0, Ordering::Relaxed);
    }

    /// This much of what is to be done was done, in the unit in which the source counts it.
    pub fn did(&self, work: u64) {
        self.done.fetch_add(work, Ordering::Relaxed);
    }

    /// This many rows were read.
    pub(crate) fn read(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }
}
