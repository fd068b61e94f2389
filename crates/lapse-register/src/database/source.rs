//! The four tables of a database as a source of rows: all of them, or those of some patrons. A thread of its own asks the
//! database for the rows of a table and hands them on in chunks, which the threads of the run take apart.

use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lapse_tables::source::{PartColumns, Piece, Pieces, Records, TableSource, Together};
use lapse_tables::{Problem, Progress, Source, Table, TableError};

use super::connection::Connection;
use super::row_chunk::{ChunkValues, OfColumn, RowChunk};
use super::{DatabaseError, Statement, Value, Values};

/// This many chunks may wait for a thread that takes them apart.
const WAITING: usize = 8;

/// A connection that a source reads by while others wait for it.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Box<dyn Connection>>>);

impl Shared {
    pub fn new(connection: Box<dyn Connection>) -> Shared {
        Shared(Arc::new(Mutex::new(connection)))
    }

    /// The connection, once nobody reads by it.
    pub fn get(&self) -> MutexGuard<'_, Box<dyn Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the rows of a table are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableSql {
    /// A table, a view, or a query with `{only}` in it.
    pub from: String,
    /// The condition for the rows of the patrons with the ids `$ids`.
    pub only: Option<String>,
}

impl TableSql {
    /// What rows are selected from: of all patrons, or of some.
    pub fn selected(&self, some: bool) -> String {
        let only = self.only.as_deref().filter(|_| some);
        if self.from.contains("{only}") {
            let only = only.map(|only| format!("and ({only})")).unwrap_or_default();
            format!("({}) as these", self.from.replace("{only}", &only))
        } else {
            only.map_or_else(|| self.from.clone(), |only| format!("{} where {only}", self.from))
        }
    }

    /// As people are told.
    fn name(&self, table: Table) -> &str {
        if self.from.contains("{only}") { table.name() } else { &self.from }
    }
}

/// Where the rows of the four tables are, in the order of [`Table::ALL`].
pub(crate) type Reads = [Option<TableSql>; 4];

/// The tables of a database, with the columns that they have.
pub(crate) struct DatabaseTables {
    shared: Shared,
    tables: [Option<OpenTable>; 4],
    ids_are_exact: bool,
    ignored_columns: Vec<String>,
}

/// A table and its columns.
struct OpenTable {
    sql: TableSql,
    name: [Arc<str>; 1],
    columns: Vec<OfColumn>,
}

impl DatabaseTables {
    /// Asks the database for the columns of the tables.
    pub fn open(shared: &Shared, reads: &Reads, ids_are_exact: bool) -> Result<DatabaseTables, DatabaseError> {
        let mut connection = shared.get();
        let mut open = |table: Table| -> Result<Option<OpenTable>, DatabaseError> {
            let Some(sql) = &reads[table as usize] else { return Ok(None) };
            let columns = connection.columns(&sql.selected(false))?;
            Ok(Some(OpenTable { sql: sql.clone(), name: [sql.name(table).into()], columns }))
        };
        let [patrons, memberships, activity, accounts] = Table::ALL.map(&mut open);
        let tables = [patrons?, memberships?, activity?, accounts?];
        drop(connection);
        Ok(DatabaseTables { shared: shared.clone(), tables, ids_are_exact, ignored_columns: Vec::new() })
    }

    /// The same, where the columns with these names are not meant as those whose names they nearly have.
    pub fn ignoring(mut self, columns: &[String]) -> DatabaseTables {
        self.ignored_columns.extend_from_slice(columns);
        self
    }

    /// The names of the columns of a table; none where there is no such table.
    pub fn columns_of(&self, table: Table) -> Option<impl Iterator<Item = &str>> {
        Some(self.tables[table as usize].as_ref()?.columns.iter().map(|column| column.name.as_str()))
    }

    /// The rows of the patrons with these ids.
    pub fn of_patrons(&self, ids: Vec<String>) -> SomePatrons<'_> {
        SomePatrons { tables: self, ids }
    }

    fn table(&self, table: Table, asked: &[String], ids: Option<&[String]>) -> Result<Option<RowsOf<'_>>, TableError> {
        let Some(open) = &self.tables[table as usize] else { return Ok(None) };
        let failed = |problem| TableError { path: PathBuf::from(&*open.name[0]), place: None, problem };
        let (mut columns, mut slots) = (Vec::new(), Vec::new());
        let mut want = |slot: usize, name: &str| {
            let column = open.columns.iter().find(|column| column.name == name);
            columns.extend(column.cloned());
            slots.extend(column.map(|_| slot));
            column.is_some()
        };
        for (slot, column) in table.columns().iter().enumerate() {
            if !want(slot, column.name) && column.required {
                return Err(failed(Problem::NoColumn(column.name)));
            }
        }
        for (slot, name) in (table.columns().len()..).zip(asked) {
            if !want(slot, name) {
                return Err(failed(Problem::NoAskedColumn(name.clone())));
            }
        }
        let connection = self.shared.get();
        let selected: Vec<String> = columns.iter().map(|column| connection.as_selected(column)).collect();
        drop(connection);
        let sql = format!("select {} from {}", selected.join(", "), open.sql.selected(ids.is_some()));
        let values = ids.map(|ids| ("ids".to_owned(), Value::List(ids.to_vec())));
        Ok(Some(RowsOf {
            tables: self,
            open,
            statement: Statement::parse(&sql),
            values: values.into_iter().collect(),
            columns,
            slots,
        }))
    }
}

impl Source for DatabaseTables {
    fn table(&self, table: Table, asked: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        Ok(self.table(table, asked, None)?.map(|rows| Box::new(rows) as Box<dyn TableSource>))
    }

    fn ignored_columns(&self) -> &[String] {
        &self.ignored_columns
    }

    fn ids_are_exact(&self) -> bool {
        self.ids_are_exact
    }
}

/// The rows of some patrons.
pub(crate) struct SomePatrons<'a> {
    tables: &'a DatabaseTables,
    ids: Vec<String>,
}

impl Source for SomePatrons<'_> {
    fn table(&self, table: Table, asked: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        let rows = self.tables.table(table, asked, Some(&self.ids))?;
        Ok(rows.map(|rows| Box::new(rows) as Box<dyn TableSource>))
    }

    fn ignored_columns(&self) -> &[String] {
        &self.tables.ignored_columns
    }

    fn ids_are_exact(&self) -> bool {
        self.tables.ids_are_exact
    }
}

/// Rows of a table that can be asked for.
struct RowsOf<'a> {
    tables: &'a DatabaseTables,
    open: &'a OpenTable,
    statement: Statement,
    values: Values,
    /// The columns that are asked for.
    columns: Vec<OfColumn>,
    /// For each of them its place among the fields of a record.
    slots: Vec<usize>,
}

impl TableSource for RowsOf<'_> {
    fn parts(&self) -> &[Arc<str>] {
        &self.open.name
    }

    /// Counting the rows would take as long as reading them.
    fn work(&self) -> u64 {
        0
    }

    fn columns(&self) -> Result<Vec<PartColumns>, TableError> {
        let names = self.open.columns.iter().map(|column| column.name.clone()).collect();
        Ok(vec![PartColumns { part: self.open.name[0].clone(), names }])
    }

    fn pieces<'p>(&'p self, _progress: &'p Progress) -> Pieces<'p> {
        let (send, receive) = sync_channel(WAITING);
        let (shared, statement) = (self.tables.shared.clone(), self.statement.clone());
        let (values, columns) = (self.values.clone(), self.columns.clone());
        std::thread::spawn(move || {
            let done = shared.get().stream(&statement, &values, &columns, &mut |chunk| send.send(Ok(chunk)).is_ok());
            if let Err(error) = done {
                // Whoever no longer listens has an error of their own.
                let _ = send.send(Err(error));
            }
        });
        let mut row = 1;
        Box::new(receive.into_iter().map(move |chunk| {
            let chunk: RowChunk = chunk.map_err(|error| {
                let problem = Problem::Source(Box::new(error));
                TableError { path: PathBuf::from(&*self.open.name[0]), place: None, problem }
            })?;
            let first = row;
            row += chunk.rows;
            Ok(Box::new(DatabasePiece { rows: self, chunk, first, done: false }) as Box<dyn Piece>)
        }))
    }
}

/// Some rows.
struct DatabasePiece<'p> {
    rows: &'p RowsOf<'p>,
    chunk: RowChunk,
    /// The number of the first.
    first: u64,
    done: bool,
}

impl Piece for DatabasePiece<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        Ok(Some(Box::new(DatabaseRecords { rows: self.rows, values: self.chunk.values(), row: self.first })))
    }
}

struct DatabaseRecords<'p> {
    rows: &'p RowsOf<'p>,
    values: ChunkValues<'p>,
    row: u64,
}

impl<'p> Records<'p> for DatabaseRecords<'p> {
    fn next(&mut self, together: &mut Together<'p>) -> Result<bool, TableError> {
        let RowsOf { columns, slots, open, .. } = self.rows;
        together.fill(0, |fields| {
            if self.values.is_empty() {
                return Ok(None);
            }
            for (column, &slot) in columns.iter().zip(slots) {
                fields[slot] = self.values.next(column.is_day).map_err(|_| TableError {
                    path: PathBuf::from(&*open.name[0]),
                    place: None,
                    problem: Problem::NotUtf8,
                })?;
            }
            self.row += 1;
            Ok(Some(self.row - 1))
        })
    }
}
