//! Warnings for what reads like a slip of the pen: a word that is nearly one that everybody knows, an amendment that begins a
//! subscription with nearly the code of another, files and folders that nobody reads because of their name.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::diagnostics::Diagnostic;
use crate::file::{Assignment, Named, PolicyFile, Target};
use crate::policy::Policy;
use crate::schema::Key;
use crate::source::{Place, Sources};
use crate::suggest::nearest;
use crate::value::Value;

/// The sources of activity that domain.md names.
const SOURCES: [&str; 4] = ["wise", "legacy", "mijn-bibliotheek", "sip2"];
/// The kinds of block that it names.
const BLOCKS: [&str; 2] = ["general", "bailiff"];
/// The folders that are read.
const FOLDERS: [&str; 2] = ["groups", "libraries"];

/// Every word and code in a policy without errors that nearly is another.
pub(crate) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let words = policy.assignments.iter().flat_map(|assignment| near_words(policy, assignment));
    words.chain(policy.files.iter().flat_map(|file| near_codes(policy, file))).collect()
}

/// Names of sources or blocks that nearly are known ones. A list that has the known one too means another.
fn near_words(policy: &Policy, assignment: &Assignment) -> Vec<Diagnostic> {
    let known_words = [(Key::Sources, &SOURCES[..], "source"), (Key::Blocks, &BLOCKS, "kind of block")];
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

/// Where a text of a list stands; the list, where it is written with escapes.
fn place_of(policy: &Policy, assignment: &Assignment, text: &str) -> Place {
    let list = &policy.sources.file(assignment.file).text[assignment.value_span.clone()];
    let found = ['"', '\''].into_iter().find_map(|quote| {
        let quoted = format!("{quote}{text}{quote}");
        let start = assignment.value_span.start + list.find(&quoted)?;
        Some(start..start + quoted.len())
    });
    Place { file: assignment.file, span: Some(found.unwrap_or_else(|| assignment.value_span.clone())) }
}

/// Amendments of a file that begin a subscription whose code nearly is one that its libraries have. Whoever gives it a name
/// means a new one.
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
        let has_name = !file.about(Target { key: Key::SubscriptionName, code: Some(*code) }).is_empty();
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

/// Files and folders of a policy directory that look as if somebody thought that they are read. What cannot be listed is left
/// to those who read it.
pub(crate) fn unread(dir: &Path, sources: &mut Sources) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut tell = |shown: String, help: String| {
        let file = sources.add_unread(shown.clone());
        let message = format!("`{shown}` is not read");
        findings.push(Diagnostic::warning(message, Place { file, span: None }).help(help));
    };
    for (name, is_folder) in entries(dir) {
        let near = nearest(&name, FOLDERS.into_iter()).filter(|near| is_folder && name != *near);
        if let Some(near) = near {
            // Where capitals make no difference to the file system, this is the folder that is read.
            if name.eq_ignore_ascii_case(near) && dir.join(near).is_dir() {
                continue;
            }
            tell(format!("{name}/"), format!("name the folder `{near}`"));
        } else if !is_folder && name != "consortium.toml" && Path::new(&name).extension() == Some(OsStr::new("toml")) {
            tell(name, "move it to `groups/` or `libraries/`, or out of the policy directory".to_owned());
        }
    }
    for folder in FOLDERS {
        for (name, is_folder) in entries(&dir.join(folder)) {
            if let Some(better) = nearly_toml(&name).filter(|_| !is_folder) {
                tell(format!("{folder}/{name}"), format!("name it `{better}`: only files that end in .toml are read"));
            }
        }
    }
    findings
}

/// What is in a folder and whether it is a folder itself, by name, without what is hidden.
fn entries(folder: &Path) -> Vec<(String, bool)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<(String, bool)> = entries
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path().is_dir()))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    entries.sort_unstable();
    entries
}

/// The name that a file would be read by, where its ending nearly is `.toml`. A copy that an editor made (`.toml~`) is none.
fn nearly_toml(name: &str) -> Option<String> {
    if let Some(stem) = name.strip_suffix(".toml.txt") {
        return Some(format!("{stem}.toml"));
    }
    let (stem, ending) = name.rsplit_once('.')?;
    let slip = ending != "toml" && !ending.ends_with('~') && nearest(ending, ["toml"].into_iter()).is_some();
    slip.then(|| format!("{stem}.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_that_nearly_is_toml_is_told_and_another_is_not() {
        for (name, better) in [
            ("peer.tml", Some("peer.toml")),
            ("peer.TOML", Some("peer.toml")),
            ("peer.tolm", Some("peer.toml")),
            ("peer.toml.txt", Some("peer.toml")),
            ("peer.toml", None),
            ("peer.toml~", None),
            ("peer.toml.bak", None),
            ("README.md", None),
            ("toml", None),
        ] {
            assert_eq!(nearly_toml(name).as_deref(), better, "{name}");
        }
    }
}
