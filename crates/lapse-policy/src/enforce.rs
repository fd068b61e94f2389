//! Rule 3 of policy.md: a lower file's amendment cannot set what a higher file's amendment already enforces.

use crate::diagnostics::Diagnostic;
use crate::file::{CodeId, PolicyFile, Statement, Target};
use crate::policy::Policy;
use crate::schema::Layer;

/// Finds each key that a lower file's amendment sets on or after the day from which a higher file enforces it.
pub(crate) fn conflicts(policy: &Policy) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for lower in &policy.files {
        let libraries = policy.libraries_below(lower);
        let group = libraries.first().and_then(|&library| policy.links.libraries[library].group);
        let group = group.map(|group| &policy.files[policy.links.groups[group].file]);
        let higher = match lower.layer {
            Layer::Consortium => continue,
            Layer::Group => vec![&policy.files[0]],
            Layer::Library => std::iter::once(&policy.files[0]).chain(group).collect(),
        };
        for (statement, _) in lower.amended() {
            let conflict = higher.iter().find_map(|higher| {
                let enforced = enforcing(policy, higher, lower, statement, &libraries)?;
                Some((higher.layer, enforced))
            });
            let Some((layer, enforced)) = conflict else { continue };
            let here = &policy.assignments[statement.assignment.0 as usize];
            let there = &policy.assignments[enforced.assignment.0 as usize];
            let path = statement.target.path(&policy.codes);
            let (Some(since), Some(from)) = (enforced.from, statement.from) else { continue };
            findings.push(
                Diagnostic::error(format!("`{path}` is enforced by the {layer} since {since}"), here.key_place())
                    .label(format!("this amendment of {from} cannot set it"))
                    .also(there.key_place(), format!("enforced here since {since}"))
                    .help("remove the key, or agree on a change of the enforced amendment"),
            );
        }
    }
    findings
}

/// The statement of a higher file that enforces what a lower file's amendment sets, if there is one.
fn enforcing<'a>(
    policy: &'a Policy,
    higher: &'a PolicyFile,
    lower: &PolicyFile,
    statement: &Statement,
    libraries: &[usize],
) -> Option<&'a Statement> {
    let target = statement.target;
    let general = Target { code: None, ..target };
    let own = target.code.map_or(&[][..], |_| higher.about(target));
    higher.about(general).iter().chain(own).find(|enforced| {
        enforced.enforced
            && enforced.from <= statement.from
            && (higher.only(enforced).is_none() || meet(policy, higher, enforced, lower, statement, libraries))
    })
}

/// Whether both statements reach one subscription of some library: on the day of the lower file's amendment, the
/// subscription has a holder and a category that `only` of both lets through.
fn meet(
    policy: &Policy,
    higher: &PolicyFile,
    enforced: &Statement,
    lower: &PolicyFile,
    statement: &Statement,
    libraries: &[usize],
) -> bool {
    let Some(day) = statement.from else { return false };
    libraries.iter().any(|&library| {
        let stack = policy.library_stack(&policy.links.libraries[library], day);
        if stack.files().into_iter().flatten().any(|file| file.unsure) {
            return false;
        }
        let codes: Vec<CodeId> = match statement.target.code {
            Some(code) => vec![code],
            None => policy.named(&stack),
        };
        codes.into_iter().filter(|&code| stack.offers(code)).any(|code| {
            let marks = stack.marks(Some(code));
            [higher.only(enforced), lower.only(statement)]
                .into_iter()
                .flatten()
                .all(|only| only.matches(marks.holder, &marks.category))
        })
    })
}
