//! Which settings of the policy stand behind a decision, so that a story or a page can name the line that decided.

use lapse_policy::{Key, Narrowed};

use crate::{KeepReason, MembershipReason, ProfileReason};

/// The settings of a subscription that a decision reads.
pub const OF_SUBSCRIPTION: [Key; 7] =
    [Key::Holder, Key::Fee, Key::Renewal, Key::TermMonths, Key::LapseMonths, Key::GraceDays, Key::TermEnds];

/// The settings of a library that a decision reads, without those of its subscriptions.
pub const OF_LIBRARY: [Key; 10] = [
    Key::Sources,
    Key::Scope,
    Key::EndedMonths,
    Key::SettledMonths,
    Key::Blocks,
    Key::BlocksIgnored,
    Key::AccountsNeeded,
    Key::PseudonymiseDays,
    Key::HistoryMonths,
    Key::FinanceMonths,
];

/// The settings that tell which activity counts at a library.
pub const OF_LAST_ACTIVITY: [Key; 2] = [Key::Sources, Key::Scope];

impl MembershipReason {
    /// The settings that make the customer run give this reason, the nearest one first; none where the tables alone do.
    pub const fn settings_behind(self) -> &'static [Key] {
        match self {
            MembershipReason::NoPolicy
            | MembershipReason::Ended
            | MembershipReason::StartsLater
            | MembershipReason::Succeeded
            | MembershipReason::Cancelled
            // What stands behind a keep or an end is the entry itself.
            | MembershipReason::End
            | MembershipReason::Keep => &[],
            MembershipReason::Grace => &[Key::GraceDays],
            MembershipReason::NotAPerson => &[Key::Holder],
            MembershipReason::Automatic | MembershipReason::NoRenewal => &[Key::Renewal],
            MembershipReason::Paid => &[Key::Fee],
            // A rejected row is the reason only where the patron would have been inactive.
            MembershipReason::Inactive
            | MembershipReason::Active
            | MembershipReason::ActivityUnknown
            | MembershipReason::BadInput => &[Key::LapseMonths, Key::Sources, Key::Scope],
            MembershipReason::NotRenewed => &[Key::Renewal, Key::Fee],
        }
    }
}

impl KeepReason {
    /// The settings that make the cleanup give this reason; none where the tables alone do, or stage 1.
    pub const fn settings_behind(self) -> &'static [Key] {
        match self {
            KeepReason::AccountsUnknown => &[Key::AccountsNeeded],
            KeepReason::ValidInGroup => &[Key::GroupKind],
            KeepReason::EndedRecently => &[Key::EndedMonths],
            KeepReason::Blocked => &[Key::Blocks, Key::BlocksIgnored],
            KeepReason::SettledRecently => &[Key::SettledMonths],
            KeepReason::BadInput
            | KeepReason::ValidMembership
            | KeepReason::Owes
            | KeepReason::Credit
            | KeepReason::Items
            | KeepReason::NoMembership
            | KeepReason::NoPolicy => &[],
        }
    }

    /// The name under which the policy can narrow this reason, where it can.
    pub const fn narrowed(self) -> Option<Narrowed> {
        match self {
            KeepReason::EndedRecently => Some(Narrowed::EndedRecently),
            KeepReason::Owes => Some(Narrowed::Owes),
            KeepReason::Credit => Some(Narrowed::Credit),
            KeepReason::Blocked => Some(Narrowed::Blocked),
            KeepReason::Items => Some(Narrowed::Items),
            KeepReason::SettledRecently => Some(Narrowed::SettledRecently),
            KeepReason::BadInput
            | KeepReason::AccountsUnknown
            | KeepReason::ValidMembership
            | KeepReason::ValidInGroup
            | KeepReason::NoMembership
            | KeepReason::NoPolicy => None,
        }
    }
}

impl ProfileReason {
    /// The setting of the consortium that keeps a profile for this reason; none where the tables alone do, or stage 1.
    pub const fn setting_behind(self) -> Option<Key> {
        match self {
            ProfileReason::Active => Some(Key::ProfileInactiveMonths),
            ProfileReason::BadInput | ProfileReason::ValidMembership => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_a_reason_is_among_what_decisions_read() {
        let of_memberships = MembershipReason::ALL.iter().flat_map(|reason| reason.settings_behind());
        let of_records = KeepReason::ALL.iter().flat_map(|reason| reason.settings_behind());
        for key in of_memberships.chain(of_records).copied().filter(|&key| key != Key::GroupKind) {
            assert!(OF_SUBSCRIPTION.contains(&key) || OF_LIBRARY.contains(&key), "{key:?}");
        }
    }
}
