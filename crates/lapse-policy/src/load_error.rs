//! Why there is no policy to check at all, with the facts and the one sentence that tells them.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// The policy as a whole cannot be read. Whatever is wrong inside its files is not told here but in the diagnostics.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The policy directory, or its folder `groups` or `libraries`, cannot be listed.
    #[error("cannot read the policy directory `{}`: {}", path.display(), Cause(source))]
    Directory {
        /// The folder that cannot be listed.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no `consortium.toml`, or it cannot be read.
    #[error("cannot read the consortium's policy file `{}`: {}", path.display(), Cause(source))]
    Consortium {
        /// Where the file should be; of a policy from texts, its name.
        path: PathBuf,
        /// What the system says; [`io::ErrorKind::NotFound`] where no text has that name.
        source: io::Error,
    },
    /// Two of the given texts have one name, so it cannot be told which of them holds.
    #[error("two policy files are called `{name}`; give each file once")]
    Twice {
        /// The name that two texts have.
        name: String,
    },
}

/// Why a file cannot be read, in words for people.
pub(crate) struct Cause<'a>(pub &'a io::Error);

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            io::ErrorKind::NotFound => f.write_str("there is none"),
            io::ErrorKind::PermissionDenied => f.write_str("this user may not read it"),
            io::ErrorKind::NotADirectory => f.write_str("it is not a directory"),
            io::ErrorKind::IsADirectory => f.write_str("it is a directory, not a file"),
            _ => self.0.fmt(f),
        }
    }
}
