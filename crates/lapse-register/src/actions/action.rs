//! The kinds of action, and what does one of them (register.md, "A register of a database").

use std::path::PathBuf;

use crate::database::Statement;

/// What is done about a decision. The order is the one in which a patron's actions are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// A membership ends.
    Deregister,
    /// A membership goes on.
    Renew,
    /// A record at a library can no longer be searched for there.
    Archive,
    /// Loan history at a library is pseudonymised.
    Pseudonymise,
    /// Finance rows at a library are deleted.
    PurgeFinance,
    /// A Mijn Bibliotheek profile is deleted.
    DeleteProfile,
    /// A patron is deleted, at every library at once.
    Delete,
    /// A patron is made anonymous, at every library at once.
    Anonymise,
    /// What was deleted is gone for good, once it can no longer be undone.
    Purge,
}

impl ActionKind {
    /// Every kind.
    pub const ALL: [ActionKind; 9] = [
        ActionKind::Deregister,
        ActionKind::Renew,
        ActionKind::Archive,
        ActionKind::Pseudonymise,
        ActionKind::PurgeFinance,
        ActionKind::DeleteProfile,
        ActionKind::Delete,
        ActionKind::Anonymise,
        ActionKind::Purge,
    ];

    /// The word for it in registers, plans and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            ActionKind::Deregister => "deregister",
            ActionKind::Renew => "renew",
            ActionKind::Archive => "archive",
            ActionKind::Pseudonymise => "pseudonymise",
            ActionKind::PurgeFinance => "purge-finance",
            ActionKind::DeleteProfile => "delete-profile",
            ActionKind::Delete => "delete",
            ActionKind::Anonymise => "anonymise",
            ActionKind::Purge => "purge",
        }
    }

    /// The word for it once it is done.
    pub const fn done(self) -> &'static str {
        match self {
            ActionKind::Deregister => "deregistered",
            ActionKind::Renew => "renewed",
            ActionKind::Archive => "archived",
            ActionKind::Pseudonymise => "pseudonymised",
            ActionKind::PurgeFinance => "purged of finance rows",
            ActionKind::DeleteProfile => "profiles deleted",
            ActionKind::Delete => "deleted",
            ActionKind::Anonymise => "anonymised",
            ActionKind::Purge => "purged",
        }
    }

    /// Whether it is about rows that are kept for a time alone, which hang on every record that is kept.
    pub const fn is_retention(self) -> bool {
        matches!(self, ActionKind::Pseudonymise | ActionKind::PurgeFinance)
    }

    /// The kind with this word.
    pub fn named(word: &str) -> Option<ActionKind> {
        ActionKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether something of a patron goes: a deletion waits for the consent of every library that it spans.
    pub const fn takes_away(self) -> bool {
        match self {
            ActionKind::Archive
            | ActionKind::Pseudonymise
            | ActionKind::PurgeFinance
            | ActionKind::DeleteProfile
            | ActionKind::Delete
            | ActionKind::Anonymise
            | ActionKind::Purge => true,
            ActionKind::Deregister | ActionKind::Renew => false,
        }
    }
}

/// How an action is done and undone.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub does: Does,
    pub undo: Undo,
}

/// What does an action.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// Statements, one after the other, in one transaction.
    Sql {
        /// Asked first: the values of its row are kept, and named `$before_COLUMN` here and in the undo.
        before: Option<Statement>,
        statements: Vec<Statement>,
        /// How many rows the first statement must change.
        rows: RowsChanged,
    },
    /// A line in a work list for the system's own tool.
    HandOver {
        /// Its name, in which `{run}` stands for the number of the run.
        file: PathBuf,
        line: Statement,
        /// Gives a row once it is done.
        done_when: Option<Statement>,
    },
    /// A program of the site: it gets a line of JSON for each action, and answers one line each.
    Command {
        program: Vec<String>,
        /// Gives a row once it is done.
        done_when: Option<Statement>,
    },
}

impl Does {
    /// Whether lapse does it itself, in a transaction.
    pub fn is_sql(&self) -> bool {
        match self {
            Does::Sql { .. } => true,
            Does::HandOver { .. } | Does::Command { .. } => false,
        }
    }
}

/// How many rows a statement must change for its action to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowsChanged {
    Any,
    AtLeastOne,
    Exactly(u64),
}

impl RowsChanged {
    /// Whether it is so.
    pub fn allows(self, rows: u64) -> bool {
        match self {
            RowsChanged::Any => true,
            RowsChanged::AtLeastOne => rows > 0,
            RowsChanged::Exactly(number) => rows == number,
        }
    }
}

/// What undoes an action.
#[derive(Clone, Debug)]
pub(crate) enum Undo {
    /// Statements; the first must change as many rows as that of the action.
    Sql(Vec<Statement>),
    /// Nothing does.
    None,
}
