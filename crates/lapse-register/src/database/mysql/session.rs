//! A session: the connection with its settings, and who else holds locks when it waited for one in vain.

use mysql::prelude::Queryable as _;
use mysql::{Conn, consts::CapabilityFlags};

use super::refused::in_words;
use super::url::Reached;
use crate::database::Access;

/// How many statements stay prepared.
const PREPARED: usize = 128;

/// What every session is set to. These are set and not hoped for: a server's own settings are those of its other programs. A
/// backslash is a letter, and a text that does not fit an error, as in other databases. Nobody cuts off a reader who is slow to
/// take what a server sends. Only MariaDB knows what stands in the comment.
const SETTINGS: [&str; 2] = [
    "set names utf8mb4 collate utf8mb4_bin",
    "set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_BACKSLASH_ESCAPES', \
     innodb_lock_wait_timeout = 10, lock_wait_timeout = 10, group_concat_max_len = 1048576, net_write_timeout = 600 \
     /*M!100203 , max_statement_time = 1800, idle_transaction_timeout = 600 */",
];

/// Who has held locks for longer than the time that was waited, which only roles with the right `process` may ask.
const HOLDERS: &str = "select t.trx_mysql_thread_id, p.user, p.host, cast(t.trx_started as char) \
     from information_schema.innodb_trx t left join information_schema.processlist p on p.id = t.trx_mysql_thread_id \
     where t.trx_mysql_thread_id <> connection_id() and t.trx_rows_locked > 0 order by t.trx_started limit 3";

/// A session on a server.
pub(super) struct Session {
    pub connection: Conn,
}

impl Session {
    /// Connects to the server of a URL.
    pub fn open(url: &str, access: Access) -> Result<Session, String> {
        let mut settings: Vec<&str> = SETTINGS.to_vec();
        if access == Access::Read {
            settings.push("set session transaction read only");
        }
        let options = Reached::by(url)?
            .options
            // A row that is found and has its value already counts as changed: `rows = 1` asks whether it is there.
            .additional_capabilities(CapabilityFlags::CLIENT_FOUND_ROWS)
            .stmt_cache_size(PREPARED)
            .init(settings);
        Ok(Session { connection: Conn::new(options).map_err(|error| in_words(&error))? })
    }

    /// Who holds locks, in words; none where nobody does, or where it may not be asked.
    pub fn who_holds_locks(&mut self) -> Option<String> {
        type Holder = (u64, Option<String>, Option<String>, Option<String>);
        let found: Vec<Holder> = self.connection.query(HOLDERS).ok()?;
        let told = found.into_iter().map(|(process, user, host, since)| {
            let user = user.map(|user| format!("user {user}"));
            let host = host.map(|host| format!("from {host}"));
            let who = [user, host].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let who = if who.is_empty() { who } else { format!(" ({who})") };
            format!("process {process}{who} holds locks in a transaction since {}", since.unwrap_or_default())
        });
        let told = told.collect::<Vec<_>>().join(", and ");
        (!told.is_empty()).then_some(told)
    }
}
