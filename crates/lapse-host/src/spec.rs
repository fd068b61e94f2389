//! What the host needs to know to load a plugin: the file, the pin, the grants and the rest of what a policy says of it.

use std::path::PathBuf;
use std::time::Duration;

use lapse_policy::{Grant, PluginTable};

/// A plugin as a policy file names it.
#[derive(Clone, Debug)]
pub struct PluginSpec {
    /// The name in the policy, which reasons in the output begin with.
    pub name: String,
    /// The library.
    pub file: PathBuf,
    /// The SHA-256 of its bytes, as hex. A plugin without one is refused.
    pub sha256: Option<String>,
    /// What it may decide.
    pub grants: Grants,
    /// Its `config` as JSON.
    pub config: String,
    /// The columns that it asks for.
    pub columns: Vec<Column>,
    /// How long it may take to judge a batch.
    pub timeout: Duration,
    /// Whether it runs in a process of its own.
    pub isolated: bool,
    /// For each library of the policy, whether it takes part there.
    pub scope: Vec<bool>,
}

/// A column of a table, by its place among all that plugins ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The table that has it.
    pub table: PluginTable,
    /// Its name in the header of the table.
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

impl PluginSpec {
    /// The columns as the plugin gets to know them, each as `table.column`.
    pub(crate) fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|column| format!("{}.{}", column.table, column.name)).collect()
    }
}
