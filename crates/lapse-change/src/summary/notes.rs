//! What an extract leaves out without being wrong, though its maker may not have meant that.

use std::collections::BTreeMap;
use std::fmt;

use lapse_tables::{Gap, Table};

use super::Summary;

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
        }
    }
}

impl Summary {
    /// The notes about the whole run.
    pub fn notes(&self) -> Vec<Note> {
        notes(&self.gaps)
    }
}

/// The notes about what an extract leaves out.
pub fn notes(gaps: &[Gap]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut absent: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
    for gap in gaps {
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
    notes
}

/// What is not known without a table.
fn without(table: Table) -> &'static str {
    match table {
        Table::Patrons => "nobody is known",
        Table::Memberships => "no membership is known",
        Table::Activity => "nobody's activity is known, so nobody lapses",
        Table::Accounts => "no debts, credit, blocks or items are known; deliver the table",
    }
}
