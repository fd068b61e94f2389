//! What a case expects: words and days of the output tables, each of a membership, a record or the profile.

use std::ops::Range;

use lapse_engine::{KeepReason, MembershipOutcome, MembershipReason, ProfileOutcome, ProfileReason, RecordOutcome};

use super::write::quoted;
use crate::outcomes::Outcomes;

/// What a case file writes for an empty cell of an output table.
pub const NONE: &str = "none";

/// A key of `expect`: a column of an output table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The outcome of a membership.
    Membership,
    /// Its reason.
    MembershipReason,
    /// Its last valid day after the run.
    ValidUntil,
    /// The last activity that was compared.
    LastActivity,
    /// The outcome of a record.
    Record,
    /// Its reasons.
    RecordReasons,
    /// Activity before this day loses its patron.
    PseudonymiseBefore,
    /// Finance rows before this day are deleted.
    PurgeFinanceBefore,
    /// The outcome of the profile.
    Profile,
    /// Its reasons.
    ProfileReasons,
}

/// What a value of a column is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Each membership at a library, in their order.
    Memberships,
    /// The record at a library.
    Record,
    /// The patron.
    Profile,
}

impl Column {
    /// Every column, in the order in which they are written.
    pub const ALL: [Column; 10] = [
        Column::Membership,
        Column::MembershipReason,
        Column::ValidUntil,
        Column::LastActivity,
        Column::Record,
        Column::RecordReasons,
        Column::PseudonymiseBefore,
        Column::PurgeFinanceBefore,
        Column::Profile,
        Column::ProfileReasons,
    ];

    /// The key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Column::Membership => "membership",
            Column::MembershipReason => "membership_reason",
            Column::ValidUntil => "valid_until",
            Column::LastActivity => "last_activity",
            Column::Record => "record",
            Column::RecordReasons => "record_reasons",
            Column::PseudonymiseBefore => "pseudonymise_before",
            Column::PurgeFinanceBefore => "purge_finance_before",
            Column::Profile => "profile",
            Column::ProfileReasons => "profile_reasons",
        }
    }

    /// The keys that name it. A list of reasons is often written in the plural.
    pub fn keys(self) -> impl Iterator<Item = &'static str> {
        let plural = (self == Column::MembershipReason).then_some("membership_reasons");
        std::iter::once(self.as_str()).chain(plural)
    }

    /// The column that a key names.
    pub fn from_key(key: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|column| column.keys().any(|known| known == key))
    }

    /// What its values are about.
    pub const fn about(self) -> About {
        match self {
            Column::Membership | Column::MembershipReason | Column::ValidUntil | Column::LastActivity => {
                About::Memberships
            }
            Column::Record | Column::RecordReasons | Column::PseudonymiseBefore | Column::PurgeFinanceBefore => {
                About::Record
            }
            Column::Profile | Column::ProfileReasons => About::Profile,
        }
    }

    /// Whether one record or profile has several of its words.
    pub const fn is_a_list(self) -> bool {
        matches!(self, Column::RecordReasons | Column::ProfileReasons)
    }

    /// Whether its values are days.
    pub const fn is_a_day(self) -> bool {
        matches!(
            self,
            Column::ValidUntil | Column::LastActivity | Column::PseudonymiseBefore | Column::PurgeFinanceBefore
        )
    }

    /// The words that it can have; none for a day.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Column::Membership => MembershipOutcome::ALL.iter().map(|word| word.as_str()).collect(),
            Column::MembershipReason => {
                // A keep and an end are written with their names, which the policy knows.
                let named = [MembershipReason::Keep, MembershipReason::End];
                let words = MembershipReason::ALL.iter().filter(|reason| !named.contains(reason));
                words.map(|word| word.as_str()).collect()
            }
            Column::Record => RecordOutcome::ALL.iter().map(|word| word.as_str()).collect(),
            Column::RecordReasons => {
                let clear = [RecordOutcome::Archived, RecordOutcome::Deleted].map(RecordOutcome::clear_reason);
                KeepReason::ALL.iter().map(|word| word.as_str()).chain(clear).collect()
            }
            Column::Profile => ProfileOutcome::ALL.iter().map(|word| word.as_str()).chain([NONE]).collect(),
            Column::ProfileReasons => {
                ProfileReason::ALL.iter().map(|word| word.as_str()).chain([ProfileOutcome::DELETED_REASON]).collect()
            }
            Column::ValidUntil | Column::LastActivity | Column::PseudonymiseBefore | Column::PurgeFinanceBefore => {
                Vec::new()
            }
        }
    }

    /// What was decided at a library, as a case expects it; none where there is no such row.
    pub fn to_toml(self, outcomes: &Outcomes, library: &str) -> Option<String> {
        let library = match self.about() {
            About::Memberships | About::Record => Some(library),
            About::Profile => None,
        };
        let decided = self.decided(outcomes, library);
        let value = |text: &String| if self.is_a_day() && text != NONE { text.clone() } else { quoted(text) };
        let values: Vec<String> = decided.iter().map(value).collect();
        let value = match &*values {
            [] => return None,
            [one] if !self.is_a_list() => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        Some(format!("{} = {value}", self.as_str()))
    }

    /// What was decided, at a library where that matters; an empty cell is [`NONE`].
    pub fn decided(self, outcomes: &Outcomes, library: Option<&str>) -> Vec<String> {
        let day = |day: Option<lapse_policy::Day>| day.map_or_else(|| NONE.to_owned(), |day| day.to_string());
        let memberships = outcomes.memberships.iter().filter(|row| library.is_none_or(|here| row.library == here));
        let mut records = outcomes.records.iter().filter(|row| library.is_none_or(|here| row.library == here));
        match self {
            Column::Membership => memberships.map(|row| row.outcome.as_str().to_owned()).collect(),
            Column::MembershipReason => memberships.map(|row| row.reason.clone()).collect(),
            Column::ValidUntil => memberships.map(|row| day(row.valid_until)).collect(),
            Column::LastActivity => memberships.map(|row| day(row.last_activity)).collect(),
            Column::Record => records.map(|row| row.outcome.as_str().to_owned()).collect(),
            Column::RecordReasons => records.next().map(|row| row.reasons.clone()).unwrap_or_default(),
            Column::PseudonymiseBefore => records.map(|row| day(row.pseudonymise_before)).collect(),
            Column::PurgeFinanceBefore => records.map(|row| day(row.purge_finance_before)).collect(),
            Column::Profile => {
                vec![outcomes.profile.as_ref().map_or(NONE, |profile| profile.outcome.as_str()).to_owned()]
            }
            Column::ProfileReasons => outcomes.profile.as_ref().map(|row| row.reasons.clone()).unwrap_or_default(),
        }
    }
}

/// One thing that a case expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Of which column.
    pub column: Column,
    /// At which library; none for the profile.
    pub library: Option<String>,
    /// What is expected.
    pub wanted: Vec<Wanted>,
    /// Where it stands.
    pub span: Range<usize>,
}

/// An expected word or day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// As the output table has it, [`NONE`] for an empty cell.
    pub text: String,
    /// Where it stands.
    pub span: Range<usize>,
}

impl Expectation {
    /// What was decided instead; none where it is as expected. Reasons are expected in any order.
    pub fn missed(&self, outcomes: &Outcomes) -> Option<Vec<String>> {
        let got = self.column.decided(outcomes, self.library.as_deref());
        let mut wanted: Vec<&str> = self.wanted.iter().map(|wanted| &*wanted.text).collect();
        let mut compared: Vec<&str> = got.iter().map(|got| &**got).collect();
        if self.column.is_a_list() {
            wanted.sort_unstable();
            compared.sort_unstable();
        }
        (wanted != compared).then_some(got)
    }
}
