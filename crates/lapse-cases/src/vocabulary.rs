//! Names in a case that no policy file knows: a misspelt source is no activity, and a misspelt subscription has no policy, so
//! that the case would try something else than its writer means.

use lapse_engine::MembershipReason;
use lapse_policy::{Mistake, Policy};
use lapse_tables::Table;

use crate::casefile::{Case, Column, Row};

/// The sources and subscriptions of a case that the policy has on no day. A case that expects the reason `no-policy` may name
/// any subscription.
pub fn unknown(policy: &Policy, case: &Case) -> Vec<Mistake> {
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
    mistakes
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
