//! One case.

use std::ops::Range;

use lapse_policy::Day;

use super::expect::Expectation;
use super::facts::Facts;

/// A made-up patron on a day, and what is expected.
pub struct Case {
    /// What it shows, in a sentence.
    pub name: String,
    /// Where the name stands.
    pub span: Range<usize>,
    /// The day of the run.
    pub date: Day,
    /// The patron.
    pub facts: Facts,
    /// In the order of the file.
    pub expectations: Vec<Expectation>,
}
