//! Warnings for a value that decides nothing on any day, because another always stands in its place, or because it is a lapse
//! term of what cannot lapse on the days on which it holds.

use super::sweep::{Effects, is_conditional, is_of_subscription};
use crate::Day;
use crate::diagnostics::Diagnostic;
use crate::file::{CodeId, PolicyFile, Statement, Target};
use crate::policy::Policy;
use crate::resolve::Stack;
use crate::schema::{Key, Table};
use crate::value::Value;

/// Warns of a statement that has no effect. `libraries` are those that its file decides for.
pub(super) fn warning(
    policy: &Policy,
    file: &PolicyFile,
    statement: &Statement,
    libraries: &[usize],
    effects: &Effects,
) -> Option<Diagnostic> {
    if effects.holding[statement.assignment.0 as usize] {
        return None;
    }
    if policy.assignments[statement.assignment.0 as usize].value == Value::Unset {
        return Some(takes_nothing_away(policy, statement));
    }
    let cases = match statement.target.key.spec().table {
        // They identify a file, or pin a plugin. No other file says anything about them.
        Table::Group | Table::Library | Table::Plugins | Table::Facts | Table::Amendment | Table::Only => return None,
        _ => cases(policy, file, statement, libraries),
    };
    // Where there is no subscription yet, nothing can be said of what subscriptions get.
    let first = cases.first()?;
    let path = policy.assignments[statement.assignment.0 as usize].target.path(&policy.codes);
    let place = policy.assignments[statement.assignment.0 as usize].key_place();
    if statement.target.key == Key::LapseMonths {
        let finding = Diagnostic::warning(format!("`{path}` has no effect"), place);
        let one = statement.target.code.is_some();
        if let Some(case) = cases.iter().find(|case| case.conditional) {
            let label = if one {
                "another term holds on every day on which its renewal is conditional"
            } else {
                "every subscription with conditional renewal has another term"
            };
            return Some(instead(policy, case, finding.label(label)));
        }
        let from = statement.from.map(|from| format!(" from {from} on")).unwrap_or_default();
        let label = if one {
            format!("its renewal is conditional on no day{from}")
        } else {
            format!("no subscription that gets it has conditional renewal on any day{from}")
        };
        return Some(finding.label(label).help("remove the line, or set renewal = \"conditional\""));
    }
    let finding = Diagnostic::warning(format!("`{path}` holds on no day"), place);
    Some(instead(policy, first, finding.label("another value stands in its place on every day")))
}

/// Warns of `none` where no value is there to be taken away.
fn takes_nothing_away(policy: &Policy, statement: &Statement) -> Diagnostic {
    let assignment = &policy.assignments[statement.assignment.0 as usize];
    let path = assignment.target.path(&policy.codes);
    Diagnostic::warning(format!("`{path}` takes nothing away"), assignment.key_place())
        .label("`none` is for what holds otherwise, and nothing would")
        .help("remove the line")
}

/// A library and a day on which a statement could decide a value, with what decides instead.
struct Case<'a> {
    instead: &'a Statement,
    /// Whether the subscription can lapse then.
    conditional: bool,
}

/// Points at what decides in the place of a statement.
fn instead(policy: &Policy, case: &Case<'_>, finding: Diagnostic) -> Diagnostic {
    let assignment = &policy.assignments[case.instead.assignment.0 as usize];
    let since = case.instead.from.map(|from| format!(" since {from}")).unwrap_or_default();
    if case.instead.enforced {
        finding
            .also(assignment.key_place(), format!("this is enforced{since}"))
            .help("remove the line, or agree on a change of the enforced amendment")
    } else {
        finding.also(assignment.key_place(), format!("for example this one{since}")).help("remove the line")
    }
}

/// Every library, subscription and day for which a statement could decide a value.
fn cases<'a>(policy: &'a Policy, file: &PolicyFile, statement: &Statement, libraries: &[usize]) -> Vec<Case<'a>> {
    let target = statement.target;
    let from = statement.from.unwrap_or(Day::MIN);
    let mut cases = Vec::new();
    for &library in libraries {
        let stack = policy.library_stack(&policy.links.libraries[library], Day::MIN);
        let codes: Vec<Option<CodeId>> = match target.code {
            None if is_of_subscription(target.key) => policy.named(&stack).into_iter().map(Some).collect(),
            code => vec![code],
        };
        for day in stack.days().into_iter().filter(|&day| day >= from) {
            let stack = Stack { day, ..stack };
            for &code in &codes {
                let subscription = code.filter(|_| is_of_subscription(target.key));
                if subscription.is_some_and(|code| !stack.offers(code)) {
                    continue;
                }
                let marks = subscription.map(|code| stack.marks(Some(code)));
                let marks = marks.as_ref();
                let limits = file.only(statement);
                if limits.is_some_and(|only| !marks.is_some_and(|marks| only.matches(marks.holder, &marks.category))) {
                    continue;
                }
                let target = Target { code, ..target };
                let conditional = is_of_subscription(target.key) && is_conditional(&stack, code, marks);
                cases.extend(stack.winner(target, marks).map(|(_, instead)| Case { instead, conditional }));
            }
        }
    }
    cases
}
