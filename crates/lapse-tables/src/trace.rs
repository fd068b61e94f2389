//! The rows about one patron as they stand in the files, for `explain`: which line says what.

use std::sync::Arc;

use crate::source::{self, RowPlace, Source, Together};
use crate::{AskedColumn, Progress, Table, TableError};

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
    pub values: Vec<(Arc<str>, String)>,
}

/// The values of a row with the names of their columns.
type Named = Vec<(Arc<str>, String)>;

/// Every row of a source with a wanted `patron_id`, by table and line, with the columns of the tables.
pub fn trace(
    source: &dyn Source,
    is_wanted: impl Fn(&str) -> bool + Sync,
    threads: usize,
) -> Result<Vec<TracedRow>, TableError> {
    trace_with(source, is_wanted, threads, &[])
}

/// As [`trace`], with further columns, which the source must have.
pub fn trace_with(
    source: &dyn Source,
    is_wanted: impl Fn(&str) -> bool + Sync,
    threads: usize,
    further: &[AskedColumn],
) -> Result<Vec<TracedRow>, TableError> {
    let mut traced = Vec::new();
    for table in Table::ALL {
        let further = AskedColumn::names(further, table);
        let Some(opened) = source.table(table, &further)? else { continue };
        let of_table = table.columns().iter().map(|column| column.name);
        let columns: Vec<Arc<str>> = of_table.chain(further.iter().map(String::as_str)).map(Arc::from).collect();
        let rows: Vec<(RowPlace, Named)> = source::read(table, &*opened, threads, &Progress::default(), |records| {
            let mut found = Vec::new();
            let mut together = Together::new(columns.len());
            while records.next(&mut together)? {
                for (at, fields) in together.iter().filter(|(_, fields)| is_wanted(fields[0].as_str())) {
                    let texts = fields.iter().map(|field| field.clone().into_text().into_owned());
                    let named = columns.iter().cloned().zip(texts).skip(1);
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
