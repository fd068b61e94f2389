//! The two lists of kinds of block, those that hold a record and those that do not (policy.md, "Errors"): one table cannot
//! have a kind in both, and a kind that is only left out of the first one still holds.

use crate::Day;
use crate::diagnostics::Diagnostic;
use crate::file::{Assignment, PolicyFile, Statement};
use crate::policy::Policy;
use crate::resolve::Stack;
use crate::schema::{Key, Layer};
use crate::value::Value;

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

/// Finds each kind that a file drops from `blocks` without ignoring it, in a policy without errors.
pub(crate) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for file in policy.files.iter().filter(|file| file.layer != Layer::Consortium) {
        for statement in file.statements.iter().filter(|statement| statement.target.key == Key::Blocks) {
            let mut dropped: Vec<&String> = Vec::new();
            for library in policy.libraries_below(file) {
                let day = statement.from.unwrap_or(Day::MIN);
                let stack = policy.library_stack(&policy.links.libraries[library], day);
                for kind in dropped_at(policy, file, statement, &stack) {
                    if !dropped.contains(&kind) {
                        dropped.push(kind);
                    }
                }
            }
            let place = policy.assignments[statement.assignment.0 as usize].value_place();
            findings.extend(dropped.into_iter().map(|kind| {
                Diagnostic::warning(format!("`{kind}` still holds a record"), place.clone())
                    .label("this list leaves it out, but no list says that it is ignored")
                    .help(format!(
                        "add `{kind}` to `blocks_ignored` where it is not to hold, or to this list where it is"
                    ))
            }));
        }
    }
    findings
}

/// The kinds that the files above have in `blocks` and this statement of `file` leaves out, of those that are not ignored.
fn dropped_at<'a>(policy: &'a Policy, file: &PolicyFile, statement: &Statement, stack: &Stack<'a>) -> Vec<&'a String> {
    let above = match file.layer {
        Layer::Library => Stack { library: None, ..*stack },
        Layer::Consortium | Layer::Group => Stack { library: None, group: None, ..*stack },
    };
    let own = kinds(Some(&policy.assignments[statement.assignment.0 as usize].value));
    if kinds(stack.value(Key::Blocks, None, None)) != own {
        return Vec::new();
    }
    let ignored = kinds(stack.value(Key::BlocksIgnored, None, None));
    let inherited = kinds(above.value(Key::Blocks, None, None)).iter();
    inherited.filter(|kind| !own.contains(kind) && !ignored.contains(kind)).collect()
}

fn kinds(value: Option<&Value>) -> &[String] {
    match value {
        Some(Value::Texts(kinds)) => kinds,
        Some(_) | None => &[],
    }
}
