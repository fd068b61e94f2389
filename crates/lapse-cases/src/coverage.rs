//! What cases exercise of domain.md and of a policy: the rules of stage 1, the reasons of every stage, each library's
//! subscriptions, each amendment; and what no case exercises.

use std::collections::BTreeSet;

use lapse_engine::settings::{OF_LIBRARY, OF_SUBSCRIPTION};
use lapse_engine::{KeepReason, MembershipReason, ProfileOutcome, ProfileReason, RecordOutcome, Rule};
use lapse_explain::{Chapter, Why};
use lapse_policy::provenance::{Provenance, deciding};
use lapse_policy::{Key, Policy, Setting};

use crate::boundary::days;
use crate::trial::Explained;

/// What there is to exercise, and what was.
pub struct Coverage {
    rules: Part,
    reasons: Part,
    subscriptions: Part,
    amendments: Part,
}

/// Something to exercise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// What it belongs to: a table, a library, a file and its amendment.
    pub of: String,
    /// Its name there.
    pub name: String,
}

/// Things of one kind.
pub struct Part {
    /// Which kind, in words.
    pub title: &'static str,
    /// All that there are.
    pub all: Vec<Item>,
    exercised: BTreeSet<Item>,
}

impl Part {
    fn new(title: &'static str, all: Vec<Item>) -> Part {
        Part { title, all, exercised: BTreeSet::new() }
    }

    /// Those that no case exercises.
    pub fn missing(&self) -> Vec<&Item> {
        self.all.iter().filter(|item| !self.exercised.contains(item)).collect()
    }
}

impl Coverage {
    /// Nothing is exercised yet.
    pub fn of(policy: &Policy) -> Coverage {
        // A case has every table and every column, so it cannot show what happens where an extract lacks one.
        let memberships = MembershipReason::ALL.iter().filter(|&&reason| reason != MembershipReason::ActivityUnknown);
        let memberships = memberships.map(|reason| membership(reason.as_str()));
        let clear = [RecordOutcome::Archived, RecordOutcome::Deleted].map(RecordOutcome::clear_reason);
        let kept = KeepReason::ALL.iter().filter(|&&reason| reason != KeepReason::AccountsUnknown);
        let records = kept.map(|reason| reason.as_str()).chain(clear).map(record);
        let deleted = [ProfileOutcome::DELETED_REASON];
        let profiles = ProfileReason::ALL.iter().map(|reason| reason.as_str()).chain(deleted).map(profile);
        Coverage {
            rules: Part::new("rules of stage 1", Rule::ALL.into_iter().map(rule).collect()),
            reasons: Part::new("reasons", memberships.chain(records).chain(profiles).collect()),
            subscriptions: Part::new("subscriptions", subscriptions(policy)),
            amendments: Part::new("amendments", amendments(policy)),
        }
    }

    /// Adds what one case exercises.
    pub fn add(&mut self, case: &Explained) {
        let outcomes = &case.outcomes;
        self.rules.exercised.extend(case.rules.iter().copied().map(rule));
        for decided in &outcomes.memberships {
            self.reasons.exercised.insert(membership(&decided.reason));
            if decided.reason != MembershipReason::NoPolicy.as_str() {
                self.subscriptions.exercised.insert(item(&decided.library, &decided.subscription));
            }
        }
        let records = outcomes.records.iter().flat_map(|decided| &decided.reasons);
        self.reasons.exercised.extend(records.map(|reason| record(reason)));
        let profiles = outcomes.profile.iter().flat_map(|decided| &decided.reasons);
        self.reasons.exercised.extend(profiles.map(|reason| profile(reason)));
        let Why { memberships, records, profile } = &case.why;
        let steps = memberships.iter().chain(records).chain(profile).flat_map(|chapter: &Chapter| &chapter.steps);
        self.amendments.exercised.extend(steps.flat_map(|step| &step.policy).filter_map(amendment));
    }

    /// Each kind, in the order in which it is told.
    pub fn parts(&self) -> [&Part; 4] {
        [&self.rules, &self.reasons, &self.subscriptions, &self.amendments]
    }

    /// How many things are exercised, of how many.
    pub fn counts(&self) -> (usize, usize) {
        let all: usize = self.parts().iter().map(|part| part.all.len()).sum();
        let missing: usize = self.parts().iter().map(|part| part.missing().len()).sum();
        (all - missing, all)
    }

    /// Rounded down, so that 100 means everything.
    pub fn percent(&self) -> usize {
        let (exercised, all) = self.counts();
        exercised * 100 / all
    }
}

fn item(of: impl Into<String>, name: impl Into<String>) -> Item {
    Item { of: of.into(), name: name.into() }
}

fn rule(rule: Rule) -> Item {
    item("rule", rule.number().to_string())
}

fn membership(reason: &str) -> Item {
    item("membership", reason)
}

fn record(reason: &str) -> Item {
    item("record", reason)
}

fn profile(reason: &str) -> Item {
    item("profile", reason)
}

/// An amendment, where a policy line stands in one.
fn amendment(line: &Provenance) -> Option<Item> {
    let (file, amendment) = (line.file.as_deref()?, line.amendment.as_ref()?);
    Some(item(format!("{file}, amendment of {}", amendment.from), &amendment.reason))
}

/// Every subscription that a library offers on some day.
fn subscriptions(policy: &Policy) -> Vec<Item> {
    let mut all = BTreeSet::new();
    for day in days(policy) {
        for library in policy.on(day).libraries {
            all.extend(library.subscriptions.iter().map(|one| item(&library.code, &one.code)));
        }
    }
    all.into_iter().collect()
}

/// Every amendment that, on some day, decides a setting that decisions read.
fn amendments(policy: &Policy) -> Vec<Item> {
    let mut all = BTreeSet::new();
    for day in policy.change_days() {
        let mut add = |library: Option<&str>, setting| all.extend(amendment(&deciding(policy, day, library, setting)));
        add(None, Setting::of(Key::ProfileInactiveMonths));
        for library in &policy.on(day).libraries {
            let code = Some(&*library.code);
            for key in OF_LIBRARY {
                add(code, Setting::of(key));
            }
            for subscription in &library.subscriptions {
                for key in OF_SUBSCRIPTION {
                    add(code, Setting::of_subscription(key, &subscription.code));
                }
            }
        }
    }
    all.into_iter().collect()
}
