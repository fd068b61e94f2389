//! The rows about one patron as they stand in the files, for `explain`: which line says what.

use std::sync::Arc;

use crate::source::{self, RowPlace, Source, Together};
use crate::{Progress, Table, TableError};

/// A row about a patron.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedRow {
    /// Which table.
    pub table: Table,
    /// Its file within the extract: `patrons.csv`, `memberships/part-2.csv`.
    pub file: Arc<str>,
    /// The physical line on which it starts; in Parquet the number of the row.
    pub line: u64,
    /// The columns that have a value, but for `patron_id`.
    pub values: Vec<(&'static str, String)>,
}

/// Every row of a source with a wanted `patron_id`, by table and line.
pub fn trace(
    source: &dyn Source,
    is_wanted: impl Fn(&str) -> bool + Sync,
    threads: usize,
) -> Result<Vec<TracedRow>, TableError> {
    let mut traced = Vec::new();
    for table in Table::ALL {
        let Some(opened) = source.table(table, &[])? else { continue };
        let columns = table.columns();
        let rows: Vec<(RowPlace, Vec<(&'static str, String)>)> =
            source::read(table, &*opened, threads, &Progress::default(), |records| {
                let mut found = Vec::new();
                let mut together = Together::new(columns.len());
                while records.next(&mut together)? {
                    for (at, fields) in together.iter().filter(|(_, fields)| is_wanted(fields[0].as_str())) {
                        let texts = fields.iter().map(|field| field.clone().into_text().into_owned());
                        let named = columns.iter().map(|column| column.name).zip(texts).skip(1);
                        let with_value = named.filter(|(_, value)| !value.is_empty());
                        found.push((at, with_value.collect()));
                    }
                }
                Ok(found)
            })?
            .concat();
        traced.extend(rows.into_iter().map(|(at, values)| TracedRow {
            table,
            file: opened.parts()[at.part as usize].clone(),
            line: at.line.into(),
            values,
        }));
    }
    Ok(traced)
}
