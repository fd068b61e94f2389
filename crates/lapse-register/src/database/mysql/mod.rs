//! A MariaDB server, or one of MySQL. `url` says how it is reached, `session` what is set there, `value` is what goes to and fro,
//! and `refused` tells why it says no.

mod refused;
mod session;
mod url;
mod value;

use mysql::prelude::{Protocol, Queryable as _};
use mysql::{QueryResult, Row};

use super::connection::{Connection, Transaction, quoted};
use super::error::Why;
use super::row_chunk::{OfColumn, RowChunk};
use super::{Access, Address, DatabaseError, Found, Kind, Statement, Value, Values};
use refused::refused;
use session::Session;
use value::{Placed, as_text, of_column};

/// A statement that adds rows binds no more values than this; the protocol counts them in two bytes.
const BOUND_TOGETHER: usize = 20_000;
/// The texts of the rows that are added together have about this many bytes, far below the smallest packet of a server.
const BYTES_TOGETHER: usize = 1 << 20;

/// The tables of lapse's own in which something stands of patrons who are no longer there.
const FORGETTING: &str = "'lapse_trash', 'lapse_archive', 'lapse_before', 'lapse_ids', 'lapse_waiting', 'lapse_runs'";

/// A connection to a server.
pub(crate) struct Mysql {
    session: Session,
}

impl Mysql {
    /// Connects to the server of an address, which is a URL.
    pub fn open(address: &Address, url: &str, access: Access) -> Result<Mysql, DatabaseError> {
        let not_reached = |said| DatabaseError::NotReached { place: address.to_string(), said };
        Ok(Mysql { session: Session::open(url, access).map_err(not_reached)? })
    }

    /// Does something with the connection about a statement.
    fn work<T>(
        &mut self,
        told: &str,
        work: impl FnOnce(&mut mysql::Conn) -> mysql::Result<T>,
    ) -> Result<T, DatabaseError> {
        work(&mut self.session.connection).map_err(|error| {
            let holders = if refused::is_of_lock(&error) { self.session.who_holds_locks() } else { None };
            refused(&error, told, holders.as_deref())
        })
    }

    /// Adds rows, many by each statement.
    fn add(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: &[Vec<Value>],
        otherwise: &str,
    ) -> Result<(), DatabaseError> {
        let names: Vec<String> = columns.iter().map(|name| quoted(Kind::Mysql, name)).collect();
        let insert = format!("insert into {table} ({}) values ", names.join(", "));
        let one = format!("({})", vec!["?"; columns.len()].join(", "));
        let most = (BOUND_TOGETHER / columns.len().max(1)).max(1);
        let mut rest = rows;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take(most).take_while(|row| {
                let fits = bytes < BYTES_TOGETHER;
                bytes += row.iter().map(value::length).sum::<usize>();
                fits
            });
            let (now, later) = rest.split_at(fits.count().max(1));
            rest = later;
            let sql = format!("{insert}{}{otherwise}", vec![&*one; now.len()].join(", "));
            let bound: Vec<mysql::Value> = now.iter().flatten().map(value::bound).collect();
            let told = format!("{insert}{one}{otherwise}");
            self.work(&told, |connection| connection.exec_drop(&sql, bound))?;
        }
        Ok(())
    }
}

impl Connection for Mysql {
    fn kind(&self) -> Kind {
        Kind::Mysql
    }

    fn set_time_zone(&mut self, zone: &str) -> Result<(), DatabaseError> {
        let set = Statement::parse("set session time_zone = $zone");
        let done = self.change(&set, &Values::from([("zone".to_owned(), zone.into())]));
        match done {
            // The names of time zones are rows that a new server does not have.
            Err(DatabaseError::Refused { said, sql, why }) if said.contains("time zone") => {
                let hint =
                    "mariadb-tzinfo-to-sql /usr/share/zoneinfo | mariadb mysql gives a server the names of time zones";
                Err(DatabaseError::Refused { said: format!("{said}; {hint}"), sql, why })
            }
            other => other.map(drop),
        }
    }

    fn begin(&mut self, transaction: Transaction) -> Result<(), DatabaseError> {
        self.script(match transaction {
            Transaction::Snapshot => {
                "set transaction isolation level repeatable read; \
                 start transaction with consistent snapshot, read only"
            }
            // Rows that one statement has kept, and the gaps between them, stay locked until the next has deleted them. The rows are
            // seen as they are at the first look at them, which comes behind the lock.
            Transaction::Change => "set transaction isolation level repeatable read; start transaction",
        })
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        self.script("commit")
    }

    fn roll_back(&mut self) {
        let _ = self.script("rollback");
    }

    fn script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.work(sql, |connection| {
            let mut done = connection.query_iter(sql)?;
            // An error of a later statement is among its rows.
            while let Some(rows) = done.iter() {
                for row in rows {
                    row?;
                }
            }
            Ok(())
        })
    }

    fn change(&mut self, statement: &Statement, values: &Values) -> Result<u64, DatabaseError> {
        let Placed { sql, bound } = Placed::of(statement, values)?;
        self.work(&statement.text(), |connection| {
            let mut done = connection.exec_iter(&sql, bound)?;
            let gives_rows = !done.columns().as_ref().is_empty();
            let changed = done.affected_rows();
            let mut count = 0;
            for row in done.by_ref() {
                row?;
                count += 1;
            }
            // A statement that gives rows counts them: `select …`, or `… returning`.
            Ok(if gives_rows { count } else { changed })
        })
    }

    fn query(&mut self, statement: &Statement, values: &Values) -> Result<Found, DatabaseError> {
        let Placed { sql, bound } = Placed::of(statement, values)?;
        self.work(&statement.text(), |connection| {
            // Without values there is nothing to prepare, and the server writes the texts itself.
            if bound.is_empty() {
                found(connection.query_iter(&sql)?)
            } else {
                found(connection.exec_iter(&sql, bound)?)
            }
        })
    }

    fn insert(&mut self, table: &str, columns: &[&str], rows: &[Vec<Value>]) -> Result<(), DatabaseError> {
        self.add(table, columns, rows, "")
    }

    /// `insert ignore` would also take what does not fit into a column, cut off.
    fn insert_new(
        &mut self,
        table: &str,
        columns: &[&str],
        _keys: usize,
        rows: &[Vec<Value>],
    ) -> Result<(), DatabaseError> {
        let Some(first) = columns.first().map(|name| quoted(Kind::Mysql, name)) else { return Ok(()) };
        self.add(table, columns, rows, &format!(" on duplicate key update {first} = {first}"))
    }

    fn prepare(&mut self, statement: &Statement) -> Result<(), DatabaseError> {
        let sql = statement.filled(|_| "?".to_owned());
        self.work(&statement.text(), |connection| {
            let prepared = connection.prep(&sql)?;
            connection.close(prepared)
        })
    }

    /// Preparing a query tells its columns. Where there is no such table that is refused, and the transaction goes on.
    fn columns(&mut self, from: &str) -> Result<Vec<OfColumn>, DatabaseError> {
        let sql = format!("select * from {from} limit 0");
        self.work(&sql, |connection| {
            let prepared = connection.prep(&sql)?;
            let columns = prepared.columns().iter().map(of_column).collect();
            connection.close(prepared)?;
            Ok(columns)
        })
    }

    fn stream(
        &mut self,
        statement: &Statement,
        values: &Values,
        columns: &[OfColumn],
        each: &mut dyn FnMut(RowChunk) -> bool,
    ) -> Result<(), DatabaseError> {
        let Placed { sql, bound } = Placed::of(statement, values)?;
        let told = statement.text();
        self.work(&told, |connection| {
            if bound.is_empty() {
                handed_on(connection.query_iter(&sql)?, columns, each)
            } else {
                handed_on(connection.exec_iter(&sql, bound)?, columns, each)
            }
        })
    }

    /// Pages hold what was deleted from them until other rows take its place. Whoever may write in a table may have it written
    /// anew.
    fn forget_what_was_deleted(&mut self) -> Result<(), DatabaseError> {
        let ask = format!(
            "select table_schema, table_name from information_schema.tables \
             where table_type = 'BASE TABLE' and table_name in ({FORGETTING}) order by 1, 2"
        );
        for row in self.query(&Statement::parse(&ask), &Values::new())?.rows {
            let name: Vec<String> = row.into_iter().flatten().map(|name| quoted(Kind::Mysql, &name)).collect();
            let done = self.script(&format!("optimize table {}", name.join(".")));
            if let Err(error @ DatabaseError::Refused { why: Why::Gone, .. }) = done {
                return Err(error);
            }
        }
        Ok(())
    }

    /// What the server writes as it is, or as whoever looks at the rows of other databases has it: a `tinyint(1)`, which
    /// stands for a boolean, as `true` or `false`.
    fn as_selected(&self, column: &OfColumn) -> String {
        let name = quoted(Kind::Mysql, &column.name);
        match &*column.of_type {
            "bool" => format!("case {name} when 1 then 'true' when 0 then 'false' else {name} end"),
            "text" | "int" | "decimal" | "date" => name,
            // The two protocols write these differently.
            _ => format!("cast({name} as char)"),
        }
    }
}

/// All that a query gives.
fn found<P: Protocol>(done: QueryResult<'_, '_, '_, P>) -> mysql::Result<Found> {
    let columns = done.columns().as_ref().to_vec();
    let mut rows = Vec::new();
    for row in done {
        let texts = row?.unwrap().into_iter().zip(&columns).map(|(value, column)| as_text(value, column));
        rows.push(texts.map(|bytes| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())).collect());
    }
    Ok(Found { columns: columns.iter().map(|column| column.name_str().into_owned()).collect(), rows })
}

/// Hands rows on, chunk by chunk, as they come from the server.
fn handed_on(
    rows: impl Iterator<Item = mysql::Result<Row>>,
    columns: &[OfColumn],
    each: &mut dyn FnMut(RowChunk) -> bool,
) -> mysql::Result<()> {
    let mut chunk = RowChunk::default();
    for row in rows {
        let row = row?;
        let described = row.columns();
        for (value, column) in row.unwrap().into_iter().zip(&*described).take(columns.len()) {
            chunk.push(as_text(value, column).as_deref());
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
