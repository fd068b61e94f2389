//! Why a database did not do what it was asked, each with its sentence.

use std::path::PathBuf;

use thiserror::Error;

use super::Kind;

/// A database that cannot be reached, or says no.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// There is no such file.
    #[error("{}: there is no such database; make one with `lapse register init`", .0.display())]
    NoFile(PathBuf),
    /// The database cannot be opened or reached.
    #[error("{place} cannot be opened ({said}); check its name, and that it is there and lets you in")]
    NotReached {
        /// Which database, without its password.
        place: String,
        /// In its own words, or those of the system.
        said: String,
    },
    /// This program was built without a kind of database.
    #[error("this lapse was built without {}; use a build that has it", .0.name())]
    NotBuiltIn(Kind),
    /// The database refuses a statement.
    #[error("the database refuses a statement ({said}): {sql}")]
    Refused {
        /// In its own words.
        said: String,
        /// The statement.
        sql: String,
        /// What may help.
        why: Why,
    },
    /// Another program changes the database, and goes on doing so.
    #[error(
        "another program changes this database, and did so for {seconds} seconds; when it is done, the same command goes on"
    )]
    Held {
        /// How long it was waited for.
        seconds: u64,
    },
    /// A statement has a value that nobody gives.
    #[error("there is no value `${name}` here; the values are {}", known.join(", "))]
    NoValue {
        /// Its name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// A value comes out as something that no table can have.
    #[error("the column `{column}` gives {kind}; have the view give text, a date, a number or a boolean")]
    ColumnKind {
        /// Which.
        column: String,
        /// What it gives, in words.
        kind: String,
    },
}

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Another transaction was in the way: the same may succeed when it is tried again.
    Busy,
    /// Another session holds a lock, and went on holding it.
    Locked,
    /// The connection is gone, or the server is.
    Gone,
    /// There is no room left.
    Full,
    /// Anything else.
    Other,
}

impl DatabaseError {
    /// Whether the same may succeed when it is tried again.
    pub fn is_passing(&self) -> bool {
        matches!(self, DatabaseError::Refused { why: Why::Busy, .. })
    }

    /// Whether the database itself is in no state to go on, so that no single patron is the cause.
    pub fn ends_the_work(&self) -> bool {
        match self {
            DatabaseError::Refused { why, .. } => *why != Why::Other,
            DatabaseError::NoFile(_)
            | DatabaseError::NotReached { .. }
            | DatabaseError::NotBuiltIn(_)
            | DatabaseError::Held { .. }
            | DatabaseError::NoValue { .. }
            | DatabaseError::ColumnKind { .. } => true,
        }
    }
}
