//! All that a register of a database says, once it was read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::action::{Action, ActionKind, Undo};
use crate::database::{Address, Reads, Statement};

/// A register of a database: where the tables are, and what a run may do there.
#[derive(Clone, Debug)]
pub struct DatabaseRegister {
    pub(crate) name: String,
    /// Its file, beside which the paths in it are; none for own tables.
    pub(crate) path: Option<PathBuf>,
    pub(crate) address: Address,
    /// The time zone of the session.
    pub(crate) time_zone: Option<String>,
    /// Where lapse keeps its own tables.
    pub(crate) schema: Option<String>,
    /// A query that gives a row for a database of the version that is meant.
    pub(crate) marker: Option<Statement>,
    pub(crate) reads: Reads,
    /// Locks the rows of the patrons `$ids`, in the order of their ids.
    pub(crate) lock: Option<Statement>,
    pub(crate) ids_are_exact: bool,
    pub(crate) undo_days: u32,
    pub(crate) max_plan_age_days: u32,
    pub(crate) actions: BTreeMap<ActionKind, Action>,
    /// A hash of all that decides what is done.
    pub(crate) fingerprint: String,
}

/// How long a run can be undone, unless a register says otherwise.
pub(crate) const UNDO_DAYS: u32 = 30;
/// How old a plan may be that is applied, unless a register says otherwise.
pub(crate) const MAX_PLAN_AGE_DAYS: u32 = 14;

impl DatabaseRegister {
    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which database it is of.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Where lapse keeps its own tables; none where they are beside the others.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// A hash of all that decides what is done.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// For how many days a run can be undone.
    pub fn undo_days(&self) -> u32 {
        self.undo_days
    }

    /// How many days old a plan may be that is applied.
    pub fn max_plan_age_days(&self) -> u32 {
        self.max_plan_age_days
    }

    /// Whether it says how an action is done.
    pub fn does(&self, kind: ActionKind) -> bool {
        self.actions.contains_key(&kind)
    }

    /// Whether an action that it does cannot be undone.
    pub fn is_irreversible(&self, kind: ActionKind) -> bool {
        self.actions.get(&kind).is_some_and(|action| matches!(action.undo, Undo::None))
    }

    /// How it is named after `--data`.
    pub(crate) fn typed(&self) -> String {
        self.path.as_ref().map_or_else(|| self.address.to_string(), |path| path.display().to_string())
    }

    /// What stands before the name of one of lapse's own tables.
    pub(crate) fn prefix(&self) -> String {
        self.schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default()
    }
}
