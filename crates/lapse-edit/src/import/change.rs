//! What a list changes, for people and for those who write the files.

use std::fmt;
use std::path::PathBuf;

use lapse_policy::{Day, as_key};

/// A library file that a list changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its name, relative to the policy directory.
    pub name: String,
    /// Its path.
    pub path: PathBuf,
    /// Whether there is no such file yet.
    pub is_new: bool,
    /// Its changes, in the order in which they were decided.
    pub changes: Vec<Change>,
    /// Its text with the changes. A file that is in canonical layout stays so.
    pub text: String,
}

/// A change of a file. Its text is what people read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The library gets a subscription.
    NewSubscription {
        /// Its code.
        subscription: String,
    },
    /// A subscription gets a value.
    Value {
        /// The date of the amendment that says it; `None` where the subscription's own table does.
        amendment: Option<Day>,
        /// The code of the subscription.
        subscription: String,
        /// The key.
        key: &'static str,
        /// The value, as a policy file writes it.
        value: String,
        /// The value before.
        before: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::NewSubscription { subscription } => write!(f, "subscriptions.{}: new", as_key(subscription)),
            Change::Value { amendment, subscription, key, value, before } => {
                if let Some(day) = amendment {
                    write!(f, "amendment of {day}: ")?;
                }
                write!(f, "subscriptions.{}.{key} = {value}, was {before}", as_key(subscription))
            }
        }
    }
}

/// A library or subscription that would be new and has nearly the code of one that is not. Its text is a warning of one
/// sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearlyKnown {
    /// The cell that names it.
    pub address: String,
    /// What would be new.
    pub what: Coded,
    /// The code in the cell.
    pub code: String,
    /// The code of the other.
    pub near: String,
}

/// What has a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coded {
    /// A library.
    Library,
    /// A subscription.
    Subscription,
}

impl fmt::Display for NearlyKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NearlyKnown { address, what, code, near } = self;
        let what = match what {
            Coded::Library => "library",
            Coded::Subscription => "subscription",
        };
        write!(f, "{address}: `{code}` would be a new {what}; if it is `{near}`, mend the list")
    }
}
