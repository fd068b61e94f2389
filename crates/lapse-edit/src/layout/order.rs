//! Where a key stands among its neighbours: in the order of the schema for policy files, in that of their
//! reader for case files. What neither knows keeps its place after the others, or in a case after the patron's columns:
//! it is a column that a plugin asks for.

use lapse_policy::schema::Table as PolicyTable;
use lapse_tables::Table as DataTable;

use lapse_cases::casefile::{self, Column};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// A policy.
    Policy,
    /// Cases.
    Cases,
}

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
    let unknown = match (contents, path) {
        (Contents::Cases, ["case"]) => {
            let columns: Vec<&str> = casefile::columns(DataTable::Patrons).collect();
            names.iter().rposition(|known| columns.contains(known)).map_or(names.len(), |last| last + 1)
        }
        (Contents::Policy | Contents::Cases, _) => names.len(),
    };
    let known = names.iter().position(|&known| known == name);
    known.map_or(unknown, |known| if known < unknown { known } else { known + 1 })
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
    match path {
        [] => casefile::FILE_KEYS.to_vec(),
        ["case"] => casefile::case_keys().collect(),
        ["case", "expect"] => Column::ALL.into_iter().flat_map(Column::keys).collect(),
        ["case", name] => {
            DataTable::ALL.into_iter().filter(|table| table.name() == *name).flat_map(casefile::columns).collect()
        }
        [..] => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_a_plugin_asks_for_stands_after_the_others_of_its_table() {
        let place = |name| rank(Contents::Cases, &["case"], name);
        assert!(place("loan_history") < place("deceased_on") && place("deceased_on") < place("memberships"));
        assert!(place("memberships") < place("expect"));
        let in_row = |name| rank(Contents::Cases, &["case", "accounts"], name);
        assert!(in_row("settled_on") < in_row("open_requests"));
    }
}
