//! What changes for a made-up patron between two policies, the first of several things.

use lapse_cases::casefile::Column;
use lapse_cases::{Outcomes, RecordRow};
use lapse_engine::{Decisions, MembershipOutcome, ProfileOutcome, RecordOutcome};

/// What is different about an outcome, the first that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// A membership comes out otherwise.
    Membership(MembershipOutcome, MembershipOutcome),
    /// The record does.
    Record(RecordOutcome, RecordOutcome),
    /// The profile does.
    Profile(ProfileOutcome, ProfileOutcome),
    /// A membership ends on another day.
    Until,
    /// The data that goes with the record is kept for another time.
    Retention,
}

impl Change {
    /// None where only reasons differ, or nothing.
    pub fn of(before: &Outcomes, after: &Outcomes) -> Option<Change> {
        let memberships = || before.memberships.iter().zip(&after.memberships);
        let records = || before.records.iter().zip(&after.records);
        let (mut rows, mut both) = (memberships(), records());
        if let Some((one, other)) = rows.find(|(one, other)| one.outcome != other.outcome) {
            return Some(Change::Membership(one.outcome, other.outcome));
        }
        if let Some((one, other)) = both.find(|(one, other)| one.outcome != other.outcome) {
            return Some(Change::Record(one.outcome, other.outcome));
        }
        if let (Some(one), Some(other)) = (&before.profile, &after.profile)
            && one.outcome != other.outcome
        {
            return Some(Change::Profile(one.outcome, other.outcome));
        }
        if memberships().any(|(one, other)| one.valid_until != other.valid_until) {
            return Some(Change::Until);
        }
        let cut_offs = |row: &RecordRow| (row.pseudonymise_before, row.purge_finance_before);
        records().any(|(one, other)| cut_offs(one) != cut_offs(other)).then_some(Change::Retention)
    }

    /// Whether a patron who is at a boundary of these columns is there to show it.
    pub fn shows_in(self, columns: &[Column]) -> bool {
        columns.contains(&match self {
            Change::Membership(..) => Column::Membership,
            Change::Record(..) => Column::Record,
            Change::Profile(..) => Column::Profile,
            Change::Until => Column::ValidUntil,
            Change::Retention => Column::PseudonymiseBefore,
        })
    }

    /// Whether what is lost on one side is lost by a run's decisions; none where nothing is lost on either.
    pub fn loss(self) -> Option<fn(&Decisions) -> bool> {
        use MembershipOutcome::Deregistered;
        match self {
            Change::Membership(one, other) if [one, other].contains(&Deregistered) => {
                Some(|decisions| decisions.memberships.iter().any(|decided| decided.outcome == Deregistered))
            }
            Change::Record(..) => {
                Some(|decisions| decisions.records.first().is_some_and(|record| record.outcome != RecordOutcome::Kept))
            }
            Change::Profile(..) => {
                Some(|decisions| decisions.profile.is_some_and(|profile| profile.outcome == ProfileOutcome::Deleted))
            }
            Change::Membership(..) | Change::Until | Change::Retention => None,
        }
    }
}
