//! What a run, a change of policy or the months to come bring, as values that other programs can show, add up and write.
//!
//! 1. [`Summary`] counts what a run read and decided. Summaries of parts of a run add up to that of the whole; the guards
//!    are judged on the sum. [`attention`] says what a person should look at. [`unknown_codes`] finds the codes that a run would
//!    not know.
//! 2. [`compare`] says what two policies mean differently, and finds made-up patrons who come out otherwise.
//! 3. [`impact`] has two policies decide about the same patrons, and says who moves and which line of the policy decides.
//! 4. [`forecast`] has every run to come decide about the patrons if nobody does anything.
//! 5. [`standing`] has the policy of a library on a day, each value with where it comes from.
//! 6. [`pages`] hands each of these to lapse-report, for a page that people read.
#![doc = include_str!("../README.md")]

pub mod attention;
pub mod compare;
mod decide;
pub mod entries;
mod error;
mod few;
pub mod forecast;
pub mod impact;
pub mod pages;
pub mod standing;
mod summary;
mod unknown;

pub use compare::Comparison;
pub use error::ChangeError;
pub use few::few;
pub use forecast::Forecast;
pub use impact::Impact;
pub use standing::Standing;
pub use summary::{
    Before, BeforeError, CodeRows, Compared, Concern, Note, OfRun, OtherRun, Rejects, Summary, UnknownFacts, notes,
};
pub use unknown::{UnknownCode, unknown_codes};
