//! Warnings for a keep of `membership` alone that spares none, because nothing would end a membership that it is about: no end
//! is about it, and its subscription does not lapse (domain.md, rules 5 and 6). Where a plugin takes part it may end memberships,
//! so that nothing is told.

use std::collections::BTreeMap;

use crate::diagnostics::Diagnostic;
use crate::policy::Policy;
use crate::schema::Key;
use crate::value::Value;
use crate::{AssignmentId, Day, Holder, Keep, KeepOf, Library, Origin, Renewal, Subscription};

/// Finds every keep of memberships alone that spares none, wherever and whenever it is in force.
pub(super) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let is_of_memberships = |value: &Value| matches!(value, Value::KeepOf(of) if *of == [KeepOf::Membership]);
    let mut said = policy.assignments.iter().filter(|assignment| assignment.target.key == Key::KeepOf);
    if !said.any(|assignment| is_of_memberships(&assignment.value)) {
        return Vec::new();
    }
    // By the line that says what it keeps: the name of the keep, and whether it spares any.
    let mut keeps: BTreeMap<AssignmentId, (String, bool)> = BTreeMap::new();
    let with_plugins = with_plugins(policy);
    for day in std::iter::once(Day::MIN).chain(policy.change_days()) {
        for (library, has_plugins) in policy.on(day).libraries.iter().zip(&with_plugins) {
            for keep in &library.settings.entries.keeps {
                let Origin::File(line) = keep.of.origin else { continue };
                // What is about no subscription is told as an `only` that matches none.
                if !keep.entry.active.value
                    || keep.of.value != [KeepOf::Membership]
                    || about(keep, library).next().is_none()
                {
                    continue;
                }
                let (_, spares) = keeps.entry(line).or_insert_with(|| (keep.entry.name.clone(), false));
                *spares |= *has_plugins || about(keep, library).any(|subscription| can_end(library, subscription));
            }
        }
    }
    let idle = keeps.into_iter().filter(|(_, (_, spares))| !spares);
    idle.map(|(line, (name, _))| told(policy, line, &name)).collect()
}

/// For each library, whether a plugin takes part there.
fn with_plugins(policy: &Policy) -> Vec<bool> {
    let mut with_plugins = vec![false; policy.links.libraries.len()];
    for plugin in policy.plugins() {
        with_plugins.iter_mut().zip(plugin.scope).for_each(|(some, takes_part)| *some |= takes_part);
    }
    with_plugins
}

/// The subscriptions that a keep is about.
fn about<'l>(keep: &'l Keep, library: &'l Library) -> impl Iterator<Item = &'l Subscription> {
    library.subscriptions.iter().filter(|subscription| subscription.is_in(&keep.entry.only))
}

/// Whether a membership of a subscription may lapse, or an end may end it.
fn can_end(library: &Library, subscription: &Subscription) -> bool {
    let Subscription { holder, fee, renewal, .. } = subscription;
    let can_lapse = holder.value == Holder::Person && fee.value.is_free() && renewal.value == Renewal::Conditional;
    let mut ends = library.settings.entries.ends.iter();
    can_lapse || ends.any(|end| end.active.value && subscription.is_in(&end.only))
}

fn told(policy: &Policy, line: AssignmentId, name: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("the keep `{name}` spares no membership"),
        policy.assignments[line.0 as usize].value_place(),
    )
    .label("no end is about these memberships, and they do not lapse")
    .help(
        "make it a keep of `record`, or remove it; what lapses is free, for persons, and has renewal = \"conditional\"",
    )
}
