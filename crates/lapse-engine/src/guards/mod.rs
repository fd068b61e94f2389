//! Guards: mass removals come from broken feeds and mistaken edits, seldom from patrons (policy.md, "Guards").
//! They look at counts and days by the codes themselves, so that what several parts of a run found can be added up before it
//! is judged. A guard that trips every month is switched off in a month, so each asks for what is unusual.

mod consent;
mod sentences;
#[cfg(test)]
mod tests;
mod what;

use std::collections::{BTreeMap, BTreeSet};

use lapse_policy::{Day, DayPolicy, Guards, Sourced};

use crate::{LibraryTally, MembershipOutcome, ProfileOutcome, SourceDays};

pub use consent::{Consent, ConsentAt, ConsentError};
pub use sentences::{old_extract, sentences, what_answers};
pub use what::{Guard, RowsBefore, RowsOf, Subject, TOO_FEW_BEFORE, What};

/// Fewer memberships, records or profiles than this are no mass removal, and a percentage of fewer rows is not judged.
const TOO_FEW: u64 = 20;

/// Whether so many memberships or records are too few to judge at a library alone.
pub const fn is_few(number: u64) -> bool {
    number < TOO_FEW
}

/// A guard that trips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    /// Where.
    pub place: Place,
    /// What the guard found.
    pub what: What,
    /// The limit that is exceeded, percent or days, and where it is set; none for a guard that is always on.
    pub limit: Option<Sourced<u32>>,
    /// Somebody answered for it.
    pub answered: bool,
}

/// Where a guard trips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the whole data.
    Consortium,
    /// At the libraries together at each of which there is too little to judge.
    SmallLibraries,
    /// At the library with this code.
    Library(String),
}

impl Place {
    /// The code of the library, where it is one.
    pub fn library(&self) -> Option<&str> {
        match self {
            Place::Consortium | Place::SmallLibraries => None,
            Place::Library(code) => Some(code),
        }
    }
}

/// What a run found, by the codes themselves.
#[derive(Clone, Copy, Debug)]
pub struct Findings<'a> {
    /// The outcomes at each library that has any, those that the policy does not know among them.
    pub libraries: &'a BTreeMap<String, LibraryTally>,
    /// The newest days of each source.
    pub newest: &'a BTreeMap<String, SourceDays>,
    /// What rests on each source.
    pub resting: &'a BTreeMap<String, Resting>,
    /// The newest day up to the run on which somebody was active or a membership began.
    pub newest_date: Option<Day>,
    /// How many patrons there are.
    pub patrons: u64,
    /// Profiles, in the order of [`ProfileOutcome`].
    pub profiles: [u64; 2],
    /// The tables that are there.
    pub tables: &'a [TableRows],
    /// What an earlier run had; empty where none is compared.
    pub before: &'a [RowsBefore],
}

/// The rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableRows {
    /// The table.
    pub table: &'static str,
    /// All its rows.
    pub read: u64,
    /// Those that belong to nobody, where that is judged.
    pub of_nobody: Option<u64>,
    /// Those that are rejected for another cause.
    pub rejected: u64,
}

/// The memberships that a run deregisters though their patrons ever had activity of a source: if its feed has stopped,
/// they may be wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resting {
    /// Of patrons who had such activity anywhere.
    pub anywhere: u64,
    /// At each library, of patrons who had such activity there.
    pub at: BTreeMap<String, u64>,
}

impl std::ops::AddAssign<&Resting> for Resting {
    fn add_assign(&mut self, other: &Resting) {
        self.anywhere += other.anywhere;
        for (library, memberships) in &other.at {
            *self.at.entry(library.clone()).or_default() += memberships;
        }
    }
}

/// What one cause makes trip, in one place or in several.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// The guard.
    pub guard: Guard,
    /// The source or the table that it is about, where it is about one.
    pub subject: Option<Subject<'a>>,
    /// Where it trips.
    pub trips: Vec<&'a Trip>,
}

impl Cause<'_> {
    /// The deregistrations that rest on a source: those in the whole data where it trips there, else those at the libraries
    /// together.
    pub fn rests(&self) -> u64 {
        let of = |trip: &&Trip| match &trip.what {
            What::SourceAge { rests, .. } => *rests,
            _ => 0,
        };
        let whole = self.trips.iter().find(|trip| trip.place == Place::Consortium);
        whole.map_or_else(|| self.trips.iter().map(of).sum(), of)
    }

    /// Whether somebody answered for all of it.
    pub fn is_answered(&self) -> bool {
        self.trips.iter().all(|trip| trip.answered)
    }
}

/// The causes of what trips, in the order in which they first come.
pub fn by_cause(trips: &[Trip]) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for trip in trips {
        let (guard, subject) = (trip.what.guard(), trip.what.subject());
        match causes.iter_mut().find(|cause| (cause.guard, cause.subject) == (guard, subject)) {
            Some(cause) => cause.trips.push(trip),
            None => causes.push(Cause { guard, subject, trips: vec![trip] }),
        }
    }
    causes
}

/// Every guard that trips: what is judged for the whole data, then small libraries together, then each library in the
/// policy's order.
pub fn judge(policy: &DayPolicy, found: &Findings<'_>) -> Vec<Trip> {
    let mut trips = Vec::new();
    let consortium = &policy.consortium.settings;
    let mut total = LibraryTally::default();
    found.libraries.values().for_each(|tally| total += *tally);
    judge_whole(policy, found, &mut trips);
    judge_counts(&Place::Consortium, &consortium.guards, [&total; 2], &mut trips);
    // Over the whole data each source is judged that anybody counts, a library alone too.
    let mut counted: Vec<&String> = Vec::new();
    for settings in std::iter::once(consortium).chain(policy.libraries.iter().map(|library| &library.settings)) {
        counted.extend(&settings.activity.sources.value);
    }
    let mut seen = BTreeSet::new();
    counted.retain(|&source| seen.insert(source));
    judge_sources(&Place::Consortium, &counted, &consortium.guards, policy, &mut trips, |source| {
        let newest = found.newest.get(source).and_then(|days| days.anywhere);
        Some((newest, found.resting.get(source)?.anywhere))
    });
    // Each percentage has small libraries of its own: those where the run takes away too little to judge.
    let mut small = [LibraryTally::default(); 2];
    for library in &policy.libraries {
        let tally = found.libraries.get(&library.code).copied().unwrap_or_default();
        let few = [tally.memberships(MembershipOutcome::Deregistered) < TOO_FEW, tally.removed() < TOO_FEW];
        small.iter_mut().zip(few).filter(|(_, few)| *few).for_each(|(small, _)| *small += tally);
    }
    judge_counts(&Place::SmallLibraries, &consortium.guards, small.each_ref(), &mut trips);
    for library in &policy.libraries {
        let place = Place::Library(library.code.clone());
        let tally = found.libraries.get(&library.code).copied().unwrap_or_default();
        judge_counts(&place, &library.settings.guards, [&tally; 2], &mut trips);
        let counted: Vec<&String> = library.settings.activity.sources.value.iter().collect();
        judge_sources(&place, &counted, &library.settings.guards, policy, &mut trips, |source| {
            // A source can have stopped at a library only where the library ever had rows of it.
            let newest = found.newest.get(source)?.at.get(&library.code).copied()?;
            Some((Some(newest), *found.resting.get(source)?.at.get(&library.code)?))
        });
    }
    trips
}

fn exceeds(part: u64, whole: u64, limit: &Sourced<u32>) -> bool {
    u128::from(part) * 100 > u128::from(limit.value) * u128::from(whole)
}

/// What is judged for the whole data alone.
fn judge_whole(policy: &DayPolicy, found: &Findings<'_>, trips: &mut Vec<Trip>) {
    let guards = &policy.consortium.guards;
    let mut trip = |place, what, limit: Option<&Sourced<u32>>| {
        trips.push(Trip { place, what, limit: limit.cloned(), answered: false });
    };
    for table in found.tables.iter().filter(|table| table.read == 0 && found.patrons >= TOO_FEW) {
        let what = What::EmptyTable { table: table.table, patrons: found.patrons };
        trip(Place::Consortium, what, None);
    }
    for rows in found.before.iter().filter(|rows| rows.can_be_compared()) {
        let limit = &guards.max_rows_fallen_percent;
        if exceeds(rows.before.saturating_sub(rows.now), rows.before, limit) {
            let of_policy = |code: &String| policy.libraries.iter().any(|library| library.code == *code);
            let place = match &rows.of {
                RowsOf::Library(code) if of_policy(code) => Place::Library(code.clone()),
                RowsOf::Library(_) | RowsOf::Table | RowsOf::Source(_) => Place::Consortium,
            };
            trip(place, What::RowsFallen(rows.clone()), Some(limit));
        }
    }
    if let Some(newest) = found.newest_date {
        let (days, limit) = (policy.date.days_since(newest), &guards.max_newest_date_days);
        if days > i64::from(limit.value) {
            trip(Place::Consortium, What::NewestDate { newest, days }, Some(limit));
        }
    }
    for &TableRows { table, read, of_nobody, rejected } in found.tables.iter().filter(|table| table.read >= TOO_FEW) {
        if let Some(rows) = of_nobody.filter(|&rows| exceeds(rows, read, &guards.max_unmatched_percent)) {
            let what = What::Unmatched { table, rows, of: read };
            trip(Place::Consortium, what, Some(&guards.max_unmatched_percent));
        }
        if exceeds(rejected, read, &guards.max_rejected_percent) {
            let what = What::Rejected { table, rows: rejected, of: read };
            trip(Place::Consortium, what, Some(&guards.max_rejected_percent));
        }
    }
    let (deleted, profiles) = (found.profiles[ProfileOutcome::Deleted as usize], found.profiles.iter().sum());
    if deleted >= TOO_FEW && exceeds(deleted, profiles, &guards.max_profiles_percent) {
        trip(Place::Consortium, What::Profiles { deleted, profiles }, Some(&guards.max_profiles_percent));
    }
}

/// Judges the percentages; the first tally is that of memberships, the second that of records.
fn judge_counts(place: &Place, guards: &Guards, [memberships, records]: [&LibraryTally; 2], trips: &mut Vec<Trip>) {
    let mut trip = |limit: &Sourced<u32>, part: u64, whole: u64, what| {
        if part >= TOO_FEW && exceeds(part, whole, limit) {
            trips.push(Trip { place: place.clone(), what, limit: Some(limit.clone()), answered: false });
        }
    };
    let (deregistered, valid_before) =
        (memberships.memberships(MembershipOutcome::Deregistered), memberships.valid_before);
    let what = What::Deregistered { deregistered, valid_before };
    trip(&guards.max_deregistered_percent, deregistered, valid_before, what);
    let (removed, records) = (records.removed(), records.records.iter().sum());
    trip(&guards.max_removed_percent, removed, records, What::Removed { removed, records });
}

/// `found` gives the newest day of a source, which may be none, and the deregistrations that rest on it; or nothing for a
/// source that is not to be judged here.
fn judge_sources(
    place: &Place,
    counted: &[&String],
    guards: &Guards,
    policy: &DayPolicy,
    trips: &mut Vec<Trip>,
    found: impl Fn(&str) -> Option<(Option<Day>, u64)>,
) {
    let limit = &guards.max_source_age_days;
    let resting = &policy.consortium.guards.resting_sources.value;
    for &source in counted.iter().filter(|source| !resting.contains(source)) {
        let Some((newest, rests)) = found(source).filter(|&(_, rests)| rests > 0) else { continue };
        let days = newest.map(|newest| policy.date.days_since(newest));
        if days.is_none_or(|days| days > i64::from(limit.value)) {
            let what = What::SourceAge { source: source.clone(), newest, days, rests };
            trips.push(Trip { place: place.clone(), what, limit: Some(limit.clone()), answered: false });
        }
    }
}
