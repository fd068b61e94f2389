//! Which columns of a source that says what it has are wanted, and whether it has those that it must have.

use crate::Table;
use crate::error::Problem;

/// The columns of a table that a source was found to have.
pub(super) struct Wanted<'a> {
    table: Table,
    asked: &'a [String],
    /// The number of each column in the source, and its place among the fields of a record.
    found: Vec<(usize, usize)>,
}

impl<'a> Wanted<'a> {
    /// None seen yet of those of `table` and, after them, those that are asked for.
    pub fn new(table: Table, asked: &'a [String]) -> Wanted<'a> {
        Wanted { table, asked, found: Vec::new() }
    }

    /// Sees a column of the source; `unreadable` says in words what it holds where no table can have that.
    pub fn see(
        &mut self,
        number: usize,
        name: &str,
        unreadable: impl FnOnce() -> Option<&'static str>,
    ) -> Result<(), Problem> {
        let columns = self.table.columns();
        let of_table = columns.iter().position(|column| column.name == name);
        let of_asked = || Some(columns.len() + self.asked.iter().position(|asked| asked == name)?);
        let Some(slot) = of_table.or_else(of_asked) else { return Ok(()) };
        let name = columns.get(slot).map_or("a column that a plugin asks for", |column| column.name);
        if self.has(slot) {
            return Err(Problem::RepeatedColumn(name));
        }
        if let Some(kind) = unreadable() {
            return Err(Problem::ColumnKind { column: name, kind });
        }
        self.found.push((number, slot));
        Ok(())
    }

    fn has(&self, slot: usize) -> bool {
        self.found.iter().any(|&(_, found)| found == slot)
    }

    /// The number of each column in the source with its place among the fields of a record, when all that must be there are.
    pub fn finish(self) -> Result<Vec<(usize, usize)>, Problem> {
        let columns = self.table.columns();
        for (index, column) in columns.iter().enumerate() {
            if column.required && !self.has(index) {
                return Err(Problem::NoColumn(column.name));
            }
        }
        if let Some(missing) = (0..self.asked.len()).find(|column| !self.has(columns.len() + column)) {
            return Err(Problem::MissingAskedColumn(self.asked[missing].clone()));
        }
        Ok(self.found)
    }
}
