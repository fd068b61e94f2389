//! Counts what each run decides. Runs that decide the same about a patron come as a span, which is noted as a step up at its
//! first run and a step down after its last. The counts are the sums of these steps, so that a long span costs as little as a
//! short one.

use std::ops::Range;

use lapse_engine::forecast::Span;
use lapse_engine::{Codes, LibraryId, MembershipOutcome, RecordOutcome};

use super::categories::Categories;
use super::counts::{Counts, Moment, Month};

/// By how much each of several counts rises or falls from the run before.
type Steps<const N: usize> = [i64; N];

const ACTIVE: usize = 4;
const NEWLY_EXPIRED: usize = 5;
const NEWLY_ARCHIVED: usize = 5;

/// What a run left of a patron.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    /// For each membership, whether it was valid after the run.
    valid: Vec<bool>,
    /// The libraries at which the run archived the record.
    archived: Vec<LibraryId>,
}

impl Before {
    /// Begins with another patron.
    pub fn clear(&mut self) {
        self.valid.clear();
        self.archived.clear();
    }
}

/// Counts what the runs decide.
pub(super) struct Counter {
    /// One more than there are runs, because what lasts until the last run falls after it.
    ends: usize,
    categories: usize,
    /// By library, category and run: the outcomes, [`ACTIVE`] and [`NEWLY_EXPIRED`]. Here and below the libraries after the last
    /// one with a row are left out.
    memberships: Vec<Steps<6>>,
    /// By library and run: the outcomes and [`NEWLY_ARCHIVED`].
    records: Vec<Steps<6>>,
    /// By run: the outcomes.
    profiles: Vec<Steps<2>>,
    /// By library and category: the memberships that are valid before the first run.
    valid_before: Vec<u64>,
}

impl Counter {
    pub fn new(runs: usize, categories: usize) -> Counter {
        let ends = runs + 1;
        let profiles = vec![[0; 2]; ends];
        Counter { ends, categories, memberships: vec![], records: vec![], profiles, valid_before: vec![] }
    }

    /// Counts what a span of runs decides about a patron. `before` is what the run before left of the same patron; it becomes
    /// what this span leaves.
    pub fn add(&mut self, span: &Span<'_>, categories: &Categories, before: &mut Before) {
        let Range { start: first, end } = span.runs;
        let Before { valid, archived } = before;
        valid.resize(span.memberships.len(), false);
        for ((membership, decided), was_valid) in
            span.memberships.iter().zip(&span.decisions.memberships).zip(&mut *valid)
        {
            self.make_room(membership.library);
            let category = categories.of_run(first, membership.library, membership.subscription);
            let place = membership.library.index() * self.categories + category;
            let steps = &mut self.memberships[place * self.ends..][..self.ends];
            let counts = [
                (decided.outcome as usize, true),
                (ACTIVE, decided.is_active()),
                (NEWLY_EXPIRED, *was_valid && decided.outcome == MembershipOutcome::Expired),
            ];
            for (count, holds) in counts {
                steps[first][count] += i64::from(holds);
                steps[end][count] -= i64::from(holds);
            }
            if first == 0 {
                self.valid_before[place] += u64::from(decided.was_valid());
            }
            *was_valid = decided.is_valid();
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
            self.records.resize(libraries * self.ends, [0; 6]);
            self.memberships.resize(libraries * self.categories * self.ends, [0; 6]);
            self.valid_before.resize(libraries * self.categories, 0);
        }
    }

    /// Adds what another thread counted; `library` gives the number here of each library there.
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
    pub fn into_counts(self, categories: &Categories, codes: &Codes, known: usize) -> Counts {
        let mut order: Vec<(usize, &str)> = codes.libraries.texts().enumerate().collect();
        let known = known.min(order.len());
        order[known..].sort_unstable_by_key(|&(_, code)| code);
        // Libraries after the last one with a row were left out.
        order.retain(|&(library, _)| library * self.ends < self.records.len());
        let mut counts = Counts { profiles: sums(&self.profiles).collect(), ..Counts::default() };
        for (library, code) in order {
            let mut months: Vec<Month> = sums(&self.records[library * self.ends..][..self.ends])
                .map(|[records @ .., newly_archived]| Month { of: Moment::default(), records, newly_archived })
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
                    counts.categories.push((code.to_owned(), categories.name(category).map(str::to_owned), moments));
                    counts.valid_before.push(self.valid_before[place]);
                }
            }
            if months.iter().any(|month| *month != Month::default()) {
                counts.libraries.push((code.to_owned(), months));
            }
        }
        counts
    }
}

/// The counts of each run, which are the sums of the steps up to it.
fn sums<const N: usize>(steps: &[Steps<N>]) -> impl Iterator<Item = [u64; N]> + '_ {
    let runs = &steps[..steps.len() - 1];
    runs.iter().scan([0; N], |counts: &mut Steps<N>, step| {
        counts.iter_mut().zip(step).for_each(|(count, step)| *count += step);
        Some(counts.map(|count| u64::try_from(count).expect("no count falls further than it rose")))
    })
}
