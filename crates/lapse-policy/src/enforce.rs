//! Rule 3 of policy.md: a lower file's amendment cannot set what a higher file's amendment already enforces, unless that file
//! has released it by then.

use std::collections::HashSet;

use crate::Day;
use crate::diagnostics::Diagnostic;
use crate::file::{CodeId, PolicyFile, Statement};
use crate::policy::Policy;
use crate::schema::Layer;
use crate::source::FileId;
use crate::value::quoted;

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
        let mut told = HashSet::new();
        for (statement, amendment) in lower.amended() {
            let conflict = higher.iter().find_map(|higher| {
                let enforced = enforcing(policy, higher, lower, statement, &libraries)?;
                Some((*higher, enforced))
            });
            let Some((higher, enforced)) = conflict else { continue };
            let here = &policy.assignments[statement.assignment.0 as usize];
            let there = &policy.assignments[enforced.assignment.0 as usize];
            let layer = higher.layer;
            let path = match statement.target.entry() {
                Some(entry) => entry.path(&policy.codes),
                None => here.target.path(&policy.codes),
            };
            let (Some(since), Some(from)) = (enforced.from, statement.from) else { continue };
            // A keep or end is enforced as a whole, so that once is enough for all that an amendment sets of it.
            if statement.target.entry().is_some_and(|entry| !told.insert((amendment, entry))) {
                continue;
            }
            findings.push(
                Diagnostic::error(format!("`{path}` is enforced by the {layer} since {since}"), here.key_place())
                    .label(format!("this amendment of {from} cannot set it"))
                    .also(there.key_place(), format!("enforced here since {since}"))
                    .help(help(policy, higher, &path, from, &libraries)),
            );
        }
    }
    findings
}

/// What to do about a forbidden amendment, with the release that would allow it.
fn help(policy: &Policy, higher: &PolicyFile, key: &str, from: Day, libraries: &[usize]) -> String {
    let help = "remove the key, or agree on a change of the enforced amendment";
    let codes: Vec<_> = libraries.iter().map(|&library| quoted(&policy.links.libraries[library].code)).collect();
    if codes.is_empty() {
        return help.to_owned();
    }
    let file = &policy.sources.file(higher.id).shown;
    format!(
        "{help}; once those who decide there agree, these lines in `{file}` allow it:\n\
         [[amendment]]\n\
         from = {from}\n\
         reason = \"Who decided it, and when\"\n\
         release = {{ libraries = [{}], keys = [{}] }}",
        codes.join(", "),
        quoted(key)
    )
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
    let day = statement.from?;
    let released = |library: &usize| higher.releases(target, FileId(policy.links.libraries[*library].file), day);
    if !libraries.is_empty() && libraries.iter().all(released) {
        return None;
    }
    if let Some(entry) = target.entry() {
        // What is enforced of a keep or end freezes all of it.
        let is_frozen =
            |enforced: &&Statement| enforced.target.entry() == Some(entry) && enforced.from <= statement.from;
        return higher.freezing.iter().filter(is_frozen).min_by_key(|enforced| (enforced.from, enforced.assignment));
    }
    let general = target.general();
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
