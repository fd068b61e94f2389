//! Guards: mass removals come from broken feeds and mistaken edits, seldom from patrons (policy.md, "Guards").
//! Each is judged for each library of the policy and for the consortium. They look at counts and days by the codes
//! themselves, so that what several parts of a run found can be added up before it is judged.

use std::collections::BTreeMap;
use std::fmt;

use lapse_policy::{Day, DayPolicy, Guards, Settings, Sourced};

use crate::{LibraryTally, MembershipOutcome, RecordOutcome, SourceDays};

/// A percentage of fewer memberships or records than this is not judged.
const TOO_FEW: u64 = 20;

/// A guard that trips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    /// The code of the library; none for the consortium as a whole.
    pub library: Option<String>,
    /// What the guard found.
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
        /// Its newest day before the run; none where it has no row before the run.
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

/// Every guard that trips: the consortium's first, then each library's, in the policy's order. `libraries` are the outcomes
/// at each library that has any, those that the policy does not know among them; `newest` are the days of each source.
pub fn judge(
    policy: &DayPolicy,
    libraries: &BTreeMap<String, LibraryTally>,
    newest: &BTreeMap<String, SourceDays>,
) -> Vec<Trip> {
    let mut trips = Vec::new();
    let consortium = &policy.consortium.settings;
    let mut total = LibraryTally::default();
    for tally in libraries.values() {
        total += *tally;
    }
    judge_counts(None, &consortium.guards, &total, &mut trips);
    judge_sources(None, consortium, policy.date, &mut trips, |source| {
        Some(newest.get(source).and_then(|days| days.anywhere))
    });
    for library in &policy.libraries {
        let of_library = libraries.get(&library.code).copied().unwrap_or_default();
        judge_counts(Some(&library.code), &library.settings.guards, &of_library, &mut trips);
        judge_sources(Some(&library.code), &library.settings, policy.date, &mut trips, |source| {
            // A source can have stopped at a library only where the library ever had rows of it.
            newest.get(source)?.at.get(&library.code).copied().map(Some)
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

/// `newest` gives the newest day of a source, which may be none, or nothing for a source that is not to be judged here.
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

#[cfg(test)]
mod tests {
    use lapse_policy::Policy;

    use super::*;
    use crate::example::day;
    use crate::{Activity, Codes, NewestActivity, Tally};

    const RUN: &str = "2022-07-01";

    /// A consortium with these guards and one counted source, and two libraries: `bilzen` has guards of its own, `peer`
    /// has none.
    fn policy(guards: &str, of_bilzen: &str) -> DayPolicy {
        let consortium =
            format!("[consortium]\nname = \"Two towns\"\n[activity]\nsources = [\"wise\"]\n[guards]\n{guards}");
        let bilzen = format!("[library]\ncode = \"bilzen\"\n[guards]\n{of_bilzen}");
        let texts = [
            ("consortium.toml", &*consortium),
            ("libraries/bilzen.toml", &*bilzen),
            ("libraries/peer.toml", "[library]\ncode = \"peer\"\n"),
        ];
        Policy::from_texts(texts).unwrap().policy.expect("the policy has no errors").on(day(RUN))
    }

    /// A library with this number of memberships valid before the run, of which `deregistered` are deregistered, and
    /// with these numbers of records kept, archived and deleted.
    fn at(deregistered: u64, valid_before: u64, records: [u64; 3]) -> LibraryTally {
        let mut tally = LibraryTally { valid_before, records, ..LibraryTally::default() };
        tally.memberships[MembershipOutcome::Deregistered as usize] = deregistered;
        tally
    }

    /// What trips, as the summary says it, for `bilzen` and `peer` in this order, where the source has recent rows.
    fn counted(policy: &DayPolicy, libraries: [LibraryTally; 2]) -> Vec<String> {
        let tally = Tally { libraries: libraries.into(), ..Tally::default() };
        trips(policy, &tally, &[(None, "wise", RUN), (None, "wise", "2022-06-30")])
    }

    /// The same for a run over these rows of activity.
    fn trips(policy: &DayPolicy, tally: &Tally, activity: &[(Option<&str>, &str, &str)]) -> Vec<String> {
        let mut codes = Codes::of(policy);
        let mut newest = NewestActivity::new(policy.date, codes.libraries.len(), codes.sources.len());
        for &(library, source, last_active) in activity {
            newest.see(&Activity {
                library: library.map(|library| codes.libraries.intern(library)),
                source: codes.sources.intern(source),
                last_active: day(last_active),
            });
        }
        let told = |trip: Trip| {
            let library = trip.library.as_deref().unwrap_or("all");
            format!("{library}: {} {}: {}", trip.what.key(), trip.limit.value, trip.what)
        };
        let libraries = policy.libraries.iter().map(|library| library.code.clone()).zip(tally.libraries.clone());
        judge(policy, &libraries.collect(), &newest.by_code(&codes)).into_iter().map(told).collect()
    }

    fn sources(policy: &DayPolicy, activity: &[(Option<&str>, &str, &str)]) -> Vec<String> {
        trips(policy, &Tally::default(), activity)
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn a_percentage_trips_above_its_limit_and_not_at_it() {
        let policy = policy("max_deregistered_percent = 20", "");
        let of =
            |deregistered, valid_before| counted(&policy, [at(deregistered, valid_before, [0; 3]), at(0, 0, [0; 3])]);
        assert_eq!(of(20, 100), NONE);
        assert_eq!(
            of(21, 100),
            [
                "all: max_deregistered_percent 20: 21 of 100 memberships would be deregistered (21.0%)",
                "bilzen: max_deregistered_percent 20: 21 of 100 memberships would be deregistered (21.0%)",
            ]
        );
        assert_eq!(of(200, 999).len(), 2, "20.02 percent is above 20");
    }

    #[test]
    fn fewer_than_twenty_are_not_judged() {
        let policy = policy("", "");
        let of = |number| counted(&policy, [at(number, number, [0, 0, number]), at(0, 0, [0; 3])]);
        assert_eq!(of(19), NONE);
        assert_eq!(of(20).len(), 4);
    }

    #[test]
    fn archived_and_deleted_records_count_together_as_removed() {
        let policy = policy("max_removed_percent = 10", "");
        let of = |records| counted(&policy, [at(0, 0, records), at(0, 0, [0; 3])]);
        assert_eq!(of([90, 5, 5]), NONE);
        assert_eq!(
            of([89, 5, 6])[1],
            "bilzen: max_removed_percent 10: 11 of 100 records would be archived or deleted (11.0%)"
        );
    }

    #[test]
    fn a_library_may_trip_where_the_consortium_does_not_and_the_other_way_round() {
        let policy = policy("max_deregistered_percent = 20", "");
        let one = counted(&policy, [at(10, 20, [0; 3]), at(0, 100, [0; 3])]);
        assert_eq!(one, ["bilzen: max_deregistered_percent 20: 10 of 20 memberships would be deregistered (50.0%)"]);
        let both_small = counted(&policy, [at(10, 19, [0; 3]), at(10, 19, [0; 3])]);
        assert_eq!(
            both_small,
            ["all: max_deregistered_percent 20: 20 of 38 memberships would be deregistered (52.6%)"]
        );
    }

    #[test]
    fn a_limit_of_the_library_stands_for_that_library_alone() {
        let policy = policy("max_deregistered_percent = 90", "max_deregistered_percent = 5");
        let found = counted(&policy, [at(2, 20, [0; 3]), at(2, 20, [0; 3])]);
        assert_eq!(found, ["bilzen: max_deregistered_percent 5: 2 of 20 memberships would be deregistered (10.0%)"]);
    }

    #[test]
    fn zero_percent_allows_none_and_a_hundred_allows_all() {
        let found = |limit| {
            let policy = policy(&format!("max_removed_percent = {limit}"), "");
            counted(&policy, [at(0, 0, [1_000_000, 0, 1]), at(0, 0, [0, 20, 0])]).len()
        };
        assert_eq!(found(0), 3);
        assert_eq!(found(100), 0);
    }

    #[test]
    fn a_source_trips_when_its_newest_row_is_older_than_the_limit() {
        let policy = policy("max_source_age_days = 35", "");
        assert_eq!(sources(&policy, &[(None, "wise", "2022-05-27")]), NONE);
        assert_eq!(
            sources(&policy, &[(None, "wise", "2022-05-26"), (None, "wise", "2001-01-01")]),
            ["all: max_source_age_days 35: the newest activity from `wise` is of 2022-05-26, 36 days before the run"]
        );
    }

    #[test]
    fn rows_of_the_run_day_and_later_say_nothing_about_a_feed() {
        let policy = policy("max_source_age_days = 35", "");
        let without = ["all: max_source_age_days 35: there is no activity from `wise` before the run"];
        assert_eq!(sources(&policy, &[]), without);
        assert_eq!(sources(&policy, &[(None, "wise", RUN), (None, "wise", "9999-12-31")]), without);
        assert_eq!(sources(&policy, &[(None, "wise", "2022-06-30")]), NONE);
    }

    #[test]
    fn a_source_is_judged_at_a_library_that_ever_had_rows_of_it_and_at_no_other() {
        let policy = policy("max_source_age_days = 35", "");
        let found = sources(&policy, &[(Some("bilzen"), "wise", "2020-01-01"), (Some("genk"), "wise", "2022-06-30")]);
        assert_eq!(
            found,
            [
                "bilzen: max_source_age_days 35: the newest activity from `wise` is of 2020-01-01, 912 days before the run"
            ]
        );
    }

    #[test]
    fn a_source_that_nobody_counts_is_not_judged() {
        let policy = policy("", "");
        assert_eq!(sources(&policy, &[(None, "wise", "2022-06-30"), (None, "legacy", "2001-01-01")]), NONE);
    }

    #[test]
    fn a_percentage_is_rounded_down_and_any_number_will_do() {
        assert_eq!(percent(1, 3), "33.3%");
        assert_eq!(percent(2, 3), "66.6%");
        assert_eq!(percent(0, 0), "0.0%");
        assert_eq!(percent(u64::MAX, u64::MAX), "100.0%");
    }
}
