//! Keeps, ends and narrowings (domain.md, "Facts, keeps and ends") of one patron: what each looks at, and whether it holds. What is
//! not known keeps, and does not end.

use lapse_policy::{BuiltInFact, Day, FactTable, KeepOf, Narrowed};

use crate::conditions::{Condition, ValueOf};
use crate::entry_rules::{EntryOf, EntryRule, EntryRules, NarrowingRule, Tests};
use crate::{
    Account, Event, FactValue, LibraryId, Listener, Membership, NamedId, Patron, Rules, SubscriptionId, Truth,
};

impl Tests {
    /// Whether `when` is so and `unless` is not. Where that is unknown, a keep holds all the same, and an end does not
    /// apply.
    fn truth<L: Listener>(&self, looked: &Looked<'_>, entry: EntryOf, listener: &mut L) -> Truth {
        let when = looked.all(&self.when, false, entry, listener);
        if self.unless.is_empty() {
            return when;
        }
        let unless = match looked.all(&self.unless, true, entry, listener) {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        };
        when.min(unless)
    }

    /// As [`Tests::truth`], of a record: a fact of memberships is tried on each of those there that `about` lets through, and
    /// one for which it is so is enough. Without a membership there such a fact is unknown.
    fn truth_of_record<L: Listener>(
        &self,
        record: &Looked<'_>,
        about: impl Fn(SubscriptionId) -> bool,
        entry: EntryOf,
        listener: &mut L,
    ) -> Truth {
        let here = || {
            let all = record.patron.memberships.iter().enumerate();
            all.filter(|(_, membership)| membership.library == record.library)
        };
        if !self.by_membership || here().next().is_none() {
            return self.truth(record, entry, listener);
        }
        let tried = here().filter(|(_, membership)| about(membership.subscription));
        tried.fold(Truth::False, |so_far, (at, _)| {
            let looked = Looked { membership: Some(at), ..*record };
            so_far.max(self.truth(&looked, entry, listener))
        })
    }
}

impl EntryRule {
    /// Whether it is so of a membership that the policy has: false where `only` does not let it through.
    fn of_membership<L: Listener>(&self, looked: &Looked<'_>, membership: &Membership, listener: &mut L) -> Truth {
        let about = self.is_about(membership.subscription);
        let entry = EntryOf::Named(self.name);
        let truth = if about { self.tests.truth(looked, entry, listener) } else { Truth::False };
        looked.tell(entry, self.of, about, truth, listener);
        truth
    }

    /// Whether it is so of a record, or of what goes with it: false where `only` lets none of the memberships there through.
    pub fn of_record<L: Listener>(&self, record: &Looked<'_>, listener: &mut L) -> Truth {
        let mut here = record.patron.memberships.iter().filter(|membership| membership.library == record.library);
        let about = self.only.is_none() || here.any(|membership| self.is_about(membership.subscription));
        let entry = EntryOf::Named(self.name);
        let truth = if about {
            self.tests.truth_of_record(record, |subscription| self.is_about(subscription), entry, listener)
        } else {
            Truth::False
        };
        record.tell(entry, self.of, about, truth, listener);
        truth
    }
}

impl EntryRules {
    /// The first end by name that applies to a membership.
    pub fn end<L: Listener>(&self, looked: &Looked<'_>, membership: &Membership, listener: &mut L) -> Option<NamedId> {
        let mut ends = self.ends.iter();
        ends.find(|end| end.of_membership(looked, membership, listener) == Truth::True).map(|end| end.name)
    }

    /// The first keep by name that holds a membership, and whether it is so or only not known.
    pub fn keep<L: Listener>(
        &self,
        looked: &Looked<'_>,
        membership: &Membership,
        listener: &mut L,
    ) -> Option<(NamedId, Truth)> {
        let mut keeps =
            self.keep_membership.iter().map(|keep| (keep.name, keep.of_membership(looked, membership, listener)));
        keeps.find(|&(_, truth)| truth != Truth::False)
    }

    /// Whether a built-in reason, whose own condition holds, still holds with its narrowing.
    pub fn still_holds<L: Listener>(&self, reason: Narrowed, record: &Looked<'_>, listener: &mut L) -> bool {
        let Some(NarrowingRule { never, tests }) = &self.narrowings[reason as usize] else { return true };
        let entry = EntryOf::Narrowing(reason);
        let truth = if *never { Truth::False } else { tests.truth_of_record(record, |_| true, entry, listener) };
        record.tell(entry, None, true, truth, listener);
        truth != Truth::False
    }
}

/// What was looked at: the patron at a library, and for some facts a membership there.
#[derive(Clone, Copy)]
pub(crate) struct Looked<'a> {
    pub patron: &'a Patron<'a>,
    pub rules: &'a Rules,
    pub library: LibraryId,
    /// The place of the patron's account there.
    pub account: Option<usize>,
    /// The place of the membership that is looked at.
    pub membership: Option<usize>,
    /// The last activity as stage 1 compares it there, without what stands in for it.
    pub last_activity: FactValue,
    pub begun_on: FactValue,
    /// Of a record; of a membership unknown.
    pub ended_on: FactValue,
}

impl<'a> Looked<'a> {
    /// One of the patron's memberships.
    pub fn membership(patron: &'a Patron<'a>, rules: &'a Rules, at: usize, last_activity: Option<Day>) -> Looked<'a> {
        let Membership { library, valid_from, .. } = patron.memberships[at];
        Looked {
            patron,
            rules,
            library,
            account: account_at(patron, library),
            membership: Some(at),
            last_activity: FactValue::of_day(last_activity),
            begun_on: FactValue::of_day(Some(valid_from)),
            ended_on: FactValue::UNKNOWN,
        }
    }

    fn account(&self) -> Option<&'a Account> {
        self.account.map(|at| &self.patron.accounts[at])
    }

    /// The value of a fact.
    fn value(&self, of: ValueOf) -> FactValue {
        let columns = &self.rules.columns;
        let declared = |table: FactTable, values: &[FactValue], row: Option<usize>, place: usize| {
            let known = self.patron.told.facts.has(columns.number(table, place));
            match row {
                _ if !known => FactValue::UNKNOWN,
                Some(row) => values.get(row * columns.of(table).len() + place).copied().unwrap_or(FactValue::UNKNOWN),
                // An account that is not there has none of anything.
                None if table == FactTable::Accounts => FactValue::NONE,
                None => FactValue::UNKNOWN,
            }
        };
        let facts = &self.patron.facts;
        match of {
            ValueOf::BuiltIn(fact) => self.built_in(fact),
            ValueOf::Patron(place) => declared(FactTable::Patrons, facts.patron, Some(0), place),
            ValueOf::Membership(place) => declared(FactTable::Memberships, facts.memberships, self.membership, place),
            ValueOf::Account(place) => declared(FactTable::Accounts, facts.accounts, self.account, place),
            ValueOf::Activity(fact) => self.activity(fact),
            ValueOf::Nowhere => FactValue::UNKNOWN,
        }
    }

    fn built_in(&self, fact: BuiltInFact) -> FactValue {
        use BuiltInFact as Fact;
        let of_account = |value: Option<FactValue>| {
            let told = self.patron.told.accounts.names().any(|name| name == fact.as_str());
            if told { value.unwrap_or(FactValue::NONE) } else { FactValue::UNKNOWN }
        };
        match fact {
            Fact::Age => self.patron.birth_date.map_or(FactValue::UNKNOWN, |born| FactValue::of_day(Some(born))),
            Fact::LastActivity if !self.patron.told.activity => FactValue::UNKNOWN,
            Fact::LastActivity if self.last_activity == FactValue::NONE => self.begun_on,
            Fact::LastActivity => self.last_activity,
            Fact::BegunOn => self.begun_on,
            Fact::EndedOn => self.ended_on,
            Fact::SettledOn => of_account(self.account().map(|account| FactValue::of_day(account.settled_on))),
            Fact::Blocks => {
                of_account(self.account().map(|account| account.blocks.map_or(FactValue::NONE, FactValue::of_codes)))
            }
            // The numbers of an account are found by their place among its columns, and the month is known beforehand.
            Fact::Owed | Fact::Credit | Fact::Items | Fact::RunMonth => FactValue::UNKNOWN,
        }
    }

    /// The latest date of the sources of a fact, over all libraries and capped at the run day.
    fn activity(&self, fact: usize) -> FactValue {
        if !self.patron.told.activity {
            return FactValue::UNKNOWN;
        }
        let counts = &self.rules.activity_facts[fact];
        let rows =
            self.patron.activity.iter().filter(|row| counts.get(row.source.index()).is_some_and(|&counts| counts));
        FactValue::of_day(rows.map(|row| row.last_active.min(self.rules.run)).max())
    }

    /// Whether all of these tests are so.
    fn all<L: Listener>(&self, tests: &[Condition], unless: bool, entry: EntryOf, listener: &mut L) -> Truth {
        let mut all = Truth::True;
        for (index, test) in tests.iter().enumerate() {
            let value = self.value(test.value);
            let other = test.after().map_or(FactValue::NONE, |fact| self.value(fact));
            let truth = test.truth(value, other, |cell, kinds| self.rules.names_any(cell, kinds));
            listener.hear(|| {
                let turns = test.turns(value, other, self.rules.run);
                let (library, membership, fact) = (self.library, self.membership, test.fact);
                Event::Tested { entry, library, membership, unless, index, fact, value, other, truth, turns }
            });
            all = all.min(truth);
        }
        all
    }
}

impl Looked<'_> {
    fn tell<L: Listener>(&self, entry: EntryOf, of: Option<KeepOf>, about: bool, truth: Truth, listener: &mut L) {
        let (library, membership) = (self.library, self.membership);
        listener.hear(|| Event::Entry { entry, of, library, membership, about, truth });
    }
}

/// The place of a patron's account at a library.
pub(crate) fn account_at(patron: &Patron<'_>, library: LibraryId) -> Option<usize> {
    patron.accounts.iter().position(|account| account.library == library)
}
