//! What a plan file says: its head, a line for each patron about whom something is done, and its end. Each line is JSON, so that
//! people can look at a plan with their own tools too.

use std::collections::BTreeMap;

use lapse_tables::{AskedColumn, Table};
use serde::{Deserialize, Serialize};

/// The version of the form of plans.
pub(crate) const FORM: u32 = 1;

/// The first line of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanHead {
    /// The version of its form.
    pub lapse_plan: u32,
    /// The day of the run.
    pub run: String,
    /// When it was made, in universal time.
    pub planned_at: String,
    /// The fingerprint of the policy.
    pub policy: String,
    /// The name of the register.
    pub register: String,
    /// The fingerprint of the register.
    pub register_fingerprint: String,
    /// The database as people call it.
    pub database: String,
    /// The identity that the database was given by `register init`.
    pub identity: String,
    /// The hash of the last batch of the log; empty where nothing was ever done.
    pub log_head: String,
    /// What says where it is applied and by which policy, as it is typed.
    #[serde(default)]
    pub typed: String,
    /// The columns beyond the contract that plugins looked at, each behind the name of its table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<(String, String)>,
}

impl PlanHead {
    /// The columns that plugins looked at.
    pub(crate) fn asked_columns(&self) -> Vec<AskedColumn> {
        let column = |(table, name): &(String, String)| {
            let table = Table::ALL.into_iter().find(|of| of.name() == table)?;
            Some(AskedColumn { table, name: name.clone() })
        };
        self.asked.iter().filter_map(column).collect()
    }
}

/// What is done about one patron.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPatron {
    /// The id.
    pub patron: String,
    /// A SHA-256 over the facts.
    pub facts: String,
    /// The start of one over what each table says, in the order of the tables.
    pub parts: String,
    /// A row of the patron was rejected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// What is done, in this order.
    #[serde(rename = "do")]
    pub actions: Vec<Planned>,
    /// Its number in the plan, from 1; while it is applied.
    #[serde(skip)]
    pub number: u64,
    /// Something of it waits, and comes back when it no longer does; while it is applied.
    #[serde(skip)]
    pub comes_back: bool,
}

/// An action about a patron.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its kind, such as `deregister`.
    pub action: String,
    /// The libraries that it is about: one, or all at which a patron who is deleted had a record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<String>,
    /// The subscription of a membership.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// The first valid day of a membership.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// The last valid day of a membership before it; none where it had no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_valid_until: Option<String>,
    /// The last valid day of a membership after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// Rows before this day are pseudonymised or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<String>,
    /// When a profile that is deleted was last active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_last_active: Option<String>,
    /// Why, in the words of the tables.
    pub reason: String,
    /// The line of the policy behind it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
}

/// How many actions there are, by kind.
pub type Counts = BTreeMap<String, u64>;

/// A guard that trips, and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTrip {
    /// Where, as `--consent` names it: the code of a library, or `consortium`.
    pub at: String,
    /// The guard.
    pub guard: String,
    /// What it found, in a sentence.
    pub what: String,
    /// The libraries that wait; all of them where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub libraries: Option<Vec<String>>,
}

/// The last line but one of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEnd {
    /// How many patrons there are.
    pub patrons: u64,
    /// About how many of them something is done.
    pub with_actions: u64,
    /// What is done, by library; what is done about a patron as a whole stands at each library that it spans.
    pub libraries: BTreeMap<String, Counts>,
    /// What is done, in all.
    pub total: Counts,
    /// What would be done if the register said how.
    pub not_named: Counts,
    /// What cannot be undone.
    pub irreversible: Counts,
    /// For how many days it can be undone.
    pub undo_days: u32,
    /// The guards that trip.
    pub guards: Vec<PlanTrip>,
    /// The summary of the run, as `summary.json` has it, with which the next plan is compared.
    pub summary: serde_json::Value,
}
