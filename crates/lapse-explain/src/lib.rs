//! A patron's story, as data: what the tables say, each rule that was tried with what it compared, the policy line
//! behind it, and what later runs bring. There is no second copy of the rules here: the engine tells each rule as it
//! tries it, and this crate puts it into sentences.
//!
//! 1. [`explain`] reads the tables, finds the patron and tells the whole [`Story`].
//! 2. [`DayRun`] is the run of a day over patrons that are already at hand: [`DayRun::decide`] decides about one of them, and
//!    [`DayRun::why`] tells the rules of the three stages, from `customer_run`, `cleanup` and `profile`.
//! 3. `later` looks at the runs to come.
#![doc = include_str!("../README.md")]

mod asked;
mod cleanup;
mod customer_run;
mod day_run;
mod entries;
mod error;
mod known;
mod later;
mod profile;
mod retention;
mod story;
mod tell;

pub use day_run::DayRun;
pub use entries::{EntryOfPolicy, tests_before};
pub use error::ExplainError;
pub use story::{Chapter, Fact, Later, LaterRun, Step, Story, Why};
pub use tell::explain;
