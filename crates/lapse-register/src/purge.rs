//! Empties the trash of runs that can no longer be undone: by the system's own function where the register has one, and with it
//! whatever could tell whom the entries of the log are about.

use crate::actions::{ActionKind, Does};
use crate::apply::{LeftOut, Refusal, do_all, values_from_text};
use crate::apply_error::ApplyError;
use crate::database::{Connection, Kind, Statement, Transaction, Values};
use crate::journal::{Lease, Log, LogEntry, Outcome, RunRow, Runs, days_between, now, pseudonym};
use crate::opened::Database;

/// What came of a purge.
#[derive(Clone, Debug, Default)]
pub struct Purged {
    /// The runs whose trash is empty now.
    pub runs: Vec<u64>,
    /// How many actions can no longer be undone.
    pub actions: u64,
    /// How many patrons the system's own function took away.
    pub by_the_system: u64,
    /// Whom it did not take away, and why; their trash is kept.
    pub left: Vec<LeftOut>,
    /// The runs that can still be undone, each with the days for which it can.
    pub not_yet: Vec<(u64, i64)>,
    /// The kind of database.
    pub kind: Option<Kind>,
    /// The hash of the last batch of the log.
    pub log_head: String,
}

/// Empties the trash of every run that can no longer be undone.
pub fn purge(database: &Database, who: &str) -> Result<Purged, ApplyError> {
    database.identity()?;
    let prefix = database.register.prefix();
    let lease = Lease::take(&mut **database.shared.get(), &prefix, who)?;
    let purged = purge_under(database, &lease, who, &prefix);
    let given_back = lease.give_back(&mut **database.shared.get());
    // Also where an earlier purge was stopped before this, or a later run of this one could not be purged.
    let runs = Runs { prefix: &prefix }.all(&mut **database.shared.get())?;
    if runs.iter().any(|run| run.purged.is_some()) {
        database.shared.get().forget_what_was_deleted()?;
    }
    let purged = purged?;
    given_back?;
    Ok(purged)
}

fn purge_under(database: &Database, lease: &Lease, who: &str, prefix: &str) -> Result<Purged, ApplyError> {
    let mut purged = Purged { kind: Some(database.register.address().kind()), ..Purged::default() };
    let all = Runs { prefix }.all(&mut **database.shared.get())?;
    let limit = i64::from(database.register.undo_days);
    for run in all.iter().filter(|run| run.purged.is_none()) {
        // A moment that cannot be read is taken for now: what is not known keeps.
        let days = days_between(&run.began, &now()).unwrap_or(0);
        if days <= limit {
            purged.not_yet.push((run.run, limit - days));
            continue;
        }
        let mut connection = database.shared.get();
        connection.begin(Transaction::Change)?;
        match purge_run(database, &mut **connection, lease, who, run, &mut purged) {
            Ok(is_whole) => {
                connection.commit()?;
                purged.runs.extend(is_whole.then_some(run.run));
            }
            Err(error) => {
                connection.roll_back();
                return Err(error);
            }
        }
    }
    purged.log_head = Log { prefix }.head(&mut **database.shared.get())?.hash;
    Ok(purged)
}

/// Purges one run, within a transaction. False where somebody of it was not taken away, whose trash is kept.
fn purge_run(
    database: &Database,
    connection: &mut dyn Connection,
    lease: &Lease,
    who: &str,
    run: &RunRow,
    purged: &mut Purged,
) -> Result<bool, ApplyError> {
    let left = purged.left.len();
    let prefix = database.register.prefix();
    lease.beat(connection)?;
    let of_run = Values::from([("run".to_owned(), run.run.into())]);
    let log = Log { prefix: &prefix };
    let head = log.head(connection)?;
    let mut entries = Vec::new();
    let entry = |outcome, patron: Option<&str>, note: String| LogEntry {
        at: now(),
        who: who.to_owned(),
        run: run.run,
        patron: patron.map(|patron| pseudonym(run.secret.as_deref().unwrap_or_default(), patron)),
        libraries: Vec::new(),
        subscription: None,
        action: ActionKind::Purge.as_str().to_owned(),
        outcome,
        reason: String::new(),
        because: String::new(),
        consent: None,
        note,
    };
    // What another program was asked to do is done once it was found to be.
    let unsure = format!(
        "select patron_id from {prefix}lapse_before where run = $run and kind = 'delete' and undone is null \
         and coalesce(settled, '') <> 'done'"
    );
    for row in connection.query(&Statement::parse(&unsure), &of_run)?.rows {
        purged.left.push(LeftOut {
            patron: row.into_iter().next().flatten().unwrap_or_default(),
            libraries: Vec::new(),
            action: ActionKind::Purge.as_str().to_owned(),
            why: "nobody knows yet whether the patron was deleted; `lapse apply --reconcile` finds out".to_owned(),
        });
    }
    if let Some(action) = database.register.actions.get(&ActionKind::Purge)
        && let Does::Sql { statements, rows, .. } = &action.does
    {
        // Whom a later run deleted once more can still be brought back from that one.
        let select = format!(
            "select entry, patron_id, content from {prefix}lapse_before b \
             where run = $run and kind = 'delete' and undone is null and settled = 'done' and not exists \
             (select 1 from {prefix}lapse_before later where later.patron_id = b.patron_id and later.kind = 'delete' \
             and later.undone is null and later.run > b.run) order by entry"
        );
        let forget = Statement::parse(&format!("delete from {prefix}lapse_before where entry = $entry"));
        let found = connection.query(&Statement::parse(&select), &of_run)?;
        for row in found.rows {
            let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
            let (number, patron, values) = (text(0), text(1), values_from_text(&text(2)));
            connection.script("savepoint patron")?;
            match do_all(connection, statements, *rows, &values)? {
                Ok(()) => {
                    connection.script("release savepoint patron")?;
                    connection.change(&forget, &Values::from([("entry".to_owned(), number.as_str().into())]))?;
                    purged.by_the_system += 1;
                    entries.push(entry(Outcome::Purged, Some(&patron), format!("entry {number}")));
                }
                Err(Refusal { shown, logged }) => {
                    connection.script("rollback to savepoint patron")?;
                    connection.script("release savepoint patron")?;
                    entries.push(entry(Outcome::Refused, Some(&patron), format!("entry {number}: {logged}")));
                    let action = ActionKind::Purge.as_str().to_owned();
                    purged.left.push(LeftOut { patron, libraries: Vec::new(), action, why: shown });
                }
            }
        }
    }
    if purged.left.len() > left {
        // The rest of the run is purged once everybody of it is.
        log.append(connection, &head, &entries)?;
        return Ok(false);
    }
    let count = format!("select count(*) as number from {prefix}lapse_before where run = $run");
    let actions = connection.query(&Statement::parse(&count), &of_run)?;
    let actions: u64 = actions.first().and_then(|number| number.parse().ok()).unwrap_or_default();
    purged.actions += actions;
    entries.push(entry(Outcome::Purged, None, format!("{actions} actions can no longer be undone")));
    for table in ["lapse_trash", "lapse_before", "lapse_ids", "lapse_waiting"] {
        let delete = format!("delete from {prefix}{table} where run = $run");
        connection.change(&Statement::parse(&delete), &of_run)?;
    }
    let forget = format!("update {prefix}lapse_runs set secret = null where run = $run");
    connection.change(&Statement::parse(&forget), &of_run)?;
    Runs { prefix: &prefix }.mark(connection, run.run, "purged", &now())?;
    log.append(connection, &head, &entries)?;
    Ok(true)
}
