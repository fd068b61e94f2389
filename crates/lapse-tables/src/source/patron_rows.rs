//! The rows of one patron, found without joining everybody, as a source of their own: what is read from it is what would be
//! read about the patron from all rows.

use std::sync::Arc;

use super::contract::{Piece, Pieces, Records, Source, TableSource};
use super::field::{Field, RowPlace};
use super::folder::Folder;
use super::look::Looked;
use super::read::read;
use super::together::Together;
use crate::{AskedColumn, Progress, Table, TableError};

/// Every row of one patron in a source, each at the place where it stands there.
pub struct PatronRows {
    tables: [Option<FoundTable>; 4],
}

/// The rows of a table.
struct FoundTable {
    parts: Vec<Arc<str>>,
    /// Their fields, in text, for the columns of the table and those that were asked for.
    rows: Vec<(RowPlace, Vec<String>)>,
}

impl PatronRows {
    /// Looks once through a source for every row whose `patron_id` is `id`, with the columns that are `asked` for. Files are
    /// searched for the bytes of the id, sorted or not, and only what holds them is parsed: what is broken elsewhere in a
    /// file is not noticed. Parquet is trusted in what it says of the ids in a row group, unless no patron is found by that.
    /// Memory does not grow with the tables.
    pub fn find(
        source: &dyn Source,
        id: &str,
        asked: &[AskedColumn],
        threads: usize,
    ) -> Result<PatronRows, TableError> {
        let mut tables = [const { None }; 4];
        let mut trusting = true;
        for table in Table::ALL {
            let names = AskedColumn::names(asked, table);
            let fields = table.columns().len() + names.len();
            let rows = |opened: &dyn TableSource| rows_of(table, opened, id, fields, threads);
            tables[table as usize] = if let Some(folder) = source.folder() {
                let Some(files) = Folder::files(folder, table, &names)? else { continue };
                let looked = Looked::new(files, id, trusting);
                let mut found = rows(&looked)?;
                if table == Table::Patrons && found.rows.is_empty() && looked.passed_over() {
                    found = rows(&looked.without_trust())?;
                    trusting = found.rows.is_empty();
                }
                Some(found)
            } else {
                let Some(opened) = source.table(table, &names)? else { continue };
                Some(rows(&*opened)?)
            };
        }
        Ok(PatronRows { tables })
    }
}

/// The rows with this id in a table that was opened, each of whose records has this many `fields`.
fn rows_of(
    table: Table,
    opened: &dyn TableSource,
    id: &str,
    fields: usize,
    threads: usize,
) -> Result<FoundTable, TableError> {
    let rows = read(table, opened, threads, &Progress::default(), |records| {
        let mut found = Vec::new();
        let mut together = Together::new(fields);
        while records.next(&mut together)? {
            for (at, fields) in together.iter().filter(|(_, fields)| fields[0].as_str() == id) {
                let texts = fields.iter().map(|field| field.clone().into_text().into_owned());
                found.push((at, texts.collect::<Vec<_>>()));
            }
        }
        Ok(found)
    })?;
    Ok(FoundTable { parts: opened.parts().to_vec(), rows: rows.concat() })
}

impl Source for PatronRows {
    /// The columns that are asked for must be those that were when the rows were found.
    fn table(&self, table: Table, _: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        Ok(self.tables[table as usize].as_ref().map(|found| Box::new(found) as Box<dyn TableSource>))
    }
}

impl TableSource for &FoundTable {
    fn parts(&self) -> &[Arc<str>] {
        &self.parts
    }

    fn work(&self) -> u64 {
        self.rows.len() as u64
    }

    fn pieces<'p>(&'p self, _: &'p Progress) -> Pieces<'p> {
        let piece = FoundPiece { rows: &self.rows, done: false };
        Box::new(std::iter::once(Ok(Box::new(piece) as Box<dyn Piece>)))
    }
}

/// All rows of a table.
struct FoundPiece<'p> {
    rows: &'p [(RowPlace, Vec<String>)],
    done: bool,
}

impl Piece for FoundPiece<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        let first = !std::mem::replace(&mut self.done, true);
        Ok(first.then(|| Box::new(FoundRecords(self.rows)) as Box<dyn Records<'_>>))
    }
}

/// The rows that were not read yet.
struct FoundRecords<'a>(&'a [(RowPlace, Vec<String>)]);

impl<'a> Records<'a> for FoundRecords<'a> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        // The rows of one part at a time.
        let part = self.0.first().map_or(0, |(at, _)| at.part);
        together.fill(part, |fields| {
            let Some(((at, row), rest)) = self.0.split_first().filter(|((at, _), _)| at.part == part) else {
                return Ok(None);
            };
            for (field, text) in fields.iter_mut().zip(row) {
                *field = Field::Text(text.as_str().into());
            }
            self.0 = rest;
            Ok(Some(at.line.into()))
        })
    }
}
