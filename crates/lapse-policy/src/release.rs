//! What files release, once all files are read: the libraries that a release names must be there, and below the file.

use crate::diagnostics::Diagnostic;
use crate::file::{Amendment, PolicyFile, Released, Statement, Target};
use crate::link::Links;
use crate::policy::Policy;
use crate::schema::{Layer, Table};
use crate::source::FileId;
use crate::suggest::nearest;
use crate::{AssignmentId, Narrowed};

/// Finds the file of each library that a release names. Reports a library that is not there, and one that the file has
/// nothing to say about.
pub(crate) fn link(files: &mut [PolicyFile], links: &Links) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    // A library whose code could not be read may be the one that is meant.
    let all_read = files.iter().filter(|file| file.layer == Layer::Library).count() == links.libraries.len();
    for file in files {
        let layer = file.layer;
        let id = file.id;
        let is_below = |library: &&crate::link::LibraryLink| {
            layer == Layer::Consortium || library.group.is_some_and(|group| links.groups[group].file == id.0)
        };
        for index in 0..file.releases.len() {
            let mut named = Vec::new();
            for (code, span) in &file.releases[index].libraries {
                let library = links.libraries.iter().find(|library| library.code == *code);
                match library {
                    Some(library) if is_below(&library) => named.push(FileId(library.file)),
                    Some(_) => findings.push(
                        Diagnostic::error(format!("the library `{code}` is not in this group"), file.place(span))
                            .label("a group lets go only its own libraries")
                            .help("remove it, or put the release into the file that enforces"),
                    ),
                    None if all_read => {
                        let finding = Diagnostic::error(format!("unknown library `{code}`"), file.place(span))
                            .label("no file in `libraries/` has this code");
                        let codes = links.libraries.iter().filter(is_below).map(|library| &*library.code);
                        findings.push(match nearest(code, codes) {
                            Some(near) => finding.help(format!("did you mean `{near}`?")),
                            None => finding.help("name a library that there is"),
                        });
                    }
                    None => {}
                }
            }
            file.releases[index].files = named;
        }
    }
    findings
}

/// Finds what a release names and its file does not enforce, in a policy without errors.
pub(crate) fn warnings(policy: &Policy) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for file in &policy.files {
        for (released, span) in file.releases.iter().flat_map(|release| &release.keys) {
            let is_released = |statement: &Statement| {
                let target = statement.target;
                let of_all = |key: Target| key.code.is_some() && key.general() == target;
                released.covers(target) || matches!(*released, Released::Key(key) if of_all(key))
            };
            if !file.statements.iter().any(|statement| statement.enforced && is_released(statement)) {
                let (what, path) = match *released {
                    Released::Key(key) => ("key", key.path(&policy.codes)),
                    Released::Entry(entry) => ("entry", entry.path(&policy.codes)),
                };
                findings.push(
                    Diagnostic::warning(format!("`{path}` is released, but not enforced"), file.place(span))
                        .label(format!("no amendment of this file enforces this {what}"))
                        .help("remove it, or put the release into the file that enforces"),
                );
            }
        }
    }
    findings
}

/// What an amendment releases, as people see it in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseView<'a> {
    /// The file, relative to the policy directory.
    pub file: &'a str,
    /// The line on which its amendment begins, from 1.
    pub line: usize,
    /// The amendment: from when on, and why.
    pub amendment: &'a Amendment,
    /// The codes of the libraries that are let go.
    pub libraries: Vec<&'a str>,
    /// What they may set, as `release.keys` writes it: `subscription.lapse_months`, `keeps.summer`.
    pub keys: Vec<String>,
}

impl Policy {
    /// Every release of every file, by file.
    pub fn releases(&self) -> Vec<ReleaseView<'_>> {
        let of_file =
            |file: &PolicyFile| (0..file.releases.len()).map(|release| (file.id, release)).collect::<Vec<_>>();
        self.files.iter().flat_map(of_file).map(|(file, release)| self.release(file, release)).collect()
    }

    fn release(&self, file: FileId, index: usize) -> ReleaseView<'_> {
        let release = &self.files[file.0].releases[index];
        let amendment = &self.files[file.0].amendments[release.amendment];
        let keys = release.keys.iter().map(|(released, _)| match released {
            Released::Key(key) => key.path(&self.codes),
            Released::Entry(entry) => entry.path(&self.codes),
        });
        ReleaseView {
            file: &self.sources.file(file).shown,
            line: amendment.line,
            amendment,
            libraries: release.libraries.iter().map(|(code, _)| &**code).collect(),
            keys: keys.collect(),
        }
    }

    /// Whether an assignment loosens what the rules of domain.md keep: it is of an end, or of the narrowing of a built-in
    /// reason. Releases loosen too; [`Policy::releases`] lists them.
    pub fn loosens(&self, id: AssignmentId) -> bool {
        let target = self.assignments[id.0 as usize].target;
        target.entry().is_some_and(|entry| {
            entry.table == Table::Ends || Narrowed::from_word(self.codes.name(entry.name)).is_some()
        })
    }
}
