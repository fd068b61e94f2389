//! A SQLite database, by the SQLite that is built into the program.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{ErrorCode, OpenFlags, ToSql, params_from_iter};

use super::connection::{Connection, Transaction, quoted};
use super::error::Why;
use super::row_chunk::{OfColumn, RowChunk};
use super::{Access, DatabaseError, Found, Kind, Statement, Value, Values};

/// How long a lock of another program is waited for.
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// How many statements stay prepared.
const PREPARED: usize = 128;

/// A connection to a file.
pub(crate) struct Sqlite {
    connection: rusqlite::Connection,
}

impl Sqlite {
    /// Opens a file.
    pub fn open(path: &Path, access: Access) -> Result<Sqlite, DatabaseError> {
        if access != Access::Make && !path.exists() {
            return Err(DatabaseError::NoFile(path.to_owned()));
        }
        let place = || path.display().to_string();
        let not_reached = |error: rusqlite::Error| DatabaseError::NotReached { place: place(), said: said(&error) };
        if access == Access::Make {
            let not_made =
                |error: std::io::Error| DatabaseError::NotReached { place: place(), said: error.to_string() };
            make_for_owner(path).map_err(not_made)?;
        }
        // A file that may only be read is opened so all the same; whoever only reads leaves no files beside it.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(not_reached)?;
        connection.busy_timeout(LOCK_WAIT).map_err(not_reached)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        // Without it SQLite prepares a statement anew for each other value that is bound.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(not_reached)?;
        // What is deleted is overwritten, and what is committed is on the disk. The first statement also finds out whether the
        // file is a database at all.
        let settings = match access {
            Access::Read => "pragma query_only = on; select count(*) from sqlite_schema;",
            Access::Change | Access::Make => {
                "pragma synchronous = full; pragma secure_delete = on; pragma foreign_keys = on; \
                 select count(*) from sqlite_schema;"
            }
        };
        connection.execute_batch(settings).map_err(not_reached)?;
        if access == Access::Make {
            connection.execute_batch("pragma journal_mode = wal;").map_err(not_reached)?;
        }
        Ok(Sqlite { connection })
    }
}

/// Makes an empty file that its owner alone may read, where there is none: patrons' rows go there.
fn make_for_owner(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

impl Connection for Sqlite {
    fn kind(&self) -> Kind {
        Kind::Sqlite
    }

    fn begin(&mut self, transaction: Transaction) -> Result<(), DatabaseError> {
        self.script(match transaction {
            Transaction::Snapshot => "begin",
            Transaction::Change => "begin immediate",
        })
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        self.script("commit")
    }

    fn roll_back(&mut self) {
        let _ = self.script("rollback");
    }

    fn script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.connection.execute_batch(sql).map_err(|error| refused(&error, sql))
    }

    fn change(&mut self, statement: &Statement, values: &Values) -> Result<u64, DatabaseError> {
        let (sql, names) = statement.numbered('?');
        let values = bound(&names, values)?;
        let change = || -> rusqlite::Result<usize> {
            let mut prepared = self.connection.prepare_cached(&sql)?;
            only_ours(&prepared, statement)?;
            if prepared.column_count() == 0 {
                return prepared.execute(params_from_iter(values.iter().map(|value| &**value)));
            }
            // A statement that gives rows counts them: `select …`, or `… returning`.
            let mut rows = prepared.query(params_from_iter(values.iter().map(|value| &**value)))?;
            let mut count = 0;
            while rows.next()?.is_some() {
                count += 1;
            }
            Ok(count)
        };
        change().map(|rows| rows as u64).map_err(|error| refused(&error, &statement.text()))
    }

    fn query(&mut self, statement: &Statement, values: &Values) -> Result<Found, DatabaseError> {
        let (sql, names) = statement.numbered('?');
        let values = bound(&names, values)?;
        let query = || -> rusqlite::Result<Found> {
            let mut prepared = self.connection.prepare_cached(&sql)?;
            only_ours(&prepared, statement)?;
            let columns: Vec<String> = prepared.column_names().map(str::to_owned).collect();
            let mut rows = prepared.query(params_from_iter(values.iter().map(|value| &**value)))?;
            let mut found = Found { columns, rows: Vec::new() };
            while let Some(row) = rows.next()? {
                let texts = (0..found.columns.len()).map(|at| Ok(text(row.get_ref(at)?)));
                found.rows.push(texts.collect::<rusqlite::Result<_>>()?);
            }
            Ok(found)
        };
        query().map_err(|error| refused(&error, &statement.text()))
    }

    fn insert_new(
        &mut self,
        table: &str,
        columns: &[&str],
        _keys: usize,
        rows: &[Vec<Value>],
    ) -> Result<(), DatabaseError> {
        let values: Vec<String> = columns.iter().map(|name| format!("${name}")).collect();
        let insert = format!("insert or ignore into {table} ({}) values ({})", columns.join(", "), values.join(", "));
        let insert = Statement::parse(&insert);
        for row in rows {
            self.change(&insert, &columns.iter().map(|&name| name.to_owned()).zip(row.iter().cloned()).collect())?;
        }
        Ok(())
    }

    fn prepare(&mut self, statement: &Statement) -> Result<(), DatabaseError> {
        let (sql, _) = statement.numbered('?');
        let prepared = self.connection.prepare(&sql).and_then(|prepared| only_ours(&prepared, statement));
        prepared.map_err(|error| refused(&error, &statement.text()))
    }

    fn columns(&mut self, from: &str) -> Result<Vec<OfColumn>, DatabaseError> {
        let sql = format!("select * from {from} limit 0");
        let prepared = self.connection.prepare(&sql).map_err(|error| refused(&error, &sql))?;
        let of = |column: &rusqlite::Column<'_>| OfColumn {
            name: column.name().to_owned(),
            is_day: false,
            of_type: column.decl_type().unwrap_or_default().to_lowercase(),
        };
        Ok(prepared.columns().map(|column| of(&column)).collect())
    }

    /// Deleted rows are overwritten as they are deleted; what is left of them is in the log of changes and in free pages.
    fn forget_what_was_deleted(&mut self) -> Result<(), DatabaseError> {
        self.script("vacuum")?;
        // Whoever reads keeps the log of changes from being emptied, which is told by a row and is no error.
        let emptied = self.query(&Statement::parse("pragma wal_checkpoint(truncate)"), &Values::new())?;
        if emptied.first() == Some("0") { Ok(()) } else { Err(DatabaseError::Held { seconds: LOCK_WAIT.as_secs() }) }
    }

    /// SQLite has no booleans: columns that are declared as such hold 1 and 0.
    fn as_selected(&self, column: &OfColumn) -> String {
        let name = quoted(Kind::Sqlite, &column.name);
        if column.of_type.starts_with("bool") {
            format!("case {name} when 1 then 'true' when 0 then 'false' else {name} end")
        } else {
            name
        }
    }

    fn stream(
        &mut self,
        statement: &Statement,
        values: &Values,
        columns: &[OfColumn],
        each: &mut dyn FnMut(RowChunk) -> bool,
    ) -> Result<(), DatabaseError> {
        let (sql, names) = statement.numbered('?');
        let values = bound(&names, values)?;
        let refused = |error: rusqlite::Error| refused(&error, &statement.text());
        let mut prepared = self.connection.prepare_cached(&sql).map_err(refused)?;
        only_ours(&prepared, statement).map_err(refused)?;
        let mut rows = prepared.query(params_from_iter(values.iter().map(|value| &**value))).map_err(refused)?;
        let mut chunk = RowChunk::default();
        let mut digits = itoa::Buffer::new();
        while let Some(row) = rows.next().map_err(refused)? {
            for (at, column) in columns.iter().enumerate() {
                match row.get_ref(at).map_err(refused)? {
                    ValueRef::Null => chunk.push(None),
                    ValueRef::Text(text) => chunk.push(Some(text)),
                    ValueRef::Integer(number) => chunk.push(Some(digits.format(number).as_bytes())),
                    ValueRef::Real(number) => chunk.push(Some(number.to_string().as_bytes())),
                    ValueRef::Blob(_) => {
                        let kind = "binary data".to_owned();
                        return Err(DatabaseError::ColumnKind { column: column.name.clone(), kind });
                    }
                }
            }
            chunk.rows += 1;
            if chunk.is_full() && !each(std::mem::take(&mut chunk)) {
                return Ok(());
            }
        }
        if chunk.rows > 0 {
            each(chunk);
        }
        Ok(())
    }
}

/// Fails where a statement has a value that is none of lapse's, such as `$Patron_id` or `?`: SQLite would give it the number of
/// another, and with it somebody else's value.
fn only_ours(prepared: &rusqlite::Statement<'_>, statement: &Statement) -> rusqlite::Result<()> {
    if statement.has_mark() {
        return Err(rusqlite::Error::InvalidParameterName("?".to_owned()));
    }
    let is_ours = |place: usize| {
        let name = prepared.parameter_name(place).and_then(|name| name.strip_prefix('?'));
        name.and_then(|number| number.parse().ok()) == Some(place)
    };
    match (1..=prepared.parameter_count()).find(|&place| !is_ours(place)) {
        None => Ok(()),
        Some(place) => {
            let name = prepared.parameter_name(place).unwrap_or("?").to_owned();
            Err(rusqlite::Error::InvalidParameterName(name))
        }
    }
}

/// A value as a text; none where there is nothing.
fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// The values for these names, in this order. A list is bound as a JSON array, for `json_each`.
fn bound(names: &[&str], values: &Values) -> Result<Vec<Box<dyn ToSql>>, DatabaseError> {
    let of = |name: &&str| -> Result<Box<dyn ToSql>, DatabaseError> {
        Ok(match super::statement::value(values, name)? {
            Value::Null => Box::new(rusqlite::types::Null),
            Value::Text(text) => Box::new(text.clone()),
            Value::List(texts) => Box::new(serde_json::Value::from(texts.clone()).to_string()),
        })
    };
    names.iter().map(of).collect()
}

fn refused(error: &rusqlite::Error, sql: &str) -> DatabaseError {
    let why = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Why::Locked,
        Some(ErrorCode::DiskFull) => Why::Full,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::DatabaseCorrupt) => Why::Gone,
        _ => Why::Other,
    };
    if why == Why::Locked {
        return DatabaseError::Held { seconds: LOCK_WAIT.as_secs() };
    }
    DatabaseError::Refused { said: said(error), sql: sql.to_owned(), why }
}

/// What SQLite says, without what it was said about.
fn said(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::InvalidParameterName(name) => {
            format!("there is no value {name}; values are small letters behind a $, such as $patron_id")
        }
        rusqlite::Error::SqliteFailure(_, Some(said)) | rusqlite::Error::SqlInputError { msg: said, .. } => {
            said.clone()
        }
        other => other.to_string(),
    }
}
