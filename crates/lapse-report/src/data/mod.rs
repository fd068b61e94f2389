//! What goes into the pages: plain facts, in the engine's words, without a sentence or a language.
//! The commands fill these; sums over libraries are made here, so that what a page shows adds up.

mod diff;
mod forecast;
mod run;

use lapse_policy::Day;

pub use diff::{DiffReport, Moved, MovedWhat, Why};
pub use forecast::{AmendmentMark, Course, ForecastReport, Letter, Letters, LibraryForecast, MonthCounts};
pub use lapse_engine::{AgeBand, BeforeAfter, Moves};
pub use run::{Change, Changed, RunReport};

/// What every page says of itself.
#[derive(Clone, Debug)]
pub struct Head {
    /// The name of the consortium.
    pub consortium: String,
    /// The day of the run; of the first one in a forecast.
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
    /// What the tables name it by.
    pub code: String,
    /// The name for people; none: the policy does not know the code.
    pub name: Option<String>,
}

/// What a person should look at before anybody acts on the page.
#[derive(Clone, Debug)]
pub enum Attention {
    /// Rows of a table that could not be used; their patrons are held.
    Rejected {
        /// The table.
        table: String,
        /// How many.
        rows: u64,
    },
    /// Memberships whose library or subscription the policy does not know.
    NoPolicy {
        /// The code of the library.
        library: String,
        /// The code of the subscription.
        subscription: String,
        /// How many.
        memberships: u64,
    },
    /// Activity rows with a date after the run.
    ActivityAfterRun(u64),
    /// Profiles last active after the run.
    ProfilesAfterRun(u64),
}
