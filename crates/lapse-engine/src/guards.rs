//! Guards: mass removals come from broken feeds and mistaken edits, seldom from patrons (policy.md, "Guards").
//! Each is judged for each library of the policy and for the consortium.

use std::fmt;

use lapse_policy::{Day, DayPolicy, Guards, Settings, Sourced};

use crate::{Codes, LibraryId, LibraryTally, MembershipOutcome, NewestActivity, RecordOutcome, Tally};

/// With fewer memberships or records than this a percentage is not judged.
const TOO_FEW: u64 = 20;

/// A guard that trips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    /// The code of the library; none: the consortium as a whole.
    pub library: Option<String>,
    /// What trips.
    pub what: What,
    /// The limit that is exceeded, percent or days, and where it is set.
    pub limit: Sourced<u32>,
}

/// What a guard found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// `max_deregistered_percent`
    Deregistered {
        /// Memberships that the run deregisters.
        deregistered: u64,
        /// Memberships that were valid before it.
        valid_before: u64,
    },
    /// `max_removed_percent`
    Removed {
        /// Records that the run archives or deletes.
        removed: u64,
        /// Records in all.
        records: u64,
    },
    /// `max_source_age_days`
    SourceAge {
        /// The source.
        source: String,
        /// Its newest day before the run; none: it has no row at all before the run.
        newest: Option<Day>,
        /// The days from then to the run.
        days: Option<i64>,
    },
}

impl What {
    /// The key of `[guards]` in the policy files.
    pub fn key(&self) -> &'static str {
        match self {
            What::Deregistered { .. } => "max_deregistered_percent",
            What::Removed { .. } => "max_removed_percent",
            What::SourceAge { .. } => "max_source_age_days",
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Deregistered { deregistered, valid_before } => write!(
                f,
                "{deregistered} of {valid_before} memberships would be deregistered ({})",
                percent(*deregistered, *valid_before)
            ),
            What::Removed { removed, records } => {
                write!(
                    f,
                    "{removed} of {records} records would be archived or deleted ({})",
                    percent(*removed, *records)
                )
            }
            What::SourceAge { source, newest: Some(newest), days: Some(days) } => {
                write!(f, "the newest activity from `{source}` is of {newest}, {days} days before the run")
            }
            What::SourceAge { source, .. } => write!(f, "there is no activity from `{source}` before the run"),
        }
    }
}

/// Such as `12.3%`, rounded down, so that what exceeds a limit never looks like less than it is.
fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1000 / u128::from(whole.max(1));
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// Every guard that trips: the consortium's first, then each library's, in the policy's order.
pub fn judge(policy: &DayPolicy, codes: &Codes, tally: &Tally, newest: &NewestActivity) -> Vec<Trip> {
    let mut trips = Vec::new();
    let consortium = &policy.consortium.settings;
    judge_counts(None, &consortium.guards, &tally.total(), &mut trips);
    judge_sources(None, consortium, policy.date, &mut trips, |source| {
        Some(newest.anywhere(codes.sources.find(source)?))
    });
    for (index, library) in policy.libraries.iter().enumerate() {
        let of_library = tally.libraries.get(index).copied().unwrap_or_default();
        judge_counts(Some(&library.code), &library.settings.guards, &of_library, &mut trips);
        judge_sources(Some(&library.code), &library.settings, policy.date, &mut trips, |source| {
            // Only a source that the library ever had rows of can have stopped there.
            newest.at(codes.sources.find(source)?, LibraryId::new(index)).map(Some)
        });
    }
    trips
}

fn judge_counts(library: Option<&str>, guards: &Guards, tally: &LibraryTally, trips: &mut Vec<Trip>) {
    let deregistered = tally.memberships(MembershipOutcome::Deregistered);
    let removed = tally.records(RecordOutcome::Archived) + tally.records(RecordOutcome::Deleted);
    let records = tally.records.iter().sum();
    let mut trip = |limit: &Sourced<u32>, part: u64, whole: u64, what| {
        if whole >= TOO_FEW && u128::from(part) * 100 > u128::from(limit.value) * u128::from(whole) {
            trips.push(Trip { library: library.map(Into::into), what, limit: limit.clone() });
        }
    };
    let valid_before = tally.valid_before;
    let what = What::Deregistered { deregistered, valid_before };
    trip(&guards.max_deregistered_percent, deregistered, valid_before, what);
    trip(&guards.max_removed_percent, removed, records, What::Removed { removed, records });
}

/// `newest` gives the newest day of a source that is to be judged.
fn judge_sources(
    library: Option<&str>,
    settings: &Settings,
    run: Day,
    trips: &mut Vec<Trip>,
    newest: impl Fn(&str) -> Option<Option<Day>>,
) {
    let limit = &settings.guards.max_source_age_days;
    for source in &settings.activity.sources.value {
        let Some(newest) = newest(source) else { continue };
        let days = newest.map(|newest| run.days_since(newest));
        if days.is_none_or(|days| days > i64::from(limit.value)) {
            let what = What::SourceAge { source: source.clone(), newest, days };
            trips.push(Trip { library: library.map(Into::into), what, limit: limit.clone() });
        }
    }
}
