//! Warnings for what looks misspelt although it is allowed: a source or kind of block that is nearly a known one, and an
//! amendment that begins a subscription with nearly the code of another.

use crate::diagnostics::Diagnostic;
use crate::file::{Assignment, Named, PolicyFile, Target};
use crate::policy::Policy;
use crate::schema::Key;
use crate::source::Place;
use crate::suggest::nearest;
use crate::value::Value;

/// The sources of activity that domain.md names.
const SOURCES: [&str; 4] = ["wise", "legacy", "mijn-bibliotheek", "sip2"];
/// The kinds of block that it names.
const BLOCKS: [&str; 2] = ["general", "bailiff"];

/// Finds every word and code in a policy without errors that is nearly another one.
pub(crate) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let words = policy.assignments.iter().flat_map(|assignment| near_words(policy, assignment));
    words.chain(policy.files.iter().flat_map(|file| near_codes(policy, file))).collect()
}

/// Finds names of sources or blocks that are nearly known ones. A list that has the known one as well means another source
/// or block by the name that is like it.
fn near_words(policy: &Policy, assignment: &Assignment) -> Vec<Diagnostic> {
    let known_words = [
        (Key::Sources, &SOURCES[..], "source"),
        (Key::RestingSources, &SOURCES, "source"),
        (Key::FactSources, &SOURCES, "source"),
        (Key::Blocks, &BLOCKS, "kind of block"),
        (Key::BlocksIgnored, &BLOCKS, "kind of block"),
    ];
    let Some((_, known, what)) = known_words.into_iter().find(|&(key, ..)| key == assignment.target.key) else {
        return Vec::new();
    };
    let Value::Texts(words) = &assignment.value else { return Vec::new() };
    let slips = words.iter().filter_map(|word| {
        let near = nearest(word, known.iter().copied())?;
        (!words.iter().any(|other| other == near)).then_some((word, near))
    });
    slips
        .map(|(word, near)| {
            Diagnostic::warning(
                format!("the {what} `{word}` looks like a slip for `{near}`"),
                place_of(policy, assignment, word),
            )
            .label("counts only where the tables write it the same way")
            .help(format!("did you mean `{near}`?"))
        })
        .collect()
}

/// Where a text of a list stands. A text that is written with escapes is not found, and the place is then the list.
fn place_of(policy: &Policy, assignment: &Assignment, text: &str) -> Place {
    let list = &policy.sources.file(assignment.file).text[assignment.value_span.clone()];
    let found = ['"', '\''].into_iter().find_map(|quote| {
        let quoted = format!("{quote}{text}{quote}");
        let start = assignment.value_span.start + list.find(&quoted)?;
        Some(start..start + quoted.len())
    });
    Place { file: assignment.file, span: Some(found.unwrap_or_else(|| assignment.value_span.clone())) }
}

/// Finds amendments of a file that begin a subscription whose code is nearly one that its libraries have. A subscription
/// that is given a name is meant to be new.
fn near_codes(policy: &Policy, file: &PolicyFile) -> Vec<Diagnostic> {
    let mut defined = Vec::new();
    for library in policy.libraries_below(file) {
        let stack = policy.library_stack(&policy.links.libraries[library], crate::Day::MIN);
        let named = stack.files().into_iter().flatten().flat_map(|file| &file.subscriptions);
        defined.extend(named.filter(|named| named.amendment.is_none()).map(|named| named.code));
    }
    defined.sort_unstable();
    defined.dedup();
    let mut told = Vec::new();
    let mut findings = Vec::new();
    for Named { code, amendment, span, .. } in &file.subscriptions {
        let has_name = !file.about(Target::named(Key::SubscriptionName, *code)).is_empty();
        if amendment.is_none() || has_name || defined.contains(code) || told.contains(code) {
            continue;
        }
        let name = policy.codes.name(*code);
        let Some(near) = nearest(name, defined.iter().map(|&code| policy.codes.name(code))) else { continue };
        told.push(*code);
        findings.push(
            Diagnostic::warning(format!("this amendment begins a new subscription `{name}`"), file.place(span))
                .label("no table outside amendments defines this code")
                .help(format!("did you mean `{near}`? If it is a new subscription, give it a `name`")),
        );
    }
    findings
}
