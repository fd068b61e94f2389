//! Some rows of a source in memory, each at the place where it stands there, as a source of their own.

use lapse_tables::source::{Field, RowPlace, TableSource, TextRows, Together};
use lapse_tables::{Progress, Source, Table, TableError};

/// Rows of the four tables.
#[derive(Default)]
pub(crate) struct Rows {
    pub tables: [Option<TextRows>; 4],
}

/// Reads the rows of a table one after the other, as text, until `see` has enough and says false.
pub(crate) fn each_row(
    table: Table,
    opened: &dyn TableSource,
    mut see: impl FnMut(RowPlace, &[Field<'_>]) -> bool,
) -> Result<(), TableError> {
    let progress = Progress::default();
    for piece in opened.pieces(&progress) {
        let mut piece = piece?;
        while let Some(mut records) = piece.records()? {
            let mut together = Together::new(table.columns().len());
            while records.next(&mut together)? {
                for (at, fields) in together.iter() {
                    if !see(at, fields) {
                        return Ok(());
                    }
                }
            }
        }
    }
    Ok(())
}

impl Source for Rows {
    fn table(&self, table: Table, _: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        Ok(self.tables[table as usize].as_ref().map(|rows| Box::new(rows) as Box<dyn TableSource>))
    }
}
