//! An entry of the log: what was done about a patron, or not done, and why.

use serde::{Deserialize, Serialize};

/// What became of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// The patron is not as the plan had them, so that nothing was done.
    Skipped,
    /// The database did not do it: the row was not as expected, or the statement was refused.
    Refused,
    /// It is about to be handed to another program.
    Intended,
    /// It was handed to another program, and nobody knows whether that did it.
    Unknown,
    /// It was put back.
    Undone,
    /// It could not be put back.
    NotUndone,
    /// What it took away is gone for good.
    Purged,
}

impl Outcome {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Skipped => "skipped",
            Outcome::Refused => "refused",
            Outcome::Intended => "intended",
            Outcome::Unknown => "unknown",
            Outcome::Undone => "undone",
            Outcome::NotUndone => "not-undone",
            Outcome::Purged => "purged",
        }
    }
}

/// An entry of the log. The id of the patron is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When, in universal time.
    pub at: String,
    /// Who ran the command, and where.
    pub who: String,
    /// The number of the run.
    pub run: u64,
    /// Stands for the patron in this run; none for what is about the whole run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patron: Option<String>,
    /// The libraries that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<String>,
    /// The subscription that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// What was to be done.
    pub action: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The reason of the decision, in the words of the tables.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The line of the policy behind it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
    /// The consent that let it be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// What more is to be said, such as what changed since the plan.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}
