//! Puts back what a run did, the last action first, where the present state is what the run left. Whatever cannot be put back
//! is listed, and the rest is put back.

use std::collections::BTreeMap;

use crate::actions::{Action, ActionKind, Does, RowsChanged, Undo};
use crate::apply::{LeftOut, Refusal, do_all, values_from_text};
use crate::apply_error::ApplyError;
use crate::database::{Statement, Transaction, Value, Values};
use crate::journal::{Lease, Log, LogEntry, Outcome, RunRow, Runs, days_between, now, pseudonym};
use crate::opened::Database;

/// This many actions are put back in one transaction.
const TOGETHER: u64 = 1_000;

/// What is put back.
#[derive(Clone, Copy)]
pub struct Undoing<'a> {
    /// The number of the run.
    pub run: u64,
    /// Only of this patron.
    pub patron: Option<&'a str>,
    /// Only what is about this library.
    pub library: Option<&'a str>,
    /// Who runs the command, and where.
    pub who: &'a str,
    /// Whether to go on; asked after each batch.
    pub goes_on: &'a dyn Fn() -> bool,
}

/// What can be put back of a run, and what cannot, by kind of action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undoable {
    /// What can be put back.
    pub can: BTreeMap<String, u64>,
    /// What cannot.
    pub cannot: BTreeMap<String, u64>,
}

/// What came of an undo.
#[derive(Clone, Debug, Default)]
pub struct Undone {
    /// What was put back, by kind of action.
    pub undone: BTreeMap<String, u64>,
    /// What was not, and why.
    pub left: Vec<LeftOut>,
    /// Whether it was stopped before the end.
    pub stopped: bool,
    /// The hash of the last batch of the log.
    pub log_head: String,
}

/// What is kept of an action.
struct Kept {
    entry: u64,
    patron: String,
    libraries: Vec<String>,
    kind: String,
    values: Values,
}

impl Undoing<'_> {
    /// What can be put back, before anything is.
    pub fn look(&self, database: &Database) -> Result<Undoable, ApplyError> {
        database.identity()?;
        self.run(database)?;
        let mut undoable = Undoable::default();
        let prefix = database.register.prefix();
        let (condition, values) = self.condition(u64::MAX >> 1);
        let select =
            format!("select kind, count(*) as number from {prefix}lapse_before where {condition} group by kind");
        let found = database.shared.get().query(&Statement::parse(&select), &values)?;
        for row in found.rows {
            let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
            let (kind, number) = (text(0), text(1).parse().unwrap_or_default());
            let side = if undo_of(database, &kind).is_some() { &mut undoable.can } else { &mut undoable.cannot };
            side.insert(kind, number);
        }
        Ok(undoable)
    }

    /// Puts back what can be.
    pub fn undo(&self, database: &Database) -> Result<Undone, ApplyError> {
        database.identity()?;
        let run = self.run(database)?;
        let prefix = database.register.prefix();
        let lease = Lease::take(&mut **database.shared.get(), &prefix, self.who)?;
        let undone = self.under(database, &lease, &run, &prefix);
        let given_back = lease.give_back(&mut **database.shared.get());
        let undone = undone?;
        given_back?;
        Ok(undone)
    }

    fn run(&self, database: &Database) -> Result<RunRow, ApplyError> {
        let prefix = database.register.prefix();
        let run = Runs { prefix: &prefix }.by_number(&mut **database.shared.get(), self.run)?;
        let run = run.ok_or(ApplyError::NoRun { run: self.run })?;
        let limit = database.register.undo_days;
        let days = days_between(&run.began, &now()).unwrap_or(i64::MAX);
        if run.purged.is_some() || days > i64::from(limit) {
            return Err(ApplyError::TooLateToUndo { run: self.run, days, limit });
        }
        Ok(run)
    }

    fn under(&self, database: &Database, lease: &Lease, run: &RunRow, prefix: &str) -> Result<Undone, ApplyError> {
        let mut undone = Undone::default();
        let mut below = u64::MAX >> 1;
        loop {
            let kept = self.kept(database, prefix, below)?;
            let Some(last) = kept.last() else { break };
            below = last.entry;
            match self.batch(database, lease, run, &kept, false)? {
                Some(done) => undone.add(done),
                None => {
                    if let Some(done) = self.batch(database, lease, run, &kept, true)? {
                        undone.add(done);
                    }
                }
            }
            if !(self.goes_on)() {
                undone.stopped = true;
                break;
            }
        }
        let mut connection = database.shared.get();
        if !undone.stopped {
            let left =
                format!("select count(*) as number from {prefix}lapse_before where run = $run and undone is null");
            let values = Values::from([("run".to_owned(), self.run.into())]);
            let is_over = Runs { prefix }.passes(&mut **connection, self.run)?.iter().all(|pass| pass.ended);
            if is_over && connection.query(&Statement::parse(&left), &values)?.first() == Some("0") {
                Runs { prefix }.mark(&mut **connection, self.run, "undone", &now())?;
            }
        }
        undone.log_head = Log { prefix }.head(&mut **connection)?.hash;
        Ok(undone)
    }

    /// Which actions are meant, below a number.
    fn condition(&self, below: u64) -> (String, Values) {
        let mut condition = "run = $run and undone is null and entry < $below".to_owned();
        let mut values = Values::from([("run".to_owned(), self.run.into()), ("below".to_owned(), below.into())]);
        if let Some(patron) = self.patron {
            condition.push_str(" and patron_id = $patron_id");
            values.insert("patron_id".to_owned(), patron.into());
        }
        if let Some(library) = self.library {
            // Several libraries stand one a line.
            condition.push_str(
                " and (library = $library or library like $first escape '!' or library like $last escape '!' \
                 or library like $middle escape '!')",
            );
            // Codes may have a `_`, which stands for any letter unless something stands before it.
            let code = library.replace('!', "!!").replace('_', "!_").replace('%', "!%");
            values.insert("library".to_owned(), library.into());
            values.insert("first".to_owned(), format!("{code}\n%").into());
            values.insert("last".to_owned(), format!("%\n{code}").into());
            values.insert("middle".to_owned(), format!("%\n{code}\n%").into());
        }
        (condition, values)
    }

    /// The next actions that were not put back yet, the last first.
    fn kept(&self, database: &Database, prefix: &str, below: u64) -> Result<Vec<Kept>, ApplyError> {
        let (condition, values) = self.condition(below);
        let select = format!(
            "select entry, patron_id, library, kind, content from {prefix}lapse_before where {condition} \
             order by entry desc limit {TOGETHER}"
        );
        let found = database.shared.get().query(&Statement::parse(&select), &values)?;
        let kept = |row: Vec<Option<String>>| {
            let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
            Kept {
                entry: text(0).parse().unwrap_or_default(),
                patron: text(1),
                libraries: text(2).lines().map(str::to_owned).collect(),
                kind: text(3),
                values: values_from_text(&text(4)),
            }
        };
        Ok(found.rows.into_iter().map(kept).collect())
    }

    /// Puts back some actions in one transaction. None where something was refused and nobody was careful.
    fn batch(
        &self,
        database: &Database,
        lease: &Lease,
        run: &RunRow,
        kept: &[Kept],
        careful: bool,
    ) -> Result<Option<Undone>, ApplyError> {
        database.shared.get().begin(Transaction::Change)?;
        let done = self.within(database, lease, run, kept, careful);
        match done {
            Ok(Some(undone)) => {
                database.shared.get().commit()?;
                Ok(Some(undone))
            }
            other => {
                database.shared.get().roll_back();
                other
            }
        }
    }

    fn within(
        &self,
        database: &Database,
        lease: &Lease,
        run: &RunRow,
        kept: &[Kept],
        careful: bool,
    ) -> Result<Option<Undone>, ApplyError> {
        let prefix = database.register.prefix();
        let mut connection = database.shared.get();
        lease.beat(&mut **connection)?;
        if self.patron.is_none() && self.library.is_none() {
            // From the first batch on, so that no apply goes on with a plan whose run somebody puts back.
            Runs { prefix: &prefix }.mark(&mut **connection, self.run, "undone", &now())?;
        }
        if let Some(lock) = &database.register.lock {
            let mut ids: Vec<String> = kept.iter().map(|kept| kept.patron.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            connection.query(lock, &Values::from([("ids".to_owned(), Value::List(ids))]))?;
        }
        let log = Log { prefix: &prefix };
        let head = log.head(&mut **connection)?;
        let mut undone = Undone::default();
        let (mut entries, mut marks) = (Vec::new(), Vec::new());
        let mark = Statement::parse(&format!("update {prefix}lapse_before set undone = $undone where entry = $entry"));
        for kept in kept {
            let why = match undo_of(database, &kept.kind) {
                None => Some(("nothing undoes it".to_owned(), "nothing undoes it".to_owned())),
                Some((statements, rows)) => {
                    if careful {
                        connection.script("savepoint patron")?;
                    }
                    match do_all(&mut **connection, statements, rows, &kept.values)? {
                        Ok(()) => {
                            if careful {
                                connection.script("release savepoint patron")?;
                            }
                            None
                        }
                        Err(_) if !careful => return Ok(None),
                        Err(Refusal { shown, logged }) => {
                            connection.script("rollback to savepoint patron")?;
                            connection.script("release savepoint patron")?;
                            Some((format!("the present state is not what the run left: {shown}"), logged))
                        }
                    }
                }
            };
            let outcome = if why.is_some() { Outcome::NotUndone } else { Outcome::Undone };
            entries.push(self.entry(run, kept, outcome, why.as_ref().map_or("", |(_, logged)| &**logged)));
            match why {
                None => {
                    let values = Values::from([
                        ("entry".to_owned(), kept.entry.into()),
                        ("undone".to_owned(), (head.entry + entries.len() as u64).into()),
                    ]);
                    marks.push(values);
                    *undone.undone.entry(kept.kind.clone()).or_default() += 1;
                }
                Some((why, _)) => undone.left.push(LeftOut {
                    patron: kept.patron.clone(),
                    libraries: kept.libraries.clone(),
                    action: kept.kind.clone(),
                    why,
                }),
            }
        }
        connection.change_many(&mark, &marks)?;
        log.append(&mut **connection, &head, &entries)?;
        Ok(Some(undone))
    }

    fn entry(&self, run: &RunRow, kept: &Kept, outcome: Outcome, note: &str) -> LogEntry {
        let note = if note.is_empty() { String::new() } else { format!(": {note}") };
        LogEntry {
            at: now(),
            who: self.who.to_owned(),
            run: run.run,
            patron: Some(pseudonym(run.secret.as_deref().unwrap_or_default(), &kept.patron)),
            libraries: kept.libraries.clone(),
            subscription: None,
            action: kept.kind.clone(),
            outcome,
            reason: String::new(),
            because: String::new(),
            consent: None,
            note: format!("entry {}{note}", kept.entry),
        }
    }
}

impl Undone {
    fn add(&mut self, other: Undone) {
        for (kind, number) in other.undone {
            *self.undone.entry(kind).or_default() += number;
        }
        self.left.extend(other.left);
    }
}

/// What undoes a kind of action, and how many rows the first statement must change; none where nothing does.
fn undo_of<'d>(database: &'d Database, kind: &str) -> Option<(&'d [Statement], RowsChanged)> {
    let Action { does, undo } = ActionKind::named(kind).and_then(|kind| database.register.actions.get(&kind))?;
    let rows = match does {
        Does::Sql { rows, .. } => *rows,
        Does::HandOver { .. } | Does::Command { .. } => RowsChanged::AtLeastOne,
    };
    match undo {
        Undo::Sql(statements) => Some((statements, rows)),
        Undo::None => None,
    }
}
