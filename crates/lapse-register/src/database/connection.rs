//! What every kind of database must be able to do for lapse.

use super::row_chunk::{OfColumn, RowChunk};
use super::{DatabaseError, Found, Kind, Statement, Value, Values};

/// How a transaction sees and changes the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transaction {
    /// It reads the database as it was at one moment, and changes nothing.
    Snapshot,
    /// It changes the database, and no other such transaction does so at the same time where the database can only have one.
    Change,
}

/// A connection to a database.
pub(crate) trait Connection: Send {
    /// Which kind it is.
    fn kind(&self) -> Kind;

    /// Has moments be told in a time zone.
    fn set_time_zone(&mut self, _zone: &str) -> Result<(), DatabaseError> {
        Ok(())
    }

    /// Begins a transaction.
    fn begin(&mut self, transaction: Transaction) -> Result<(), DatabaseError>;

    /// Makes last what the transaction did.
    fn commit(&mut self) -> Result<(), DatabaseError>;

    /// Undoes what the transaction did. Where even that fails the connection is gone, and the database undoes it.
    fn roll_back(&mut self);

    /// Does several statements without values, one after the other.
    fn script(&mut self, sql: &str) -> Result<(), DatabaseError>;

    /// Does a statement, and says how many rows it changed.
    fn change(&mut self, statement: &Statement, values: &Values) -> Result<u64, DatabaseError>;

    /// Does a statement once for each of these values, in their order and within a transaction, and says how many rows each
    /// changed. What an error leaves is to be rolled back.
    fn change_many(&mut self, statement: &Statement, all: &[Values]) -> Result<Vec<u64>, DatabaseError> {
        all.iter().map(|values| self.change(statement, values)).collect()
    }

    /// Asks for rows.
    fn query(&mut self, statement: &Statement, values: &Values) -> Result<Found, DatabaseError>;

    /// Asks once for each of these values, in their order and within a transaction.
    fn query_many(&mut self, statement: &Statement, all: &[Values]) -> Result<Vec<Found>, DatabaseError> {
        all.iter().map(|values| self.query(statement, values)).collect()
    }

    /// Adds rows to a table.
    fn insert(&mut self, table: &str, columns: &[&str], rows: &[Vec<Value>]) -> Result<(), DatabaseError> {
        let names: Vec<String> = columns.iter().map(|name| quoted(self.kind(), name)).collect();
        let values: Vec<String> = columns.iter().map(|name| format!("${name}")).collect();
        let insert = format!("insert into {table} ({}) values ({})", names.join(", "), values.join(", "));
        let insert = Statement::parse(&insert);
        for row in rows {
            let values = columns.iter().map(|&name| name.to_owned()).zip(row.iter().cloned()).collect();
            self.change(&insert, &values)?;
        }
        Ok(())
    }

    /// Adds rows to a table, but for those that it has by the first `keys` of these columns.
    fn insert_new(
        &mut self,
        table: &str,
        columns: &[&str],
        keys: usize,
        rows: &[Vec<Value>],
    ) -> Result<(), DatabaseError>;

    /// Makes sure that a statement could be done, without doing it.
    fn prepare(&mut self, statement: &Statement) -> Result<(), DatabaseError>;

    /// The columns of a view, a table or a query.
    fn columns(&mut self, from: &str) -> Result<Vec<OfColumn>, DatabaseError>;

    /// Asks for many rows of these columns, and hands them to `each` chunk by chunk, until it says false.
    fn stream(
        &mut self,
        statement: &Statement,
        values: &Values,
        columns: &[OfColumn],
        each: &mut dyn FnMut(RowChunk) -> bool,
    ) -> Result<(), DatabaseError>;

    /// Makes sure that nothing of deleted rows is left, as far as this kind of database lets a client do that. Not within a
    /// transaction.
    fn forget_what_was_deleted(&mut self) -> Result<(), DatabaseError> {
        Ok(())
    }

    /// What stands in a list of columns for one of them, so that its values come as `stream` expects them.
    fn as_selected(&self, column: &OfColumn) -> String {
        quoted(self.kind(), &column.name)
    }
}

/// A name as SQL has it.
pub(crate) fn quoted(kind: Kind, name: &str) -> String {
    let quote = match kind {
        Kind::Sqlite | Kind::Postgres => "\"",
        Kind::Mysql => "`",
    };
    format!("{quote}{}{quote}", name.replace(quote, &quote.repeat(2)))
}
