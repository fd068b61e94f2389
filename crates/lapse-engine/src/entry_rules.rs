//! The keeps, ends and narrowings of a library made ready for a run day: whom each is about, and its tests. What they look at in a
//! patron is in `entries`.

use lapse_policy::{Entries, Entry, FactTest, Keep, KeepOf, Narrowed, Narrowing};

use crate::conditions::{Condition, Making, ValueOf};
use crate::{NamedId, SubscriptionId};

/// Which entry of a policy: a keep or an end by its name, or the narrowing of a built-in reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryOf {
    /// A keep or an end.
    Named(NamedId),
    /// A narrowing.
    Narrowing(Narrowed),
}

/// The keeps, ends and narrowings in force at one library, each list by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct EntryRules {
    pub ends: Vec<EntryRule>,
    pub keep_membership: Vec<EntryRule>,
    pub keep_record: Vec<EntryRule>,
    pub keep_history: Vec<EntryRule>,
    pub keep_finance: Vec<EntryRule>,
    /// By the reason, in the order of [`Narrowed::ALL`].
    pub narrowings: [Option<NarrowingRule>; Narrowed::ALL.len()],
    /// Whether some of them looks at records.
    pub of_records: bool,
    /// Whether some of them looks at memberships.
    pub of_memberships: bool,
}

/// A keep or an end.
#[derive(Clone, Debug)]
pub(crate) struct EntryRule {
    pub name: NamedId,
    /// What a keep keeps here; none of an end.
    pub of: Option<KeepOf>,
    /// A record that only such keeps keep is for a person to look at.
    pub review: bool,
    /// By subscription, whether it is about its memberships; about all where there is no list.
    pub only: Option<Box<[bool]>>,
    pub tests: Tests,
}

/// What narrows a built-in reason.
#[derive(Clone, Debug)]
pub(crate) struct NarrowingRule {
    /// The built-in reason never holds.
    pub never: bool,
    pub tests: Tests,
}

/// `when` and `unless`.
#[derive(Clone, Debug)]
pub(crate) struct Tests {
    pub when: Box<[Condition]>,
    pub unless: Box<[Condition]>,
    /// A fact of memberships is among them, so that a record is tried by each membership there.
    pub by_membership: bool,
}

impl Tests {
    fn of(entry: &Entry, making: &Making<'_>) -> Tests {
        let conditions = |tests: &[FactTest]| tests.iter().map(|test| making.condition(test)).collect::<Box<[_]>>();
        let (when, unless) = (conditions(&entry.when), conditions(&entry.unless));
        let of_memberships = |fact: Option<ValueOf>| matches!(fact, Some(ValueOf::Membership(_)));
        let by_membership =
            when.iter().chain(&unless).any(|test| of_memberships(Some(test.value)) || of_memberships(test.after()));
        Tests { when, unless, by_membership }
    }
}

impl EntryRule {
    fn of(entry: &Entry, of: Option<KeepOf>, review: bool, making: &MakingEntries<'_>) -> EntryRule {
        let what = if of.is_some() { "keep" } else { "end" };
        let word = format!("{what}/{}", entry.name);
        let name = making.codes.named.find(&word).and_then(NamedId::new);
        let name = name.expect("the codes of a policy have the names of its entries");
        let only = (!entry.only.is_all()).then(|| {
            let mut about = Vec::new();
            for subscription in making.subscriptions {
                let Some(code) = making.codes.subscriptions.find(&subscription.code) else { continue };
                if about.len() <= code.index() {
                    about.resize(code.index() + 1, false);
                }
                about[code.index()] = subscription.is_in(&entry.only);
            }
            about.into_boxed_slice()
        });
        EntryRule { name, of, review, only, tests: Tests::of(entry, making.tests) }
    }

    pub fn is_about(&self, subscription: SubscriptionId) -> bool {
        self.only.as_ref().is_none_or(|about| about.get(subscription.index()).is_some_and(|&about| about))
    }
}

/// What makes the entries of a library ready.
pub(crate) struct MakingEntries<'a> {
    pub codes: &'a crate::Codes,
    /// Those of the library.
    pub subscriptions: &'a [lapse_policy::Subscription],
    pub tests: &'a Making<'a>,
}

impl EntryRules {
    /// Those of a library that are in force.
    pub fn of(entries: &Entries, making: &MakingEntries<'_>) -> EntryRules {
        let keeps = |of: KeepOf| {
            let of_this = move |keep: &&Keep| keep.entry.active.value && keep.of.value.contains(&of);
            let rule = |keep: &Keep| EntryRule::of(&keep.entry, Some(of), keep.review.value, making);
            entries.keeps.iter().filter(of_this).map(rule).collect()
        };
        let mut narrowings = [const { None }; Narrowed::ALL.len()];
        for Narrowing { of, entry, holds } in entries.narrowings.iter().filter(|narrowing| narrowing.entry.active.value)
        {
            let rule = NarrowingRule { never: !holds.value, tests: Tests::of(entry, making.tests) };
            narrowings[*of as usize] = Some(rule);
        }
        let ends = entries.ends.iter().filter(|entry| entry.active.value);
        let mut rules = EntryRules {
            ends: ends.map(|entry| EntryRule::of(entry, None, false, making)).collect(),
            keep_membership: keeps(KeepOf::Membership),
            keep_record: keeps(KeepOf::Record),
            keep_history: keeps(KeepOf::History),
            keep_finance: keeps(KeepOf::Finance),
            narrowings,
            of_records: false,
            of_memberships: false,
        };
        rules.of_memberships = !(rules.ends.is_empty() && rules.keep_membership.is_empty());
        let of_records = [&rules.keep_record, &rules.keep_history, &rules.keep_finance];
        rules.of_records =
            of_records.iter().any(|keeps| !keeps.is_empty()) || rules.narrowings.iter().any(Option::is_some);
        rules
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        !self.of_memberships && !self.of_records
    }

    /// Whether a keep of records is only for a person to look at.
    pub fn is_for_review(&self, keep: NamedId) -> bool {
        self.keep_record.iter().any(|rule| rule.name == keep && rule.review)
    }
}
