//! Databases: how they are reached, and how rows and statements go to and fro. What the rows mean is told elsewhere.
//!
//! `address` says which database is meant, `statement` keeps values apart from SQL, `connection` is what each kind of database
//! must be able to do, and `sqlite`, `postgres` and `mysql` do it. `source` makes the four tables of a database a source of rows.

mod address;
mod connection;
mod error;
#[cfg(feature = "mysql")]
mod mysql;
mod postgres;
mod row_chunk;
mod source;
mod sqlite;
mod statement;

pub use address::{Address, Kind};
pub(crate) use connection::{Connection, Transaction, quoted};
pub use error::DatabaseError;
pub(crate) use row_chunk::OfColumn;
pub(crate) use source::{DatabaseTables, Reads, Shared, TableSql};
pub(crate) use statement::{Found, Statement, Value, Values};

/// What is done with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing is changed.
    Read,
    /// Rows are changed.
    Change,
    /// As `Change`; the file of a database that is one is made where it is not there.
    Make,
}

/// Connects to a database.
pub(crate) fn connect(address: &Address, access: Access) -> Result<Box<dyn Connection>, DatabaseError> {
    match address {
        Address::Sqlite(path) => Ok(Box::new(sqlite::Sqlite::open(path, access)?)),
        Address::Postgres(url) => Ok(Box::new(postgres::Postgres::open(address, url, access)?)),
        #[cfg(feature = "mysql")]
        Address::Mysql(url) => Ok(Box::new(mysql::Mysql::open(address, url, access)?)),
        #[cfg(not(feature = "mysql"))]
        Address::Mysql(_) => Err(DatabaseError::NotBuiltIn(address.kind())),
    }
}
