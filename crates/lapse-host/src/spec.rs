//! What a policy says of a plugin, and what is wrong with it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use lapse_policy::{Grant, PluginTable};

/// A plugin as a policy file names it.
#[derive(Clone, Debug)]
pub struct PluginSpec {
    /// The name in the policy, which reasons in the output begin with.
    pub name: String,
    /// Where the file is.
    pub file: PathBuf,
    /// The SHA-256 of its bytes, as hex; none: not pinned, and refused.
    pub sha256: Option<String>,
    /// What it may decide.
    pub grants: Grants,
    /// Its `config` as JSON.
    pub config: String,
    /// The columns that it asks for.
    pub columns: Vec<Column>,
    /// How long it may take for a batch.
    pub timeout: Duration,
    /// In a process of its own.
    pub isolated: bool,
    /// For each library of the policy, whether it takes part there.
    pub scope: Vec<bool>,
}

/// A column of a table, by its place among all that plugins ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Whose rows have it.
    pub table: PluginTable,
    /// As the header has it.
    pub name: String,
    /// The number that [`lapse_tables::PatronFacts::asked`] gets.
    pub number: usize,
}

/// What a plugin may decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Keep a membership that would end.
    pub keep_membership: bool,
    /// Keep a record.
    pub keep_record: bool,
    /// End a membership.
    pub deregister: bool,
}

impl From<&[Grant]> for Grants {
    fn from(grants: &[Grant]) -> Grants {
        Grants {
            keep_membership: grants.contains(&Grant::KeepMembership),
            keep_record: grants.contains(&Grant::KeepRecord),
            deregister: grants.contains(&Grant::Deregister),
        }
    }
}

/// A plugin that cannot be used. The sentence is for people and does not name the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    /// Which plugin, by its place among those that were to be loaded.
    pub plugin: usize,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub about: About,
    /// What is wrong, and what to do.
    pub sentence: String,
}

/// Which key of the policy an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// `file`
    File,
    /// `sha256`; the pin of the file as it is.
    Pin(String),
    /// `config`
    Config,
    /// `columns`
    Columns,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the plugin {}: {}", self.name, self.sentence)
    }
}

impl std::error::Error for HostError {}
