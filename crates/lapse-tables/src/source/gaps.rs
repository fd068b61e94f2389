//! Looks for the gaps of an extract in the source itself, so that they are the same however the tables were read.

use super::contract::{PartColumns, Source};
use super::gap::{Gap, near};
use crate::{Table, TableError};

/// The only column that no decision looks at.
const NOT_LOOKED_AT: &str = "birth_date";

/// The gaps of an extract, by table; what lies beside the tables comes last. Its tables have been read, so that each has a
/// header.
pub fn gaps(source: &dyn Source) -> Result<Vec<Gap>, TableError> {
    let mut gaps = Vec::new();
    for table in Table::ALL {
        let Some(opened) = source.table(table, &[])? else {
            gaps.push(Gap::Table(table));
            continue;
        };
        for PartColumns { part, names } in opened.columns()? {
            let absent = table.columns().iter().filter(|column| !names.iter().any(|name| name == column.name));
            gaps.extend(absent.filter(|column| !column.required && column.name != NOT_LOOKED_AT).map(|column| {
                Gap::Column {
                    file: part.to_string(),
                    column: column.name,
                    near: near(column, table, &names, source.ignored_columns()).map(str::to_owned),
                }
            }));
        }
    }
    gaps.extend(source.gaps_beside()?);
    Ok(gaps)
}
