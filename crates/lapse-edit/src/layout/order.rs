//! Where a key stands among its neighbours: in the order of the schema in policy files, and in the order that the caller
//! gives in case files. An unknown key keeps its place after the others. In a case, it is a column that a plugin asks for,
//! and stands after the patron's columns.

use lapse_policy::schema::Table as PolicyTable;
use lapse_tables::Table as DataTable;

/// The order of the keys of case files. The crate that reads case files knows it; the columns of a row are in the order
/// of their table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseOrder {
    /// The keys at the top of a file.
    pub file: Vec<&'static str>,
    /// The keys of a case.
    pub case: Vec<&'static str>,
    /// The keys of what a case expects.
    pub expect: Vec<&'static str>,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents<'o> {
    /// A policy.
    Policy,
    /// Cases, whose keys have this order.
    Cases(&'o CaseOrder),
}

/// Whether a table with this name stands at the top of policy files.
pub fn is_policy_table(name: &str) -> bool {
    PolicyTable::TOP.iter().any(|table| table.as_str() == name)
}

/// The place of a key in the table at `path`; the key with the smallest place stands first.
pub fn rank(contents: Contents<'_>, path: &[&str], name: &str) -> usize {
    let names = match contents {
        Contents::Policy => policy(path),
        Contents::Cases(order) => cases(path, order),
    };
    let unknown = match (contents, path) {
        (Contents::Cases(_), ["case"]) => {
            let columns: Vec<&str> = columns(DataTable::Patrons).collect();
            names.iter().rposition(|known| columns.contains(known)).map_or(names.len(), |last| last + 1)
        }
        (Contents::Policy | Contents::Cases(_), _) => names.len(),
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
        ["amendment", "release"] => keys(PolicyTable::Release).collect(),
        ["amendment", inner @ ..] => policy(inner),
        // Subscriptions, keeps and the like stay in the order in which people wrote them.
        ["subscriptions" | "facts" | "keeps" | "ends" | "plugins"] => Vec::new(),
        ["subscriptions", _] => keys(PolicyTable::Subscriptions).collect(),
        ["facts", _] => keys(PolicyTable::Facts).collect(),
        ["keeps", _] => keys(PolicyTable::Keeps).collect(),
        ["ends", _] => keys(PolicyTable::Ends).collect(),
        ["keeps" | "ends", _, "only"] => keys(PolicyTable::KeepOnly).collect(),
        ["keeps" | "ends", _, "when" | "unless", _] => lapse_policy::CONDITIONS.to_vec(),
        [name] => {
            PolicyTable::TOP.iter().filter(|table| table.as_str() == *name).flat_map(|&table| keys(table)).collect()
        }
        [..] => Vec::new(),
    }
}

fn cases(path: &[&str], order: &CaseOrder) -> Vec<&'static str> {
    match path {
        [] => order.file.clone(),
        ["case"] => order.case.clone(),
        ["case", "expect"] => order.expect.clone(),
        ["case", name] => DataTable::ALL.into_iter().filter(|table| table.name() == *name).flat_map(columns).collect(),
        [..] => Vec::new(),
    }
}

/// The columns of a table but for the patron, whom the case itself is about.
fn columns(table: DataTable) -> impl Iterator<Item = &'static str> {
    table.columns()[1..].iter().map(|column| column.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keep_has_its_keys_in_the_order_of_policy_md_and_its_tests_in_that_of_the_writer() {
        let place = |path: &[&str], name| rank(Contents::Policy, path, name);
        for path in [&["keeps", "web"][..], &["amendment", "keeps", "web"]] {
            assert!(place(path, "reason") < place(path, "of") && place(path, "of") < place(path, "only"));
            assert!(place(path, "when") < place(path, "unless") && place(path, "unless") < place(path, "review"));
        }
        assert!(place(&[], "facts") < place(&[], "keeps") && place(&[], "keeps") < place(&[], "amendment"));
        let when = ["keeps", "web", "when"];
        assert_eq!(place(&when, "owed"), place(&when, "age"));
        let date = ["ends", "old", "unless", "letter_sent"];
        assert!(place(&date, "past_days") < place(&date, "round") && place(&date, "round") < place(&date, "after"));
    }

    #[test]
    fn a_column_that_a_plugin_asks_for_stands_after_the_others_of_its_table() {
        let patron = columns(DataTable::Patrons);
        let case = patron.chain(["memberships", "activity", "accounts", "expect"]).collect();
        let order = CaseOrder { file: vec!["case"], case, expect: Vec::new() };
        let place = |name| rank(Contents::Cases(&order), &["case"], name);
        assert!(place("loan_history") < place("deceased_on") && place("deceased_on") < place("memberships"));
        assert!(place("memberships") < place("expect"));
        let in_row = |name| rank(Contents::Cases(&order), &["case", "accounts"], name);
        assert!(in_row("settled_on") < in_row("open_requests"));
    }
}
