//! The patrons who move: each membership, record and profile that the two policies decide otherwise about.

use lapse_engine::{
    Decisions, ExtraReason, LibraryId, MembershipDecision, Patron, ProfileDecision, RecordDecision, SubscriptionId,
};
use lapse_policy::Day;
use lapse_tables::Renumberings;

/// Something of a patron that has another outcome by the new policy.
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
        /// Where.
        library: LibraryId,
        /// Its type.
        subscription: SubscriptionId,
        /// Its first day.
        valid_from: Day,
        /// The decisions.
        decided: [MembershipDecision; 2],
    },
    /// A record, each decision with the plugins' reasons to keep it.
    Record {
        /// Where.
        library: LibraryId,
        /// The decisions.
        decided: [(RecordDecision, Vec<ExtraReason>); 2],
    },
    /// The profile.
    Profile {
        /// The decisions.
        decided: [ProfileDecision; 2],
    },
}

impl Moved {
    /// With other numbers for its codes.
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

/// Tells what of a patron moves.
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
            let extra = |decisions: &Decisions| decisions.extra_reasons(library).collect();
            add(What::Record { library, decided: [(one, extra(old)), (other, extra(new))] });
        }
    }
    if let (Some(one), Some(other)) = (old.profile, new.profile)
        && one.outcome != other.outcome
    {
        add(What::Profile { decided: [one, other] });
    }
}
