//! What each run brings, added up. A span of runs that decide the same is noted at its two ends; the sums along the runs
//! come last, so that a span costs the same however long it is.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Range};

use lapse_engine::forecast::Span;
use lapse_engine::{
    Codes, LibraryId, MembershipDecision, MembershipOutcome, MembershipReason, ProfileOutcome, RecordOutcome, Status,
    SubscriptionId,
};
use lapse_policy::{Day, DayPolicy};

/// What a run makes of memberships.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// By outcome, in the order of [`MembershipOutcome`], as `run` counts them.
    pub memberships: [u64; 4],
    /// Those valid on the day of the run, after it.
    pub active: u64,
    /// Of the expired, those that were still valid in the run before; of the first run none.
    pub newly_expired: u64,
}

/// What a run makes of a library, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Month {
    /// Memberships.
    pub of: Moment,
    /// Records by outcome, in the order of [`RecordOutcome`], as `run` counts them.
    pub records: [u64; 3],
    /// Of the archived, those that the run before did not archive.
    pub newly_archived: u64,
}

impl AddAssign for Moment {
    fn add_assign(&mut self, other: Moment) {
        self.memberships.iter_mut().zip(other.memberships).for_each(|(count, other)| *count += other);
        self.active += other.active;
        self.newly_expired += other.newly_expired;
    }
}

impl AddAssign for Month {
    fn add_assign(&mut self, other: Month) {
        self.of += other.of;
        self.records.iter_mut().zip(other.records).for_each(|(count, other)| *count += other);
        self.newly_archived += other.newly_archived;
    }
}

/// Everything that the runs bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Each library that has anything with what each run makes of it: the policy's in its order, then others by code.
    pub libraries: Vec<(String, Vec<Month>)>,
    /// Each library and category, in the same order; a category of none: the policy does not know the subscription.
    pub categories: Vec<(String, Option<String>, Vec<Moment>)>,
    /// Memberships that are valid before the first run, by library and category, in the same order.
    pub valid_before: Vec<u64>,
    /// Profiles that each run keeps and deletes.
    pub profiles: Vec<[u64; 2]>,
}

impl Course {
    /// All libraries together.
    pub fn total(&self) -> Vec<Month> {
        let mut total = vec![Month::default(); self.profiles.len()];
        for (_, months) in &self.libraries {
            total.iter_mut().zip(months).for_each(|(total, month)| *total += *month);
        }
        total
    }

    /// Each category over all libraries, with the memberships that are valid before the first run.
    pub fn by_category(&self) -> BTreeMap<Option<&str>, (u64, Vec<Moment>)> {
        let mut all: BTreeMap<Option<&str>, (u64, Vec<Moment>)> = BTreeMap::new();
        for ((_, category, moments), before) in self.categories.iter().zip(&self.valid_before) {
            let (valid, total) = all.entry(category.as_deref()).or_default();
            *valid += before;
            total.resize(moments.len(), Moment::default());
            total.iter_mut().zip(moments).for_each(|(total, moment)| *total += *moment);
        }
        all
    }

    /// The memberships at a library that are valid before the first run.
    pub fn valid_before(&self, library: &str) -> u64 {
        let of_library = self.categories.iter().zip(&self.valid_before).filter(|((code, ..), _)| code == library);
        of_library.map(|(_, before)| before).sum()
    }
}

/// The category of each subscription in each run, as a number.
pub(super) struct Categories {
    names: Vec<String>,
    /// For each run, which of `pieces` holds.
    piece: Vec<usize>,
    /// By library and subscription; what is not there has none.
    pieces: Vec<Vec<Vec<usize>>>,
}

/// The number of what the policy does not know; the names of the others come after it.
const UNKNOWN: usize = 0;

impl Categories {
    /// Of the runs by these policies; `changes` says which of them are by another policy than the run before.
    pub fn of(runs: &[DayPolicy], changes: &[bool], codes: &Codes) -> Categories {
        let mut categories = Categories { names: Vec::new(), piece: Vec::new(), pieces: Vec::new() };
        for (of_day, &change) in runs.iter().zip(changes) {
            if change || categories.pieces.is_empty() {
                let piece = categories.piece_of(of_day, codes);
                categories.pieces.push(piece);
            }
            categories.piece.push(categories.pieces.len() - 1);
        }
        categories
    }

    fn piece_of(&mut self, of_day: &DayPolicy, codes: &Codes) -> Vec<Vec<usize>> {
        let mut number = |name: &String| {
            1 + self.names.iter().position(|known| known == name).unwrap_or_else(|| {
                self.names.push(name.clone());
                self.names.len() - 1
            })
        };
        let of_library = of_day.libraries.iter().map(|library| {
            let mut numbers = vec![UNKNOWN; codes.subscriptions.len()];
            for one in &library.subscriptions {
                // A code that has no number is in no table.
                if let Some(code) = codes.subscriptions.find(&one.code) {
                    numbers[code.index()] = number(&one.category.value);
                }
            }
            numbers
        });
        of_library.collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        1 + self.names.len()
    }

    /// The number of the category of a subscription in a run.
    fn of_run(&self, run: usize, library: LibraryId, subscription: SubscriptionId) -> usize {
        let known = self.pieces[self.piece[run]].get(library.index()).and_then(|of| of.get(subscription.index()));
        known.copied().unwrap_or(UNKNOWN)
    }

    fn name(&self, number: usize) -> Option<&str> {
        number.checked_sub(1).map(|number| &*self.names[number])
    }
}

/// Rises and falls from run to run of one count each.
type Steps<const N: usize> = [i64; N];

const ACTIVE: usize = 4;
const NEWLY_EXPIRED: usize = 5;
const NEWLY_ARCHIVED: usize = 3;

/// Counts what the runs decide.
pub(super) struct Counter {
    /// One more than there are runs: where what lasts until the last one falls.
    ends: usize,
    categories: usize,
    /// By library, category and run: the outcomes, [`ACTIVE`] and [`NEWLY_EXPIRED`]. What is after the last library with a
    /// row is left out, here and below.
    memberships: Vec<Steps<6>>,
    /// By library and run: the outcomes and [`NEWLY_ARCHIVED`].
    records: Vec<Steps<4>>,
    /// By run.
    profiles: Vec<Steps<2>>,
    /// By library and category, before the first run.
    valid_before: Vec<u64>,
}

impl Counter {
    pub fn new(runs: usize, categories: usize) -> Counter {
        let ends = runs + 1;
        let profiles = vec![[0; 2]; ends];
        Counter { ends, categories, memberships: vec![], records: vec![], profiles, valid_before: vec![] }
    }

    /// Counts what a span of runs decides about a patron; `archived` are the libraries at which the run before archived the
    /// record, and then those at which this span does.
    pub fn add(&mut self, span: &Span<'_>, categories: &Categories, days: &[Day], archived: &mut Vec<LibraryId>) {
        let Range { start: first, end } = span.runs;
        // What ended before the first run was not there to end any more.
        let before = days[first.saturating_sub(1)];
        for (membership, decided) in span.memberships.iter().zip(&span.decisions.memberships) {
            self.make_room(membership.library);
            let category = categories.of_run(first, membership.library, membership.subscription);
            let place = membership.library.index() * self.categories + category;
            let steps = &mut self.memberships[place * self.ends..][..self.ends];
            let is_new = membership.status == Status::Active && has_just_expired(decided, before);
            let counts = [
                (decided.outcome as usize, true),
                (ACTIVE, decided.is_valid() && decided.started),
                (NEWLY_EXPIRED, is_new),
            ];
            for (count, holds) in counts {
                steps[first][count] += i64::from(holds);
                steps[end][count] -= i64::from(holds);
            }
            if first == 0 {
                self.valid_before[place] += u64::from(decided.was_valid());
            }
        }
        for record in &span.decisions.records {
            self.make_room(record.library);
            let steps = &mut self.records[record.library.index() * self.ends..][..self.ends];
            let is_new = record.outcome == RecordOutcome::Archived && !archived.contains(&record.library);
            for (count, holds) in [(record.outcome as usize, true), (NEWLY_ARCHIVED, is_new)] {
                steps[first][count] += i64::from(holds);
                steps[end][count] -= i64::from(holds);
            }
        }
        archived.clear();
        let of_span = span.decisions.records.iter().filter(|record| record.outcome == RecordOutcome::Archived);
        archived.extend(of_span.map(|record| record.library));
        if let Some(profile) = span.decisions.profile {
            self.profiles[first][profile.outcome as usize] += 1;
            self.profiles[end][profile.outcome as usize] -= 1;
        }
    }

    fn make_room(&mut self, library: LibraryId) {
        let libraries = library.index() + 1;
        if self.records.len() < libraries * self.ends {
            self.records.resize(libraries * self.ends, [0; 4]);
            self.memberships.resize(libraries * self.categories * self.ends, [0; 6]);
            self.valid_before.resize(libraries * self.categories, 0);
        }
    }

    /// Adds what another thread counted, whose libraries have other numbers here.
    pub fn add_all_as(&mut self, other: &Counter, library: impl Fn(LibraryId) -> LibraryId) {
        fn add<const N: usize>(all: &mut [Steps<N>], others: &[Steps<N>]) {
            let others = others.as_flattened();
            all.as_flattened_mut().iter_mut().zip(others).for_each(|(count, other)| *count += other);
        }
        let (of_records, of_memberships) = (self.ends, self.categories * self.ends);
        for (index, records) in other.records.chunks(of_records).enumerate() {
            let here = library(LibraryId::new(index));
            self.make_room(here);
            add(&mut self.records[here.index() * of_records..], records);
            let memberships = &other.memberships[index * of_memberships..][..of_memberships];
            add(&mut self.memberships[here.index() * of_memberships..], memberships);
            let before = &other.valid_before[index * self.categories..][..self.categories];
            let mine = self.valid_before[here.index() * self.categories..].iter_mut();
            mine.zip(before).for_each(|(count, other)| *count += other);
        }
        add(&mut self.profiles, &other.profiles);
    }

    /// The counts of each run; the policy has `known` libraries.
    pub fn into_course(self, categories: &Categories, codes: &Codes, known: usize) -> Course {
        let mut order: Vec<(usize, &str)> = codes.libraries.texts().enumerate().collect();
        let known = known.min(order.len());
        order[known..].sort_unstable_by_key(|&(_, code)| code);
        // Libraries without a row have no room.
        order.retain(|&(library, _)| library * self.ends < self.records.len());
        let mut course = Course { profiles: sums(&self.profiles).collect(), ..Course::default() };
        for (library, code) in order {
            let mut months: Vec<Month> = sums(&self.records[library * self.ends..][..self.ends])
                .map(|[kept, archived, deleted, newly_archived]| Month {
                    of: Moment::default(),
                    records: [kept, archived, deleted],
                    newly_archived,
                })
                .collect();
            for category in 0..self.categories {
                let place = library * self.categories + category;
                let moments: Vec<Moment> = sums(&self.memberships[place * self.ends..][..self.ends])
                    .map(|[valid, renewed, deregistered, expired, active, newly_expired]| Moment {
                        memberships: [valid, renewed, deregistered, expired],
                        active,
                        newly_expired,
                    })
                    .collect();
                if moments.iter().any(|moment| *moment != Moment::default()) {
                    months.iter_mut().zip(&moments).for_each(|(month, moment)| month.of += *moment);
                    course.categories.push((code.to_owned(), categories.name(category).map(str::to_owned), moments));
                    course.valid_before.push(self.valid_before[place]);
                }
            }
            if months.iter().any(|month| *month != Month::default()) {
                course.libraries.push((code.to_owned(), months));
            }
        }
        course
    }
}

/// Expired in this run: its last valid day was not yet over in the run before.
fn has_just_expired(decided: &MembershipDecision, before: Day) -> bool {
    let by_itself = matches!(decided.reason, MembershipReason::NotRenewed | MembershipReason::NoPolicy);
    decided.outcome == MembershipOutcome::Expired
        && by_itself
        && decided.valid_until.is_some_and(|until| until >= before)
}

/// The counts after each run, of the steps from one to the next.
fn sums<const N: usize>(steps: &[Steps<N>]) -> impl Iterator<Item = [u64; N]> + '_ {
    let runs = &steps[..steps.len() - 1];
    runs.iter().scan([0; N], |counts: &mut Steps<N>, step| {
        counts.iter_mut().zip(step).for_each(|(count, step)| *count += step);
        Some(counts.map(|count| u64::try_from(count).expect("no count falls further than it rose")))
    })
}

/// The names of the outcomes of each table, for whoever shows counts.
pub(super) const PROFILE_WORDS: [&str; 2] = [ProfileOutcome::Kept.as_str(), ProfileOutcome::Deleted.as_str()];
