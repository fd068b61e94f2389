//! A policy to compare: that of a folder, or that of a revision of a Git repository, whose files are read from Git's own
//! store. The work tree is never touched.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lapse_host::{Loading, Plugins, PluginsError};
use lapse_policy::{LoadError, Loaded, Policy, is_policy_file};

use crate::refusal::{GitError, NoRevision, Refusal};
use crate::{Failure, terminal};

/// A policy and where it came from.
pub struct Source {
    /// What was typed.
    pub name: String,
    /// The policy.
    pub policy: Policy,
}

impl Source {
    /// Loads what was typed: a folder, `REV:path`, or `REV`, which means the policies at `policies` in that revision.
    pub fn load(name: &str, policies: &Path) -> Result<Source, Failure> {
        let folder = Path::new(name);
        if folder.is_dir() {
            return Source::of(name, Policy::load(folder));
        }
        if folder.exists() {
            return Err(Refusal::FileForPolicy { name: name.to_owned() }.into());
        }
        let loaded = Policy::from_texts(read(name, policies)?).map_err(|error| match error {
            LoadError::Consortium { path, source } => LoadError::Consortium { path: folder.join(path), source },
            LoadError::Directory { .. } | LoadError::Twice { .. } => error,
        });
        Source::of(name, loaded)
    }

    /// Loads the plugins of the policy. The error of one in a revision begins with the revision, as that of one in a folder
    /// begins with the folder.
    pub fn plugins(&self, dirs: &[PathBuf], loading: &Loading) -> Result<Plugins, PluginsError> {
        Plugins::load(&self.policy, dirs, loading).map_err(|mut error| {
            if let (None, Some((file, _))) = (self.policy.path(), &mut error.at) {
                *file = Path::new(&self.name).join(&*file);
            }
            error
        })
    }

    fn of(name: &str, loaded: Result<Loaded, LoadError>) -> Result<Source, Failure> {
        let Loaded { policy, diagnostics } = loaded?;
        let Some(policy) = policy else {
            terminal::say(&format!("{}\n", diagnostics.render(true)));
            return Err(Refusal::CannotCompare { name: name.to_owned(), number: diagnostics.errors() }.into());
        };
        Ok(Source { name: name.to_owned(), policy })
    }
}

/// The policy files of a revision, by name.
fn read(name: &str, policies: &Path) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let (folder, object) = object(name, policies);
    let refused = |why| Refusal::NeitherFolderNorRevision { name: name.to_owned(), why };
    if name.starts_with('-') {
        return Err(refused(NoRevision::Hyphen));
    }
    match git(folder, &["cat-file", "-t", &object]) {
        Ok(kind) if kind.trim_ascii() == b"tree" => {}
        Ok(_) => return Err(refused(NoRevision::File)),
        Err(error) => return Err(refused(NoRevision::Git(error))),
    }
    let listing = git(folder, &["ls-tree", "-r", "-z", "--full-tree", &object])?;
    let mut texts = Vec::new();
    for Entry { mode, id, path } in policy_files(&listing) {
        if mode == SYMBOLIC_LINK {
            return Err(refused(NoRevision::SymbolicLink { path: path.to_owned() }));
        }
        texts.push((path.to_owned(), git(folder, &["cat-file", "blob", id])?));
    }
    Ok(texts)
}

/// The folder in which Git is asked, and the object that it is asked for. A revision alone stands for its policies at the same place.
fn object<'a>(name: &str, policies: &'a Path) -> (&'a Path, String) {
    if name.contains(':') {
        return (Path::new("."), name.to_owned());
    }
    match (policies.parent(), policies.file_name()) {
        (Some(parent), Some(last)) => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            (parent, format!("{name}:./{}", last.to_string_lossy()))
        }
        (Some(_) | None, None) | (None, Some(_)) => (policies, format!("{name}:./")),
    }
}

/// The mode that Git gives to a symbolic link, whose content is the name of another file.
const SYMBOLIC_LINK: &str = "120000";

/// A file of a tree.
struct Entry<'a> {
    mode: &'a str,
    id: &'a str,
    path: &'a str,
}

/// The policy files of a tree, as `ls-tree -z` lists it.
fn policy_files(listing: &[u8]) -> Vec<Entry<'_>> {
    let entries = listing.split(|&byte| byte == 0).filter_map(|entry| {
        let (about, path) = std::str::from_utf8(entry).ok()?.split_once('\t')?;
        let mut about = about.split(' ');
        let (mode, kind, id) = (about.next()?, about.next()?, about.next()?);
        (kind == "blob" && is_policy_file(path)).then_some(Entry { mode, id, path })
    });
    entries.collect()
}

/// The output of a Git command.
fn git(folder: &Path, words: &[&str]) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    let output = command.arg("-C").arg(folder).args(words).stdin(Stdio::null()).output().map_err(GitError::NoStart)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("git says no").trim_start_matches("fatal: ");
    Err(GitError::Said(first.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_alone_means_its_policies_at_the_same_place() {
        let asked = |name: &str, policies: &str| {
            let (folder, object) = object(name, Path::new(policies));
            (folder.display().to_string(), object)
        };
        assert_eq!(asked("main", "policies"), (".".into(), "main:./policies".into()));
        assert_eq!(asked("main", "a/b"), ("a".into(), "main:./b".into()));
        assert_eq!(asked("main", "."), (".".into(), "main:./".into()));
        assert_eq!(asked("main:other", "a/b"), (".".into(), "main:other".into()));
    }

    #[test]
    fn only_the_files_of_a_policy_are_read() {
        let listing = b"100644 blob aa\tconsortium.toml\x00120000 blob bb\tgroups/link.toml\x00\
                        100644 blob cc\tlibraries/peer.toml\x00100644 blob dd\tREADME.md\x00\
                        100644 blob ee\tlibraries/../../x.toml\x00160000 commit ff\tgroups/sub.toml\x00";
        let files: Vec<String> =
            policy_files(listing).iter().map(|entry| format!("{} {}", entry.mode, entry.path)).collect();
        assert_eq!(files, ["100644 consortium.toml", "120000 groups/link.toml", "100644 libraries/peer.toml"]);
    }
}
