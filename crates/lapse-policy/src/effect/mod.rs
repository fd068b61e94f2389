//! Warnings for what has no effect: a value that holds on no day, an `only` that matches nothing, an amendment that changes
//! nothing, a group without libraries (policy.md, "Errors"). `sweep` finds out what does have an effect; whatever it does not
//! find has none, and the files below tell why.

mod entries;
mod only;
mod overruled;
mod spared;
mod sweep;

use crate::diagnostics::Diagnostic;
use crate::file::{PolicyFile, Statement, Target};
use crate::policy::Policy;
use crate::schema::Key;
use sweep::Effects;

/// Finds everything in a policy without errors that has no effect.
pub(crate) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let effects = Effects::of(policy);
    let mut findings = Vec::new();
    for (index, file) in policy.files.iter().enumerate() {
        let libraries = policy.libraries_below(file);
        if libraries.is_empty() {
            findings.extend(empty_group(policy, file));
        }
        // What is told of an amendment is not told again of each of its keys.
        let mut told = vec![None; file.amendments.len()];
        for (amendment, told) in told.iter_mut().enumerate() {
            if let Some(finding) = only::warning(policy, file, amendment, &libraries) {
                findings.push(finding);
                *told = Some(Told::Only);
            }
            // An enforced amendment may protect what holds already, and one without libraries has nothing to change yet.
            let excused = file.amendments[amendment].enforce || libraries.is_empty() || told.is_some();
            let idle = !excused && !effects.amendments.contains(&(index, amendment));
            if let Some(finding) = idle_amendment(policy, file, amendment, idle) {
                findings.push(finding);
                *told = Some(Told::Whole);
            }
        }
        for statement in &file.statements {
            let told = match statement.amendment.and_then(|amendment| told[amendment]) {
                Some(Told::Whole) => true,
                Some(Told::Only) => statement.target.is_limited_by_only(),
                None => false,
            };
            if !told {
                findings.extend(overruled::warning(policy, file, statement, &libraries, &effects));
            }
        }
    }
    findings.extend(entries::warnings(policy));
    findings.extend(spared::warnings(policy));
    findings
}

/// What was told of an amendment.
#[derive(Clone, Copy)]
enum Told {
    /// Nothing that it sets has an effect.
    Whole,
    /// Its `only` matches nothing.
    Only,
}

fn empty_group(policy: &Policy, file: &PolicyFile) -> Option<Diagnostic> {
    let group = policy.links.groups.iter().find(|group| group.file == file.id.0)?;
    let code = file.about(Target::of(Key::GroupCode)).first()?;
    let place = policy.assignments[code.assignment.0 as usize].value_place();
    let code = &group.code;
    Some(
        Diagnostic::warning(format!("the group `{code}` has no libraries"), place)
            .label("no library names this code")
            .help(format!("write group = \"{code}\" in the `[library]` table of its libraries, or remove the file")),
    )
}

/// Warns of an amendment that sets no key, or that is `idle`: without it every value would be the same.
fn idle_amendment(policy: &Policy, file: &PolicyFile, index: usize, idle: bool) -> Option<Diagnostic> {
    let statements = || file.amended().filter(|(_, amendment)| *amendment == index).map(|(statement, _)| statement);
    let names = file.subscriptions.iter().any(|named| named.amendment == Some(index));
    if file.releases.iter().any(|release| release.amendment == index) {
        // It sets nothing on purpose; whether it lets anybody go is asked elsewhere.
        return None;
    }
    let finding =
        Diagnostic::warning("this amendment changes nothing", file.place(&file.amendment_places[index].header));
    if statements().next().is_none() && !names {
        return Some(finding.label("it sets no key").help("say what it changes, or remove it"));
    }
    if !idle {
        return None;
    }
    let finding = finding.label("without it every value would be the same on every day");
    let silenced = statements().find_map(|statement| enforced_in(file, statement));
    Some(match silenced {
        Some(enforced) => finding
            .also(policy.assignments[enforced.assignment.0 as usize].key_place(), "this is enforced and stands")
            .help("add enforce = true to the amendment to have it take over, or remove it"),
        None => finding.help("remove it, or check its date and `only`"),
    })
}

/// The enforced amendment of the same file that stands in the way of a statement.
fn enforced_in<'a>(file: &'a PolicyFile, statement: &Statement) -> Option<&'a Statement> {
    let general = statement.target.general();
    let own = file.about(statement.target).iter();
    own.chain(file.about(general)).find(|other| other.enforced && other.from <= statement.from)
}
