//! Where case files lie: in `tests/cases` beside the policy directory, in `tests/cases` within it, or at paths that are given.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::error::CasesError;

/// The folders in which the cases of a policy directory may lie.
pub fn folders(policies: &Path) -> [PathBuf; 2] {
    let beside = match policies.components().next_back() {
        Some(Component::Normal(_)) => policies.parent().map(Path::to_owned).unwrap_or_default(),
        Some(Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir) | None => {
            policies.join("..")
        }
    };
    [beside, policies.to_owned()].map(|folder| folder.join("tests").join("cases"))
}

/// The case files below `paths`, or those of the policy directory where there are none; in path order.
pub fn find(paths: &[PathBuf], policies: &Path) -> Result<Vec<PathBuf>, CasesError> {
    let mut files = Vec::new();
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        |error: io::Error| CasesError::Unreadable { path, error }
    };
    if paths.is_empty() {
        for folder in folders(policies).iter().filter(|folder| folder.is_dir()) {
            collect(folder, &mut files).map_err(unreadable(folder))?;
        }
    }
    for path in paths {
        if path.is_dir() {
            collect(path, &mut files).map_err(unreadable(path))?;
        } else {
            fs::metadata(path).map_err(unreadable(path))?;
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        let looked = if paths.is_empty() { folders(policies).to_vec() } else { paths.to_vec() };
        return Err(CasesError::NoCaseFile { looked });
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// Adds every `*.toml` below a folder to `files`, without the hidden files that editors leave. A link that leads back to a
/// folder in which it lies is not followed.
pub fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    collect_within(folder, &mut Vec::new(), files)
}

fn collect_within(folder: &Path, within: &mut Vec<PathBuf>, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let real = folder.canonicalize()?;
    if within.contains(&real) {
        return Ok(());
    }
    within.push(real);
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            collect_within(&path, within, files)?;
        } else if path.extension() == Some(OsStr::new("toml")) {
            files.push(path);
        }
    }
    within.pop();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_link_back_made_the_cases_endless() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("within")).unwrap();
        fs::write(dir.path().join("within/a.toml"), "").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("within/back")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("within"), dir.path().join("again")).unwrap();
        let mut files = Vec::new();
        collect(dir.path(), &mut files).unwrap();
        let mut names: Vec<_> = files.iter().map(|file| file.strip_prefix(dir.path()).unwrap().to_owned()).collect();
        names.sort();
        assert_eq!(names, [PathBuf::from("again/a.toml"), PathBuf::from("within/a.toml")]);
    }

    #[test]
    fn cases_lie_beside_the_policies_or_within() {
        let shown = |policies: &str| folders(Path::new(policies)).map(|path| path.display().to_string());
        assert_eq!(shown("policies"), ["tests/cases", "policies/tests/cases"]);
        assert_eq!(shown("a/policies/"), ["a/tests/cases", "a/policies/tests/cases"]);
        assert_eq!(shown("."), ["./../tests/cases", "./tests/cases"]);
    }
}
