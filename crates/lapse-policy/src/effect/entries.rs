//! Warnings for facts, keeps and ends without effect: a fact that nothing uses, an `only` that matches no subscription, a keep
//! that another implies. Each is told only of what holds so at every library and on every day.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::Diagnostic;
use crate::file::{EntryId, PolicyFile};
use crate::policy::Policy;
use crate::resolve::{Marks, Stack};
use crate::schema::Table;
use crate::source::Place;
use crate::suggest::nearest;
use crate::value::Value;
use crate::{
    AssignmentId, BuiltInFact, Day, Entries, EntryOnly, Keep, KeepOf, Narrowed, Origin, Sourced, Test, TestedFact,
};

/// Finds every fact, keep and end of a policy without errors that has no effect.
pub(super) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let mut findings = unused_facts(policy);
    let seen = Seen::of(policy);
    findings.extend(seen.only.values().filter_map(|only| only.told(policy)));
    let (keeps, covered) = (seen.implied, seen.covered);
    for (keep, by) in keeps {
        let Some((&by, _)) = by.iter().find(|(_, always)| **always) else { continue };
        findings.extend(implied(policy, &keep, by));
    }
    for (test, always) in covered {
        if always {
            let place = policy.assignments[test.0 as usize].key_place();
            findings.push(
                Diagnostic::warning("`ended-recently` holds these records already", place)
                    .label("`cleanup.ended_months` is as long as this, or longer")
                    .help("remove the keep, or give it a longer term"),
            );
        }
    }
    findings
}

/// Facts that no keep or end looks at, in force or not.
fn unused_facts(policy: &Policy) -> Vec<Diagnostic> {
    let mut used: BTreeSet<TestedFact> = BTreeSet::new();
    for assignment in &policy.assignments {
        used.extend(assignment.target.fact.and_then(|fact| policy.tested.tested(policy.codes.name(fact))));
        if let Value::Test(test) = &assignment.value {
            used.extend(test.after());
        }
    }
    let facts = policy.facts.iter().enumerate().filter(|(index, _)| !used.contains(&TestedFact::Declared(*index)));
    facts
        .filter_map(|(_, fact)| {
            let Origin::File(id) = fact.origin else { return None };
            let place = policy.assignments[id.0 as usize].key_place();
            Some(
                Diagnostic::warning(format!("nothing uses the fact `{}`", fact.name), place)
                    .label("no keep and no end looks at it")
                    .help("remove it, or name it in `when` or `unless`"),
            )
        })
        .collect()
}

/// What a look at every library and day tells.
#[derive(Default)]
struct Seen {
    /// Every `only` of a keep or end that is in force, by the lines that it is made of.
    only: BTreeMap<Vec<AssignmentId>, Only>,
    /// Each keep with those that imply it, and whether they do wherever and whenever it is in force.
    implied: BTreeMap<String, BTreeMap<EntryId, bool>>,
    /// The tests of `ended_on` in keeps of records, with whether `ended_months` covers each everywhere.
    covered: BTreeMap<AssignmentId, bool>,
}

/// An `only` of a keep or end.
struct Only {
    entry: String,
    keys: EntryOnly,
    matches: bool,
    /// The subscriptions that there are where it is in force.
    marks: Vec<Marked>,
}

/// What an `only` looks at in a subscription.
struct Marked {
    code: String,
    category: String,
    holder: &'static str,
}

impl Seen {
    fn of(policy: &Policy) -> Seen {
        let mut seen = Seen::default();
        let libraries = policy.links.libraries.iter().map(|library| policy.library_stack(library, Day::MIN));
        for stack in std::iter::once(policy.consortium_stack(Day::MIN)).chain(libraries) {
            if policy.named_entries(&stack).is_empty() {
                continue;
            }
            for day in stack.days() {
                seen.look(policy, &Stack { day, ..stack });
            }
        }
        seen
    }

    fn look(&mut self, policy: &Policy, stack: &Stack<'_>) {
        let entries = policy.entries(stack);
        self.look_at_only(policy, stack, &entries);
        let keeps: Vec<_> = entries.keeps.iter().filter(|keep| keep.entry.active.value).collect();
        for keep in &keeps {
            let by: BTreeSet<EntryId> = keeps
                .iter()
                .filter(|other| other.entry.name != keep.entry.name && keep.implies(other, &policy.facts))
                // Of two that say the same, the second by name is the one too many.
                .filter(|other| !other.implies(keep, &policy.facts) || other.entry.name < keep.entry.name)
                .filter_map(|other| Some(EntryId { table: Table::Keeps, name: policy.codes.find(&other.entry.name)? }))
                .collect();
            if let Some(known) = self.implied.get_mut(&keep.entry.name) {
                for (one, always) in known.iter_mut() {
                    *always &= by.contains(one);
                }
            } else {
                let by = by.into_iter().map(|by| (by, true)).collect();
                self.implied.insert(keep.entry.name.clone(), by);
            }
        }
        self.look_at_ended(policy, stack, &entries, &keeps);
    }

    /// Looks at tests of `ended_on.within_months`, which `ended-recently` may hold anyway.
    fn look_at_ended(&mut self, policy: &Policy, stack: &Stack<'_>, entries: &Entries, keeps: &[&Keep]) {
        let narrowed = entries.narrowings.iter().any(|one| one.of == Narrowed::EndedRecently && one.entry.active.value);
        let months = policy.settings(stack).cleanup.ended_months.value;
        for keep in keeps {
            for test in &keep.entry.when {
                let (TestedFact::BuiltIn(BuiltInFact::EndedOn), Test::Date(date)) = (test.fact, &test.test.value)
                else {
                    continue;
                };
                let Origin::File(at) = test.test.origin else { continue };
                let within = date.within_months.filter(|_| date.round.is_none());
                let covered =
                    within.is_some_and(|within| within <= months) && !narrowed && keep.of.value == [KeepOf::Record];
                *self.covered.entry(at).or_insert(true) &= covered;
            }
        }
    }

    fn look_at_only(&mut self, policy: &Policy, stack: &Stack<'_>, entries: &Entries) {
        let of_keeps = entries.keeps.iter().map(|keep| ("keeps", &keep.entry));
        let of_ends = entries.ends.iter().map(|end| ("ends", end));
        let limited: Vec<_> =
            of_keeps.chain(of_ends).filter(|(_, entry)| entry.active.value && !entry.only.is_all()).collect();
        if limited.is_empty() || stack.library.is_none() {
            return;
        }
        let codes: Vec<_> = policy.named(stack).into_iter().filter(|&code| stack.offers(code)).collect();
        let marks: Vec<(String, Marks)> =
            codes.into_iter().map(|code| (policy.codes.name(code).to_owned(), stack.marks(Some(code)))).collect();
        for (table, entry) in limited {
            let known = self.only.entry(lines(&entry.only)).or_insert_with(|| Only {
                entry: format!("{table}.{}", entry.name),
                keys: entry.only.clone(),
                matches: false,
                marks: Vec::new(),
            });
            if known.matches {
                continue;
            }
            known.matches = marks.iter().any(|(code, marks)| matches(&entry.only, code, marks));
            known.marks.extend(marks.iter().map(|(code, marks)| Marked {
                code: code.clone(),
                category: marks.category.clone(),
                holder: marks.holder.as_str(),
            }));
        }
    }
}

fn sorted<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    words.collect::<BTreeSet<_>>().into_iter().collect()
}

fn matches(only: &EntryOnly, code: &str, marks: &Marks) -> bool {
    let lets = |list: &Option<Sourced<Vec<String>>>, text: &str| {
        list.as_ref().is_none_or(|list| list.value.iter().any(|one| one == text))
    };
    only.holder.as_ref().is_none_or(|list| list.value.contains(&marks.holder))
        && lets(&only.category, &marks.category)
        && lets(&only.subscription, code)
}

/// The lines that an `only` is made of.
fn lines(only: &EntryOnly) -> Vec<AssignmentId> {
    let origins = [
        only.holder.as_ref().map(|list| list.origin),
        only.category.as_ref().map(|list| list.origin),
        only.subscription.as_ref().map(|list| list.origin),
    ];
    let line = |origin| match origin {
        Some(Origin::File(id)) => Some(id),
        Some(Origin::BuiltIn) | None => None,
    };
    origins.into_iter().filter_map(line).collect()
}

impl Only {
    /// The warning for an `only` that matches nothing. It says which word there is none of, since a misspelt one would pass by
    /// all whom it is meant for.
    fn told(&self, policy: &Policy) -> Option<Diagnostic> {
        // Without subscriptions nothing can be said.
        if self.matches || self.marks.is_empty() {
            return None;
        }
        let warning = |origin: Origin| {
            let Origin::File(id) = origin else { return None };
            let place = policy.assignments[id.0 as usize].value_place();
            Some(Diagnostic::warning(format!("`only` of `{}` matches no subscription", self.entry), place))
        };
        let codes = sorted(self.marks.iter().map(|marks| &*marks.code));
        let categories = sorted(self.marks.iter().map(|marks| &*marks.category));
        let holders = sorted(self.marks.iter().map(|marks| marks.holder));
        let texts = |list: &Option<Sourced<Vec<String>>>| -> Option<(Vec<String>, Origin)> {
            list.as_ref().map(|list| (list.value.clone(), list.origin))
        };
        let of_holders =
            self.keys.holder.as_ref().map(|list| {
                (list.value.iter().map(|holder| holder.as_str().to_owned()).collect::<Vec<_>>(), list.origin)
            });
        let named = [
            (texts(&self.keys.subscription), codes, "the code", "codes"),
            (texts(&self.keys.category), categories, "the category", "categories"),
            (of_holders, holders, "the holder", "holders"),
        ];
        for (wanted, there, one, many) in named {
            let Some((wanted, origin)) = wanted else { continue };
            if wanted.iter().any(|word| there.contains(&&**word)) {
                continue;
            }
            let word = &wanted[0];
            let finding = warning(origin)?.label(format!("no subscription where this holds has {one} `{word}`"));
            let near = nearest(word, there.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            return Some(finding.help(near.unwrap_or_else(|| {
                let there: Vec<_> = there.iter().take(MOST_NAMED).map(|word| format!("`{word}`")).collect();
                format!("the {many} are {}", there.join(", "))
            })));
        }
        let last = *lines(&self.keys).last()?;
        Some(
            warning(Origin::File(last))?
                .label("no subscription has all of this together")
                .help("check each of its keys, or leave one of them out"),
        )
    }
}

/// The most names that a help lists.
const MOST_NAMED: usize = 12;

/// Warns of a keep that another implies.
fn implied(policy: &Policy, keep: &str, by: EntryId) -> Option<Diagnostic> {
    let id = EntryId { table: Table::Keeps, name: policy.codes.find(keep)? };
    let by_name = policy.codes.name(by.name);
    Some(
        Diagnostic::warning(
            format!("the keep `{keep}` keeps nobody whom `{by_name}` does not keep"),
            named(policy, id)?,
        )
        .label("wherever this holds, the other holds as well")
        .also(named(policy, by)?, "the other")
        .help("remove one of the two, or check what they look at"),
    )
}

/// Where an entry is named first.
fn named(policy: &Policy, id: EntryId) -> Option<Place> {
    let place = |file: &PolicyFile| file.entries.iter().find(|one| one.id == id).map(|one| file.place(&one.span));
    policy.files.iter().find_map(place)
}
