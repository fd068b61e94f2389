//! Who works in a database now. One command at a time changes it, and says so in a row with a heartbeat; a command that was
//! killed leaves a row that goes stale. Within a transaction the row is locked, so that even a stale holder is waited for.

use rustix::process::test_kill_process;

use super::clock::{now, seconds_between};
use crate::apply_error::ApplyError;
use crate::database::{Connection, DatabaseError, Kind, Statement, Transaction, Values};

/// A holder who was not heard of for this many seconds is gone.
const STALE: i64 = 120;

/// Who runs this command, and where, as leases and logs name them: `USER@HOST (process NUMBER)`.
pub fn who_runs_this(user: &str) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{user}@{} (process {})", host.trim(), std::process::id())
}

/// Whether a holder was a process of the same computer as `other`, and has ended. Should the number be that of a process that
/// this one cannot see, nothing is lost: its next batch finds that the lease is gone, and does nothing.
fn has_ended(holder: &str, other: &str) -> bool {
    let parts = |text: &str| -> Option<(String, u32)> {
        let (place, process) = text.strip_suffix(')')?.rsplit_once(" (process ")?;
        Some((place.rsplit_once('@')?.1.to_owned(), process.parse().ok()?))
    };
    let (Some((host, process)), Some((here, _))) = (parts(holder), parts(other)) else { return false };
    let process = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    // A process of somebody else cannot be asked, and lives.
    let ended = process.is_some_and(|process| test_kill_process(process) == Err(rustix::io::Errno::SRCH));
    host == here && ended
}

/// The right to change a database until it is given back.
#[derive(Debug)]
pub(crate) struct Lease {
    holder: String,
    prefix: String,
}

impl Lease {
    /// Takes the lease, unless somebody holds it. `holder` says who takes it, and no two holders are the same.
    pub fn take(connection: &mut dyn Connection, prefix: &str, holder: &str) -> Result<Lease, ApplyError> {
        let lease = Lease { holder: holder.to_owned(), prefix: prefix.to_owned() };
        connection.begin(Transaction::Change)?;
        let taken = lease.take_in_transaction(connection);
        match taken {
            Ok(()) => connection.commit()?,
            Err(error) => {
                connection.roll_back();
                return Err(error);
            }
        }
        Ok(lease)
    }

    fn take_in_transaction(&self, connection: &mut dyn Connection) -> Result<(), ApplyError> {
        let found = connection.query(&self.row(connection.kind()), &Values::new())?;
        let (now, values) = (now(), self.values());
        let table = &self.prefix;
        if let Some(row) = found.rows.first() {
            let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
            let (holder, since, heartbeat) = (text(0), text(1), text(2));
            let is_fresh = seconds_between(&heartbeat, &now).is_none_or(|seconds| seconds < STALE);
            if is_fresh && !has_ended(&holder, &self.holder) {
                return Err(ApplyError::SomebodyWorks { holder, since, heartbeat });
            }
            let update =
                format!("update {table}lapse_lease set holder = $holder, since = $now, heartbeat = $now where id = 1");
            connection.change(&Statement::parse(&update), &values)?;
        } else {
            let insert = format!(
                "insert into {table}lapse_lease (id, holder, since, heartbeat) values (1, $holder, $now, $now)"
            );
            connection.change(&Statement::parse(&insert), &values)?;
        }
        Ok(())
    }

    /// Within a transaction, makes sure that the lease is still held, and says that its holder lives. The row stays locked
    /// until the end of the transaction.
    pub fn beat(&self, connection: &mut dyn Connection) -> Result<(), ApplyError> {
        let update =
            format!("update {}lapse_lease set heartbeat = $now where id = 1 and holder = $holder", self.prefix);
        match connection.change(&Statement::parse(&update), &self.values())? {
            0 => Err(ApplyError::LeaseLost),
            _ => Ok(()),
        }
    }

    /// Gives the lease back.
    pub fn give_back(self, connection: &mut dyn Connection) -> Result<(), DatabaseError> {
        let delete = format!("delete from {}lapse_lease where id = 1 and holder = $holder", self.prefix);
        connection.change(&Statement::parse(&delete), &self.values()).map(drop)
    }

    fn row(&self, kind: Kind) -> Statement {
        let lock = match kind {
            Kind::Sqlite => "",
            Kind::Postgres | Kind::Mysql => " for update",
        };
        let select = format!("select holder, since, heartbeat from {}lapse_lease where id = 1{lock}", self.prefix);
        Statement::parse(&select)
    }

    fn values(&self) -> Values {
        Values::from([("holder".to_owned(), self.holder.as_str().into()), ("now".to_owned(), now().into())])
    }
}
