//! Made-up patrons at the points where a policy decides, and what happens to them.
//!
//! 1. [`casefile`] reads and writes case files: made-up patrons with what people expect to happen to them.
//! 2. [`Trial`] has such patrons decided on a day of a policy, on the same way as the data of a run; [`Outcomes`] is what
//!    was decided, in the words of the output tables.
//! 3. [`suite`] runs case files, and says what did not come out as expected; [`junit`] writes the results for a CI system.
//! 4. [`boundary`] makes the patrons that stand at the thresholds of a policy, and writes them as a case file.
//! 5. [`coverage`] says what of a policy no case exercises.
#![doc = include_str!("../README.md")]

pub mod boundary;
pub mod casefile;
pub mod coverage;
mod deciding;
mod error;
pub mod junit;
mod outcomes;
pub mod suite;
mod trial;
mod vocabulary;

pub use deciding::Deciding;
pub use error::CasesError;
pub use outcomes::{MembershipRow, Outcomes, ProfileRow, RecordRow};
pub use trial::{Explained, Trial, Unusable};
