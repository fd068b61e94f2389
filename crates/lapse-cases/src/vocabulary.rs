//! Names in a case that no policy file knows: a misspelt source is no activity, a misspelt subscription has no policy, and no
//! keep or end of another name ever holds, so that the case would try something else than its writer means.

use std::collections::{BTreeSet, HashMap};

use lapse_engine::MembershipReason;
use lapse_policy::{KeepOf, Mistake, Policy};
use lapse_tables::Table;

use crate::boundary::days;
use crate::casefile::{Case, Column, Expectation, Row, Wanted};

/// The names that the files of a policy have on some day.
pub struct Vocabulary<'p> {
    policy: &'p Policy,
    /// Of the libraries that were asked about.
    entries: HashMap<String, Entries>,
}

/// The keeps and ends of a library on some day, as the tables write them.
#[derive(Default)]
struct Entries {
    of_memberships: BTreeSet<String>,
    of_records: BTreeSet<String>,
}

impl<'p> Vocabulary<'p> {
    /// The names of a policy.
    pub fn of(policy: &'p Policy) -> Vocabulary<'p> {
        Vocabulary { policy, entries: HashMap::new() }
    }

    /// The sources, subscriptions, keeps and ends of a case that the policy has on no day. A case that expects the reason
    /// `no-policy` may name any subscription.
    pub fn unknown(&mut self, case: &Case) -> Vec<Mistake> {
        let policy = self.policy;
        let mut mistakes: Vec<Mistake> =
            case.facts.rows(Table::Activity).iter().filter_map(|row| unknown_source(policy, row)).collect();
        let no_policy = MembershipReason::NoPolicy.as_str();
        let wants_none = case.expectations.iter().any(|expectation| {
            matches!(expectation.column, Column::MembershipReason | Column::RecordReasons)
                && expectation.wanted.iter().any(|wanted| wanted.text == no_policy)
        });
        if !wants_none {
            let memberships = case.facts.rows(Table::Memberships).iter();
            mistakes.extend(memberships.filter_map(|row| unknown_subscription(policy, row)));
        }
        for expectation in &case.expectations {
            mistakes.extend(expectation.wanted.iter().filter_map(|wanted| self.unknown_entry(expectation, wanted)));
        }
        mistakes
    }

    /// The mistake of a reason that is a keep or an end, but none that could be the reason there.
    fn unknown_entry(&mut self, expectation: &Expectation, wanted: &Wanted) -> Option<Mistake> {
        let (kind, _) = wanted.text.split_once('/')?;
        let library = expectation.library.as_deref().filter(|_| ["keep", "end"].contains(&kind))?;
        let policy = self.policy;
        let entries = self.entries.entry(library.to_owned()).or_insert_with(|| Entries::of(policy, library));
        let known = match expectation.column {
            Column::MembershipReason => &entries.of_memberships,
            Column::RecordReasons => &entries.of_records,
            _ => return None,
        };
        if known.contains(&wanted.text) {
            return None;
        }
        let label = format!("{library} has no such reason on any day");
        let message = format!("`{}` is never `{}`", expectation.column.as_str(), wanted.text);
        let mistake = Mistake::new(message, wanted.span.clone(), label);
        Some(if known.is_empty() { mistake } else { mistake.nearest(&wanted.text, known.iter().map(String::as_str)) })
    }
}

impl Entries {
    fn of(policy: &Policy, library: &str) -> Entries {
        let mut known = Entries::default();
        for day in days(policy) {
            let of_day = policy.on_for(day, |code| code == library);
            // A library that the policy does not have is judged by the consortium's settings.
            let here = of_day.libraries.first().map_or(&of_day.consortium.settings, |here| &here.settings);
            for keep in &here.entries.keeps {
                let word = format!("keep/{}", keep.entry.name);
                if keep.of.value.contains(&KeepOf::Membership) {
                    known.of_memberships.insert(word.clone());
                }
                if keep.of.value.contains(&KeepOf::Record) {
                    known.of_records.insert(word);
                }
            }
            known.of_memberships.extend(here.entries.ends.iter().map(|end| format!("end/{}", end.name)));
        }
        known
    }
}

fn unknown_source(policy: &Policy, row: &Row) -> Option<Mistake> {
    let source = row.get("source")?;
    let known = policy.known_sources();
    if source.text.is_empty() || known.contains(&*source.text) {
        return None;
    }
    let mistake = Mistake::new(format!("unknown source `{}`", source.text), source.span.clone(), "no policy counts it");
    Some(mistake.nearest(&source.text, known.iter().copied()))
}

fn unknown_subscription(policy: &Policy, row: &Row) -> Option<Mistake> {
    let (library, subscription) = (row.get("library")?, row.get("subscription")?);
    let known = policy.known_subscriptions(&library.text)?;
    // Of a library without subscriptions there is nothing to suggest, and nothing that could be meant instead.
    if subscription.text.is_empty() || known.is_empty() || known.contains(&&*subscription.text) {
        return None;
    }
    let label = format!("{} has no such subscription on any day", library.text);
    let message = format!("unknown subscription `{}`", subscription.text);
    let mistake = Mistake::new(message, subscription.span.clone(), label);
    Some(mistake.nearest(&subscription.text, known.into_iter()))
}
