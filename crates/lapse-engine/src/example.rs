//! A small consortium for the tests of the rules: two libraries in a group of kind 3, and one on its own.

use lapse_policy::{Day, Holder, Renewal, Scope};

use crate::rules::tests::{library, rules};
use crate::{
    Activity, Decisions, Facts, LibraryId, Membership, Patron, Rules, SourceId, Status, SubscriptionId,
    SubscriptionRules, Told, evaluate,
};

/// In the group.
pub(crate) const PEER: usize = 0;
/// In the group too.
pub(crate) const RIEMST: usize = 1;
/// On its own.
pub(crate) const DEINZE: usize = 2;
/// Not in the policy.
pub(crate) const NOWHERE: usize = 9;

/// Free, conditional, person: the one that lapses.
pub(crate) const YOUTH: SubscriptionRules = SubscriptionRules {
    holder: Holder::Person,
    free: true,
    renewal: Renewal::Conditional,
    term_months: 12,
    lapse_months: 24,
    grace_days: 0,
    term_ends: None,
};

pub(crate) fn day(text: &str) -> Day {
    text.parse().expect(text)
}

/// The rules on a day, every library with the one subscription.
pub(crate) fn on(run: &str, subscription: SubscriptionRules) -> Rules {
    let run = day(run);
    let at = |group| library(run, Some(subscription), group, Scope::Patron);
    rules(run, vec![at(Some(0)), at(Some(0)), at(None)])
}

/// A membership at a library with the one subscription, from 2019-03-01.
pub(crate) fn membership(library: usize, valid_until: &str) -> Membership {
    Membership {
        library: LibraryId::new(library),
        subscription: SubscriptionId::new(0),
        valid_from: day("2019-03-01"),
        valid_until: (!valid_until.is_empty()).then(|| day(valid_until)),
        status: Status::Active,
    }
}

/// Activity without a library, from the one source that counts.
pub(crate) fn active(last_active: &str) -> Activity {
    Activity { library: None, source: SourceId::new(0), last_active: day(last_active) }
}

/// A patron of whom nothing is known.
pub(crate) const NOBODY: Patron<'_> = Patron {
    held: false,
    told: Told::ALL,
    birth_date: None,
    profile_last_active: None,
    keeps_history: true,
    memberships: &[],
    activity: &[],
    accounts: &[],
    facts: Facts { patron: &[], memberships: &[], accounts: &[] },
};

/// What is decided about a patron.
pub(crate) fn decide(patron: Patron<'_>, rules: &Rules) -> Decisions {
    let mut decisions = Decisions::default();
    evaluate(&patron, rules, &mut decisions);
    decisions
}
