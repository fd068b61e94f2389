//! Warnings for codes of libraries, and for codes of one library's subscriptions, that differ only by capitals or white space.
//! People take them for one code, and tables that write one of them a little differently could mean either.

use std::collections::{HashMap, HashSet};

use crate::Day;
use crate::diagnostics::Diagnostic;
use crate::file::Named;
use crate::policy::Policy;
use crate::schema::Key;
use crate::source::Place;
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
                let Some(finding) = compare(&mut first, here, "subscription") else { continue };
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

/// Holds a code against the first one that is like it.
fn compare<'a>(first: &mut HashMap<String, Coded<'a>>, here: Coded<'a>, what: &str) -> Option<Diagnostic> {
    let Some(there) = first.get(&folded(here.code)) else {
        first.insert(folded(here.code), here);
        return None;
    };
    if there.code == here.code {
        return None;
    }
    let message =
        format!("the {what} codes `{}` and `{}` differ only by capitals or white space", there.code, here.code);
    Some(
        Diagnostic::warning(message, here.place)
            .label("people take this for the other")
            .also(there.place.clone(), "the other")
            .help("write both alike if they are one, or give one of them another code"),
    )
}
