//! `lapse fmt`: policy and case files in canonical layout.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::FmtArgs;
use crate::layout::{self, NoLayout};
use crate::terminal::{GOOD, count};
use crate::{Done, Failure, files, terminal};
use lapse_cases::casefile;

/// Lays the files out, or says which of them are not.
pub fn run(args: &FmtArgs) -> Result<Done, Failure> {
    // By path, each with whether somebody named it.
    let mut found = BTreeMap::new();
    if args.paths.is_empty() {
        policy_files(&args.policy.policies, &mut found)?;
    }
    for path in &args.paths {
        if path.join("consortium.toml").is_file() {
            policy_files(path, &mut found)?;
        } else if path.is_dir() {
            toml_files(path, &mut found)?;
        } else {
            found.insert(path.clone(), true);
        }
    }
    let mut seen = 0;
    let mut changed = Vec::new();
    let mut problems = Vec::new();
    for (path, named) in found {
        let text = fs::read_to_string(&path).map_err(|error| cannot_read(&path, &error))?;
        seen += 1;
        match layout::format(&text) {
            Ok(formatted) if formatted == text => {}
            Ok(formatted) => changed.push((path, formatted)),
            Err(NoLayout::NotOurs) if !named => seen -= 1,
            Err(reason) => problems.push(problem(&path, &reason)),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::refused(format!("{}; no file was changed", problems.join("; "))));
    }
    if args.check {
        for (path, _) in &changed {
            terminal::result(&format!("{}\n", path.display()))?;
        }
    } else {
        files::write_all(changed.iter().map(|(path, text)| (&**path, &**text)))?;
    }
    terminal::say(&summary(seen, changed.len() as u64, args.check));
    Ok(if args.check && !changed.is_empty() { Done::FoundErrors } else { Done::Well })
}

fn summary(seen: u64, changed: u64, check: bool) -> String {
    let files = count(seen, "file", "files");
    match (changed, check) {
        (0, _) => format!("{GOOD}{files}, all in canonical layout{GOOD:#}\n"),
        (_, true) => format!("{changed} of {files} would change; `lapse fmt` changes them\n"),
        (_, false) => format!("{changed} of {files} changed\n"),
    }
}

fn problem(path: &Path, reason: &NoLayout) -> String {
    let path = path.display();
    match reason {
        NoLayout::NotToml { line } => format!("{path}:{line}: this is not valid TOML"),
        NoLayout::NotOurs => format!("{path}: this is neither a policy file nor a case file"),
        NoLayout::Comment => format!("{path}: a comment stands in the middle of a value; move it to a line of its own"),
    }
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::refused(format!("{}: this cannot be read ({error}); no file was changed", path.display()))
}

/// The files of a policy directory, and the case files in it and beside it.
fn policy_files(dir: &Path, found: &mut BTreeMap<PathBuf, bool>) -> Result<(), Failure> {
    found.insert(dir.join("consortium.toml"), true);
    let folders = [dir.join("groups"), dir.join("libraries")];
    for folder in folders.into_iter().chain(casefile::folders(dir)).filter(|folder| folder.is_dir()) {
        toml_files(&folder, found)?;
    }
    Ok(())
}

/// The TOML files below a folder.
fn toml_files(folder: &Path, found: &mut BTreeMap<PathBuf, bool>) -> Result<(), Failure> {
    let mut paths = Vec::new();
    casefile::collect(folder, &mut paths).map_err(|error| cannot_read(folder, &error))?;
    for path in paths {
        found.entry(path).or_insert(false);
    }
    Ok(())
}
