//! What an extract leaves out without being wrong: a table or a column that may be absent, and the file or column that may
//! have been meant by it. Looked up in the folder itself, so that it is the same however the tables were read.

use std::fs;
use std::path::Path;

use lapse_policy::nearest;

use super::find::split_ending;
use super::header::near;
use super::input::{FileColumns, TableInput};
use crate::error::Problem;
use crate::{Table, TableError};

/// Something that decisions look at and the extract does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A table.
    Table(Table),
    /// A column.
    Column {
        /// The file whose header does not have it.
        file: String,
        /// Which.
        column: &'static str,
        /// What the header has that may have been meant as it.
        near: Option<String>,
    },
    /// A file that is not read, though its name is nearly that of a table's.
    File {
        /// Its name.
        name: String,
        /// The table.
        table: Table,
    },
}

/// The only column that no decision looks at.
const NOT_LOOKED_AT: &str = "birth_date";

/// The gaps of the extract in `dir`, by table; files last. Its tables have been read, so that each has a header.
pub fn gaps(dir: &Path) -> Result<Vec<Gap>, TableError> {
    let mut gaps = Vec::new();
    for table in Table::ALL {
        let Some(input) = TableInput::open(dir, table, &[])? else {
            gaps.push(Gap::Table(table));
            continue;
        };
        for FileColumns { file, names } in input.column_names()? {
            let absent = table.columns().iter().filter(|column| !names.iter().any(|name| name == column.name));
            gaps.extend(absent.filter(|column| !column.required && column.name != NOT_LOOKED_AT).map(|column| {
                Gap::Column {
                    file: file.to_string(),
                    column: column.name,
                    near: near(column, table, &names).map(str::to_owned),
                }
            }));
        }
    }
    let io = |error| TableError { path: dir.to_owned(), place: None, problem: Problem::Io(error) };
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort_unstable();
    gaps.extend(names.into_iter().filter_map(|name| Some(Gap::File { table: nearly_of(&name)?, name })));
    Ok(gaps)
}

/// The table that a file looks like without being its.
fn nearly_of(name: &str) -> Option<Table> {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let near = nearest(stem, Table::ALL.into_iter().map(Table::name))?;
    let table = Table::ALL.into_iter().find(|table| table.name() == near)?;
    let is_its = split_ending(name).is_some_and(|(stem, ..)| stem == near);
    (!is_its).then_some(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_whose_name_is_nearly_a_tables_is_told_and_a_table_is_not() {
        for (name, table) in [
            ("account.csv", Some(Table::Accounts)),
            ("Patrons.csv", Some(Table::Patrons)),
            ("activity.tsv", Some(Table::Activity)),
            ("memberships", Some(Table::Memberships)),
            ("accounts.csv", None),
            ("accounts.parquet", None),
            ("README.md", None),
            ("notes.csv", None),
        ] {
            assert_eq!(nearly_of(name), table, "{name}");
        }
    }
}
