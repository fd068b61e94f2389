//! One batch of patrons in one transaction: they are locked and read again, whoever changed since the plan is left alone, the
//! actions are done, and what they did is kept with the log and with how far the plan is.

use std::collections::HashMap;

use lapse_tables::{Known, Progress, visit};

use super::act::{Refusal, act, values_of, values_to_text};
use super::outside::{Handed, hand_over};
use super::{Applied, Applying, LeftOut};
use crate::actions::Does;
use crate::apply_error::ApplyError;
use crate::database::{DatabaseError, Statement, Transaction, Value, Values};
use crate::journal::{Lease, Log, LogEntry, Outcome, Pass, RunRow, Runs, now, pseudonym};
use crate::opened::Database;
use crate::plan::{Digesting, Now, Planned, PlannedPatron};

/// How often a batch is tried when other transactions are in its way, before it is halved.
const TRIES: u32 = 3;

/// What the batches of a pass have in common.
pub(super) struct Batches<'a> {
    pub applying: &'a Applying<'a>,
    pub database: &'a Database,
    pub lease: &'a Lease,
    pub run: &'a RunRow,
    pub known: &'a Known,
    /// An earlier pass may have changed these patrons.
    pub is_later: bool,
}

/// What a batch comes to, until it is committed.
#[derive(Default)]
pub(super) struct Done {
    pub entries: Vec<LogEntry>,
    /// What is kept for an undo: the columns of `lapse_before`.
    before: Vec<Vec<Value>>,
    ids: Vec<Vec<Value>>,
    /// The patrons who come back in a later pass.
    come_back: Vec<String>,
    /// What goes to other programs, with the numbers of their entries.
    /// Those of them about whom not everything was done, so that nothing more is.
    never: Vec<String>,
    pub handed: Vec<Handed>,
    counts: Vec<String>,
    skipped: Vec<LeftOut>,
    refused: Vec<LeftOut>,
}

/// Why a batch was not done.
pub(super) enum Stopped {
    /// Something was refused, and nobody knows yet about whom.
    Refused,
    Error(ApplyError),
}

/// What an error of a statement means: the batch is done once more, patron by patron, unless it is about the database itself.
pub(super) fn can_be_rolled_back(error: DatabaseError) -> Stopped {
    if error.ends_the_work() { Stopped::Error(error.into()) } else { Stopped::Refused }
}

impl Done {
    /// Keeps what an undo needs to know of an action.
    pub fn keep_before(
        &mut self,
        entry: u64,
        run: u64,
        (patron, planned): (&PlannedPatron, &Planned),
        values: String,
        is_done: bool,
    ) {
        self.before.push(vec![
            is_done.then_some(Outcome::Done.as_str()).into(),
            entry.into(),
            run.into(),
            patron.patron.as_str().into(),
            planned.libraries.join("\n").into(),
            planned.action.as_str().into(),
            values.into(),
        ]);
    }
}

impl<E: Into<ApplyError>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Error(error.into())
    }
}

impl Batches<'_> {
    /// Does a batch, in halves where other transactions stay in its way. `pass` is how far the plan is behind it.
    pub fn carry_out(&self, patrons: &[PlannedPatron], pass: &Pass, applied: &mut Applied) -> Result<(), ApplyError> {
        let (mut careful, mut tries) = (false, 1);
        loop {
            match self.attempt(patrons, pass, careful) {
                Ok(done) => return self.tell(done, applied),
                // Once more, so that each patron can be rolled back alone.
                Err(Stopped::Refused) => careful = true,
                Err(Stopped::Error(error)) if error.is_passing() && tries < TRIES => tries += 1,
                Err(Stopped::Error(error)) if error.is_passing() && patrons.len() > 1 => {
                    let (first, second) = patrons.split_at(patrons.len() / 2);
                    let position = first.last().map_or(0, |patron| patron.number);
                    self.carry_out(first, &Pass { position, ended: false, ..pass.clone() }, applied)?;
                    return self.carry_out(second, pass, applied);
                }
                Err(Stopped::Error(error)) => return Err(error),
            }
        }
    }

    /// Tries a batch. Where it is not `careful`, whatever is refused stops the batch.
    fn attempt(&self, patrons: &[PlannedPatron], pass: &Pass, careful: bool) -> Result<Done, Stopped> {
        self.database.shared.get().begin(Transaction::Change)?;
        let done = self.within(patrons, pass, careful);
        match done {
            Ok(done) => {
                self.database.shared.get().commit()?;
                Ok(done)
            }
            Err(stopped) => {
                self.database.shared.get().roll_back();
                Err(stopped)
            }
        }
    }

    /// Does a batch within a transaction.
    fn within(&self, patrons: &[PlannedPatron], pass: &Pass, careful: bool) -> Result<Done, Stopped> {
        let prefix = self.database.register.prefix();
        self.lease.beat(&mut **self.database.shared.get())?;
        let ids: Vec<String> = patrons.iter().map(|patron| patron.patron.clone()).collect();
        self.lock(&ids)?;
        let now_known = self.read_again(ids)?;
        let expected = if self.is_later { self.expected(&prefix, patrons)? } else { HashMap::new() };
        let log = Log { prefix: &prefix };
        let head = log.head(&mut **self.database.shared.get())?;
        let mut done = Done::default();
        let mut unchanged = Vec::new();
        for patron in patrons {
            let facts = expected.get(&patron.patron).unwrap_or(&patron.facts);
            let changed = match now_known.get(&patron.patron) {
                None => Some("the patron is no longer there".to_owned()),
                Some(now) if now.held && !patron.held => {
                    Some("a row of the patron can no longer be used, which holds the patron".to_owned())
                }
                Some(now) if now.parts.whole() != *facts => {
                    let differing = if expected.contains_key(&patron.patron) {
                        Vec::new()
                    } else {
                        now.parts.differing(&patron.parts)
                    };
                    let tables =
                        if differing.is_empty() { String::new() } else { format!(" in {}", differing.join(", ")) };
                    Some(format!("the patron has changed since the plan{tables}"))
                }
                Some(_) => None,
            };
            if let Some(why) = changed {
                for planned in &patron.actions {
                    done.entries.push(self.entry(patron, planned, Outcome::Skipped, &why, pass));
                    done.skipped.push(left_out(patron, planned, &why));
                }
                done.never.extend(patron.comes_back.then(|| patron.patron.clone()));
                self.keep_id(&mut done, patron);
                continue;
            }
            unchanged.push(patron);
        }
        if careful {
            for patron in unchanged {
                self.patron(patron, pass, head.entry, &mut done)?;
            }
        } else {
            self.together(&unchanged, pass, head.entry, &mut done)?;
        }
        let mut connection = self.database.shared.get();
        log.append(&mut **connection, &head, &done.entries)?;
        let table = |name: &str| format!("{prefix}{name}");
        let of_before = ["settled", "entry", "run", "patron_id", "library", "kind", "content"];
        connection.insert(&table("lapse_before"), &of_before, &done.before)?;
        connection.insert_new(&table("lapse_ids"), &["run", "pseudonym", "patron_id"], 2, &done.ids)?;
        drop(connection);
        self.keep_expected(&prefix, &done.come_back, &done.never)?;
        Runs { prefix: &prefix }.keep_position(&mut **self.database.shared.get(), self.run.run, pass, &now())?;
        Ok(done)
    }

    /// Does the actions about a patron: all of them, or none.
    fn patron(&self, patron: &PlannedPatron, pass: &Pass, before: u64, done: &mut Done) -> Result<(), Stopped> {
        let mut connection = self.database.shared.get();
        connection.script("savepoint patron")?;
        let (entries, kept, handed) = (done.entries.len(), done.before.len(), done.handed.len());
        let mut refusal = None;
        for planned in &patron.actions {
            let Some(action) = planned.kind().and_then(|kind| self.database.register.actions.get(&kind)) else {
                continue;
            };
            let entry = before + done.entries.len() as u64 + 1;
            let mut values = values_of(patron, planned, self.run.run, &self.run.run_date, entry);
            let outcome = match &action.does {
                Does::Sql { .. } => match act(&mut **connection, action, &mut values)? {
                    Ok(()) => Outcome::Done,
                    Err(why) => {
                        refusal = Some((planned, why));
                        break;
                    }
                },
                Does::HandOver { .. } | Does::Command { .. } => {
                    done.handed.push(Handed { entry, kind: planned.action.clone(), values: values.clone() });
                    Outcome::Intended
                }
            };
            done.entries.push(self.entry(patron, planned, outcome, "", pass));
            done.keep_before(entry, self.run.run, (patron, planned), values_to_text(&values), action.does.is_sql());
        }
        let Some((culprit, Refusal { shown, logged })) = refusal else {
            connection.script("release savepoint patron")?;
            drop(connection);
            self.is_done(done, patron);
            return Ok(());
        };
        connection.script("rollback to savepoint patron")?;
        connection.script("release savepoint patron")?;
        done.entries.truncate(entries);
        done.before.truncate(kept);
        done.handed.truncate(handed);
        let others = format!("{} was refused, and what is done about a patron is done as a whole", culprit.action);
        for planned in &patron.actions {
            let is_culprit = std::ptr::eq(planned, culprit);
            let [told, kept] = if is_culprit { [&*shown, &*logged] } else { [&*others; 2] };
            done.entries.push(self.entry(patron, planned, Outcome::Refused, kept, pass));
            done.refused.push(left_out(patron, planned, told));
        }
        done.never.extend(patron.comes_back.then(|| patron.patron.clone()));
        self.keep_id(done, patron);
        Ok(())
    }

    /// Keeps that the actions about a patron are done, as far as lapse does them itself.
    pub(super) fn is_done(&self, done: &mut Done, patron: &PlannedPatron) {
        done.counts.extend(patron.actions.iter().filter_map(|planned| {
            let action = self.database.register.actions.get(&planned.kind()?)?;
            action.does.is_sql().then(|| planned.action.clone())
        }));
        if patron.comes_back {
            done.come_back.push(patron.patron.clone());
        }
        self.keep_id(done, patron);
    }

    /// Locks the rows of the patrons, in the order of their ids.
    fn lock(&self, ids: &[String]) -> Result<(), DatabaseError> {
        let Some(lock) = self.database.register.lock.as_ref().filter(|_| !ids.is_empty()) else { return Ok(()) };
        let values = Values::from([("ids".to_owned(), Value::List(ids.to_vec()))]);
        self.database.shared.get().query(lock, &values).map(drop)
    }

    /// Reads patrons again, by their ids.
    fn read_again(&self, ids: Vec<String>) -> Result<HashMap<String, Now>, ApplyError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let source = self.database.tables.of_patrons(ids);
        let digesting = Digesting { asked: self.applying.plan.head.asked_columns() };
        let visit = visit(&source, self.known, 1, &Progress::default(), &digesting)?;
        let all = visit.workers.into_iter().flat_map(|(found, _)| found);
        Ok(all.map(|now| (now.patron.clone(), now)).collect())
    }

    /// The facts of patrons as an earlier pass left them, where it changed them.
    fn expected(&self, prefix: &str, patrons: &[PlannedPatron]) -> Result<HashMap<String, String>, DatabaseError> {
        let select = format!("select digest from {prefix}lapse_waiting where run = $run and patron_id = $patron_id");
        let select = Statement::parse(&select);
        let mut connection = self.database.shared.get();
        let mut expected = HashMap::new();
        for patron in patrons {
            let values = Values::from([
                ("run".to_owned(), self.run.run.into()),
                ("patron_id".to_owned(), patron.patron.as_str().into()),
            ]);
            if let Some(digest) = connection.query(&select, &values)?.first() {
                expected.insert(patron.patron.clone(), digest.to_owned());
            }
        }
        Ok(expected)
    }

    /// Keeps the facts of patrons as this pass leaves them, for a later one.
    fn keep_expected(&self, prefix: &str, patrons: &[String], never: &[String]) -> Result<(), ApplyError> {
        if patrons.is_empty() && never.is_empty() {
            return Ok(());
        }
        // Nobody has the facts of those about whom nothing more is done.
        let now = self.read_again(patrons.to_vec())?.into_iter().map(|(patron, now)| (patron, now.parts.whole()));
        let now = now.chain(never.iter().map(|patron| (patron.clone(), String::new())));
        let delete = format!("delete from {prefix}lapse_waiting where run = $run and patron_id = $patron_id");
        let delete = Statement::parse(&delete);
        let mut connection = self.database.shared.get();
        let mut rows = Vec::new();
        for (patron, now) in now {
            let values = Values::from([
                ("run".to_owned(), self.run.run.into()),
                ("patron_id".to_owned(), patron.as_str().into()),
            ]);
            connection.change(&delete, &values)?;
            rows.push(vec![self.run.run.into(), patron.into(), now.into()]);
        }
        connection.insert(&format!("{prefix}lapse_waiting"), &["run", "patron_id", "digest"], &rows)?;
        Ok(())
    }

    /// Keeps whom the pseudonym of a patron stands for.
    fn keep_id(&self, done: &mut Done, patron: &PlannedPatron) {
        done.ids.push(vec![self.run.run.into(), self.pseudonym(patron).into(), patron.patron.as_str().into()]);
    }

    fn pseudonym(&self, patron: &PlannedPatron) -> String {
        pseudonym(self.run.secret.as_deref().unwrap_or_default(), &patron.patron)
    }

    pub(super) fn entry(
        &self,
        patron: &PlannedPatron,
        planned: &Planned,
        outcome: Outcome,
        note: &str,
        pass: &Pass,
    ) -> LogEntry {
        LogEntry {
            at: now(),
            who: self.applying.who.to_owned(),
            run: self.run.run,
            patron: Some(self.pseudonym(patron)),
            libraries: planned.libraries.clone(),
            subscription: planned.subscription.clone(),
            action: planned.action.clone(),
            outcome,
            reason: planned.reason.clone(),
            because: planned.because.clone(),
            consent: self.applying.consent_to(planned, pass),
            note: note.to_owned(),
        }
    }

    /// Tells what was done, and hands to other programs what is theirs.
    fn tell(&self, done: Done, applied: &mut Applied) -> Result<(), ApplyError> {
        for kind in done.counts {
            *applied.done.entry(kind).or_default() += 1;
        }
        applied.skipped.extend(done.skipped);
        applied.refused.extend(done.refused);
        hand_over(self.database, self.lease, self.applying.who, self.run, &done.handed, applied)
    }
}

fn left_out(patron: &PlannedPatron, planned: &Planned, why: &str) -> LeftOut {
    LeftOut {
        patron: patron.patron.clone(),
        libraries: planned.libraries.clone(),
        action: planned.action.clone(),
        why: why.to_owned(),
    }
}
