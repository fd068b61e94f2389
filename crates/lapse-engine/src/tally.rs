//! Counts of the outcomes of a run at each library: what the summary says and the guards judge.

use std::collections::HashMap;

use crate::{Decisions, LibraryId, MembershipOutcome, MembershipReason, Patron, RecordOutcome, SubscriptionId};

/// The outcomes of a run, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By library, in the order of [`crate::Codes::libraries`], up to the last library with a row.
    pub libraries: Vec<LibraryTally>,
    /// Profiles, in the order of [`crate::ProfileOutcome`]; they belong to no library.
    pub profiles: [u64; 2],
    /// Memberships whose library or subscription is not in the policy.
    pub unknown: HashMap<(LibraryId, SubscriptionId), u64>,
}

/// The outcomes at one library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LibraryTally {
    /// Memberships, in the order of [`crate::MembershipOutcome`].
    pub memberships: [u64; 4],
    /// Memberships that were valid before the run.
    pub valid_before: u64,
    /// Records, in the order of [`crate::RecordOutcome`].
    pub records: [u64; 3],
}

impl Tally {
    /// Counts what was decided about one patron.
    pub fn add(&mut self, patron: &Patron<'_>, decisions: &Decisions) {
        for (membership, decided) in patron.memberships.iter().zip(&decisions.memberships) {
            let library = self.library(membership.library);
            library.memberships[decided.outcome as usize] += 1;
            library.valid_before += u64::from(decided.was_valid());
            if decided.reason == MembershipReason::NoPolicy {
                *self.unknown.entry((membership.library, membership.subscription)).or_default() += 1;
            }
        }
        for record in &decisions.records {
            self.library(record.library).records[record.outcome as usize] += 1;
        }
        if let Some(profile) = decisions.profile {
            self.profiles[profile.outcome as usize] += 1;
        }
    }

    fn library(&mut self, library: LibraryId) -> &mut LibraryTally {
        let index = library.index();
        if index >= self.libraries.len() {
            self.libraries.resize(index + 1, LibraryTally::default());
        }
        &mut self.libraries[index]
    }

    /// Adds the counts of another part of the same run, with the same codes.
    pub fn add_all(&mut self, other: &Tally) {
        self.add_all_as(other, |library| library, |subscription| subscription);
    }

    /// Adds the counts of another part of the same run, whose codes have other numbers here.
    pub fn add_all_as(
        &mut self,
        other: &Tally,
        library: impl Fn(LibraryId) -> LibraryId,
        subscription: impl Fn(SubscriptionId) -> SubscriptionId,
    ) {
        for (index, counts) in other.libraries.iter().enumerate() {
            *self.library(library(LibraryId::new(index))) += *counts;
        }
        for (count, other) in self.profiles.iter_mut().zip(other.profiles) {
            *count += other;
        }
        for (&(at, to), count) in &other.unknown {
            *self.unknown.entry((library(at), subscription(to))).or_default() += count;
        }
    }

    /// All libraries together.
    pub fn total(&self) -> LibraryTally {
        let mut total = LibraryTally::default();
        for library in &self.libraries {
            total += *library;
        }
        total
    }
}

impl LibraryTally {
    /// The memberships with this outcome.
    pub fn memberships(&self, outcome: MembershipOutcome) -> u64 {
        self.memberships[outcome as usize]
    }

    /// The records with this outcome.
    pub fn records(&self, outcome: RecordOutcome) -> u64 {
        self.records[outcome as usize]
    }
}

impl std::ops::AddAssign for LibraryTally {
    fn add_assign(&mut self, other: LibraryTally) {
        for (count, other) in self.memberships.iter_mut().zip(other.memberships) {
            *count += other;
        }
        self.valid_before += other.valid_before;
        for (count, other) in self.records.iter_mut().zip(other.records) {
            *count += other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Membership;
    use crate::example::{NOBODY, NOWHERE, PEER, YOUTH, day, decide, membership, on};

    #[test]
    fn what_starts_later_was_not_valid_before_the_run_even_where_the_policy_does_not_know_it() {
        let later = |library| Membership { valid_from: day("2023-01-01"), ..membership(library, "") };
        for (membership, valid_before) in [
            (later(PEER), 0),
            (later(NOWHERE), 0),
            (membership(PEER, "2023-01-01"), 1),
            (membership(NOWHERE, "2023-01-01"), 1),
            (membership(NOWHERE, "2021-01-01"), 0),
        ] {
            let memberships = [membership];
            let patron = Patron { memberships: &memberships, ..NOBODY };
            let mut tally = Tally::default();
            tally.add(&patron, &decide(patron, &on("2022-07-01", YOUTH)));
            assert_eq!(tally.total().valid_before, valid_before, "{membership:?}");
        }
    }
}
