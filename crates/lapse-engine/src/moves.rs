//! How many go from which outcome by one policy to which by another: what `diff` counts over real patrons.

use std::collections::HashMap;
use std::ops::AddAssign;

use crate::{AgeBand, Decisions, LibraryId, MembershipOutcome, Patron, RecordOutcome, SubscriptionId};

/// How many go from which outcome (the row) to which (the column).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matrix<const N: usize>(pub [[u64; N]; N]);

impl<const N: usize> Default for Matrix<N> {
    fn default() -> Self {
        Matrix([[0; N]; N])
    }
}

impl<const N: usize> Matrix<N> {
    fn count(&mut self, old: usize, new: usize) {
        self.0[old][new] += 1;
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().flatten().sum()
    }

    /// Those with another outcome than before.
    pub fn moved(&self) -> u64 {
        self.total() - (0..N).map(|outcome| self.0[outcome][outcome]).sum::<u64>()
    }

    /// Those with this outcome before.
    pub fn before(&self, outcome: usize) -> u64 {
        self.0[outcome].iter().sum()
    }

    /// Those with this outcome after.
    pub fn after(&self, outcome: usize) -> u64 {
        self.0.iter().map(|row| row[outcome]).sum()
    }
}

impl<const N: usize> AddAssign for Matrix<N> {
    fn add_assign(&mut self, other: Matrix<N>) {
        let others = other.0.as_flattened();
        self.0.as_flattened_mut().iter_mut().zip(others).for_each(|(count, other)| *count += other);
    }
}

/// The moves of some part of the patrons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Memberships, in the order of [`MembershipOutcome`].
    pub memberships: Matrix<4>,
    /// Records, in the order of [`RecordOutcome`].
    pub records: Matrix<3>,
    /// Profiles, in the order of [`crate::ProfileOutcome`]; they belong to no library.
    pub profiles: Matrix<2>,
}

impl Moves {
    /// Memberships that are valid before and after: as they stand, or renewed.
    pub fn active(&self) -> [u64; 2] {
        let active = [MembershipOutcome::Valid, MembershipOutcome::Renewed].map(|outcome| outcome as usize);
        [
            active.iter().map(|&outcome| self.memberships.before(outcome)).sum(),
            active.iter().map(|&outcome| self.memberships.after(outcome)).sum(),
        ]
    }

    /// Records that are kept before and after.
    pub fn kept(&self) -> [u64; 2] {
        let kept = RecordOutcome::Kept as usize;
        [self.records.before(kept), self.records.after(kept)]
    }

    /// Nothing moves.
    pub fn are_none(&self) -> bool {
        self.memberships.moved() + self.records.moved() + self.profiles.moved() == 0
    }
}

impl AddAssign for Moves {
    fn add_assign(&mut self, other: Moves) {
        self.memberships += other.memberships;
        self.records += other.records;
        self.profiles += other.profiles;
    }
}

/// The moves of all patrons, counted.
#[derive(Clone, Debug, Default)]
pub struct MoveTally {
    /// Memberships, by library and subscription.
    pub subscriptions: HashMap<(LibraryId, SubscriptionId), Matrix<4>, foldhash::fast::RandomState>,
    /// Records, by library, in the order of [`crate::Codes::libraries`]; those after the last with a record are left out.
    pub records: Vec<Matrix<3>>,
    /// Everything, in the order of [`AgeBand`].
    pub ages: [Moves; AgeBand::ALL.len()],
}

impl MoveTally {
    /// Counts what two policies decide about one patron.
    pub fn add(&mut self, patron: &Patron<'_>, age: AgeBand, old: &Decisions, new: &Decisions) {
        let of_age = &mut self.ages[age as usize];
        for ((membership, old), new) in patron.memberships.iter().zip(&old.memberships).zip(&new.memberships) {
            let (old, new) = (old.outcome as usize, new.outcome as usize);
            let place = (membership.library, membership.subscription);
            self.subscriptions.entry(place).or_default().count(old, new);
            of_age.memberships.count(old, new);
        }
        for (old, new) in old.records.iter().zip(&new.records) {
            let index = new.library.index();
            if index >= self.records.len() {
                self.records.resize(index + 1, Matrix::default());
            }
            self.records[index].count(old.outcome as usize, new.outcome as usize);
            of_age.records.count(old.outcome as usize, new.outcome as usize);
        }
        if let (Some(old), Some(new)) = (old.profile, new.profile) {
            of_age.profiles.count(old.outcome as usize, new.outcome as usize);
        }
    }

    /// Adds the counts of another part of the patrons, with the same codes.
    pub fn add_all(&mut self, other: &MoveTally) {
        for (&place, &moves) in &other.subscriptions {
            *self.subscriptions.entry(place).or_default() += moves;
        }
        if self.records.len() < other.records.len() {
            self.records.resize(other.records.len(), Matrix::default());
        }
        self.records.iter_mut().zip(&other.records).for_each(|(moves, &other)| *moves += other);
        self.ages.iter_mut().zip(&other.ages).for_each(|(moves, &other)| *moves += other);
    }

    /// The memberships and records of each library, by number.
    pub fn libraries(&self) -> Vec<Moves> {
        let most = self.subscriptions.keys().map(|(library, _)| library.index() + 1).max().unwrap_or(0);
        let mut libraries = vec![Moves::default(); most.max(self.records.len())];
        for (&(library, _), &moves) in &self.subscriptions {
            libraries[library.index()].memberships += moves;
        }
        libraries.iter_mut().zip(&self.records).for_each(|(of_library, &records)| of_library.records = records);
        libraries
    }

    /// Everything together.
    pub fn total(&self) -> Moves {
        let mut total = Moves::default();
        self.ages.iter().for_each(|&moves| total += moves);
        total
    }
}
