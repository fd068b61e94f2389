//! Plans, and what came of them: what will happen in a table that a director reads, what cannot be undone, which guards ask for
//! whose consent, and the command to go on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{IsTerminal as _, stderr};
use std::path::Path;

use lapse_register::{
    ActionKind, Applied, Counts, EntryTold, Kind, LeftOut, PlanEnd, PlanHead, Planned, Purged, Settled, Status,
    Undoable, Undone, Verified,
};

use crate::terminal::{FAINT, GOOD, STRONG, TextTable, WARNING, count, say, shown, thousands};

/// How many who were left out are listed by name.
const SHOWN: usize = 20;

/// What a plan does, what it cannot undo, what waits for whom, and how to go on.
pub fn to_text(head: &PlanHead, end: &PlanEnd, plan: &Path) -> String {
    let mut text = String::new();
    let patrons = count(end.with_actions, "patron", "patrons");
    let _ =
        writeln!(text, "{STRONG}Plan of {} for {} ({}){STRONG:#}: {patrons}", head.run, head.database, head.register);
    let kinds: Vec<&str> =
        ActionKind::ALL.iter().map(|kind| kind.as_str()).filter(|kind| end.total.contains_key(*kind)).collect();
    if kinds.is_empty() {
        let _ = writeln!(text, "\n  Nothing is to be done.");
    } else {
        let mut table = TextTable::new(&std::iter::once("library").chain(kinds.iter().copied()).collect::<Vec<_>>());
        let mut row = |name: &str, counts: &Counts| {
            let cells = kinds.iter().map(|kind| thousands(counts.get(*kind).copied().unwrap_or(0)));
            table.row(std::iter::once(name.to_owned()).chain(cells).collect());
        };
        for (library, counts) in &end.libraries {
            row(library, counts);
        }
        row("all", &end.total);
        let _ = write!(text, "\n{}", table.render(2));
        let of_patrons = ["delete", "anonymise", "delete-profile"];
        if kinds.iter().any(|kind| of_patrons.contains(kind)) && end.libraries.len() > 1 {
            let _ = writeln!(
                text,
                "  {FAINT}what is done about a patron as a whole stands at each of their libraries{FAINT:#}"
            );
        }
        text.push('\n');
        if end.irreversible.is_empty() {
            let _ =
                writeln!(text, "  Everything can be undone for {}.", count(u64::from(end.undo_days), "day", "days"));
        } else {
            let what = planned(&end.irreversible);
            let _ = writeln!(
                text,
                "  {WARNING}This cannot be undone: {what}.{WARNING:#} It is done with --irreversible alone."
            );
        }
    }
    // Retention hangs on every record that is kept, so that its numbers would be news each month and tell nothing.
    let of_records = |kind: &String| ActionKind::named(kind).is_some_and(ActionKind::is_retention);
    let (retention, others): (Counts, Counts) =
        end.not_named.clone().into_iter().partition(|(kind, _)| of_records(kind));
    let mut not_named: Vec<String> = Vec::new();
    not_named.extend((!others.is_empty()).then(|| planned(&others)));
    not_named.extend((!retention.is_empty()).then(|| retention.into_keys().collect::<Vec<_>>().join(" and ")));
    if !not_named.is_empty() {
        let _ = writeln!(text, "  Not done, because the register does not say how: {}.", not_named.join("; "));
    }
    for trip in &end.guards {
        let who = match &trip.libraries {
            None => "everything waits".to_owned(),
            Some(libraries) => format!("{} waits, and each deletion that spans it", libraries.join(", ")),
        };
        let _ = writeln!(
            text,
            "  {WARNING}{}{WARNING:#}: {} ({}): {who} for --consent {}",
            shown(&trip.at),
            shown(&trip.what),
            trip.guard,
            quoted(&trip.consent())
        );
    }
    if !kinds.is_empty() {
        let irreversible = if end.irreversible.is_empty() { "" } else { " [--irreversible]" };
        let consents: BTreeSet<String> =
            end.guards.iter().map(|trip| format!(" [--consent {}]", quoted(&trip.consent()))).collect();
        let consents = if consents.len() > 3 { " [--consent …]".to_owned() } else { consents.into_iter().collect() };
        let _ = writeln!(
            text,
            "\n  Look: lapse plan show {plan} --library LIBRARY\n  Go on: lapse apply {plan} {}{consents}{irreversible}",
            shown(&head.typed),
            plan = quoted(&plan.display().to_string()),
        );
    }
    let _ = writeln!(text, "  {FAINT}Head of the log: {}{FAINT:#}", log_head(&head.log_head));
    text
}

/// One action of a plan.
pub fn line(patron: &str, planned: &Planned) -> String {
    let at = planned.libraries.join(", ");
    let what = planned.subscription.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
    let days = match (&planned.before_valid_until, &planned.valid_until) {
        (before, Some(after)) => format!(", until {after} in place of {}", before.as_deref().unwrap_or("no end")),
        _ => planned.cut_off.as_ref().map(|day| format!(", before {day}")).unwrap_or_default(),
    };
    let because = if planned.because.is_empty() { String::new() } else { format!("; {}", planned.because) };
    format!("{}\n", shown(&format!("{patron}  {}{what} at {at}{days}: {}{because}", planned.action, planned.reason)))
}

/// How far an apply is, on a terminal.
pub fn progress(patrons: u64, of: u64) {
    if stderr().is_terminal() {
        say(&format!("\r{} of {} patrons", thousands(patrons), thousands(of)));
        if patrons >= of {
            say("\n");
        }
    }
}

/// What came of applying a plan.
pub fn applied(applied: &Applied, data: &Path) -> String {
    let mut text = format!("{STRONG}Run {}{STRONG:#}: done: {}\n", applied.run, listed(&applied.done));
    if !applied.handed_over.is_empty() {
        let what = listed(&applied.handed_over);
        let _ = writeln!(
            text,
            "  Handed over: {what}; `lapse apply --reconcile --data {}` finds out what became of them",
            data.display()
        );
    }
    left_out(
        "action was left out, since its patron has changed since the plan",
        "actions were left out, since their patrons have changed since the plan",
        &applied.skipped,
        &mut text,
    );
    left_out("action was refused", "actions were refused", &applied.refused, &mut text);
    if applied.waiting > 0 {
        let open: BTreeSet<String> =
            applied.asked.iter().map(|consent| format!("--consent {}", quoted(consent))).collect();
        let what = count(applied.waiting, "action waits", "actions wait");
        let open = open.into_iter().collect::<Vec<_>>().join(" ");
        let _ = writeln!(text, "  {WARNING}{what} for consent{WARNING:#}: the same command with {open}");
    }
    if applied.unheard > 0 {
        let what = count(applied.unheard, "action was", "actions were");
        let _ = writeln!(
            text,
            "  {WARNING}{what} about to be handed over when an apply was stopped{WARNING:#}, and nobody knows whether that was \
             done: lapse apply --reconcile --data {}",
            quoted(&data.display().to_string())
        );
    }
    if applied.irreversible_left > 0 {
        let what = count(
            applied.irreversible_left,
            "action cannot be undone, and waits",
            "actions cannot be undone, and wait",
        );
        let _ = writeln!(text, "  {WARNING}{what} for --irreversible{WARNING:#}");
    }
    if applied.stopped {
        let _ = writeln!(text, "  Stopped between two batches: the same command goes on.");
    }
    if applied.can_be_undone {
        let _ =
            writeln!(text, "  Put it back: lapse undo {} --data {}", applied.run, quoted(&data.display().to_string()));
    }
    let _ = writeln!(text, "  {FAINT}Head of the log: {}{FAINT:#}", log_head(&applied.log_head));
    text
}

/// What can be put back, before anything is.
pub fn undoable(run: u64, undoable: &Undoable) -> String {
    let mut text = format!("Run {run}: to be put back: {}\n", listed(&undoable.can));
    if !undoable.cannot.is_empty() {
        let _ = writeln!(text, "  {WARNING}This cannot be put back: {}{WARNING:#}", listed(&undoable.cannot));
    }
    text
}

/// What came of an undo.
pub fn undone(run: u64, undone: &Undone) -> String {
    let mut text = format!("{STRONG}Run {run}{STRONG:#}: put back: {}\n", listed(&undone.undone));
    left_out("action could not be put back", "actions could not be put back", &undone.left, &mut text);
    if undone.stopped {
        let _ = writeln!(text, "  Stopped between two batches: the same command goes on.");
    }
    let _ = writeln!(text, "  {FAINT}Head of the log: {}{FAINT:#}", log_head(&undone.log_head));
    text
}

/// What came of a purge.
pub fn purged(purged: &Purged) -> String {
    let runs: Vec<String> = purged.runs.iter().map(ToString::to_string).collect();
    let mut text = if runs.is_empty() {
        "Nothing is old enough to be purged.\n".to_owned()
    } else {
        let actions = count(purged.actions, "action", "actions");
        format!("{STRONG}Purged{STRONG:#}: {actions} of run {} can no longer be undone\n", runs.join(", "))
    };
    if purged.by_the_system > 0 {
        let patrons = count(purged.by_the_system, "patron was", "patrons were");
        let _ = writeln!(text, "  {patrons} taken away by the system's own function");
    }
    left_out("patron was not taken away", "patrons were not taken away", &purged.left, &mut text);
    for (run, days) in &purged.not_yet {
        let _ = writeln!(
            text,
            "  Run {run} can be undone for {}",
            count(u64::try_from(*days).unwrap_or(0), "more day", "more days")
        );
    }
    if !runs.is_empty() {
        let left = match purged.kind {
            None | Some(Kind::Sqlite) => "the file holds nothing of it any more; copies and backups of the file may",
            Some(Kind::Postgres) => {
                "dead rows hold it until the next vacuum, the write-ahead log until it is recycled, and backups as long as you keep them"
            }
            Some(Kind::Mysql) => {
                "the undo log holds it until it is purged, the binary log until it expires, and backups as long as you keep them"
            }
        };
        let _ = writeln!(text, "  What is left of it: {left}.");
    }
    let _ = writeln!(text, "  {FAINT}Head of the log: {}{FAINT:#}", log_head(&purged.log_head));
    text
}

/// What was found out of actions that were handed over.
pub fn settled(settled: Settled) -> String {
    let done = count(settled.done, "action is", "actions are");
    let unknown = count(settled.unknown, "action", "actions");
    format!("Of what was handed over, {done} found to be done; of {unknown} nobody knows yet.\n")
}

/// Whether the log is whole.
pub fn verified(verified: &Verified) -> String {
    match verified {
        Verified::Whole { entries, head } => {
            let entries = count(*entries, "entry", "entries");
            format!("{GOOD}The log is whole{GOOD:#}: {entries}\nHead of the log: {}\n", log_head(head))
        }
        Verified::Broken { batch, entry } => {
            let entry = entry.map(|entry| format!(", from entry {entry} on")).unwrap_or_default();
            format!(
                "{WARNING}The log was changed or cut off{WARNING:#} in batch {batch}{entry}; ask who could write to it.\n"
            )
        }
    }
}

/// The runs of a database, and who works there.
pub fn status(status: &Status) -> String {
    let mut text =
        format!("{STRONG}Database {}{STRONG:#}: {}\n", status.identity, count(status.runs.len() as u64, "run", "runs"));
    let mut table = TextTable::new(&["run", "of", "began", "actions that stand", "state"]);
    for run in &status.runs {
        let state = match (&run.purged, &run.undone) {
            (Some(at), _) => format!("purged at {at}"),
            (None, Some(at)) => format!("undone at {at}"),
            (None, None) if run.ended => "applied".to_owned(),
            (None, None) => "stopped; the same apply goes on".to_owned(),
        };
        table.row(vec![run.run.to_string(), run.date.clone(), run.began.clone(), thousands(run.stands), state]);
    }
    if !status.runs.is_empty() {
        text.push_str(&table.render(2));
    }
    if let Some((holder, since, heartbeat)) = &status.holder {
        let _ = writeln!(text, "  {} works here since {since}, last heard of at {heartbeat}", shown(holder));
    }
    let _ = writeln!(text, "  {FAINT}Head of the log: {}{FAINT:#}", log_head(&status.log_head));
    text
}

/// An entry of the log.
pub fn entry(told: &EntryTold) -> String {
    let Some(entry) = &told.entry else { return format!("{}  this entry cannot be read\n", told.number) };
    let patron = told.patron.as_deref().or(entry.patron.as_deref()).unwrap_or_default();
    let what = [
        entry.subscription.clone(),
        (!entry.libraries.is_empty()).then(|| format!("at {}", entry.libraries.join(", "))),
        (!entry.reason.is_empty()).then(|| format!("because {}", entry.reason)),
        (!entry.because.is_empty()).then(|| format!("by {}", entry.because)),
        entry.consent.as_ref().map(|consent| format!("with the consent {consent}")),
        (!entry.note.is_empty()).then(|| format!("({})", entry.note)),
        Some(format!("by {}", entry.who)),
    ];
    let what = what.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let (number, at) = (told.number, &entry.at);
    let line =
        format!("{number}  {at}  run {}  {patron}  {} {}: {what}", entry.run, entry.action, entry.outcome.as_str());
    format!("{}\n", shown(&line))
}

/// Those about whom something was not done, the first by name.
fn left_out(one: &str, several: &str, left: &[LeftOut], text: &mut String) {
    if left.is_empty() {
        return;
    }
    let _ = writeln!(text, "  {WARNING}{}{WARNING:#}:", count(left.len() as u64, one, several));
    for LeftOut { patron, libraries, action, why } in left.iter().take(SHOWN) {
        let at = if libraries.is_empty() { String::new() } else { format!(" at {}", libraries.join(", ")) };
        let _ = writeln!(text, "    {}", shown(&format!("{patron}  {action}{at}: {why}")));
    }
    if left.len() > SHOWN {
        let _ = writeln!(
            text,
            "    {FAINT}and {} more; `lapse log` has them all{FAINT:#}",
            thousands((left.len() - SHOWN) as u64)
        );
    }
}

/// How many of which kind were done, such as `3 deregistered, 1 deleted`.
fn listed(counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return "nothing".to_owned();
    }
    let done = |kind: &str| ActionKind::named(kind).map_or(kind.to_owned(), |kind| kind.done().to_owned());
    let one = |(kind, number): (&String, &u64)| format!("{} {}", thousands(*number), done(kind));
    counts.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// How many of which kind are to be done, such as `deregister 3, delete 1`.
fn planned(counts: &Counts) -> String {
    let one = |(kind, number): (&String, &u64)| format!("{kind} {}", thousands(*number));
    counts.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn log_head(hash: &str) -> &str {
    if hash.is_empty() { "nothing was done yet" } else { hash }
}

/// A word as it is typed in a shell.
pub fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./:@=+,".contains(letter);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
