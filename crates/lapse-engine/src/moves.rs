//! Counts of what moves from one outcome to another between two policies: what `diff` counts over real patrons.

use std::collections::HashMap;
use std::ops::{Add, AddAssign};

use crate::{AgeBand, Decisions, LibraryId, MembershipOutcome, Patron, RecordOutcome, SubscriptionId};

/// How many have an outcome by the old policies (the row) and another by the new ones (the column). The counts before
/// and after are sums of these, so that they cannot disagree with the moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Memberships, in the order of [`MembershipOutcome`].
    pub memberships: [[u64; 4]; 4],
    /// Records, in the order of [`RecordOutcome`]; all 0 where what is counted has no records of its own.
    pub records: [[u64; 5]; 5],
    /// Memberships that are valid by both policies and start later. They are not active yet, and are counted apart.
    pub starts_later: u64,
}

impl Moves {
    /// The memberships with this outcome, by the old and by the new policies.
    pub fn memberships(&self, outcome: MembershipOutcome) -> BeforeAfter {
        BeforeAfter::of(&self.memberships, outcome as usize)
    }

    /// The records with this outcome, by the old and by the new policies.
    pub fn records(&self, outcome: RecordOutcome) -> BeforeAfter {
        BeforeAfter::of(&self.records, outcome as usize)
    }

    /// The memberships that stay valid: valid or renewed, and started ([`crate::LibraryTally::stay_valid`]).
    pub fn active(&self) -> BeforeAfter {
        let BeforeAfter { before, after } =
            self.memberships(MembershipOutcome::Valid) + self.memberships(MembershipOutcome::Renewed);
        BeforeAfter { before: before - self.starts_later, after: after - self.starts_later }
    }

    /// The records that are archived, deleted or made anonymous.
    pub fn removed(&self) -> BeforeAfter {
        self.records(RecordOutcome::Archived)
            + self.records(RecordOutcome::Deleted)
            + self.records(RecordOutcome::Anonymised)
    }

    /// The memberships whose outcomes differ.
    pub fn moved_memberships(&self) -> u64 {
        moved(&self.memberships)
    }

    /// The records whose outcomes differ.
    pub fn moved_records(&self) -> u64 {
        moved(&self.records)
    }
}

/// How many have different outcomes by the two policies.
pub fn moved<const N: usize>(moves: &[[u64; N]; N]) -> u64 {
    let stay: u64 = (0..N).map(|outcome| moves[outcome][outcome]).sum();
    moves.iter().flatten().sum::<u64>() - stay
}

fn add<const N: usize>(moves: &mut [[u64; N]; N], others: &[[u64; N]; N]) {
    moves.as_flattened_mut().iter_mut().zip(others.as_flattened()).for_each(|(count, other)| *count += other);
}

impl AddAssign for Moves {
    fn add_assign(&mut self, other: Moves) {
        add(&mut self.memberships, &other.memberships);
        add(&mut self.records, &other.records);
        self.starts_later += other.starts_later;
    }
}

/// A count on both sides of a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BeforeAfter {
    /// Before it.
    pub before: u64,
    /// After it.
    pub after: u64,
}

impl BeforeAfter {
    /// The sums of the row and of the column of an outcome.
    pub fn of<const N: usize>(moves: &[[u64; N]; N], outcome: usize) -> BeforeAfter {
        BeforeAfter { before: moves[outcome].iter().sum(), after: moves.iter().map(|row| row[outcome]).sum() }
    }
}

impl Add for BeforeAfter {
    type Output = BeforeAfter;

    fn add(self, other: BeforeAfter) -> BeforeAfter {
        BeforeAfter { before: self.before + other.before, after: self.after + other.after }
    }
}

/// The moves of all patrons, counted.
#[derive(Clone, Debug, Default)]
pub struct MoveTally {
    /// Memberships, by library and subscription; no records.
    pub subscriptions: HashMap<(LibraryId, SubscriptionId), Moves, foldhash::fast::RandomState>,
    /// Records, by library, in the order of [`crate::Codes::libraries`], up to the last library with a record.
    pub records: Vec<[[u64; 5]; 5]>,
    /// Memberships and records, in the order of [`AgeBand`].
    pub ages: [Moves; AgeBand::ALL.len()],
    /// Profiles, in the order of [`AgeBand`] and of [`crate::ProfileOutcome`]; they belong to no library.
    pub profiles: [[[u64; 2]; 2]; AgeBand::ALL.len()],
}

impl MoveTally {
    /// Counts what the two policies decide about one patron.
    pub fn add(&mut self, patron: &Patron<'_>, age: AgeBand, old: &Decisions, new: &Decisions) {
        for ((membership, old), new) in patron.memberships.iter().zip(&old.memberships).zip(&new.memberships) {
            let starts_later = u64::from(old.is_valid() && new.is_valid() && !new.started);
            let (old, new) = (old.outcome as usize, new.outcome as usize);
            let place = (membership.library, membership.subscription);
            for moves in [self.subscriptions.entry(place).or_default(), &mut self.ages[age as usize]] {
                moves.memberships[old][new] += 1;
                moves.starts_later += starts_later;
            }
        }
        for (old, new) in old.records.iter().zip(&new.records) {
            self.of_records(new.library)[old.outcome as usize][new.outcome as usize] += 1;
            self.ages[age as usize].records[old.outcome as usize][new.outcome as usize] += 1;
        }
        if let (Some(old), Some(new)) = (old.profile, new.profile) {
            self.profiles[age as usize][old.outcome as usize][new.outcome as usize] += 1;
        }
    }

    /// Adds the counts of another part of the patrons, whose codes have other numbers here.
    pub fn add_all_as(
        &mut self,
        other: &MoveTally,
        library: impl Fn(LibraryId) -> LibraryId,
        subscription: impl Fn(SubscriptionId) -> SubscriptionId,
    ) {
        for (&(at, to), moves) in &other.subscriptions {
            *self.subscriptions.entry((library(at), subscription(to))).or_default() += *moves;
        }
        for (index, moves) in other.records.iter().enumerate() {
            add(self.of_records(library(LibraryId::new(index))), moves);
        }
        self.ages.iter_mut().zip(&other.ages).for_each(|(moves, &other)| *moves += other);
        self.profiles.iter_mut().zip(&other.profiles).for_each(|(moves, other)| add(moves, other));
    }

    fn of_records(&mut self, library: LibraryId) -> &mut [[u64; 5]; 5] {
        let index = library.index();
        if index >= self.records.len() {
            self.records.resize(index + 1, Default::default());
        }
        &mut self.records[index]
    }

    /// The memberships and records of each library, by number.
    pub fn libraries(&self) -> Vec<Moves> {
        let most = self.subscriptions.keys().map(|(library, _)| library.index() + 1).max().unwrap_or(0);
        let mut libraries = vec![Moves::default(); most.max(self.records.len())];
        for (&(library, _), moves) in &self.subscriptions {
            libraries[library.index()] += *moves;
        }
        libraries.iter_mut().zip(&self.records).for_each(|(of_library, &records)| of_library.records = records);
        libraries
    }

    /// All memberships and records.
    pub fn total(&self) -> Moves {
        let mut total = Moves::default();
        self.ages.iter().for_each(|&moves| total += moves);
        total
    }

    /// All profiles.
    pub fn total_profiles(&self) -> [[u64; 2]; 2] {
        let mut total = [[0; 2]; 2];
        self.profiles.iter().for_each(|moves| add(&mut total, moves));
        total
    }
}
