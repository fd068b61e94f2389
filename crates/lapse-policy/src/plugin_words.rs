//! The values of `[plugins.NAME]` that are words out of a few: what a plugin may decide, where its code runs, which columns it asks for
//! (policy.md, "Plugins").

use std::fmt;

use crate::words::words;

words! {
    /// What a plugin may decide.
    Grant {
        KeepMembership = "keep-membership", "keep a membership that would end";
        KeepRecord = "keep-record", "keep a record";
        Deregister = "deregister", "end a membership";
    }
}

words! {
    /// Where the code of a plugin runs.
    Isolation {
        Process = "process", "in a process of its own, which cannot harm the run";
        None = "none", "in the process of the run: for a plugin that is trusted";
    }
}

words! {
    /// A table of the extract that may have columns for plugins.
    PluginTable {
        Patrons = "patrons", "one row a patron";
        Memberships = "memberships", "one row a membership";
        Accounts = "accounts", "one row a patron and library";
    }
}

/// A column of a table that a plugin asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PluginColumn {
    /// The table whose rows have it.
    pub table: PluginTable,
    /// Its name, as the header of the table has it.
    pub name: String,
}

impl fmt::Display for PluginColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.name)
    }
}
