//! `lapse cases`: the boundary cases that a library's policy implies, as a case file, written or checked to be current.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use lapse_cases::{boundary, casefile};
use lapse_policy::{Day, Policy, file_stem};

use super::load;
use crate::cli::CasesArgs;
use crate::refusal::Refusal;
use crate::terminal::{GOOD, WARNING, count};
use crate::{Done, Failure, files, layout, terminal};

/// How the names of these files end.
const ENDING: &str = ".boundary.toml";

/// Writes the cases of a library or of all, or checks that the files are current.
pub fn run(args: &CasesArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let plugins = load::trusted_plugins(&policy, &args.plugins)?;
    let codes = codes(&policy);
    let folder = folder(&args.policy.policies);
    let libraries: Vec<&str> = match &args.library {
        Some(library) => vec![known(library, &codes)?],
        None => codes.iter().map(|code| &**code).collect(),
    };
    let mut stale = Vec::new();
    let mut written = 0_u64;
    for (library, text) in libraries.iter().zip(boundary::texts(&policy, &plugins, &libraries)?) {
        let text = layout::format(&text).expect("boundary cases are a case file");
        let path = match &args.out {
            Some(path) => path.clone(),
            None => folder.join(file_name(library)),
        };
        let before = read(&path)?;
        // Git may write other ends of lines on Windows.
        if before.as_ref().is_some_and(|before| before.replace("\r\n", "\n") == text) {
            continue;
        }
        if args.check {
            stale.push(format!("{} is not current", path.display()));
            continue;
        }
        if before.is_some_and(|before| !before.starts_with(boundary::HEADER)) {
            return Err(Refusal::CasesOfSomebody { path }.into());
        }
        files::write_all([(path.as_path(), text.as_str())])?;
        terminal::say(&format!("{}\n", path.display()));
        written += 1;
    }
    if args.library.is_none() {
        stale.extend(without_library(&folder, &codes)?);
    }
    Ok(conclude(args, libraries.len(), written, &stale))
}

fn conclude(args: &CasesArgs, libraries: usize, written: u64, stale: &[String]) -> Done {
    for sentence in stale {
        terminal::say(&format!("{WARNING}{sentence}{WARNING:#}\n"));
    }
    let of = count(libraries as u64, "library", "libraries");
    if !args.check {
        terminal::say(&format!("{GOOD}{of}: {} written{GOOD:#}\n", count(written, "file", "files")));
        return Done::Well;
    }
    if stale.is_empty() {
        terminal::say(&format!("{GOOD}{of}: the boundary cases are current{GOOD:#}\n"));
        return Done::Well;
    }
    let library = args.library.as_deref().unwrap_or("--all");
    terminal::say(&format!("run `lapse cases {library}` and review what it changes\n"));
    Done::Failed
}

/// The name of the file of a library.
fn file_name(library: &str) -> String {
    format!("{}{ENDING}", file_stem(library))
}

/// The libraries of the policy; they are the same on every day.
fn codes(policy: &Policy) -> Vec<String> {
    policy.on(Day::MAX).libraries.into_iter().map(|library| library.code).collect()
}

/// The code of a library that the policy has.
fn known<'a>(library: &'a str, codes: &[String]) -> Result<&'a str, Refusal> {
    if codes.iter().any(|code| code == library) {
        return Ok(library);
    }
    let near = lapse_policy::nearest(library, codes.iter().map(|code| &**code)).map(ToOwned::to_owned);
    Err(Refusal::NoLibraryForCases { code: library.to_owned(), near })
}

/// The folder for the files: the one beside the policies, unless only the one within them is there.
fn folder(policies: &Path) -> PathBuf {
    let [beside, within] = casefile::folders(policies);
    if within.is_dir() && !beside.is_dir() { within } else { beside }
}

/// The text of a file, where there is one.
fn read(path: &Path) -> Result<Option<String>, Refusal> {
    match lapse_policy::read_small_file(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Refusal::CannotReadCases { path: path.to_owned(), error }),
    }
}

/// Sentences about the files of libraries that the policy no longer has.
fn without_library(folder: &Path, codes: &[String]) -> Result<Vec<String>, Refusal> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Refusal::CannotReadCases { path: folder.to_owned(), error })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(library) = name.strip_suffix(ENDING)
            && !codes.iter().any(|code| file_stem(code) == library)
        {
            names.push(format!("{} is of a library that the policy does not have; delete it", entry.path().display()));
        }
    }
    names.sort();
    Ok(names)
}
