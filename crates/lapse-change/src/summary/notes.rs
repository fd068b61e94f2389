//! What is not wrong with an extract, but maybe not what its maker meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lapse_policy::{DayPolicy, Settings};
use lapse_tables::{Gap, Table};

use super::Summary;

/// How many names a sentence lists.
const SHOWN: usize = 5;

/// Something about a whole run that its maker may not have meant. The text says it as a sentence without its full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A table is not there.
    NoTable(Table),
    /// A file does not have a column, but one that may be meant as it.
    NearColumn {
        /// The file.
        file: String,
        /// The column that it does not have.
        column: &'static str,
        /// The one that it has.
        near: String,
    },
    /// A file does not have these columns.
    NoColumns {
        /// The file.
        file: String,
        /// The columns.
        columns: Vec<&'static str>,
    },
    /// A file is not read, though its name is nearly that of a table's.
    UnreadFile {
        /// The name of the file.
        name: String,
        /// The table.
        table: Table,
    },
    /// These sources of activity stand in rows, and no policy counts what they tell.
    UncountedSources(Vec<String>),
    /// These kinds of block stand in rows, and hold no record by any policy.
    UnheldKinds(Vec<String>),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::NoTable(table) => write!(f, "there is no {} table: {}", table.name(), without(*table)),
            Note::NearColumn { file, column, near } => {
                write!(f, "the header of {file} has no `{column}`; did `{near}` mean it?")
            }
            Note::NoColumns { file, columns } => {
                let columns: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
                write!(f, "the header of {file} has no {}: empty in every row", columns.join(", "))
            }
            Note::UnreadFile { name, table } => {
                write!(f, "{name} is not read; is it meant to be {}.csv?", table.name())
            }
            Note::UncountedSources(sources) => write!(f, "no policy counts activity from {}", some_of(sources)),
            Note::UnheldKinds(kinds) => {
                write!(f, "no policy lets a record be held by a block of the kind {}", some_of(kinds))
            }
        }
    }
}

impl Summary {
    /// The notes about the whole run: what the extract leaves out, and words in it that the policy never looks at.
    pub fn notes(&self, of_day: &DayPolicy) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut absent: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
        for gap in &self.gaps {
            match gap {
                Gap::Table(table) => notes.push(Note::NoTable(*table)),
                Gap::Column { file, column, near: Some(near) } => {
                    notes.push(Note::NearColumn { file: file.clone(), column, near: near.clone() });
                }
                Gap::Column { file, column, near: None } => absent.entry(file).or_default().push(column),
                Gap::File { name, table } => notes.push(Note::UnreadFile { name: name.clone(), table: *table }),
            }
        }
        notes.extend(absent.into_iter().map(|(file, columns)| Note::NoColumns { file: file.to_owned(), columns }));
        let sources = listed_by_none(&self.sources, of_day, |settings| &settings.activity.sources.value);
        let kinds = listed_by_none(&self.block_kinds, of_day, |settings| &settings.cleanup.blocks.value);
        notes.extend((!sources.is_empty()).then_some(Note::UncountedSources(sources)));
        notes.extend((!kinds.is_empty()).then_some(Note::UnheldKinds(kinds)));
        notes
    }
}

/// Those of `names` that no list of the policy has.
fn listed_by_none(
    names: &BTreeSet<String>,
    of_day: &DayPolicy,
    list: impl Fn(&Settings) -> &Vec<String>,
) -> Vec<String> {
    let settings = of_day.libraries.iter().map(|library| &library.settings).chain([&of_day.consortium.settings]);
    let listed: BTreeSet<&String> = settings.flat_map(list).collect();
    names.iter().filter(|name| !name.is_empty() && !listed.contains(name)).cloned().collect()
}

/// Names for a sentence, of which the last are only counted where there are many.
fn some_of(names: &[String]) -> String {
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
