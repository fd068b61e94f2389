//! Why no data set was made. Nothing of it is left in the folder then.

use std::ffi::OsString;
use std::path::PathBuf;

use lapse_policy::Day;
use lapse_tables::OutDirError;

/// No data set was made, and nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The policy has no library.
    #[error("this policy has no library; write a file for one in its folder libraries/")]
    NoLibrary,
    /// No library has a subscription on the day of the run.
    #[error(
        "no library of this policy has a subscription on {day}, so nobody can be a member; add a table \
         `[subscriptions.CODE]` to a file of the policy"
    )]
    NoSubscription {
        /// The day of the run.
        day: Day,
    },
    /// The folder is not empty.
    #[error("{}: this folder holds {}; name a new or empty folder as --out", folder.display(), found.display())]
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// The name of a file or folder in it.
        found: OsString,
    },
    /// A file or folder cannot be written.
    #[error(transparent)]
    Out(#[from] OutDirError),
}
