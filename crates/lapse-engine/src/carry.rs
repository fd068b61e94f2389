//! The facts as the next run finds them: what a run decides about a patron, carried out on the patron's rows.
//! `explain` and `forecast` look ahead with it.

use crate::{
    Account, Activity, Decisions, Membership, MembershipOutcome, Patron, ProfileOutcome, RecordOutcome, Status,
};
use lapse_policy::Day;

/// A patron that owns its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatronRows {
    /// See [`Patron::held`].
    pub held: bool,
    /// See [`Patron::profile_last_active`].
    pub profile_last_active: Option<Day>,
    /// See [`Patron::keeps_history`].
    pub keeps_history: bool,
    /// See [`Patron::memberships`].
    pub memberships: Vec<Membership>,
    /// See [`Patron::activity`].
    pub activity: Vec<Activity>,
    /// See [`Patron::accounts`].
    pub accounts: Vec<Account>,
}

impl From<&Patron<'_>> for PatronRows {
    fn from(patron: &Patron<'_>) -> PatronRows {
        let mut rows = PatronRows::default();
        rows.set_to(patron);
        rows
    }
}

impl PatronRows {
    /// Takes over the facts about another patron, in the room that is there.
    pub fn set_to(&mut self, patron: &Patron<'_>) {
        let &Patron { held, profile_last_active, keeps_history, memberships, activity, accounts } = patron;
        (self.held, self.profile_last_active, self.keeps_history) = (held, profile_last_active, keeps_history);
        self.memberships.clear();
        self.memberships.extend_from_slice(memberships);
        self.activity.clear();
        self.activity.extend_from_slice(activity);
        self.accounts.clear();
        self.accounts.extend_from_slice(accounts);
    }

    /// As the engine takes it.
    pub fn as_patron(&self) -> Patron<'_> {
        Patron {
            held: self.held,
            profile_last_active: self.profile_last_active,
            keeps_history: self.keeps_history,
            memberships: &self.memberships,
            activity: &self.activity,
            accounts: &self.accounts,
        }
    }

    /// Nothing is left that a run could decide about.
    pub fn is_gone(&self) -> bool {
        self.memberships.is_empty() && self.accounts.is_empty() && self.profile_last_active.is_none()
    }

    /// Carries out what a run decided about this patron. A deleted record takes the patron's rows with it; an archived
    /// one stays, as it is deleted by a later run when every library is clear.
    pub fn carry_out(&mut self, decisions: &Decisions) {
        for (membership, decided) in self.memberships.iter_mut().zip(&decisions.memberships) {
            match decided.outcome {
                MembershipOutcome::Valid | MembershipOutcome::Expired => {}
                MembershipOutcome::Renewed => membership.valid_until = decided.valid_until,
                MembershipOutcome::Deregistered => {
                    membership.status = Status::Deregistered;
                    membership.valid_until = decided.valid_until;
                }
            }
        }
        // Records are deleted everywhere at once or not at all.
        if decisions.records.iter().any(|record| record.outcome == RecordOutcome::Deleted) {
            self.memberships.clear();
            self.accounts.clear();
            self.activity.clear();
        }
        if decisions.profile.is_some_and(|profile| profile.outcome == ProfileOutcome::Deleted) {
            self.profile_last_active = None;
        }
    }
}
