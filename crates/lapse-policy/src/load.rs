//! Loading a policy: from files to what they say, and to everything that there is to say about them.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::file::PolicyFile;
use crate::gathered::{Decoded, Gathered, decode};
use crate::link::link;
use crate::load_error::LoadError;
use crate::policy::Policy;
use crate::reader::{Pool, read_file};
use crate::source::{FileId, SourceFile};
use crate::syntax::Parsed;
use crate::{AssignmentId, Severity, alike, blocks, effect, enforce, folder, judge, release, slips, syntax, texts};

/// What loading a policy gives.
#[derive(Debug)]
pub struct Loaded {
    /// The policy; none where its files have errors.
    pub policy: Option<Policy>,
    /// What there is to say about the files.
    pub diagnostics: Diagnostics,
}

impl Loaded {
    /// Adds an error that only a look beyond the policy files can tell, at the value of an assignment.
    pub fn add_error(&mut self, at: AssignmentId, message: &str, label: &str, help: Option<String>) {
        let Some(policy) = &self.policy else { return };
        let place = policy.assignments[at.0 as usize].value_place();
        let mut finding = Diagnostic::error(message, place).label(label);
        finding.help = help;
        self.diagnostics.add(finding);
    }
}

impl Policy {
    /// Reads and checks every file of a policy directory. Fails where the directory or its `consortium.toml` cannot be
    /// read; everything else that is wrong is in the diagnostics.
    pub fn load(dir: &Path) -> Result<Loaded, LoadError> {
        let mut loaded = check(folder::gather(dir)?);
        if let Some(policy) = &mut loaded.policy {
            policy.path = Some(dir.to_owned());
        }
        Ok(loaded)
    }

    /// Checks policy files that are given as texts, each with its name relative to the policy directory, such as
    /// `consortium.toml`, `groups/noord.toml` and `libraries/peer.toml`, in any order. Gives the policy, the diagnostics
    /// and the fingerprint of a folder with these files; texts with other names are not read, as in a folder.
    ///
    /// Fails where no text is called `consortium.toml`, and where two policy files have one name.
    pub fn from_texts<N, T>(texts: impl IntoIterator<Item = (N, T)>) -> Result<Loaded, LoadError>
    where
        N: Into<String>,
        T: Into<Vec<u8>>,
    {
        let texts = texts.into_iter().map(|(name, text)| (name.into(), text.into()));
        Ok(check(texts::gather(texts)?))
    }
}

/// Takes the files of a policy through every step that lib.rs lists.
fn check(gathered: Gathered) -> Loaded {
    let count = gathered.files.len();
    let Decoded { sources, fingerprint, mut findings, damaged } = decode(gathered);
    let mut pool = Pool::default();
    let mut files = Vec::with_capacity(count);
    for (id, source) in sources.iter().take(count) {
        let (file, found) = read(id, source, damaged.contains(&id), &mut pool);
        findings.extend(found);
        files.push(file);
    }
    let (links, found) = link(&files, &pool.assignments);
    findings.extend(found);
    findings.extend(blocks::in_both_lists(&files, &pool.assignments));
    findings.extend(release::link(&mut files, &links));
    let Pool { assignments, codes, facts: tested, declared: facts, unsure, unsure_terms, broken } = pool;
    let sources = Arc::new(sources);
    let policy = Policy { path: None, fingerprint, sources, files, assignments, codes, facts, tested, links };
    findings.extend(enforce::conflicts(&policy));
    if !broken {
        findings.extend(judge::entries(&policy, &unsure));
    }
    if !broken && !unsure_terms {
        findings.extend(judge::terms(&policy));
    }
    let sound = findings.iter().all(|found| found.severity != Severity::Error);
    if sound {
        // What has no effect can be told only of a policy that resolves.
        findings.extend(effect::warnings(&policy));
        findings.extend(slips::warnings(&policy));
        findings.extend(alike::warnings(&policy));
        findings.extend(blocks::warnings(&policy));
        findings.extend(release::warnings(&policy));
    }
    let diagnostics = Diagnostics::new(Arc::clone(&policy.sources), findings);
    Loaded { policy: sound.then_some(policy), diagnostics }
}

/// Reads one file: its syntax, then what it says. On a line whose syntax is broken, only the syntax error is told.
fn read(id: FileId, source: &SourceFile, damaged: bool, pool: &mut Pool) -> (PolicyFile, Vec<Diagnostic>) {
    let Parsed { root, mut findings, broken } = syntax::parse(id, source);
    let (file, mut found) = read_file(id, source, &root, damaged || !broken.is_empty(), pool);
    found.retain(|found| {
        let line = found.place.span.as_ref().map(|span| source.line(span.start));
        !line.is_some_and(|line| broken.iter().any(|broken| broken.contains(&line)))
    });
    findings.extend(found);
    (file, findings)
}
