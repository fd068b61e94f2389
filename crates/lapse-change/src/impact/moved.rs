//! The patrons who move: each membership, record and profile with a different outcome under the two policies.

use lapse_engine::{
    Decisions, ExtraReason, LibraryId, MembershipDecision, NamedId, Patron, ProfileDecision, RecordDecision,
    SubscriptionId,
};
use lapse_policy::Day;
use lapse_tables::Renumberings;

/// A membership, record or profile of a patron that has another outcome by the new policy.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The id of the patron.
    pub patron: Box<str>,
    /// What it is, with what the old policy decides and what the new one.
    pub what: What,
}

/// What moves.
#[derive(Clone, Debug)]
pub enum What {
    /// A membership.
    Membership {
        /// The library.
        library: LibraryId,
        /// The subscription.
        subscription: SubscriptionId,
        /// Its first day.
        valid_from: Day,
        /// The decisions of the old policy and the new one.
        decided: [MembershipDecision; 2],
    },
    /// A record.
    Record {
        /// The library.
        library: LibraryId,
        /// The decisions of the old policy and the new one.
        decided: [RecordSide; 2],
    },
    /// The profile.
    Profile {
        /// The decisions of the old policy and the new one.
        decided: [ProfileDecision; 2],
    },
}

/// What one policy decides about a record.
#[derive(Clone, Debug)]
pub struct RecordSide {
    /// The decision.
    pub record: RecordDecision,
    /// The keeps of the policy that hold it.
    pub keeps: Vec<NamedId>,
    /// The reasons of plugins to keep it.
    pub extra: Vec<ExtraReason>,
}

impl Moved {
    /// The same with other numbers for its codes.
    pub(super) fn renumbered(mut self, to: &Renumberings) -> Moved {
        match &mut self.what {
            What::Membership { library, subscription, .. } => {
                *library = to.library(*library);
                *subscription = to.subscription(*subscription);
            }
            What::Record { library, .. } => *library = to.library(*library),
            What::Profile { .. } => {}
        }
        self
    }
}

/// Calls `each` for everything of a patron that moves.
pub(super) fn find(id: &str, patron: &Patron<'_>, old: &Decisions, new: &Decisions, mut each: impl FnMut(Moved)) {
    let mut add = |what| each(Moved { patron: id.into(), what });
    for ((membership, &one), &other) in patron.memberships.iter().zip(&old.memberships).zip(&new.memberships) {
        if one.outcome != other.outcome {
            add(What::Membership {
                library: membership.library,
                subscription: membership.subscription,
                valid_from: membership.valid_from,
                decided: [one, other],
            });
        }
    }
    for (&one, &other) in old.records.iter().zip(&new.records) {
        if one.outcome != other.outcome {
            let library = other.library;
            let side = |record, decisions: &Decisions| RecordSide {
                record,
                keeps: decisions.keeps_of(library).map(|keep| keep.keep).collect(),
                extra: decisions.extra_reasons(library).collect(),
            };
            add(What::Record { library, decided: [side(one, old), side(other, new)] });
        }
    }
    if let (Some(one), Some(other)) = (old.profile, new.profile)
        && one.outcome != other.outcome
    {
        add(What::Profile { decided: [one, other] });
    }
}
