//! The two lists of kinds of block, those that hold a record and those that do not (policy.md, "Errors"): one table cannot
//! have a kind in both, and a kind that is only left out of the first one still holds.

use std::collections::BTreeSet;

use crate::diagnostics::Diagnostic;
use crate::file::{Assignment, PolicyFile, Target};
use crate::policy::Policy;
use crate::resolve::{Stack, default};
use crate::schema::Key;
use crate::value::Value;
use crate::{AssignmentId, Day};

/// Finds each kind that one table has in both of its lists.
pub(crate) fn in_both_lists(files: &[PolicyFile], assignments: &[Assignment]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for file in files {
        let of = |key: Key| file.statements.iter().filter(move |statement| statement.target.key == key);
        for holding in of(Key::Blocks) {
            let Some(ignored) = of(Key::BlocksIgnored).find(|other| other.amendment == holding.amendment) else {
                continue;
            };
            let [here, there] = [ignored, holding].map(|statement| &assignments[statement.assignment.0 as usize]);
            for kind in kinds(Some(&here.value)).iter().filter(|kind| kinds(Some(&there.value)).contains(kind)) {
                findings.push(
                    Diagnostic::error(format!("`{kind}` is in both lists of kinds of block"), here.value_place())
                        .label("these do not hold a record")
                        .also(there.value_place(), "these hold one")
                        .help(format!("keep `{kind}` in one of the two lists")),
                );
            }
        }
    }
    findings
}

/// Finds each kind that a list drops from the one that would hold in its place, on any day and at any library or for those
/// without policy, while no list says that it is ignored; in a policy without errors.
pub(crate) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let libraries = policy.links.libraries.iter().map(|library| policy.library_stack(library, Day::MIN));
    let mut dropped: BTreeSet<(AssignmentId, &String)> = BTreeSet::new();
    for stack in std::iter::once(policy.consortium_stack(Day::MIN)).chain(libraries) {
        for day in stack.days() {
            dropped.extend(dropped_at(&Stack { day, ..stack }));
        }
    }
    let warning = |(list, kind): (AssignmentId, &String)| {
        Diagnostic::warning(format!("`{kind}` still holds a record"), policy.assignments[list.0 as usize].value_place())
            .label("this list leaves it out, but no list says that it is ignored")
            .help(format!("add `{kind}` to `blocks_ignored` where it is not to hold, or to this list where it is"))
    };
    dropped.into_iter().map(warning).collect()
}

/// The list that holds on the day of the stack, with each kind that it drops from the list that would hold in its place.
fn dropped_at<'a>(stack: &Stack<'a>) -> Vec<(AssignmentId, &'a String)> {
    let mut lists = Vec::new();
    stack.visit(Target::of(Key::Blocks), None, |_, statement| lists.push(statement.assignment));
    let Some(list) = lists.pop() else { return Vec::new() };
    let value = |list: AssignmentId| &stack.assignments[list.0 as usize].value;
    let own = kinds(Some(value(list)));
    let ignored = kinds(stack.value(Target::of(Key::BlocksIgnored), None));
    let instead = kinds(lists.pop().map(value).or_else(|| default(Key::Blocks)));
    instead.iter().filter(|kind| !own.contains(kind) && !ignored.contains(kind)).map(|kind| (list, kind)).collect()
}

fn kinds(value: Option<&Value>) -> &[String] {
    match value {
        Some(Value::Texts(kinds)) => kinds,
        Some(_) | None => &[],
    }
}
