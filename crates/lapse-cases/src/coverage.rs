//! What cases exercise of domain.md and of a policy: the rules of stage 1, the reasons of every stage, each test of a keep, an
//! end or a narrowing, each library's subscriptions, each amendment; and what no case exercises.

use std::collections::BTreeSet;

use lapse_engine::settings::{OF_LIBRARY, OF_SUBSCRIPTION};
use lapse_engine::{KeepReason, MembershipReason, ProfileOutcome, ProfileReason, RecordOutcome, Rule};
use lapse_explain::{Chapter, EntryOfPolicy, Why};
use lapse_policy::provenance::{Provenance, deciding};
use lapse_policy::{DayPolicy, Entries, Entry, KeepOf, Key, Policy, Setting};

use crate::boundary::days;
use crate::deciding;
use crate::trial::Explained;

/// What there is to exercise, and what was.
pub struct Coverage {
    rules: Part,
    reasons: Part,
    tests: Part,
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
        let on: Vec<DayPolicy> = days(policy).into_iter().map(|day| policy.on(day)).collect();
        let settings = || on.iter().flat_map(|of_day| of_day.libraries.iter().map(|library| &library.settings));
        let subscriptions = on.iter().flat_map(|of_day| &of_day.libraries).flat_map(|library| &library.subscriptions);
        let has_grace = subscriptions.into_iter().any(|subscription| subscription.grace_days.value > 0);
        let has_ends = settings().any(|settings| settings.entries.ends.iter().any(|end| end.active.value));
        let counts = |rule: &Rule| match rule {
            Rule::Ends => has_ends,
            Rule::Grace => has_grace,
            _ => true,
        };
        let memberships = MembershipReason::ALL.iter().filter(|reason| match reason {
            // A case has every table and every column, so it cannot show what happens where an extract lacks one. Each keep
            // and end is a reason of its own.
            MembershipReason::ActivityUnknown | MembershipReason::Keep | MembershipReason::End => false,
            MembershipReason::Grace => has_grace,
            _ => true,
        });
        let memberships = memberships.map(|reason| membership(reason.as_str()));
        let clear = [RecordOutcome::Archived, RecordOutcome::Deleted].map(RecordOutcome::clear_reason);
        // What a narrowing lets hold nowhere and on no day is no reason that a case could show.
        let never_holds = |reason: KeepReason| {
            settings().next().is_some()
                && settings().all(|settings| {
                    let mut narrowings = settings.entries.narrowings.iter();
                    let narrowing = narrowings.find(|narrowing| narrowing.of.as_str() == reason.as_str());
                    narrowing.is_some_and(|narrowing| narrowing.entry.active.value && !narrowing.holds.value)
                })
        };
        let kept =
            KeepReason::ALL.iter().filter(|&&reason| reason != KeepReason::AccountsUnknown && !never_holds(reason));
        let records = kept.map(|reason| reason.as_str()).chain(clear).map(record);
        let deleted = [ProfileOutcome::DELETED_REASON];
        let profiles = ProfileReason::ALL.iter().map(|reason| reason.as_str()).chain(deleted).map(profile);
        let named: BTreeSet<Item> = settings().flat_map(|settings| named(&settings.entries)).collect();
        let (of_memberships, of_records): (Vec<Item>, Vec<Item>) =
            named.into_iter().partition(|item| item.of == MEMBERSHIP);
        let reasons = memberships.chain(of_memberships).chain(records).chain(of_records).chain(profiles);
        Coverage {
            rules: Part::new("rules of stage 1", Rule::ALL.into_iter().filter(counts).map(rule).collect()),
            reasons: Part::new("reasons", reasons.collect()),
            tests: Part::new("tests", tests(&on)),
            subscriptions: Part::new("subscriptions", subscriptions_of(&on)),
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
        self.tests.exercised.extend(case.tests.iter().map(|one| test(&one.entry, &one.test, one.so)));
        let Why { memberships, records, profile } = &case.why;
        let steps = memberships.iter().chain(records).chain(profile).flat_map(|chapter: &Chapter| &chapter.steps);
        self.amendments.exercised.extend(steps.flat_map(|step| &step.policy).filter_map(amendment));
    }

    /// Each kind, in the order in which it is told; tests only where the policy has some.
    pub fn parts(&self) -> Vec<&Part> {
        let tests = Some(&self.tests).filter(|tests| !tests.all.is_empty());
        [&self.rules, &self.reasons].into_iter().chain(tests).chain([&self.subscriptions, &self.amendments]).collect()
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

/// What the reasons of memberships belong to.
const MEMBERSHIP: &str = "membership";

fn membership(reason: &str) -> Item {
    item(MEMBERSHIP, reason)
}

fn record(reason: &str) -> Item {
    item("record", reason)
}

fn test(entry: &str, test: &str, so: bool) -> Item {
    item(entry, format!("{test} {}", if so { "so" } else { "not so" }))
}

fn profile(reason: &str) -> Item {
    item("profile", reason)
}

/// An amendment, where a policy line stands in one.
fn amendment(line: &Provenance) -> Option<Item> {
    let (file, amendment) = (line.file.as_deref()?, line.amendment.as_ref()?);
    Some(item(format!("{file}, amendment of {}", amendment.from), &amendment.reason))
}

/// The reasons that are keeps and ends in force at a library.
fn named(entries: &Entries) -> impl Iterator<Item = Item> {
    let keeps = entries.keeps.iter().filter(|keep| keep.entry.active.value);
    let keeps = keeps.flat_map(|keep| {
        let word = format!("keep/{}", keep.entry.name);
        let of = |what| keep.of.value.contains(&what);
        let of_membership = of(KeepOf::Membership).then(|| membership(&word));
        of_membership.into_iter().chain(of(KeepOf::Record).then(|| record(&word)))
    });
    let ends = entries.ends.iter().filter(|end| end.active.value);
    keeps.chain(ends.map(|end| membership(&format!("end/{}", end.name))))
}

/// Each test of a keep, an end or a narrowing that is in force somewhere on some day: once where it is so, once where not.
fn tests(on: &[DayPolicy]) -> Vec<Item> {
    let mut all = BTreeSet::new();
    for of_day in on {
        for library in &of_day.libraries {
            for entry in in_force(&library.settings.entries) {
                for (within, tests) in [("when", &entry.entry().when), ("unless", &entry.entry().unless)] {
                    for one in tests {
                        let name = format!("{within}.{}", one.fact.name(&of_day.facts));
                        all.extend([true, false].map(|so| test(&deciding::path(entry), &name, so)));
                    }
                }
            }
        }
    }
    all.into_iter().collect()
}

/// The keeps, ends and narrowings whose tests are tried.
fn in_force(entries: &Entries) -> impl Iterator<Item = EntryOfPolicy<'_>> {
    let narrowings = entries.narrowings.iter().filter(|narrowing| narrowing.holds.value);
    let keeps = entries.keeps.iter().map(EntryOfPolicy::Keep);
    let all = keeps.chain(entries.ends.iter().map(EntryOfPolicy::End)).chain(narrowings.map(EntryOfPolicy::Narrowing));
    all.filter(|entry| entry.entry().active.value)
}

/// Every subscription that a library offers on some day.
fn subscriptions_of(on: &[DayPolicy]) -> Vec<Item> {
    let libraries = on.iter().flat_map(|of_day| &of_day.libraries);
    let all = libraries.flat_map(|library| library.subscriptions.iter().map(|one| item(&library.code, &one.code)));
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Every amendment that, on some day, decides a setting that decisions read.
fn amendments(policy: &Policy) -> Vec<Item> {
    let mut all = BTreeSet::new();
    for day in policy.change_days() {
        let mut add = |library: Option<&str>, setting| all.extend(amendment(&deciding(policy, day, library, setting)));
        add(None, Setting::of(Key::ProfileInactiveMonths));
        add(None, Setting::of(Key::Removal));
        let of_day = policy.on(day);
        for library in &of_day.libraries {
            let code = Some(&*library.code);
            for entry in in_force(&library.settings.entries) {
                let Entry { name, when, unless, .. } = entry.entry();
                for (unless, tests) in [(false, when), (true, unless)] {
                    for one in tests {
                        let fact = one.fact.name(&of_day.facts);
                        add(code, Setting::of_test(entry.key_of_tests(unless), name, fact));
                    }
                }
            }
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
