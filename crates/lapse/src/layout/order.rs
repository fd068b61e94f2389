//! Where a key stands among its neighbours: in the order of the schema for policy files, in that of the tables' columns
//! for case files. What neither knows keeps its place after the others.

use lapse_policy::schema::Table as PolicyTable;
use lapse_tables::Table as DataTable;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// A policy.
    Policy,
    /// Cases.
    Cases,
}

/// What a case has beside the columns of the tables, and what its `expect` has.
const CASE: [&str; 3] = ["name", "library", "date"];
const EXPECT: [&str; 11] = [
    "membership",
    "membership_reason",
    "membership_reasons",
    "valid_until",
    "last_activity",
    "record",
    "record_reasons",
    "pseudonymise_before",
    "purge_finance_before",
    "profile",
    "profile_reasons",
];

/// Whether a name at the top of a file is that of a policy's table.
pub fn is_policy_table(name: &str) -> bool {
    PolicyTable::TOP.iter().any(|table| table.as_str() == name)
}

/// The place of a key in the table at `path`; the smallest stands first.
pub fn rank(contents: Contents, path: &[&str], name: &str) -> usize {
    let names = match contents {
        Contents::Policy => policy(path),
        Contents::Cases => cases(path),
    };
    names.iter().position(|&known| known == name).unwrap_or(names.len())
}

fn policy(path: &[&str]) -> Vec<&'static str> {
    let top = || PolicyTable::TOP.iter().map(|table| table.as_str());
    let keys = |table: PolicyTable| table.keys().map(|spec| spec.name);
    match path {
        [] => top().collect(),
        ["amendment"] => keys(PolicyTable::Amendment).chain(top()).collect(),
        ["amendment", "only"] => keys(PolicyTable::Only).collect(),
        ["amendment", inner @ ..] => policy(inner),
        // The order of subscriptions is that of their writer.
        ["subscriptions"] => Vec::new(),
        ["subscriptions", _] => keys(PolicyTable::Subscriptions).collect(),
        [name] => {
            PolicyTable::TOP.iter().filter(|table| table.as_str() == *name).flat_map(|&table| keys(table)).collect()
        }
        [..] => Vec::new(),
    }
}

fn cases(path: &[&str]) -> Vec<&'static str> {
    let columns = |table: DataTable| table.columns().iter().map(|column| column.name);
    let rows = [DataTable::Memberships, DataTable::Activity, DataTable::Accounts];
    match path {
        [] => vec!["library", "date", "case"],
        ["case"] => CASE
            .into_iter()
            .chain(columns(DataTable::Patrons))
            .chain(rows.iter().map(|table| table.name()))
            .chain(["expect"])
            .collect(),
        ["case", "expect"] => EXPECT.to_vec(),
        ["case", name] => rows.into_iter().filter(|table| table.name() == *name).flat_map(columns).collect(),
        [..] => Vec::new(),
    }
}
