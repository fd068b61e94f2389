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

/// Adds every `*.toml` below a folder to `files`, without the hidden files that editors leave.
pub fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension() == Some(OsStr::new("toml")) {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_lie_beside_the_policies_or_within() {
        let shown = |policies: &str| folders(Path::new(policies)).map(|path| path.display().to_string());
        assert_eq!(shown("policies"), ["tests/cases", "policies/tests/cases"]);
        assert_eq!(shown("a/policies/"), ["a/tests/cases", "a/policies/tests/cases"]);
        assert_eq!(shown("."), ["./../tests/cases", "./tests/cases"]);
    }
}
