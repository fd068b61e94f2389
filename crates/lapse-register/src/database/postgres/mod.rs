//! A PostgreSQL server. `url` and `tls` say how it is reached, `session` is the connection with its settings, `value` and `rows`
//! are what goes to and fro, and `refused` tells why it says no.

mod refused;
mod rows;
mod session;
mod tls;
mod url;
mod value;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use futures_util::future::join_all;
use tokio_postgres::Error;
use tokio_postgres::types::Type;

use super::connection::{Connection, Transaction, quoted};
use super::error::Why;
use super::row_chunk::{OfColumn, RowChunk};
use super::{Access, Address, DatabaseError, Found, Kind, Statement, Value, Values};
use refused::refused;
use rows::{Stopped, answered, copied};
use session::{Prepared, Session};
use value::{Bound, Raw, array, is_known, name_of, text};

/// This many rows are added by one statement.
const ADDED_TOGETHER: usize = 5_000;
/// This many changes are on their way at once.
const SENT_TOGETHER: usize = 500;
/// The tables of lapse's own in which something stands of patrons who are no longer there.
const FORGETTING: &str = "'lapse_trash', 'lapse_archive', 'lapse_before', 'lapse_ids', 'lapse_waiting', 'lapse_runs'";

/// A connection to a server.
pub(crate) struct Postgres {
    session: Session,
    /// The statements that add rows to the columns of a table.
    adding: HashMap<String, String>,
}

impl Postgres {
    /// Connects to the server of an address, which is a URL.
    pub fn open(address: &Address, url: &str, access: Access) -> Result<Postgres, DatabaseError> {
        let not_reached = |said| DatabaseError::NotReached { place: address.to_string(), said };
        Ok(Postgres { session: Session::open(url, access).map_err(not_reached)?, adding: HashMap::new() })
    }

    /// Adds rows, many by each statement: the values of a column go as one array, so that there is one statement however many
    /// rows there are.
    fn add(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: &[Vec<Value>],
        otherwise: &str,
    ) -> Result<(), DatabaseError> {
        if rows.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = columns.iter().map(|name| quoted(Kind::Postgres, name)).collect();
        let key = format!("{table} ({}) {otherwise}", names.join(", "));
        let sql = if let Some(sql) = self.adding.get(&key) {
            sql.clone()
        } else {
            let types = self.columns_of(&format!("select {} from {table} limit 0", names.join(", ")))?;
            let values: Vec<String> =
                types.iter().enumerate().map(|(at, of)| format!("v{at}::{}", of.of_type)).collect();
            let arrays: Vec<String> = (1..=types.len()).map(|at| format!("${at}::text[]")).collect();
            let each: Vec<String> = (0..types.len()).map(|at| format!("v{at}")).collect();
            let sql = format!(
                "insert into {table} ({}) select {} from unnest({}) as v ({}){otherwise}",
                names.join(", "),
                values.join(", "),
                arrays.join(", "),
                each.join(", ")
            );
            self.adding.insert(key, sql.clone());
            sql
        };
        for rows in rows.chunks(ADDED_TOGETHER) {
            let column = |at: usize| {
                let bound: Vec<Bound> = rows.iter().map(|row| Bound::of(row.get(at).unwrap_or(&Value::Null))).collect();
                Bound(Some(array(bound.iter().map(|Bound(text)| text.as_deref()))))
            };
            let bound: Vec<Bound> = (0..columns.len()).map(column).collect();
            self.session.with_prepared(
                &sql,
                |session| session.prepared(&sql, &sql),
                &async |client: &_, prepared: &Prepared| client.execute_raw(&prepared.statement, &bound).await,
            )?;
        }
        Ok(())
    }

    /// The columns that a query gives.
    fn columns_of(&mut self, sql: &str) -> Result<Vec<OfColumn>, DatabaseError> {
        let statement = self.session.try_out(|session| session.work(sql, async |client| client.prepare(sql).await))?;
        let of = |column: &tokio_postgres::Column| OfColumn {
            name: column.name().to_owned(),
            is_day: *column.type_() == Type::DATE,
            of_type: name_of(column.type_()),
        };
        Ok(statement.columns().iter().map(of).collect())
    }
}

/// A query, prepared so that all that it gives can be told as texts. Where it gives a type that is not known here, the server
/// is asked to write it.
fn prepared_for_texts(session: &mut Session, sql: &str, told: &str) -> Result<Prepared, DatabaseError> {
    let key = format!("as texts: {sql}");
    if let Some(prepared) = session.kept(&key) {
        return Ok(prepared);
    }
    let asked = session.prepared(sql, told)?;
    let unknown = asked.statement.columns().iter().find(|column| !is_known(column.type_()));
    let Some(unknown) = unknown else {
        session.keep(&key, &asked);
        return Ok(asked);
    };
    let each: Vec<String> = (0..asked.columns.len()).map(|at| format!("c{at}")).collect();
    let query = sql.trim_end().trim_end_matches(';');
    // The query may end in a comment.
    let texts = format!("select {}::text from (\n{query}\n) as q ({})", each.join("::text, "), each.join(", "));
    match session.try_out(|session| session.prepared(&texts, told)) {
        Ok(again) => {
            let prepared = Prepared { statement: again.statement, columns: asked.columns };
            session.keep(&key, &prepared);
            Ok(prepared)
        }
        Err(error) if error.ends_the_work() => Err(error),
        // A statement that changes something, for example, cannot be asked within another.
        Err(_) => Err(DatabaseError::ColumnKind {
            column: unknown.name().to_owned(),
            kind: format!("values of the type {}", unknown.type_().name()),
        }),
    }
}

impl Connection for Postgres {
    fn kind(&self) -> Kind {
        Kind::Postgres
    }

    fn set_time_zone(&mut self, zone: &str) -> Result<(), DatabaseError> {
        let set = Statement::parse("select set_config('TimeZone', $zone, false)");
        self.query(&set, &Values::from([("zone".to_owned(), zone.into())])).map(drop)
    }

    fn begin(&mut self, transaction: Transaction) -> Result<(), DatabaseError> {
        self.session.script(match transaction {
            Transaction::Snapshot => "begin isolation level repeatable read, read only",
            // Each statement sees what others have committed by then: what somebody did while a lock was waited for must be seen
            // behind it, and is not where a transaction sees the rows as they were at its start.
            Transaction::Change => "begin isolation level read committed",
        })?;
        self.session.in_transaction = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        // The server takes the commit of a transaction that an error has spoiled for a rollback, and says so to nobody. Asking
        // for something first is an error then.
        let done = self.session.script("select 1; commit");
        if done.is_err() {
            self.roll_back();
        }
        self.session.in_transaction = false;
        done
    }

    fn roll_back(&mut self) {
        let _ = self.session.script("rollback");
        self.session.in_transaction = false;
    }

    fn script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.session.script(sql)
    }

    fn change(&mut self, statement: &Statement, values: &Values) -> Result<u64, DatabaseError> {
        let (sql, names) = statement.numbered('$');
        let (bound, told) = (Bound::all(&names, values)?, statement.text());
        let (changed, _) = self.session.with_prepared(
            &told,
            |session| session.prepared(&sql, &told),
            &async |client: &_, prepared: &Prepared| client.execute_raw(&prepared.statement, &bound).await,
        )?;
        Ok(changed)
    }

    fn change_many(&mut self, statement: &Statement, all: &[Values]) -> Result<Vec<u64>, DatabaseError> {
        // Out of a transaction those behind one that fails would be done all the same.
        if !self.session.in_transaction {
            return all.iter().map(|values| self.change(statement, values)).collect();
        }
        let (sql, names) = statement.numbered('$');
        let told = statement.text();
        let mut changed = Vec::with_capacity(all.len());
        for some in all.chunks(SENT_TOGETHER) {
            let bound = some.iter().map(|values| Bound::all(&names, values)).collect::<Result<Vec<_>, _>>()?;
            let (rows, _) = self.session.with_prepared(
                &told,
                |session| session.prepared(&sql, &told),
                &async |client: &_, prepared: &Prepared| {
                    // They are sent one behind the other, and the server does them in this order; only nobody waits for the
                    // answer to one before the next is sent.
                    let sent = bound.iter().map(|bound| client.execute_raw(&prepared.statement, bound));
                    join_all(sent).await.into_iter().collect::<Result<Vec<u64>, Error>>()
                },
            )?;
            changed.extend(rows);
        }
        Ok(changed)
    }

    fn query(&mut self, statement: &Statement, values: &Values) -> Result<Found, DatabaseError> {
        let (sql, names) = statement.numbered('$');
        let (bound, told) = (Bound::all(&names, values)?, statement.text());
        let (rows, prepared) = self.session.with_prepared(
            &told,
            |session| prepared_for_texts(session, &sql, &told),
            &async |client: &_, prepared: &Prepared| texts(client, prepared, &bound).await,
        )?;
        Ok(Found { columns: prepared.columns, rows })
    }

    fn query_many(&mut self, statement: &Statement, all: &[Values]) -> Result<Vec<Found>, DatabaseError> {
        let (sql, names) = statement.numbered('$');
        let told = statement.text();
        let mut found = Vec::with_capacity(all.len());
        for some in all.chunks(SENT_TOGETHER) {
            let bound = some.iter().map(|values| Bound::all(&names, values)).collect::<Result<Vec<_>, _>>()?;
            let (rows, prepared) = self.session.with_prepared(
                &told,
                |session| prepared_for_texts(session, &sql, &told),
                &async |client: &_, prepared: &Prepared| {
                    let sent = bound.iter().map(|bound| texts(client, prepared, bound));
                    join_all(sent).await.into_iter().collect::<Result<Vec<_>, Error>>()
                },
            )?;
            found.extend(rows.into_iter().map(|rows| Found { columns: prepared.columns.clone(), rows }));
        }
        Ok(found)
    }

    fn insert(&mut self, table: &str, columns: &[&str], rows: &[Vec<Value>]) -> Result<(), DatabaseError> {
        self.add(table, columns, rows, "")
    }

    fn insert_new(
        &mut self,
        table: &str,
        columns: &[&str],
        _keys: usize,
        rows: &[Vec<Value>],
    ) -> Result<(), DatabaseError> {
        self.add(table, columns, rows, " on conflict do nothing")
    }

    fn prepare(&mut self, statement: &Statement) -> Result<(), DatabaseError> {
        let ((sql, _), told) = (statement.numbered('$'), statement.text());
        self.session.try_out(|session| session.work(&told, async |client| client.prepare(&sql).await).map(drop))
    }

    fn columns(&mut self, from: &str) -> Result<Vec<OfColumn>, DatabaseError> {
        self.columns_of(&format!("select * from {from} limit 0"))
    }

    fn stream(
        &mut self,
        statement: &Statement,
        values: &Values,
        columns: &[OfColumn],
        each: &mut dyn FnMut(RowChunk) -> bool,
    ) -> Result<(), DatabaseError> {
        let (sql, names) = statement.numbered('$');
        let told = statement.text();
        if names.is_empty() {
            let copy = format!("copy (\n{sql}\n) to stdout (format binary)");
            let stream = self.session.work(&told, async |client| client.copy_out(&copy).await)?;
            let done = self.session.drive(async |_| copied(stream, columns.len(), each).await);
            return done.map_err(|stopped| match stopped {
                Stopped::Error(error) => refused(&error, &told, None),
                Stopped::NoCopy => DatabaseError::ColumnKind {
                    column: columns.first().map(|column| column.name.clone()).unwrap_or_default(),
                    kind: "something that is no binary COPY".to_owned(),
                },
            });
        }
        let bound = Bound::all(&names, values)?;
        let (rows, _) = self.session.with_prepared(
            &told,
            |session| session.prepared(&sql, &told),
            &async |client: &_, prepared: &Prepared| client.query_raw(&prepared.statement, &bound).await,
        )?;
        let done = self.session.drive(async |_| answered(rows, columns.len(), each).await);
        done.map_err(|error| refused(&error, &told, None))
    }

    /// Dead rows hold what they held until a vacuum takes them away. Whose tables they are may do that, and nobody else.
    fn forget_what_was_deleted(&mut self) -> Result<(), DatabaseError> {
        let ask = format!(
            "select quote_ident(n.nspname) || '.' || quote_ident(c.relname) from pg_catalog.pg_class c \
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             where c.relkind = 'r' and c.relname in ({FORGETTING}) order by 1"
        );
        let tables = self.query(&Statement::parse(&ask), &Values::new())?;
        for table in tables.rows.into_iter().flatten().flatten() {
            let done = self.script(&format!("vacuum {table}"));
            if let Err(error @ DatabaseError::Refused { why: Why::Gone, .. }) = done {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Texts and days come as they are. All else is written by the server: `bpchar` without the blanks behind it, a boolean as
    /// `true` or `false`.
    fn as_selected(&self, column: &OfColumn) -> String {
        let name = quoted(Kind::Postgres, &column.name);
        match &*column.of_type {
            "text" | "varchar" | "date" => name,
            _ => format!("{name}::text"),
        }
    }
}

/// The rows of a query, as texts.
async fn texts(
    client: &tokio_postgres::Client,
    prepared: &Prepared,
    bound: &[Bound],
) -> Result<Vec<Vec<Option<String>>>, Error> {
    let mut rows = pin!(client.query_raw(&prepared.statement, bound).await?);
    let mut found = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let of = |(at, column): (usize, &tokio_postgres::Column)| {
            let Raw(value) = row.try_get(at)?;
            Ok(value.map(|value| text(column.type_(), value)))
        };
        found.push(row.columns().iter().enumerate().map(of).collect::<Result<_, Error>>()?);
    }
    Ok(found)
}
