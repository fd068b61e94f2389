//! The facts as the next run finds them: what a run decides about a patron, carried out on the patron's rows. The runs
//! to come are looked ahead with it.

use lapse_policy::Day;

use crate::{Account, Activity, Decisions, FactValue, Facts, Membership, Patron, ProfileOutcome, Told, customer_run};

/// A patron that owns its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatronRows {
    /// See [`Patron::held`].
    pub held: bool,
    /// See [`Patron::told`].
    pub told: Told,
    /// See [`Patron::birth_date`].
    pub birth_date: Option<Day>,
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
    /// See [`Facts::patron`].
    pub facts: Vec<FactValue>,
    /// See [`Facts::memberships`].
    pub membership_facts: Vec<FactValue>,
    /// See [`Facts::accounts`].
    pub account_facts: Vec<FactValue>,
}

impl From<&Patron<'_>> for PatronRows {
    fn from(patron: &Patron<'_>) -> PatronRows {
        let mut rows = PatronRows::default();
        rows.set_to(patron);
        rows
    }
}

impl PatronRows {
    /// Takes over the facts about another patron, in the memory that this one has.
    pub fn set_to(&mut self, patron: &Patron<'_>) {
        let &Patron {
            held,
            told,
            birth_date,
            profile_last_active,
            keeps_history,
            memberships,
            activity,
            accounts,
            facts,
        } = patron;
        (self.held, self.told, self.birth_date) = (held, told, birth_date);
        (self.profile_last_active, self.keeps_history) = (profile_last_active, keeps_history);
        self.memberships.clear();
        self.memberships.extend_from_slice(memberships);
        self.activity.clear();
        self.activity.extend_from_slice(activity);
        self.accounts.clear();
        self.accounts.extend_from_slice(accounts);
        let own = [&mut self.facts, &mut self.membership_facts, &mut self.account_facts];
        for (own, values) in own.into_iter().zip([facts.patron, facts.memberships, facts.accounts]) {
            own.clear();
            own.extend_from_slice(values);
        }
    }

    /// These rows, as the engine takes them.
    pub fn as_patron(&self) -> Patron<'_> {
        Patron {
            held: self.held,
            told: self.told,
            birth_date: self.birth_date,
            profile_last_active: self.profile_last_active,
            keeps_history: self.keeps_history,
            memberships: &self.memberships,
            activity: &self.activity,
            accounts: &self.accounts,
            facts: Facts { patron: &self.facts, memberships: &self.membership_facts, accounts: &self.account_facts },
        }
    }

    /// Nothing is left that a run could decide about.
    pub fn is_gone(&self) -> bool {
        self.memberships.is_empty() && self.accounts.is_empty() && self.profile_last_active.is_none()
    }

    /// Carries out what a run decided about this patron. Deleted records take the patron's rows with them; an archived
    /// one stays, since a later run deletes it when every library is clear.
    pub fn carry_out(&mut self, decisions: &Decisions) {
        for (membership, decided) in self.memberships.iter_mut().zip(&decisions.memberships) {
            customer_run::carry_out(decided, membership);
        }
        if decisions.delete_the_patron() {
            self.memberships.clear();
            self.accounts.clear();
            self.activity.clear();
            self.membership_facts.clear();
            self.account_facts.clear();
        }
        if decisions.profile.is_some_and(|profile| profile.outcome == ProfileOutcome::Deleted) {
            self.profile_last_active = None;
        }
    }

    /// Turns what the last run decided into what the run on `run` decides about these rows, which it left, where no
    /// date that a rule compares comes in between.
    pub(crate) fn decide_again(&self, decisions: &mut Decisions, run: Day) {
        if decisions.delete_the_patron() {
            decisions.memberships.clear();
            decisions.records.clear();
        }
        for (membership, decided) in self.memberships.iter().zip(&mut decisions.memberships) {
            customer_run::decide_again(decided, membership, run);
        }
        decisions.profile = decisions.profile.filter(|profile| profile.outcome == ProfileOutcome::Kept);
    }
}
