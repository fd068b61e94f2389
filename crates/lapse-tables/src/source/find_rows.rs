//! Finds the rows of a table by their ids, with as little parsing as its source allows.

use super::contract::{Source, TableSource};
use super::folder::Folder;
use super::look::{Looked, LookedFor};
use super::read::read;
use super::text_rows::TextRows;
use super::together::Together;
use crate::{Progress, Table, TableError};

/// The rows of a table with a wanted id, with the columns that are `asked` for; none where there is no such table. Files are
/// searched for what the ids have in them. A search that is `trusting` passes over the row groups that cannot have the id by
/// what their file says of them; whether it did is told as well.
pub(crate) fn find_rows(
    source: &dyn Source,
    table: Table,
    wanted: LookedFor<'_>,
    asked: &[String],
    threads: usize,
    trusting: bool,
) -> Result<Option<(TextRows, bool)>, TableError> {
    let of_table = table.columns().iter().map(|column| column.name.to_owned());
    let names: Vec<String> = of_table.chain(asked.iter().cloned()).collect();
    let rows = |opened: &dyn TableSource| rows_of(table, opened, wanted, &names, threads);
    let Some(folder) = source.folder() else {
        let Some(opened) = source.table(table, asked)? else { return Ok(None) };
        return Ok(Some((rows(&*opened)?, false)));
    };
    let Some(files) = Folder::files(folder, table, asked, source.bounds())? else { return Ok(None) };
    let looked = Looked::new(files, wanted, trusting);
    let found = rows(&looked)?;
    Ok(Some((found, looked.passed_over())))
}

/// The rows with a wanted id in a table that was opened, each of whose records has fields with these `names`.
fn rows_of(
    table: Table,
    opened: &dyn TableSource,
    wanted: LookedFor<'_>,
    names: &[String],
    threads: usize,
) -> Result<TextRows, TableError> {
    let rows = read(table, opened, threads, &Progress::default(), |records| {
        let mut found = Vec::new();
        let mut together = Together::new(names.len());
        while records.next(&mut together)? {
            for (at, fields) in together.iter().filter(|(_, fields)| wanted.is(fields[0].as_str())) {
                let texts = fields.iter().map(|field| field.clone().into_text().into_owned());
                found.push((at, texts.collect::<Vec<_>>()));
            }
        }
        Ok(found)
    })?;
    Ok(TextRows { names: names.to_vec(), parts: opened.parts().to_vec(), rows: rows.concat() })
}
