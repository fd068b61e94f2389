//! What is decided about one made-up patron, in the words of the output tables.

use lapse_engine::{Decisions, MembershipOutcome, ProfileOutcome, RecordOutcome};
use lapse_explain::DayRun;
use lapse_policy::Day;

/// What is decided about one patron, in the words of the output tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// In the order of the facts.
    pub memberships: Vec<MembershipRow>,
    /// By first appearance of the library.
    pub records: Vec<RecordRow>,
    /// None where there is no profile.
    pub profile: Option<ProfileRow>,
}

/// A row of the output table `memberships`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipRow {
    /// Where.
    pub library: String,
    /// Its type.
    pub subscription: String,
    /// What happens.
    pub outcome: MembershipOutcome,
    /// Why.
    pub reason: String,
    /// After the run.
    pub valid_until: Option<Day>,
    /// What was compared.
    pub last_activity: Option<Day>,
}

/// A row of the output table `records`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Where.
    pub library: String,
    /// What happens.
    pub outcome: RecordOutcome,
    /// Why.
    pub reasons: Vec<String>,
    /// Activity before this day loses its patron.
    pub pseudonymise_before: Option<Day>,
    /// Finance rows before this day are deleted.
    pub purge_finance_before: Option<Day>,
}

/// A row of the output table `profiles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileRow {
    /// What happens.
    pub outcome: ProfileOutcome,
    /// Why.
    pub reasons: Vec<String>,
}

impl Outcomes {
    /// The decisions about the patron at `index` in the words of the output tables.
    pub(crate) fn of(run: &DayRun<'_>, index: usize, decisions: &Decisions) -> Outcomes {
        let word = |reason| run.word(reason);
        let codes = &run.extract.codes;
        let named = |entry| codes.entry(entry);
        let memberships = run.extract.patron(index).memberships.iter().zip(&decisions.memberships);
        Outcomes {
            memberships: memberships
                .map(|(membership, decided)| MembershipRow {
                    library: codes.libraries.text(membership.library).to_owned(),
                    subscription: codes.subscriptions.text(membership.subscription).to_owned(),
                    outcome: decided.outcome,
                    reason: decided.reason_in_words(named, word).to_owned(),
                    valid_until: decided.valid_until,
                    last_activity: decided.last_activity,
                })
                .collect(),
            records: decisions
                .records
                .iter()
                .map(|record| RecordRow {
                    library: codes.libraries.text(record.library).to_owned(),
                    outcome: record.outcome,
                    reasons: record
                        .reasons_in_words(
                            decisions.keeps_of(record.library).map(|keep| named(keep.keep)),
                            decisions.extra_reasons(record.library),
                            word,
                        )
                        .map(str::to_owned)
                        .collect(),
                    pseudonymise_before: record.pseudonymise_before,
                    purge_finance_before: record.purge_finance_before,
                })
                .collect(),
            profile: decisions.profile.map(|profile| ProfileRow {
                outcome: profile.outcome,
                reasons: profile.reasons_in_words().map(str::to_owned).collect(),
            }),
        }
    }
}
