//! The counts of a forecast: what each run makes of the libraries and of the categories of subscriptions.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use lapse_engine::{MembershipOutcome, RecordOutcome};

/// What a run makes of memberships.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The memberships with each outcome, in the order of [`lapse_engine::MembershipOutcome`], as `run` counts them.
    pub memberships: [u64; 4],
    /// The memberships that are valid on the day of the run, after it.
    pub active: u64,
    /// The expired memberships that were still valid in the run before; none in the first run.
    pub newly_expired: u64,
}

/// What a run makes of memberships and records at a library, or at all libraries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Month {
    /// The memberships.
    pub of: Moment,
    /// The records with each outcome, in the order of [`lapse_engine::RecordOutcome`], as `run` counts them.
    pub records: [u64; 5],
    /// The archived records that the run before did not archive.
    pub newly_archived: u64,
}

impl Month {
    /// What the run does: the memberships that are renewed, deregistered and newly expired, then the records that are newly
    /// archived and deleted.
    pub fn done(&self) -> [u64; 5] {
        [
            self.of.memberships[MembershipOutcome::Renewed as usize],
            self.of.memberships[MembershipOutcome::Deregistered as usize],
            self.of.newly_expired,
            self.newly_archived,
            self.records[RecordOutcome::Deleted as usize],
        ]
    }
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

/// Everything that the runs decide, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// What each run makes of each library that has a row: the libraries of the policy in its order, then others by code.
    pub libraries: Vec<(String, Vec<Month>)>,
    /// What each run makes of each category at each library, in the same order; the category is none where the policy does not
    /// know the subscription.
    pub categories: Vec<(String, Option<String>, Vec<Moment>)>,
    /// The memberships that are valid before the first run, for each of `categories`.
    pub valid_before: Vec<u64>,
    /// The profiles that each run keeps and deletes.
    pub profiles: Vec<[u64; 2]>,
}

impl Counts {
    /// All libraries together.
    pub fn total(&self) -> Vec<Month> {
        let mut total = vec![Month::default(); self.profiles.len()];
        for (_, months) in &self.libraries {
            total.iter_mut().zip(months).for_each(|(total, month)| *total += *month);
        }
        total
    }

    /// The outcomes of records that only some policies have, where some run has them.
    pub fn others(&self) -> Vec<RecordOutcome> {
        let total = self.total();
        let count = |outcome: RecordOutcome| total.iter().map(|month| month.records[outcome as usize]).sum();
        let shown = RecordOutcome::shown(count).into_iter();
        shown.filter(|outcome| outcome.is_of_some_policies()).collect()
    }

    /// Each category over all libraries: the memberships that are valid before the first run, and what each run makes of them.
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
