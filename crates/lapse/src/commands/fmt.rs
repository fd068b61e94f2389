//! `lapse fmt`: policy and case files in canonical layout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lapse_cases::casefile;
use lapse_edit::LayoutError;
use lapse_edit::layout::{LaidOut, lay_out};
use lapse_policy::count;

use crate::cli::FmtArgs;
use crate::terminal::GOOD;
use crate::{Done, Failure, files, layout, terminal};

/// Lays the files out, or says which of them are not.
pub fn run(args: &FmtArgs) -> Result<Done, Failure> {
    let LaidOut { seen, changed } = lay_out(found(args)?, &layout::case_order())?;
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

/// The files to lay out, by path, each with whether somebody named it.
fn found(args: &FmtArgs) -> Result<BTreeMap<PathBuf, bool>, Failure> {
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
    Ok(found)
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
    let cannot_read = |error| LayoutError::CannotRead { path: folder.to_owned(), error };
    casefile::collect(folder, &mut paths).map_err(cannot_read)?;
    for path in paths {
        found.entry(path).or_insert(false);
    }
    Ok(())
}
