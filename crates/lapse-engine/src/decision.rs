//! What a run decides: outcomes and reasons, in the words of the tables.
//! The order of the reasons here is their order in the output.

use lapse_policy::Day;

use crate::{ExtraReason, LibraryId};

/// Defines an enum of words that appear in the output, and (with `set`) a small set of them that keeps their order.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the output.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The word for it in the tables.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
    (set $set:ident of $($rest:tt)+) => { words!(@set $set, $($rest)+); };
    (@set $set:ident, $(#[$meta:meta])* $name:ident { $($body:tt)+ }) => {
        words!($(#[$meta])* $name { $($body)+ });

        /// Those that hold, in order.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $set(u16);

        impl $set {
            /// Adds one.
            pub fn add(&mut self, reason: $name) {
                self.0 |= 1 << reason as u16;
            }

            /// Whether it is among them.
            pub fn contains(self, reason: $name) -> bool {
                self.0 & 1 << reason as u16 != 0
            }

            /// Whether none holds.
            pub fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// In the order of the output.
            pub fn iter(self) -> impl Iterator<Item = $name> {
                $name::ALL.iter().copied().filter(move |&reason| self.contains(reason))
            }

            /// Adds `reason` where it holds, and says so to the caller.
            pub(crate) fn add_if(&mut self, reason: $name, holds: bool) {
                self.0 |= u16::from(holds) << reason as u16;
            }
        }
    };
}

words! {
    /// What the customer run makes of a membership.
    MembershipOutcome {
        /// It stands, or starts later.
        Valid = "valid",
        /// It goes on for as many terms as it takes to cover the run day.
        Renewed = "renewed",
        /// Uitgeschreven: lapsed by inactivity.
        Deregistered = "deregistered",
        /// It ended by itself.
        Expired = "expired",
    }
}

words! {
    /// Why (domain.md stage 1).
    MembershipReason {
        /// Row 1: library or subscription is not in the policy.
        NoPolicy = "no-policy",
        /// Row 2: its status is not active.
        Ended = "ended",
        /// Row 3.
        StartsLater = "starts-later",
        /// Row 4: more than the lapse term without activity.
        Inactive = "inactive",
        /// Row 4 did not apply: the holder is no person.
        NotAPerson = "not-a-person",
        /// Row 4 did not apply: renewal 0.
        Automatic = "automatic",
        /// Row 4 did not apply: renewed at the desk.
        NoRenewal = "no-renewal",
        /// Row 4 did not apply: the subscription has a fee.
        Paid = "paid",
        /// Row 4 did not apply: recent activity.
        Active = "active",
        /// Row 4 would apply, but a row of this patron was rejected.
        BadInput = "bad-input",
        /// Row 7: past its end, and nothing renews it.
        NotRenewed = "not-renewed",
    }
}

words! {
    /// What the cleanup makes of a patron's record at a library.
    RecordOutcome {
        /// Something holds it.
        Kept = "kept",
        /// Clear here, kept elsewhere.
        Archived = "archived",
        /// Clear everywhere.
        Deleted = "deleted",
    }
}

words! {
    set KeepReasons of
    /// Why a record is kept (domain.md stage 2).
    KeepReason {
        /// A row of this patron was rejected.
        BadInput = "bad-input",
        /// A membership here is valid or starts later.
        ValidMembership = "valid-membership",
        /// A membership at another library of the group of kind 3 is.
        ValidInGroup = "valid-in-group",
        /// The memberships here have not been over for long enough.
        EndedRecently = "ended-recently",
        /// Outstanding costs.
        Owes = "owes",
        /// Credit.
        Credit = "credit",
        /// A kind of block that holds.
        Blocked = "blocked",
        /// Items in possession.
        Items = "items",
        /// Costs were settled not long ago.
        SettledRecently = "settled-recently",
        /// An account without any membership: the end date is unknown.
        NoMembership = "no-membership",
        /// The library is not in the policy.
        NoPolicy = "no-policy",
    }
}

words! {
    /// What happens to a Mijn Bibliotheek profile.
    ProfileOutcome {
        /// It stays.
        Kept = "kept",
        /// It goes.
        Deleted = "deleted",
    }
}

words! {
    set ProfileReasons of
    /// Why a profile is kept (domain.md stage 3).
    ProfileReason {
        /// A row of this patron was rejected.
        BadInput = "bad-input",
        /// Used not long ago.
        Active = "active",
        /// Some membership of the patron is valid after stage 1.
        ValidMembership = "valid-membership",
    }
}

impl RecordOutcome {
    /// The reason word of an outcome that nothing holds.
    pub const fn clear_reason(self) -> &'static str {
        match self {
            RecordOutcome::Kept => "",
            RecordOutcome::Archived => "kept-elsewhere",
            RecordOutcome::Deleted => "all-clear",
        }
    }
}

impl ProfileOutcome {
    /// The reason word of a profile that goes.
    pub const DELETED_REASON: &str = "inactive";
}

/// The customer run's decision on one membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembershipDecision {
    /// What happens.
    pub outcome: MembershipOutcome,
    /// Why, by the built-in rules.
    pub reason: MembershipReason,
    /// Why, where a plugin's verdict changed what the built-in rules decided.
    pub extra: Option<ExtraReason>,
    /// The last valid day after the run; none: no end, or an unknown one.
    pub valid_until: Option<Day>,
    /// The last activity that was compared; none where there was none.
    pub last_activity: Option<Day>,
    /// It has started: `valid_from <= D`.
    pub started: bool,
}

impl MembershipDecision {
    /// Valid on the run day after the run, or starts later.
    pub fn is_valid(&self) -> bool {
        match self.outcome {
            MembershipOutcome::Valid | MembershipOutcome::Renewed => true,
            MembershipOutcome::Deregistered | MembershipOutcome::Expired => false,
        }
    }

    /// Valid before the run (the guards, policy.md): a renewing membership goes on until a run ends it.
    pub fn was_valid(&self) -> bool {
        match self.outcome {
            MembershipOutcome::Valid => self.started,
            MembershipOutcome::Renewed | MembershipOutcome::Deregistered => true,
            MembershipOutcome::Expired => false,
        }
    }
}

/// The cleanup's decision on one patron's record at one library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordDecision {
    /// Where.
    pub library: LibraryId,
    /// What happens.
    pub outcome: RecordOutcome,
    /// Why it is kept, by the built-in rules; plugins may keep it too ([`Decisions::extra_keeps`]).
    pub reasons: KeepReasons,
    /// Activity before this day loses its patron; none where loan history is kept or the record goes.
    pub pseudonymise_before: Option<Day>,
    /// Finance rows before this day are deleted; none where the record goes.
    pub purge_finance_before: Option<Day>,
}

/// The decision on one profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileDecision {
    /// What happens.
    pub outcome: ProfileOutcome,
    /// Why it is kept; empty unless it is.
    pub reasons: ProfileReasons,
}

/// Everything decided about one patron.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// One for each membership, in the patron's order.
    pub memberships: Vec<MembershipDecision>,
    /// One for each library, by first appearance in memberships, then in accounts.
    pub records: Vec<RecordDecision>,
    /// The records that plugins keep, each with a reason, in the plugins' name order.
    pub extra_keeps: Vec<(LibraryId, ExtraReason)>,
    /// None where the patron has no profile date.
    pub profile: Option<ProfileDecision>,
}

impl Decisions {
    /// The plugins' reasons to keep the record at a library, after the built-in ones.
    pub fn extra_reasons(&self, library: LibraryId) -> impl Iterator<Item = ExtraReason> {
        self.extra_keeps.iter().filter(move |&&(there, _)| there == library).map(|&(_, reason)| reason)
    }

    /// What the next run decides where no date comes between: the same of what this one left.
    pub(crate) fn repeat(&mut self) {
        for decided in &mut self.memberships {
            match decided.outcome {
                MembershipOutcome::Valid | MembershipOutcome::Expired => {}
                MembershipOutcome::Renewed => decided.outcome = MembershipOutcome::Valid,
                MembershipOutcome::Deregistered => {
                    decided.outcome = MembershipOutcome::Expired;
                    decided.reason = MembershipReason::Ended;
                }
            }
        }
        // Records are deleted everywhere at once or not at all.
        if self.records.iter().any(|record| record.outcome == RecordOutcome::Deleted) {
            self.memberships.clear();
            self.records.clear();
        }
        self.profile = self.profile.filter(|profile| profile.outcome == ProfileOutcome::Kept);
    }

    pub(crate) fn clear(&mut self) {
        self.memberships.clear();
        self.records.clear();
        self.extra_keeps.clear();
        self.profile = None;
    }
}
