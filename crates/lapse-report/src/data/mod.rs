//! What goes into the pages: plain facts, in the engine's words, without a sentence or a language. The sums over libraries
//! are made here, so that what a page shows adds up.

mod diff;
mod forecast;
mod run;

use lapse_policy::Day;

pub use diff::{DiffReport, Loosening, Moved, MovedWhat, Why};
pub use forecast::{AmendmentMark, ForecastReport, Letter, Letters, LibraryForecast, MonthCounts, RunCounts};
pub use lapse_engine::{AgeBand, Attention, BeforeAfter, Moves};
pub use run::{Change, Changed, Compared, Missing, RunReport};

/// What every page says of itself.
#[derive(Clone, Debug)]
pub struct Head {
    /// The name of the consortium.
    pub consortium: String,
    /// The day of the run; in a forecast, of the first run.
    pub date: Day,
    /// The version of the program.
    pub version: String,
    /// The policies that decided.
    pub policies: Vec<PolicyVersion>,
}

/// A policy directory as it was.
#[derive(Clone, Debug)]
pub struct PolicyVersion {
    /// What the user calls it: a folder or a Git revision.
    pub name: String,
    /// The fingerprint of its files.
    pub fingerprint: String,
}

/// A library, or a code in the tables that the policy does not know.
#[derive(Clone, Debug)]
pub struct Library {
    /// The code by which the tables name it.
    pub code: String,
    /// The name for people; none where the policy does not know the code.
    pub name: Option<String>,
}
