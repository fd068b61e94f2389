//! `lapse fmt`: policy and case files in canonical layout.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::FmtArgs;
use crate::layout::{self, NoLayout};
use crate::terminal::{GOOD, count};
use crate::{Done, Failure, files, terminal};

/// A file that was found, and whether somebody named it.
struct Found {
    path: PathBuf,
    named: bool,
}

/// Lays the files out, or says which of them are not.
pub fn run(args: &FmtArgs) -> Result<Done, Failure> {
    let mut found = Vec::new();
    if args.paths.is_empty() {
        policy_files(&args.policy.policies, &mut found)?;
    }
    for path in &args.paths {
        if path.join("consortium.toml").is_file() {
            policy_files(path, &mut found)?;
        } else if path.is_dir() {
            toml_files(path, &mut found)?;
        } else {
            found.push(Found { path: path.clone(), named: true });
        }
    }
    let mut seen = 0;
    let mut changed = Vec::new();
    let mut problems = Vec::new();
    for Found { path, named } in found {
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
fn policy_files(dir: &Path, found: &mut Vec<Found>) -> Result<(), Failure> {
    found.push(Found { path: dir.join("consortium.toml"), named: true });
    let beside = match dir.file_name() {
        Some(_) => dir.with_file_name("tests"),
        None => dir.join("../tests"),
    };
    for folder in [dir.join("groups"), dir.join("libraries"), dir.join("tests/cases"), beside.join("cases")] {
        if folder.is_dir() {
            toml_files(&folder, found)?;
        }
    }
    Ok(())
}

/// The TOML files in a folder, by name.
fn toml_files(dir: &Path, found: &mut Vec<Found>) -> Result<(), Failure> {
    let entries = fs::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| cannot_read(dir, &error))?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml") && path.is_file());
    paths.sort();
    found.extend(paths.into_iter().map(|path| Found { path, named: false }));
    Ok(())
}
