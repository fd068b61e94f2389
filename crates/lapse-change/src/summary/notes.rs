//! What is not wrong with an extract, but maybe not what its maker meant, a sentence each.

use std::collections::{BTreeMap, BTreeSet};

use lapse_policy::{DayPolicy, Settings};
use lapse_tables::{Gap, Table};

use super::Summary;

/// How many names a sentence lists.
const SHOWN: usize = 5;

impl Summary {
    /// The notes about the whole run: what the extract leaves out, and words in it that the policy never looks at.
    pub fn notes(&self, of_day: &DayPolicy) -> Vec<String> {
        let mut notes = Vec::new();
        let mut absent: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for gap in &self.gaps {
            match gap {
                Gap::Table(table) => notes.push(format!("there is no {} table: {}", table.name(), without(*table))),
                Gap::Column { file, column, near: Some(near) } => {
                    notes.push(format!("the header of {file} has no `{column}`; did `{near}` mean it?"));
                }
                Gap::Column { file, column, near: None } => absent.entry(file).or_default().push(format!("`{column}`")),
                Gap::File { name, table } => {
                    notes.push(format!("{name} is not read; is it meant to be {}.csv?", table.name()));
                }
            }
        }
        for (file, columns) in absent {
            notes.push(format!("the header of {file} has no {}: empty in every row", columns.join(", ")));
        }
        let sources = listed_by_none(&self.sources, of_day, |settings| &settings.activity.sources.value);
        if !sources.is_empty() {
            notes.push(format!("no policy counts activity from {sources}"));
        }
        let kinds = listed_by_none(&self.block_kinds, of_day, |settings| &settings.cleanup.blocks.value);
        if !kinds.is_empty() {
            notes.push(format!("no policy lets a record be held by a block of the kind {kinds}"));
        }
        notes
    }
}

/// Those of `names` that no list of the policy has, for a sentence.
fn listed_by_none(names: &BTreeSet<String>, of_day: &DayPolicy, list: impl Fn(&Settings) -> &Vec<String>) -> String {
    let settings = of_day.libraries.iter().map(|library| &library.settings).chain([&of_day.consortium.settings]);
    let listed: BTreeSet<&String> = settings.flat_map(list).collect();
    let names: Vec<&String> = names.iter().filter(|name| !name.is_empty() && !listed.contains(name)).collect();
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

/// What is not known without a table.
fn without(table: Table) -> &'static str {
    match table {
        Table::Patrons => "nobody is known",
        Table::Memberships => "no membership is known",
        Table::Activity => "nobody is known to have been active since enrolling",
        Table::Accounts => "no debts, credit, blocks or items are known",
    }
}
