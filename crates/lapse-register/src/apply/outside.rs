//! Actions that other programs do: a work list for the system's own tool, or a program of the site. What is intended is
//! committed before anything leaves lapse, and what became of it is added afterwards; where nobody knows, nothing is done again.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use serde::Deserialize;

use super::act::{values_from_text, values_to_text};
use super::{Applied, LeftOut};
use crate::actions::{ActionKind, Does};
use crate::apply_error::ApplyError;
use crate::database::{Statement, Transaction, Value, Values};
use crate::journal::{Lease, Log, LogEntry, Outcome, RunRow, Runs, now, pseudonym};
use crate::opened::Database;

/// The time between two signs of life while another program works.
const BEAT: Duration = Duration::from_secs(20);

/// An action that goes to another program.
pub(super) struct Handed {
    /// The number of its entry.
    pub entry: u64,
    pub kind: String,
    pub values: Values,
}

impl Handed {
    /// Whether a program was to answer at once.
    fn is_of_command(&self, database: &Database) -> bool {
        let action = ActionKind::named(&self.kind).and_then(|kind| database.register.actions.get(&kind));
        action.is_some_and(|action| matches!(action.does, Does::Command { .. }))
    }
}

/// What a program of the site answers about an action.
#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "number")]
    entry: u64,
    outcome: String,
    #[serde(default)]
    note: String,
}

/// A number, which a program may give back as a text.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text.parse().map_err(serde::de::Error::custom),
        other => other.as_u64().ok_or_else(|| serde::de::Error::custom("no number")),
    }
}

/// What became of an action.
struct Became {
    outcome: Outcome,
    note: String,
}

/// Hands actions to the programs that do them, and keeps what became of them.
pub(super) fn hand_over(
    database: &Database,
    lease: &Lease,
    who: &str,
    run: &RunRow,
    handed: &[Handed],
    applied: &mut Applied,
) -> Result<(), ApplyError> {
    if handed.is_empty() {
        return Ok(());
    }
    let mut by_kind: BTreeMap<&str, Vec<&Handed>> = BTreeMap::new();
    for one in handed {
        by_kind.entry(&one.kind).or_default().push(one);
    }
    let mut became: Vec<(&Handed, Became)> = Vec::new();
    for (kind, all) in by_kind {
        let Some(action) = ActionKind::named(kind).and_then(|kind| database.register.actions.get(&kind)) else {
            continue;
        };
        match &action.does {
            Does::Sql { .. } => {}
            Does::HandOver { file, line, .. } => {
                let name = file.display().to_string().replace("{run}", &run.run.to_string());
                let is_first = is_first_of(database, run, kind, all[0].entry)?;
                // A value that breaks a line, or could, would be the number of somebody else.
                let (fit, unfit): (Vec<_>, Vec<_>) =
                    all.into_iter().partition(|one| is_one_line(&filled(line, &one.values)));
                let note = "a value has a character that is none of a line".to_owned();
                became.extend(
                    unfit.into_iter().map(|one| (one, Became { outcome: Outcome::Refused, note: note.clone() })),
                );
                let lines = one_a_line(fit.iter().map(|one| filled(line, &one.values)));
                let all = fit;
                let (outcome, note) = match add_to(Path::new(&name), &lines, is_first) {
                    Ok(()) => (Outcome::Unknown, format!("in {name}")),
                    Err(error) => (Outcome::Refused, format!("{name} cannot be written ({error})")),
                };
                became.extend(all.iter().map(|one| (*one, Became { outcome, note: note.clone() })));
            }
            Does::Command { program, .. } => {
                let folder = database.register.path.as_deref().and_then(Path::parent);
                became.extend(meanwhile_beating(database, lease, || ask(program, folder, &all)));
            }
        }
    }
    let entries: Vec<(u64, Became, LogEntry)> = became
        .into_iter()
        .map(|(one, became)| {
            let text = |name: &str| match one.values.get(name) {
                Some(Value::Text(text)) => text.clone(),
                Some(Value::Null | Value::List(_)) | None => String::new(),
            };
            match became.outcome {
                Outcome::Done => *applied.done.entry(one.kind.clone()).or_default() += 1,
                Outcome::Refused => applied.refused.push(LeftOut {
                    patron: text("patron_id"),
                    libraries: Vec::new(),
                    action: one.kind.clone(),
                    why: became.note.clone(),
                }),
                _ => {
                    applied.unanswered += u64::from(one.is_of_command(database));
                    *applied.handed_over.entry(one.kind.clone()).or_default() += 1;
                }
            }
            let entry = LogEntry {
                at: now(),
                who: who.to_owned(),
                run: run.run,
                patron: Some(pseudonym(run.secret.as_deref().unwrap_or_default(), &text("patron_id"))),
                libraries: Vec::new(),
                subscription: None,
                action: one.kind.clone(),
                outcome: became.outcome,
                reason: text("reason"),
                because: text("because"),
                consent: None,
                note: if became.note.is_empty() {
                    format!("entry {}", one.entry)
                } else {
                    format!("entry {}: {}", one.entry, became.note)
                },
            };
            (one.entry, became, entry)
        })
        .collect();
    keep(database, lease, &entries)
}

/// Keeps what became of actions, by the numbers of the entries that intended them.
fn keep(database: &Database, lease: &Lease, entries: &[(u64, Became, LogEntry)]) -> Result<(), ApplyError> {
    let prefix = database.register.prefix();
    let mut connection = database.shared.get();
    connection.begin(Transaction::Change)?;
    let mut work = || -> Result<(), ApplyError> {
        lease.beat(&mut **connection)?;
        let log = Log { prefix: &prefix };
        let head = log.head(&mut **connection)?;
        let all: Vec<LogEntry> = entries.iter().map(|(_, _, entry)| entry.clone()).collect();
        log.append(&mut **connection, &head, &all)?;
        let update =
            Statement::parse(&format!("update {prefix}lapse_before set settled = $outcome where entry = $entry"));
        let forget = Statement::parse(&format!("delete from {prefix}lapse_before where entry = $entry"));
        for (entry, became, _) in entries {
            if became.outcome == Outcome::Refused {
                // Nothing was done, so that there is nothing to undo or to purge.
                connection.change(&forget, &Values::from([("entry".to_owned(), (*entry).into())]))?;
                continue;
            }
            let values = Values::from([
                ("entry".to_owned(), (*entry).into()),
                ("outcome".to_owned(), became.outcome.as_str().into()),
            ]);
            connection.change(&update, &values)?;
        }
        Ok(())
    };
    match work() {
        Ok(()) => Ok(connection.commit()?),
        Err(error) => {
            connection.roll_back();
            Err(error)
        }
    }
}

/// A line of a work list.
fn filled(line: &Statement, values: &Values) -> String {
    line.filled(|name| match values.get(name) {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Null | Value::List(_)) | None => String::new(),
    })
}

fn is_one_line(line: &str) -> bool {
    !line.contains(|letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}'))
}

fn one_a_line(all: impl Iterator<Item = String>) -> String {
    all.fold(String::new(), |lines, line| lines + &line + "\n")
}

/// Whether a run hands over nothing of a kind before an entry.
fn is_first_of(database: &Database, run: &RunRow, kind: &str, entry: u64) -> Result<bool, ApplyError> {
    let prefix = database.register.prefix();
    let select =
        format!("select entry from {prefix}lapse_before where run = $run and kind = $kind and entry < $entry limit 1");
    let values = Values::from([
        ("run".to_owned(), run.run.into()),
        ("kind".to_owned(), kind.into()),
        ("entry".to_owned(), entry.into()),
    ]);
    Ok(database.shared.get().query(&Statement::parse(&select), &values)?.rows.is_empty())
}

/// Adds lines to a work list: all of them or none, since a part of an id may be the id of somebody else. A list that a run
/// begins must not be there: it is of another database, whose runs have the same numbers.
fn add_to(name: &Path, lines: &str, is_first: bool) -> std::io::Result<()> {
    let mut all = match std::fs::read(name) {
        Ok(_) if is_first => {
            return Err(std::io::Error::other("it is there already, of another database or an earlier try"));
        }
        Ok(all) => all,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    all.extend_from_slice(lines.as_bytes());
    // The next batch writes over what a batch that was stopped leaves here.
    let mut beside = name.as_os_str().to_owned();
    beside.push(".part");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(&all)?;
    file.sync_all()?;
    std::fs::rename(&beside, name)
}

/// Does work that may take long, and says meanwhile that the holder of the lease lives.
fn meanwhile_beating<T>(database: &Database, lease: &Lease, work: impl FnOnce() -> T) -> T {
    std::thread::scope(|scope| {
        let (done, wait) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || {
            while wait.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                let mut connection = database.shared.get();
                // Should the lease be lost, whoever keeps the answers says so.
                let beaten = connection.begin(Transaction::Change).map_err(ApplyError::from);
                match beaten.and_then(|()| lease.beat(&mut **connection)) {
                    Ok(()) => drop(connection.commit()),
                    Err(_) => connection.roll_back(),
                }
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// Asks a program of the site to do actions: a line of JSON for each, and a line of JSON back.
fn ask<'h>(program: &[String], folder: Option<&Path>, all: &[&'h Handed]) -> Vec<(&'h Handed, Became)> {
    let not_begun = |note: String| {
        all.iter().map(|one| (*one, Became { outcome: Outcome::Refused, note: note.clone() })).collect::<Vec<_>>()
    };
    let Some((name, arguments)) = program.split_first() else { return not_begun("no program is named".to_owned()) };
    let mut command = Command::new(name);
    // As every path in a register, those in the words of a program are beside it.
    if let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) {
        if name.contains('/') {
            command = Command::new(std::path::absolute(folder.join(name)).unwrap_or_else(|_| folder.join(name)));
        }
        command.current_dir(folder);
    }
    // Ctrl-C is for lapse, which lets the batch at hand end.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let started = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return not_begun(format!("{name} cannot be started ({error})")),
    };
    let lines = one_a_line(all.iter().map(|one| values_to_text(&one.values)));
    let mut input = child.stdin.take();
    let writer = std::thread::spawn(move || {
        // A program that reads no more has its reasons, and says in its answers what it did.
        let _ = input.as_mut().map(|input| input.write_all(lines.as_bytes()));
    });
    let mut answers: BTreeMap<u64, Answer> = BTreeMap::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if let Ok(answer) = serde_json::from_slice::<Answer>(&line) {
                // Of an action that is told twice nobody knows what became of it.
                let entry = answer.entry;
                if let Some(before) = answers.insert(entry, answer)
                    && let Some(now) = answers.get_mut(&entry)
                    && now.outcome != before.outcome
                {
                    "unknown".clone_into(&mut now.outcome);
                }
            }
        }
    }
    let _ = writer.join();
    let ended = child.wait();
    let became = |one: &&'h Handed| {
        let became = match answers.remove(&one.entry) {
            Some(Answer { outcome, note, .. }) if outcome == "done" => Became { outcome: Outcome::Done, note },
            Some(Answer { outcome, note, .. }) if outcome == "refused" => Became { outcome: Outcome::Refused, note },
            Some(Answer { note, .. }) => Became { outcome: Outcome::Unknown, note },
            None => {
                let how = ended.as_ref().map_or_else(ToString::to_string, ToString::to_string);
                Became { outcome: Outcome::Unknown, note: format!("{name} gave no answer about it ({how})") }
            }
        };
        (*one, became)
    };
    all.iter().map(became).collect()
}

/// What was found out of actions of which nobody knew whether they were done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// They are done.
    pub done: u64,
    /// Nobody knows yet.
    pub unknown: u64,
}

/// Settles what was handed to other programs, by `done_when`.
pub fn settle(database: &Database, who: &str) -> Result<Settled, ApplyError> {
    database.identity()?;
    let prefix = database.register.prefix();
    let lease = Lease::take(&mut **database.shared.get(), &prefix, who)?;
    let settled = settle_under(database, &lease, who, &prefix);
    let given_back = lease.give_back(&mut **database.shared.get());
    let settled = settled?;
    given_back?;
    Ok(settled)
}

fn settle_under(database: &Database, lease: &Lease, who: &str, prefix: &str) -> Result<Settled, ApplyError> {
    let mut settled = Settled::default();
    let mut entries = Vec::new();
    for (kind, action) in &database.register.actions {
        let done_when = match &action.does {
            Does::Sql { .. } => continue,
            Does::HandOver { done_when, .. } | Does::Command { done_when, .. } => done_when.as_ref(),
        };
        let select = format!(
            "select entry, run, patron_id, content from {prefix}lapse_before \
             where kind = $kind and undone is null and (settled is null or settled = 'unknown') order by entry"
        );
        let values = Values::from([("kind".to_owned(), kind.as_str().into())]);
        let mut connection = database.shared.get();
        let found = connection.query(&Statement::parse(&select), &values)?;
        for row in found.rows {
            let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
            let (entry, run) = (text(0).parse().unwrap_or_default(), text(1).parse().unwrap_or_default());
            let is_done = match done_when {
                None => false,
                Some(asked) => !connection.query(asked, &values_from_text(&text(3)))?.rows.is_empty(),
            };
            if !is_done {
                settled.unknown += 1;
                continue;
            }
            settled.done += 1;
            let secret = Runs { prefix }.by_number(&mut **connection, run)?.and_then(|run| run.secret);
            let log_entry = LogEntry {
                at: now(),
                who: who.to_owned(),
                run,
                patron: Some(pseudonym(secret.as_deref().unwrap_or_default(), &text(2))),
                libraries: Vec::new(),
                subscription: None,
                action: kind.as_str().to_owned(),
                outcome: Outcome::Done,
                reason: String::new(),
                because: String::new(),
                consent: None,
                note: format!("entry {entry}: found to be done"),
            };
            entries.push((entry, Became { outcome: Outcome::Done, note: String::new() }, log_entry));
        }
    }
    if !entries.is_empty() {
        keep(database, lease, &entries)?;
    }
    Ok(settled)
}
