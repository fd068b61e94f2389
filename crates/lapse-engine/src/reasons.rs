//! Outcomes and reasons of a run, in the words of the tables.
//! Their order here is their order in the output.

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

        /// The reasons that hold, in the order of the output.
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

            /// Whether no reason holds.
            pub fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// The reasons in the order of the output.
            pub fn iter(self) -> impl Iterator<Item = $name> {
                $name::ALL.iter().copied().filter(move |&reason| self.contains(reason))
            }

            /// Adds `reason` where it holds, without a branch.
            pub(crate) fn add_if(&mut self, reason: $name, holds: bool) {
                self.0 |= u16::from(holds) << reason as u16;
            }
        }
    };
}

words! {
    /// What the customer run makes of a membership.
    MembershipOutcome {
        /// It stays valid, or starts later.
        Valid = "valid",
        /// It goes on, by as many terms as it takes to cover the run day.
        Renewed = "renewed",
        /// It has lapsed by inactivity (Uitgeschreven).
        Deregistered = "deregistered",
        /// It ended by itself.
        Expired = "expired",
    }
}

words! {
    /// Why the customer run decides so (domain.md, stage 1).
    MembershipReason {
        /// Rule 1: the library or the subscription is not in the policy.
        NoPolicy = "no-policy",
        /// Rule 2: it was deregistered before, or it was cancelled and is past its end.
        Ended = "ended",
        /// Rule 3: it starts after the run day.
        StartsLater = "starts-later",
        /// Rule 4: it is past its end, and a later membership of the same subscription has taken its place.
        Succeeded = "succeeded",
        /// Rule 5: an end applies (`end/NAME`).
        End = "end",
        /// Rule 6: the patron has been inactive for more than the lapse term.
        Inactive = "inactive",
        /// Rule 6 did not apply: it was cancelled, and goes on until its end.
        Cancelled = "cancelled",
        /// Rule 6 did not apply: the holder is not a person.
        NotAPerson = "not-a-person",
        /// Rule 6 did not apply: it renews itself, whatever the patron does (renewal 0).
        Automatic = "automatic",
        /// Rule 6 did not apply: it is renewed at the desk.
        NoRenewal = "no-renewal",
        /// Rule 6 did not apply: the subscription has a fee.
        Paid = "paid",
        /// Rule 6 did not apply: the patron has been active recently enough.
        Active = "active",
        /// Rule 6 did not apply: the extract has no usable activity of anybody.
        ActivityUnknown = "activity-unknown",
        /// Rule 5 or 6 would apply, but a keep of memberships holds (`keep/NAME`).
        Keep = "keep",
        /// Rule 5 or 6 would apply, but a row of this patron was rejected.
        BadInput = "bad-input",
        /// Rule 8: it is past its end, and its days of grace are not over.
        Grace = "grace",
        /// Rule 10: it is past its end, and nothing renews it.
        NotRenewed = "not-renewed",
    }
}

words! {
    /// What the cleanup makes of a patron's record at a library.
    RecordOutcome {
        /// Something holds it.
        Kept = "kept",
        /// Nothing holds it here, but another library keeps the patron.
        Archived = "archived",
        /// Nothing holds any record of the patron.
        Deleted = "deleted",
        /// Only keeps for a person to look at hold it.
        Review = "review",
        /// Nothing holds any record of the patron, and the policy has them made anonymous.
        Anonymised = "anonymised",
    }
}

words! {
    set KeepReasons of
    /// Why a record is kept (domain.md, stage 2).
    KeepReason {
        /// A row of this patron was rejected.
        BadInput = "bad-input",
        /// The accounts table lacks a column that the policy needs, so that nobody's account is known.
        AccountsUnknown = "accounts-unknown",
        /// A membership here is valid or starts later.
        ValidMembership = "valid-membership",
        /// No membership here is valid, but one is at another library of the group of kind 3.
        ValidInGroup = "valid-in-group",
        /// The memberships here have not been over for long enough.
        EndedRecently = "ended-recently",
        /// Outstanding costs are not zero.
        Owes = "owes",
        /// Credit is not zero.
        Credit = "credit",
        /// A block of a kind that holds records here.
        Blocked = "blocked",
        /// Items are in possession.
        Items = "items",
        /// Costs were settled not long ago.
        SettledRecently = "settled-recently",
        /// There is an account but no membership, so that the end is unknown.
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
    /// Why a profile is kept (domain.md, stage 3).
    ProfileReason {
        /// A row of this patron was rejected.
        BadInput = "bad-input",
        /// It was used not long ago.
        Active = "active",
        /// Some membership of the patron is valid after stage 1.
        ValidMembership = "valid-membership",
    }
}

impl RecordOutcome {
    /// The outcomes that counts are shown of: those that every policy has, and the others where there are any of them.
    pub fn shown(count: impl Fn(RecordOutcome) -> u64) -> Vec<RecordOutcome> {
        let is_shown = |outcome: &RecordOutcome| !outcome.is_of_some_policies() || count(*outcome) > 0;
        RecordOutcome::ALL.iter().copied().filter(is_shown).collect()
    }

    /// Whether only a policy that says so has this outcome.
    pub const fn is_of_some_policies(self) -> bool {
        match self {
            RecordOutcome::Kept | RecordOutcome::Archived | RecordOutcome::Deleted => false,
            RecordOutcome::Review | RecordOutcome::Anonymised => true,
        }
    }

    /// Whether the patron's records go, at every library at once.
    pub const fn removes_the_patron(self) -> bool {
        match self {
            RecordOutcome::Deleted | RecordOutcome::Anonymised => true,
            RecordOutcome::Kept | RecordOutcome::Archived | RecordOutcome::Review => false,
        }
    }

    /// The reason word of a record that nothing holds here; empty for one that is kept, which has reasons of its own.
    pub const fn clear_reason(self) -> &'static str {
        match self {
            RecordOutcome::Kept | RecordOutcome::Review => "",
            RecordOutcome::Archived => "kept-elsewhere",
            RecordOutcome::Deleted | RecordOutcome::Anonymised => "all-clear",
        }
    }
}

impl ProfileOutcome {
    /// The reason word of a profile that is deleted.
    pub const DELETED_REASON: &str = "inactive";
}
