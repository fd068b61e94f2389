//! A change of policy: how many memberships, records and profiles go from each outcome to each other, by library, subscription,
//! category and age.

use lapse_engine::guards::Trip;
use lapse_engine::{AgeBand, MembershipOutcome, MembershipReason, Moves, RecordOutcome};
use lapse_policy::Day;

use super::{Attention, Head, Library};

/// `lapse diff --data`: a run by the old policies beside the same run by the new ones.
#[derive(Clone, Debug)]
pub struct DiffReport {
    /// What the page says of itself; the old policies come first, then the new ones.
    pub head: Head,
    /// How many patrons there are.
    pub patrons: u64,
    /// The effect at each library.
    pub libraries: Vec<(Library, Moves)>,
    /// The effect on each subscription, by the codes of library and subscription.
    pub subscriptions: Vec<(String, String, Moves)>,
    /// The effect on each category of subscription; the category is none for subscriptions that the policies do not know.
    pub categories: Vec<(Option<String>, Moves)>,
    /// The effect on each age band, in the order of [`AgeBand`].
    pub age_bands: [Moves; AgeBand::ALL.len()],
    /// The profiles that go from each outcome by the old policies (row) to each by the new ones (column).
    pub profiles: [[u64; 2]; 2],
    /// The guards that trip by the new policies.
    pub trips: Vec<Trip>,
    /// What else a person should look at.
    pub attention: Vec<Attention>,
    /// What of the change lets more go than before.
    pub loosens: Vec<Loosening>,
    /// The patrons who move; none unless they are asked for.
    pub moved: Option<Vec<Moved>>,
}

impl DiffReport {
    /// The effect at all libraries together.
    pub fn total(&self) -> Moves {
        let mut total = Moves::default();
        self.libraries.iter().for_each(|(_, moves)| total += *moves);
        total
    }
}

/// A difference between the policies by which more goes than before, or goes unnoticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loosening {
    /// The setting, as policy files write it.
    pub setting: String,
    /// Its value in the old policies.
    pub before: String,
    /// Its value in the new ones.
    pub after: String,
    /// The codes of the libraries and subscriptions.
    pub places: String,
    /// The first day on which it differs; none where it always did.
    pub from: Option<Day>,
    /// The last day on which it differs; none where it differs from then on.
    pub until: Option<Day>,
    /// The policy line that says so.
    pub by: String,
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
        old: (MembershipOutcome, Why),
        /// The outcome by the new ones, and why.
        new: (MembershipOutcome, Why),
    },
    /// A record.
    Record {
        /// The outcome by the old policies.
        old: RecordOutcome,
        /// The outcome by the new ones.
        new: RecordOutcome,
    },
}

/// Why a membership has its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// By a rule.
    Rule(MembershipReason),
    /// By a keep, an end or a plugin, in its own word.
    Named(String),
}
