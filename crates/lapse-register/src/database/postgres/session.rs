//! A session: the connection with its settings, the statements that stay prepared in it, and who stands in its way while it
//! waits for a lock.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use super::refused::{in_words, is_outdated, refused};
use super::tls::Tls;
use super::url::Reached;
use crate::database::{Access, DatabaseError};

/// How many statements stay prepared.
const PREPARED: usize = 256;

/// What every session is set to, unless the `options` of the URL name it. They are set and not hoped for: a server's own
/// settings are those of its other programs.
const SETTINGS: [(&str, &str); 7] = [
    ("client_encoding", "UTF8"),
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("standard_conforming_strings", "on"),
    ("statement_timeout", "30min"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "10min"),
];

/// Whoever holds a lock is asked for within this time.
const TO_LOOK: Duration = Duration::from_secs(3);

/// A session that does not end within this time is left to the server, such as one in the middle of a large table.
const TO_END: Duration = Duration::from_secs(1);

/// How a server is reached, as often as need be.
pub(super) struct Server {
    reached: Reached,
    tls: Tls,
}

impl Server {
    pub fn by(url: &str) -> Result<Server, String> {
        let reached = Reached::by(url)?;
        let tls = Tls::asking(reached.security, reached.authorities.as_deref())?;
        Ok(Server { reached, tls })
    }

    /// Connects. What the server says goes to and fro by itself while the runtime works.
    async fn connect(&self) -> Result<(Client, JoinHandle<Result<(), Error>>), Error> {
        let (client, connection) = self.reached.config.connect(self.tls.clone()).await?;
        Ok((client, tokio::spawn(connection)))
    }

    /// Who keeps a session from going on, in words; none where nobody does, or where it cannot be told.
    async fn who_is_in_the_way_of(&self, process: i64) -> Option<String> {
        let look = async {
            let (client, driven) = self.connect().await.ok()?;
            let ask = format!(
                "select p.pid, a.usename, a.application_name from unnest(pg_blocking_pids({process})) as p(pid) \
                 left join pg_stat_activity a on a.pid = p.pid order by p.pid"
            );
            let found = client.simple_query(&ask).await.ok();
            drop(client);
            driven.abort();
            let told = found?.iter().filter_map(holder).collect::<Vec<_>>().join(", and ");
            (!told.is_empty()).then_some(told)
        };
        tokio::time::timeout(TO_LOOK, look).await.ok().flatten()
    }
}

/// A row of `who_is_in_the_way_of` in words.
fn holder(message: &SimpleQueryMessage) -> Option<String> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    let text = |at: usize| row.get(at).filter(|text| !text.is_empty());
    // A transaction that was prepared for a later commit has no process.
    let process = match text(0)? {
        "0" => "a prepared transaction".to_owned(),
        process => format!("process {process}"),
    };
    let user = text(1).map(|user| format!("user {user}"));
    let application = text(2).map(|application| format!("application {application}"));
    let who: Vec<String> = user.into_iter().chain(application).collect();
    let who = if who.is_empty() { String::new() } else { format!(" ({})", who.join(", ")) };
    Some(format!("{process}{who} holds the lock"))
}

/// A statement that stays prepared, with the names of what it gives.
#[derive(Clone)]
pub(super) struct Prepared {
    pub statement: tokio_postgres::Statement,
    pub columns: Vec<String>,
}

/// What brings to the server what the client says, and back what it answers.
struct Driver {
    runtime: Runtime,
    driven: Option<JoinHandle<Result<(), Error>>>,
}

impl Driver {
    /// Waits until the session has ended, and says why it did; none where nothing says so.
    fn end(&mut self) -> Option<Error> {
        let driven = self.driven.take()?;
        let ended = self.runtime.block_on(async { tokio::time::timeout(TO_END, driven).await });
        ended.ok()?.ok()?.err()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}

/// A session on a server.
pub(super) struct Session {
    // Dropped before what drives it, which then tells the server that the session ends.
    client: Client,
    driver: Driver,
    server: Server,
    process: i64,
    /// A statement that takes so long may wait for a lock.
    look_after: Duration,
    pub in_transaction: bool,
    prepared: HashMap<String, Prepared>,
}

impl Session {
    /// Connects to the server of a URL.
    pub fn open(url: &str, access: Access) -> Result<Session, String> {
        let server = Server::by(url)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let mut settings: Vec<(&str, &str)> = SETTINGS.to_vec();
        if access == Access::Read {
            settings.push(("default_transaction_read_only", "on"));
        }
        let said = server.reached.config.get_options().unwrap_or_default().to_lowercase();
        settings.retain(|(name, _)| !said.contains(&name.to_lowercase()));
        let set: Vec<String> = settings.iter().map(|(name, value)| format!("set {name} = '{value}'")).collect();
        let ask = "select pg_backend_pid(), setting from pg_settings where name = 'lock_timeout'";
        let connected = runtime.block_on(async {
            let (client, driven) = server.connect().await?;
            client.batch_execute(&set.join("; ")).await?;
            let found = client.simple_query(ask).await?;
            let number = |at: usize| {
                let mut rows = found.iter().filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => row.get(at)?.parse::<u64>().ok(),
                    _ => None,
                });
                rows.next().unwrap_or_default()
            };
            Ok((client, driven, number(0), number(1)))
        });
        let (client, driven, process, lock_wait) = connected.map_err(|error: Error| in_words(&error))?;
        // Every wait that ends in an error is long enough for a look while it lasts.
        let look_after = match lock_wait {
            0 => Duration::from_secs(10),
            wait => Duration::from_millis((wait / 2).max(20)),
        };
        Ok(Session {
            client,
            driver: Driver { runtime, driven: Some(driven) },
            server,
            process: i64::try_from(process).unwrap_or_default(),
            look_after,
            in_transaction: false,
            prepared: HashMap::new(),
        })
    }

    /// Does some work on the server about a statement. Where it takes long, whoever is in its way is looked for meanwhile, since
    /// nobody can tell afterwards.
    pub fn work<T>(
        &mut self,
        sql: &str,
        work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, DatabaseError> {
        let mut holder = None;
        let done = self.driver.runtime.block_on(async {
            let mut work = pin!(work(&self.client));
            loop {
                match tokio::time::timeout(self.look_after, &mut work).await {
                    Ok(done) => break done,
                    Err(_) => holder = self.server.who_is_in_the_way_of(self.process).await.or(holder.take()),
                }
            }
        });
        done.map_err(|error| {
            let of_lock = holder.filter(|_| error.code().is_some_and(|code| code.code() == "55P03"));
            let why_closed = || error.is_closed().then(|| self.driver.end()).flatten().map(|error| in_words(&error));
            let more = of_lock.or_else(why_closed);
            refused(&error, sql, more.as_deref())
        })
    }

    /// Does several statements without values.
    pub fn script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.work(sql, async |client| client.batch_execute(sql).await)
    }

    /// A statement, prepared by its text; people are told another one, with the names of its values.
    pub fn prepared(&mut self, sql: &str, told: &str) -> Result<Prepared, DatabaseError> {
        if let Some(prepared) = self.prepared.get(sql) {
            return Ok(prepared.clone());
        }
        let statement = self.work(told, async |client| client.prepare(sql).await)?;
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        let prepared = Prepared { statement, columns };
        self.keep(sql, &prepared);
        Ok(prepared)
    }

    /// Keeps a statement that is prepared under a text.
    pub fn keep(&mut self, sql: &str, prepared: &Prepared) {
        // There are a few dozen texts; whoever has more of them does not come back to most.
        if self.prepared.len() >= PREPARED {
            self.prepared.clear();
        }
        self.prepared.insert(sql.to_owned(), prepared.clone());
    }

    /// A statement that stays prepared under a text, if there is one.
    pub fn kept(&self, sql: &str) -> Option<Prepared> {
        self.prepared.get(sql).cloned()
    }

    /// Does something with a prepared statement, and once more where that is outdated. In a transaction, which the error has
    /// spoiled, whoever asked must begin again.
    pub fn with_prepared<T>(
        &mut self,
        told: &str,
        prepare: impl Fn(&mut Session) -> Result<Prepared, DatabaseError>,
        work: &impl AsyncFn(&Client, &Prepared) -> Result<T, Error>,
    ) -> Result<(T, Prepared), DatabaseError> {
        let prepared = prepare(self)?;
        let mut outdated = false;
        let first = self.work(told, async |client| {
            let done = work(client, &prepared).await;
            outdated = done.as_ref().is_err_and(is_outdated);
            done
        });
        if !outdated {
            return first.map(|done| (done, prepared));
        }
        self.prepared.clear();
        if self.in_transaction {
            return first.map(|done| (done, prepared));
        }
        let prepared = prepare(self)?;
        let again = self.work(told, async |client| work(client, &prepared).await)?;
        Ok((again, prepared))
    }

    /// Asks for something that may fail, without spoiling the transaction at hand.
    pub fn try_out<T>(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        if !self.in_transaction {
            return work(self);
        }
        self.script("savepoint lapse_tries")?;
        let done = work(self);
        let back = if done.is_ok() { "" } else { "rollback to savepoint lapse_tries; " };
        match self.script(&format!("{back}release savepoint lapse_tries")) {
            // The first error says more.
            Err(error) if done.is_ok() => Err(error),
            _ => done,
        }
    }

    /// Drives what a statement sends.
    pub fn drive<T>(&mut self, work: impl AsyncFnOnce(&Client) -> T) -> T {
        self.driver.runtime.block_on(work(&self.client))
    }
}
