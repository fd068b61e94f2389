//! What changes for a made-up patron from one policy to another.

use lapse_cases::casefile::Column;
use lapse_cases::{Outcomes, RecordRow};
use lapse_engine::{Decisions, MembershipOutcome, ProfileOutcome, RecordOutcome};

/// What differs between the outcomes of a patron under two policies. Where several things do, the first of these counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// A membership has another outcome.
    Membership(MembershipOutcome, MembershipOutcome),
    /// The record has another outcome.
    Record(RecordOutcome, RecordOutcome),
    /// The profile has another outcome.
    Profile(ProfileOutcome, ProfileOutcome),
    /// A membership ends on another day.
    Until,
    /// Activity or finance rows of the record are kept for a longer or a shorter time.
    Retention,
}

impl Change {
    /// The first difference; none where at most the reasons differ.
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

    /// Whether a patron at a threshold of these columns was made to show this change.
    pub fn shows_in(self, columns: &[Column]) -> bool {
        columns.contains(&match self {
            Change::Membership(..) => Column::Membership,
            Change::Record(..) => Column::Record,
            Change::Profile(..) => Column::Profile,
            Change::Until => Column::ValidUntil,
            Change::Retention => Column::PseudonymiseBefore,
        })
    }

    /// A test whether a run's decisions take away what this change takes away under one of the policies; none where neither
    /// policy takes anything away.
    pub fn loss(self) -> Option<fn(&Decisions) -> bool> {
        use MembershipOutcome::Deregistered;
        match self {
            Change::Membership(one, other) if [one, other].contains(&Deregistered) => {
                Some(|decisions| decisions.memberships.iter().any(|decided| decided.outcome == Deregistered))
            }
            Change::Record(one, other) if tells_by_the_run(one, other) => {
                Some(|decisions| decisions.records.first().is_some_and(|record| goes(record.outcome)))
            }
            Change::Profile(..) => {
                Some(|decisions| decisions.profile.is_some_and(|profile| profile.outcome == ProfileOutcome::Deleted))
            }
            Change::Membership(..) | Change::Record(..) | Change::Until | Change::Retention => None,
        }
    }
}

/// Whether a record with this outcome goes from the library.
const fn goes(outcome: RecordOutcome) -> bool {
    match outcome {
        RecordOutcome::Kept | RecordOutcome::Review => false,
        RecordOutcome::Archived | RecordOutcome::Deleted | RecordOutcome::Anonymised => true,
    }
}

/// Whether the run at which the record goes tells what changes. Where it stays by both policies, or one deletes what the other
/// makes anonymous, the outcomes themselves tell it.
const fn tells_by_the_run(one: RecordOutcome, other: RecordOutcome) -> bool {
    let is_anonymous = matches!(one, RecordOutcome::Anonymised) != matches!(other, RecordOutcome::Anonymised);
    match (goes(one), goes(other)) {
        (false, false) => false,
        (true, true) => !is_anonymous,
        (true, false) | (false, true) => true,
    }
}
