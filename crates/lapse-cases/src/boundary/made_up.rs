//! A made-up patron at a boundary, and what the outcome shows in.

use lapse_policy::Day;

use crate::casefile::{Column, Facts};

/// A made-up patron at a boundary.
#[derive(Clone, Debug)]
pub struct Boundary {
    /// The subscription, or what of the library.
    pub subject: String,
    /// What is special about the patron, to follow the subject.
    pub what: String,
    /// The day of the run.
    pub date: Day,
    /// The patron.
    pub facts: Facts,
    /// What the outcome shows in.
    pub shows: &'static [Column],
}

/// What the outcome of a membership shows in.
pub(super) const MEMBERSHIP: &[Column] = &[Column::Membership, Column::MembershipReason, Column::ValidUntil];
/// What the outcome of a record shows in.
pub(super) const RECORD: &[Column] = &[Column::Record, Column::RecordReasons];
/// What the outcome of a profile shows in.
pub(super) const PROFILE: &[Column] = &[Column::Profile, Column::ProfileReasons];
/// What the retention of a record shows in.
pub(super) const RETENTION: &[Column] = &[Column::PseudonymiseBefore, Column::PurgeFinanceBefore];
