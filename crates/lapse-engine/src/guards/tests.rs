//! What each guard asks for before it trips, and who may answer for it.

use lapse_policy::Policy;

use super::what::percent;
use super::*;
use crate::example::day;

const RUN: &str = "2022-07-01";

/// A consortium with these guards and two counted sources, one of which rests, and two libraries: `bilzen` has guards of its
/// own, `peer` has none.
fn policy(guards: &str, of_bilzen: &str) -> DayPolicy {
    let consortium =
        format!("[consortium]\nname = \"Two towns\"\n[activity]\nsources = [\"wise\", \"legacy\"]\n[guards]\n{guards}");
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
    let [kept, archived, deleted] = records;
    let records = [kept, archived, deleted, 0, 0];
    let mut tally = LibraryTally { valid_before, records, ..LibraryTally::default() };
    tally.memberships[MembershipOutcome::Deregistered as usize] = deregistered;
    tally
}

/// What a run found, for a test to change.
#[derive(Default)]
struct Found {
    libraries: BTreeMap<String, LibraryTally>,
    newest: BTreeMap<String, SourceDays>,
    resting: BTreeMap<String, Resting>,
    newest_date: Option<Day>,
    patrons: u64,
    profiles: [u64; 2],
    tables: Vec<TableRows>,
    before: Vec<RowsBefore>,
}

impl Found {
    fn judged(&self, policy: &DayPolicy) -> Vec<Trip> {
        let Found { libraries, newest, resting, newest_date, patrons, profiles, tables, before } = self;
        let (newest_date, patrons, profiles) = (*newest_date, *patrons, *profiles);
        judge(policy, &Findings { libraries, newest, resting, newest_date, patrons, profiles, tables, before })
    }

    /// What trips, as the summary says it.
    fn told(&self, policy: &DayPolicy) -> Vec<String> {
        let told = |trip: &Trip| {
            let place = match &trip.place {
                Place::Consortium => "all",
                Place::SmallLibraries => "small",
                Place::Library(code) => code,
            };
            let limit = trip.limit.as_ref().map_or_else(String::new, |limit| format!(" {}", limit.value));
            format!("{place}: {}{limit}: {}", trip.what.guard().as_str(), trip.what)
        };
        self.judged(policy).iter().map(told).collect()
    }
}

/// What trips where `bilzen` and `peer` have these outcomes.
fn counted(policy: &DayPolicy, [bilzen, peer]: [LibraryTally; 2]) -> Vec<String> {
    let libraries = [("bilzen".to_owned(), bilzen), ("peer".to_owned(), peer)].into();
    Found { libraries, ..Found::default() }.told(policy)
}

/// What trips where a source has this newest day anywhere and at `bilzen`, and this many deregistrations rest on it.
fn source(name: &str, anywhere: Option<&str>, at_bilzen: Option<&str>, rests: [u64; 2]) -> Vec<String> {
    let at = at_bilzen.map(|newest| ("bilzen".to_owned(), day(newest)));
    let days = SourceDays { anywhere: anywhere.map(day), at: at.into_iter().collect() };
    let resting = Resting { anywhere: rests[0], at: [("bilzen".to_owned(), rests[1])].into() };
    let found = Found {
        newest: [(name.to_owned(), days)].into(),
        resting: [(name.to_owned(), resting)].into(),
        ..Found::default()
    };
    found.told(&policy("max_source_age_days = 35", ""))
}

const NONE: [&str; 0] = [];

#[test]
fn a_percentage_trips_above_its_limit_and_not_at_it() {
    let policy = policy("max_deregistered_percent = 20", "");
    let of = |deregistered, valid_before| counted(&policy, [at(deregistered, valid_before, [0; 3]), at(0, 0, [0; 3])]);
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
fn fewer_than_twenty_that_go_are_not_judged_however_many_there_are() {
    let policy = policy("max_deregistered_percent = 1\nmax_removed_percent = 1", "");
    let of = |number| counted(&policy, [at(number, 40, [20, 0, number]), at(0, 0, [0; 3])]);
    assert_eq!(of(19), NONE);
    assert_eq!(of(20).len(), 4);
}

#[test]
fn archived_and_deleted_records_count_together_as_removed() {
    let policy = policy("max_removed_percent = 10", "");
    let of = |records| counted(&policy, [at(0, 0, records), at(0, 0, [0; 3])]);
    assert_eq!(of([180, 10, 10]), NONE);
    assert_eq!(
        of([179, 10, 11])[1],
        "bilzen: max_removed_percent 10: 21 of 200 records would be archived or deleted (10.5%)"
    );
}

#[test]
fn libraries_at_each_of_which_too_little_goes_are_judged_together() {
    let policy = policy("max_deregistered_percent = 20\nmax_removed_percent = 20", "");
    let small = counted(&policy, [at(10, 19, [0; 3]), at(10, 19, [0; 3])]);
    assert_eq!(
        small,
        [
            "all: max_deregistered_percent 20: 20 of 38 memberships would be deregistered (52.6%)",
            "small: max_deregistered_percent 20: 20 of 38 memberships would be deregistered (52.6%)",
        ]
    );
    let one_is_large = counted(&policy, [at(25, 1000, [0; 3]), at(19, 20, [0; 3])]);
    assert_eq!(one_is_large, NONE, "a small library alone stays under 20");
}

#[test]
fn a_limit_of_the_library_stands_for_that_library_alone() {
    let policy = policy("max_deregistered_percent = 90", "max_deregistered_percent = 5");
    let found = counted(&policy, [at(20, 200, [0; 3]), at(20, 200, [0; 3])]);
    assert_eq!(found, ["bilzen: max_deregistered_percent 5: 20 of 200 memberships would be deregistered (10.0%)"]);
}

#[test]
fn zero_percent_allows_under_twenty_and_a_hundred_allows_all() {
    let found = |limit| {
        let policy = policy(&format!("max_removed_percent = {limit}"), "");
        counted(&policy, [at(0, 0, [1_000_000, 0, 20]), at(0, 0, [0, 20, 0])]).len()
    };
    assert_eq!(found(0), 3);
    assert_eq!(found(100), 0);
}

#[test]
fn a_source_trips_when_its_newest_row_is_older_than_the_limit_and_a_deregistration_rests_on_it() {
    assert_eq!(source("wise", Some("2022-05-27"), None, [60, 0]), NONE);
    assert_eq!(source("wise", Some("2022-05-26"), None, [0, 0]), NONE);
    assert_eq!(
        source("wise", Some("2022-05-26"), None, [60, 0]),
        [
            "all: max_source_age_days 35: the newest activity from `wise` is of 2022-05-26, 36 days before the run, and 60 \
             deregistrations rest on it"
        ]
    );
}

#[test]
fn a_source_without_a_row_before_the_run_trips_where_something_rests_on_it() {
    let without = "all: max_source_age_days 35: there is no activity from `wise` before the run, and 1 deregistration rests on it";
    assert_eq!(source("wise", None, None, [1, 0]), [without]);
    assert_eq!(source("wise", None, None, [0, 0]), NONE);
}

#[test]
fn a_source_is_judged_at_a_library_by_what_rests_on_it_there() {
    assert_eq!(source("wise", Some("2022-06-30"), Some("2020-01-01"), [5, 0]), NONE);
    assert_eq!(
        source("wise", Some("2022-06-30"), Some("2020-01-01"), [5, 3]),
        [
            "bilzen: max_source_age_days 35: the newest activity from `wise` is of 2020-01-01, 912 days before the run, and 3 \
             deregistrations rest on it"
        ]
    );
    assert_eq!(source("wise", Some("2022-06-30"), None, [5, 3]), NONE, "it never had rows there");
}

#[test]
fn a_source_that_rests_or_that_nobody_counts_is_not_judged() {
    for name in ["legacy", "kiosk"] {
        assert_eq!(source(name, Some("2001-01-01"), Some("2001-01-01"), [60, 60]), NONE, "{name}");
    }
}

#[test]
fn an_extract_trips_when_its_newest_date_is_older_than_the_limit() {
    let of = |newest| Found { newest_date: Some(day(newest)), ..Found::default() }.told(&policy("", ""));
    assert_eq!(of("2022-05-27"), NONE);
    assert_eq!(
        of("2022-05-26"),
        [
            "all: max_newest_date_days 35: the newest date in activity and valid_from is 2022-05-26, 36 days before the run"
        ]
    );
    assert_eq!(Found::default().told(&policy("", "")), NONE, "without a date there is nothing to judge");
}

#[test]
fn rows_of_nobody_and_other_rejects_are_judged_apart_and_from_twenty_rows_on() {
    let of = |read, of_nobody, rejected| {
        let table = TableRows { table: "accounts", read, of_nobody, rejected };
        Found { tables: vec![table], ..Found::default() }.told(&policy("", ""))
    };
    assert_eq!(of(19, Some(19), 0), NONE);
    assert_eq!(of(20, Some(1), 1), NONE);
    assert_eq!(of(100, None, 5), NONE);
    assert_eq!(
        of(100, Some(6), 0),
        ["all: max_unmatched_percent 5: 6 of 100 rows of accounts belong to no patron (6.0%)"]
    );
    assert_eq!(of(100, Some(5), 6), ["all: max_rejected_percent 5: 6 of 100 rows of accounts were rejected (6.0%)"]);
}

#[test]
fn profiles_trip_beyond_their_percentage_from_twenty_on() {
    let of = |profiles| Found { profiles, ..Found::default() }.told(&policy("", ""));
    assert_eq!([of([0, 19]), of([180, 20])], [NONE, NONE]);
    assert_eq!(of([179, 20]), ["all: max_profiles_percent 10: 20 of 199 profiles would be deleted (10.0%)"]);
}

#[test]
fn a_table_without_a_row_trips_where_there_are_twenty_patrons() {
    let empty = TableRows { table: "memberships", read: 0, of_nobody: Some(0), rejected: 0 };
    let of = |patrons| Found { patrons, tables: vec![empty], ..Found::default() }.told(&policy("", ""));
    assert_eq!(of(19), NONE);
    assert_eq!(of(20), ["all: empty_table: the table memberships is there without a row, and there are 20 patrons"]);
}

#[test]
fn rows_trip_when_more_than_their_percentage_of_a_hundred_or_more_is_gone() {
    let of = |of, before, now| {
        let rows = RowsBefore { table: "accounts", of, before, now };
        Found { before: vec![rows], ..Found::default() }.told(&policy("", ""))
    };
    assert_eq!(of(RowsOf::Table, 99, 0), NONE);
    assert_eq!([of(RowsOf::Table, 100, 90), of(RowsOf::Table, 100, 200)], [NONE, NONE]);
    let told = "max_rows_fallen_percent 10: accounts has 89 rows";
    assert_eq!(of(RowsOf::Table, 100, 89), [format!("all: {told} and had 100, 11.0% fewer")]);
    let library = |code: &str| RowsOf::Library(code.to_owned());
    assert_eq!(of(library("peer"), 100, 89), [format!("peer: {told} of peer and had 100, 11.0% fewer")]);
    assert_eq!(of(library("gone"), 100, 89), [format!("all: {told} of gone and had 100, 11.0% fewer")]);
}

#[test]
fn what_one_source_makes_trip_everywhere_has_one_cause() {
    let libraries = ["bilzen", "peer"].map(|code| (code.to_owned(), day("2020-01-01")));
    let rests = ["bilzen", "peer"].map(|code| (code.to_owned(), 30));
    let found = Found {
        newest: [("wise".to_owned(), SourceDays { anywhere: Some(day("2020-01-01")), at: libraries.into() })].into(),
        resting: [("wise".to_owned(), Resting { anywhere: 61, at: rests.into() })].into(),
        ..Found::default()
    };
    let trips = found.judged(&policy("", ""));
    let causes = by_cause(&trips);
    assert_eq!((trips.len(), causes.len()), (3, 1));
    assert_eq!((causes[0].subject, causes[0].rests()), (Some(Subject::Source("wise")), 61));
}

#[test]
fn a_consent_answers_for_what_it_names_and_for_nothing_else() {
    let policy = policy("", "");
    let libraries = ["bilzen", "peer"].map(|code| (code.to_owned(), at(50, 100, [50, 25, 25])));
    let trips = Found { libraries: libraries.into(), ..Found::default() }.judged(&policy);
    let answered = |text: &str| {
        let consent = Consent::parse(text, &policy).unwrap();
        trips.iter().filter(|trip| consent.answers(trip)).count()
    };
    assert_eq!(trips.len(), 6);
    for (text, number) in [
        ("all", 6),
        ("consortium", 2),
        ("peer", 2),
        ("peer:max_removed_percent", 1),
        ("consortium:max_deregistered_percent", 1),
        ("peer:max_source_age_days", 0),
    ] {
        assert_eq!(answered(text), number, "{text}");
    }
}

#[test]
fn a_consent_to_something_that_is_not_there_names_what_is_near() {
    let said = |text: &str| Consent::parse(text, &policy("", "")).unwrap_err().to_string();
    assert_eq!(said("per"), "--consent: the policy has no library `per`; did you mean `peer`?");
    assert_eq!(
        said("peer:max_remved_percent"),
        "--consent: there is no guard `max_remved_percent`; did you mean `max_removed_percent`?"
    );
    assert!(said("nowhere-at-all").ends_with("name a library's code, `consortium` or `all`"));
}

#[test]
fn a_percentage_is_rounded_down_and_any_number_will_do() {
    assert_eq!(percent(1, 3), "33.3%");
    assert_eq!(percent(2, 3), "66.6%");
    assert_eq!(percent(0, 0), "0.0%");
    assert_eq!(percent(u64::MAX, u64::MAX), "100.0%");
}

#[test]
fn a_source_that_went_silent_in_many_places_is_one_sentence() {
    let newest = Some(day("2021-07-01"));
    let trip = |place: Place, rests, answered| Trip {
        place,
        what: What::SourceAge { source: "wise".to_owned(), newest, days: Some(365), rests },
        limit: Some(Sourced { value: 60, origin: lapse_policy::Origin::BuiltIn }),
        answered,
    };
    let libraries = (1..=6).map(|number| trip(Place::Library(format!("town-{number}")), 2, false));
    let trips: Vec<Trip> = std::iter::once(trip(Place::Consortium, 12, false)).chain(libraries).collect();
    let silent =
        "the newest activity from `wise` is of 2021-07-01, 365 days before the run, and 12 deregistrations rest on it";
    let places = "the whole consortium, town-1, town-2, town-3, town-4, and 2 more";
    assert_eq!(sentences(&trips), [vec![format!("{silent}: {places} (max_source_age_days is 60)")], vec![]]);
    assert_eq!(what_answers(&trips), "--consent all");
    let one = [trip(Place::Consortium, 12, true)];
    assert_eq!(sentences(&one).map(|sentences| sentences.len()), [0, 1]);
    assert_eq!(what_answers(&one), "");
}
