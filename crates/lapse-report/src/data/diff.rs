//! A change of policy: how many go from which outcome to which, by library, subscription, category and age.

use lapse_engine::guards::Trip;
use lapse_engine::{MembershipOutcome, MembershipReason, RecordOutcome};

use super::{Attention, Head, Library};

/// `lapse diff --data`: a run by the old policies beside the same run by the new ones.
#[derive(Clone, Debug)]
pub struct DiffReport {
    /// Of what; the old policies first, then the new ones.
    pub head: Head,
    /// How many patrons there are.
    pub patrons: u64,
    /// The effect at each library.
    pub libraries: Vec<(Library, Moves)>,
    /// The effect on each subscription, by the codes of library and subscription.
    pub subscriptions: Vec<(String, String, Moves)>,
    /// The effect on each category of subscription.
    pub categories: Vec<(String, Moves)>,
    /// The effect on each age band, in the order of [`AgeBand`].
    pub age_bands: [Moves; AgeBand::ALL.len()],
    /// Profiles: how many go from which outcome (row) to which (column).
    pub profiles: [[u64; 2]; 2],
    /// The guards that trip by the new policies.
    pub trips: Vec<Trip>,
    /// What else to look at.
    pub attention: Vec<Attention>,
    /// The patrons who move; none unless they are asked for.
    pub moved: Option<Vec<Moved>>,
}

impl DiffReport {
    /// All libraries together.
    pub fn total(&self) -> Moves {
        let mut total = Moves::default();
        self.libraries.iter().for_each(|(_, moves)| total += *moves);
        total
    }
}

/// How many go from which outcome by the old policies (the row) to which by the new ones (the column). Before and after
/// are its sums, so they cannot disagree with the moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Memberships, in the order of [`MembershipOutcome`].
    pub memberships: [[u64; 4]; 4],
    /// Records, in the order of [`RecordOutcome`]; a category or an age band without records of its own leaves them at 0.
    pub records: [[u64; 3]; 3],
}

impl Moves {
    /// Memberships with this outcome by the old and by the new policies.
    pub fn memberships(&self, outcome: MembershipOutcome) -> BeforeAfter {
        BeforeAfter::of(&self.memberships, outcome as usize)
    }

    /// Records with this outcome by the old and by the new policies.
    pub fn records(&self, outcome: RecordOutcome) -> BeforeAfter {
        BeforeAfter::of(&self.records, outcome as usize)
    }

    /// Memberships that are active after the run: valid or renewed.
    pub fn active(&self) -> BeforeAfter {
        self.memberships(MembershipOutcome::Valid) + self.memberships(MembershipOutcome::Renewed)
    }

    /// Records that are archived or deleted.
    pub fn removed(&self) -> BeforeAfter {
        self.records(RecordOutcome::Archived) + self.records(RecordOutcome::Deleted)
    }

    /// Memberships with another outcome than before.
    pub fn moved_memberships(&self) -> u64 {
        moved(&self.memberships)
    }

    /// Records with another outcome than before.
    pub fn moved_records(&self) -> u64 {
        moved(&self.records)
    }
}

fn moved<const N: usize>(moves: &[[u64; N]; N]) -> u64 {
    let stay: u64 = (0..N).map(|outcome| moves[outcome][outcome]).sum();
    moves.iter().flatten().sum::<u64>() - stay
}

impl std::ops::AddAssign for Moves {
    fn add_assign(&mut self, other: Moves) {
        let mine = self.memberships.as_flattened_mut().iter_mut().chain(self.records.as_flattened_mut());
        let others = other.memberships.as_flattened().iter().chain(other.records.as_flattened());
        mine.zip(others).for_each(|(count, other)| *count += other);
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
    fn of<const N: usize>(moves: &[[u64; N]; N], outcome: usize) -> BeforeAfter {
        BeforeAfter { before: moves[outcome].iter().sum(), after: moves.iter().map(|row| row[outcome]).sum() }
    }
}

impl std::ops::Add for BeforeAfter {
    type Output = BeforeAfter;

    fn add(self, other: BeforeAfter) -> BeforeAfter {
        BeforeAfter { before: self.before + other.before, after: self.after + other.after }
    }
}

/// The age of a patron on the day of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgeBand {
    /// Up to 11.
    Child,
    /// 12 to 17.
    Teenager,
    /// 18 to 25.
    YoungAdult,
    /// 26 to 64.
    Adult,
    /// 65 and over.
    Senior,
    /// No birth date.
    Unknown,
}

impl AgeBand {
    /// Every band, youngest first.
    pub const ALL: [AgeBand; 6] =
        [AgeBand::Child, AgeBand::Teenager, AgeBand::YoungAdult, AgeBand::Adult, AgeBand::Senior, AgeBand::Unknown];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            AgeBand::Child => "0-11",
            AgeBand::Teenager => "12-17",
            AgeBand::YoungAdult => "18-25",
            AgeBand::Adult => "26-64",
            AgeBand::Senior => "65+",
            AgeBand::Unknown => "unknown",
        }
    }
}

/// A patron whose outcome differs between two policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The patron's id.
    pub patron: String,
    /// The code of the library.
    pub library: String,
    /// What moves, with both outcomes.
    pub what: MovedWhat,
    /// The policy line that decides.
    pub decided_by: String,
}

/// What of a patron moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MovedWhat {
    /// A membership.
    Membership {
        /// The code of the subscription.
        subscription: String,
        /// The outcome by the old policies, and why.
        old: (MembershipOutcome, MembershipReason),
        /// The outcome by the new ones, and why.
        new: (MembershipOutcome, MembershipReason),
    },
    /// A record.
    Record {
        /// The outcome by the old policies.
        old: RecordOutcome,
        /// The outcome by the new ones.
        new: RecordOutcome,
    },
}
