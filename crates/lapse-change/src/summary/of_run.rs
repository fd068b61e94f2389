//! Of which run a summary is. Parts of different runs do not add up to anything: the guards and the notes are judged by one
//! policy on one day.

use std::fmt;

use lapse_policy::Day;
use thiserror::Error;

/// A run: its policy and its day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfRun {
    /// The fingerprint of the policy ([`lapse_policy::Policy::fingerprint`]).
    pub policy: String,
    /// The run day.
    pub day: Day,
}

impl fmt::Display for OfRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by the policy {:.12}", self.day, self.policy)
    }
}

/// Summaries that are not of one run were to be added up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a part of the run of {part} cannot be added to the run of {sum}; add up parts of one run only")]
pub struct OtherRun {
    /// The run of the sum so far.
    pub sum: OfRun,
    /// The run of the part.
    pub part: OfRun,
}
