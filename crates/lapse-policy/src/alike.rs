//! Warnings for codes of libraries, and for codes of one library's subscriptions, that differ only by capitals or white space,
//! or that look alike: a Cyrillic `р` in `peer`. People take them for one code, and tables that write one of them a little
//! differently could mean either. A code that has letters of several scripts, or something in it that cannot be seen, is told
//! by itself: tables that people write do not have it.

use std::collections::{HashMap, HashSet};

use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

use crate::Day;
use crate::diagnostics::Diagnostic;
use crate::file::Named;
use crate::policy::Policy;
use crate::schema::Key;
use crate::shown::shown;
use crate::source::Place;
use crate::suggest::is_slip;
use crate::value::folded;

/// Finds the codes that are alike in a policy without errors.
pub(crate) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let mut findings = libraries(policy);
    let mut told = HashSet::new();
    for library in &policy.links.libraries {
        let stack = policy.library_stack(library, Day::MIN);
        let mut first: HashMap<String, Coded<'_>> = HashMap::new();
        for file in stack.files().into_iter().flatten() {
            for Named { code, span, .. } in &file.subscriptions {
                let here = Coded { code: policy.codes.name(*code), place: file.place(span) };
                let Some(finding) = compare(&mut first, here, SUBSCRIPTION) else { continue };
                // A pair in the consortium's or a group's file is met at each of the libraries below it.
                if told.insert((*code, file.id)) {
                    findings.push(finding);
                }
            }
        }
    }
    findings
}

fn libraries(policy: &Policy) -> Vec<Diagnostic> {
    let mut first = HashMap::new();
    let codes = policy.assignments.iter().filter(|assignment| assignment.target.key == Key::LibraryCode);
    let libraries = codes.filter_map(|assignment| {
        let library = policy.links.libraries.iter().find(|library| library.file == assignment.file.0)?;
        Some(Coded { code: &library.code, place: assignment.value_place() })
    });
    libraries.filter_map(|library| compare(&mut first, library, "library")).collect()
}

/// A code and where it stands.
struct Coded<'a> {
    code: &'a str,
    place: Place,
}

/// Holds a code against the first one that is like it, and looks at it by itself.
fn compare<'a>(first: &mut HashMap<String, Coded<'a>>, here: Coded<'a>, what: &str) -> Option<Diagnostic> {
    let alike = skeleton(&folded(here.code)).collect();
    let Some(there) = first.get(&alike) else {
        let odd = odd(&here, what).or_else(|| misspelt(first, &here, what));
        first.insert(alike, here);
        return odd;
    };
    if there.code == here.code {
        return None;
    }
    let how = if folded(there.code) == folded(here.code) {
        "differ only by capitals or white space"
    } else {
        "look alike, but have other letters"
    };
    let message = format!("the {what} codes `{}` and `{}` {how}", shown(there.code), shown(here.code));
    Some(
        Diagnostic::warning(message, here.place)
            .label("people take this for the other")
            .also(there.place.clone(), "the other")
            .help("write both alike if they are one, or give one of them another code"),
    )
}

/// A subscription whose code is one slip away from another: a file that means to change what a file above it decides begins
/// a subscription of its own, and nothing changes. Towns have names that are as near, so libraries are not asked.
fn misspelt(first: &HashMap<String, Coded<'_>>, here: &Coded<'_>, what: &str) -> Option<Diagnostic> {
    let digits = |code: &str| code.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_meant = |there: &&Coded<'_>| {
        let short = there.code.chars().count().min(here.code.chars().count()) < SHORTEST_WORD;
        !short && digits(there.code) == digits(here.code) && is_slip(there.code, here.code)
    };
    let there = first.values().filter(is_meant).min_by_key(|there| there.code).filter(|_| what == SUBSCRIPTION)?;
    let message = format!("the subscription `{}` is nearly `{}`, and is another", shown(here.code), shown(there.code));
    Some(
        Diagnostic::warning(message, here.place.clone())
            .label("this begins a subscription of its own")
            .also(there.place.clone(), "the other")
            .help("write both alike if they are one"),
    )
}

/// Shorter codes differ by one letter on purpose.
const SHORTEST_WORD: usize = 5;
/// What the codes of subscriptions are called.
const SUBSCRIPTION: &str = "subscription";

/// A code that people would not write so.
fn odd(here: &Coded<'_>, what: &str) -> Option<Diagnostic> {
    let (problem, help) = if shown(here.code) != here.code {
        ("has a character in it that cannot be seen", "write the code anew, without it")
    } else if !here.code.is_single_script() {
        ("has letters of several scripts", "write the code anew in one script: some letters of another look the same")
    } else {
        return None;
    };
    let message = format!("the {what} code `{}` {problem}", shown(here.code));
    Some(Diagnostic::warning(message, here.place.clone()).label("tables that people write do not have this").help(help))
}
