//! The files of boundary cases beside a policy: where that of each library lies, whether it is current, and which are of
//! libraries that the policy does not have.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use lapse_policy::{Day, Policy, file_stem};
use thiserror::Error;

use super::file::HEADER;
use crate::casefile::folders;

/// How the names of these files end.
const ENDING: &str = ".boundary.toml";

/// The places of the files of a policy.
#[derive(Clone, Debug)]
pub struct Places {
    folder: PathBuf,
    libraries: Vec<String>,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// The cases that the policy implies.
    Current,
    /// Nothing, or other cases that were written by the same program.
    Stale,
    /// A file that people wrote, which must not be replaced.
    OfSomebody,
}

/// A file of boundary cases cannot be written or compared.
#[derive(Debug, Error)]
pub enum PlaceError {
    /// The policy has no such library.
    #[error("the policy has no library `{code}`; {}", match near { Some(near) => format!("did you mean `{near}`?"), None => "check the code in the policy files".to_owned() })]
    NoLibrary {
        /// The code that was asked for.
        code: String,
        /// A library with nearly this code.
        near: Option<String>,
    },
    /// It would replace a file that people wrote.
    #[error(
        "{} was not written by `lapse cases`, so it is left alone; move it, or name another file with --out",
        path.display()
    )]
    OfSomebody {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder with cases cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    CannotRead {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
}

impl Places {
    /// The files of a policy lie in the folder beside it, unless only the one within it is there.
    pub fn of(policy: &Policy, policies: &Path) -> Places {
        let [beside, within] = folders(policies);
        let folder = if within.is_dir() && !beside.is_dir() { within } else { beside };
        // The libraries are the same on every day.
        let libraries = policy.on(Day::MAX).libraries.into_iter().map(|library| library.code).collect();
        Places { folder, libraries }
    }

    /// The codes of all libraries of the policy, or of one that must be among them.
    pub fn libraries<'a>(&'a self, asked: Option<&'a str>) -> Result<Vec<&'a str>, PlaceError> {
        let codes = || self.libraries.iter().map(|code| &**code);
        match asked {
            None => Ok(codes().collect()),
            Some(code) if codes().any(|known| known == code) => Ok(vec![code]),
            Some(code) => {
                let near = lapse_policy::nearest(code, codes()).map(ToOwned::to_owned);
                Err(PlaceError::NoLibrary { code: code.to_owned(), near })
            }
        }
    }

    /// The file of a library.
    pub fn file(&self, library: &str) -> PathBuf {
        self.folder.join(format!("{}{ENDING}", file_stem(library)))
    }

    /// The files of libraries that the policy does not have, in the order of their names.
    pub fn without_library(&self) -> Result<Vec<PathBuf>, PlaceError> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(Vec::new()) };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| PlaceError::CannotRead { path: self.folder.clone(), error })?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(library) = name.strip_suffix(ENDING)
                && !self.libraries.iter().any(|code| file_stem(code) == library)
            {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }
}

impl Stands {
    /// What stands at `path`, where `text` belongs.
    pub fn at(path: &Path, text: &str) -> Result<Stands, PlaceError> {
        let before = match lapse_policy::read_small_file(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Stands::Stale),
            Err(error) => return Err(PlaceError::CannotRead { path: path.to_owned(), error }),
        };
        // Git may write other ends of lines on Windows.
        Ok(if before.replace("\r\n", "\n") == text {
            Stands::Current
        } else if before.starts_with(HEADER) {
            Stands::Stale
        } else {
            Stands::OfSomebody
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_current_stale_or_of_somebody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("peer.boundary.toml");
        let text = format!("{HEADER} peer`\n");
        let stands = || Stands::at(&path, &text).unwrap();
        assert_eq!(stands(), Stands::Stale);
        for (before, expected) in [
            (text.replace('\n', "\r\n"), Stands::Current),
            (format!("{text}\n"), Stands::Stale),
            ("library = \"peer\"\n".to_owned(), Stands::OfSomebody),
        ] {
            fs::write(&path, before).unwrap();
            assert_eq!(stands(), expected);
        }
    }

    #[test]
    fn a_library_was_removed_and_its_file_stayed() {
        let folder = tempfile::tempdir().unwrap();
        let policy = Policy::load("../../policies".as_ref()).unwrap().policy.unwrap();
        let places = Places { folder: folder.path().to_owned(), ..Places::of(&policy, "../../policies".as_ref()) };
        let gone = folder.path().join("gone.boundary.toml");
        for path in [&gone, &places.file("peer"), &folder.path().join("own.toml")] {
            fs::write(path, "").unwrap();
        }
        assert_eq!(places.without_library().unwrap(), [gone]);
        let error = places.libraries(Some("per")).unwrap_err().to_string();
        assert_eq!(error, "the policy has no library `per`; did you mean `peer`?");
    }
}
