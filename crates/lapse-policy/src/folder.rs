//! A policy from a folder. A file that cannot be read becomes a finding beside those of the other files; a folder that
//! cannot be listed ends the loading, since libraries would silently be without policy.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::gathered::{Gathered, GatheredFile};
use crate::load_error::LoadError;
use crate::names::{self, CONSORTIUM, Entry, FOLDERS};
use crate::schema::Layer;
use crate::small_file::read_small_file;

/// Reads every policy file of a policy directory.
pub(crate) fn gather(dir: &Path) -> Result<Gathered, LoadError> {
    let unlisted = |path: &Path, source| LoadError::Directory { path: path.to_owned(), source };
    fs::read_dir(dir).map_err(|error| unlisted(dir, error))?;
    let path = dir.join(CONSORTIUM);
    let bytes = read_small_file(&path).map_err(|source| LoadError::Consortium { path, source })?;
    let mut files = vec![GatheredFile { layer: Layer::Consortium, name: CONSORTIUM.to_owned(), bytes: Ok(bytes) }];
    for (folder, layer) in FOLDERS {
        let path = dir.join(folder);
        for file in policy_files(&path).map_err(|error| unlisted(&path, error))? {
            let name = format!("{folder}/{}", file.to_string_lossy());
            files.push(GatheredFile { layer, name, bytes: read_small_file(&path.join(file)) });
        }
    }
    let entries = |folder: Option<&str>| folder.map_or_else(|| entries(dir), |folder| entries(&dir.join(folder)));
    let misnamed = names::misnamed(entries, |folder| dir.join(folder).is_dir());
    Ok(Gathered { files, misnamed })
}

/// The names of the policy files in a folder, sorted; none where there is no such folder.
fn policy_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // A link that leads nowhere is told: taken for an absent folder, it would leave every library in it without policy.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.is_symlink() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let file = PathBuf::from(entry?.file_name());
        if names::is_read(&file.to_string_lossy()) {
            files.push(file);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// What lies in a folder, by name, without what is hidden. What cannot be listed was told by then.
fn entries(folder: &Path) -> Vec<Entry> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<Entry> = entries
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path().is_dir()))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    entries.sort_unstable();
    entries
}
