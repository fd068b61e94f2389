//! What a run comes to, as a page on the terminal of a librarian: the outcomes at each library, then what needs attention.

use std::fmt::Write as _;
use std::path::Path;

use lapse_change::Summary;
use lapse_engine::{LibraryTally, ProfileOutcome};
use lapse_policy::{DayPolicy, Policy};
use lapse_tables::{Faults, Reject};

use crate::terminal::{FAINT, GOOD, STRONG, TextTable, WARNING, count, thousands};

/// How many rejects, unknown codes and guards are shown one by one.
const SHOWN: usize = 5;

/// The page of a run by `policy`, whose values on the run day are `of_day`; the tables are in `out`.
pub fn to_text(summary: &Summary, policy: &Policy, of_day: &DayPolicy, rejects: &[Reject], out: &Path) -> String {
    let mut text = String::new();
    let name = &of_day.consortium.name.value;
    let patrons = count(summary.patrons, "patron", "patrons");
    let _ = writeln!(text, "\n{STRONG}{name}, run of {}{STRONG:#}: {patrons}\n", of_day.date);
    libraries_text(summary, of_day, &mut text);
    attention_text(summary, of_day, rejects, &mut text);
    let _ = writeln!(
        text,
        "\n{FAINT}Policy {:.12}. Every decision with its reason: {}{FAINT:#}",
        policy.fingerprint(),
        out.display()
    );
    text
}

fn libraries_text(summary: &Summary, of_day: &DayPolicy, text: &mut String) {
    let mut table =
        TextTable::new(&["library", "valid", "renewed", "deregistered", "expired", "| kept", "archived", "deleted"]);
    let mut row = |name: &str, tally: &LibraryTally| {
        let counts = tally.memberships.iter().chain(&tally.records).map(|&count| thousands(count));
        table.row(std::iter::once(name.to_owned()).chain(counts).collect());
    };
    let known = of_day.libraries.len();
    let mut shown = 0;
    for (index, (code, tally)) in summary.libraries(of_day).enumerate() {
        if index < known {
            row(code, &tally);
        } else {
            row(&format!("{code} (no policy)"), &tally);
        }
        shown += 1;
    }
    if shown != 1 {
        row("all", &summary.total());
    }
    let _ = writeln!(text, "{FAINT}  {:<24}memberships after the run, then records{FAINT:#}", "");
    text.push_str(&table.render(2));
    let profile = |outcome: ProfileOutcome| thousands(summary.profiles[outcome as usize]);
    let _ = writeln!(
        text,
        "\n  Mijn Bibliotheek profiles: {} kept, {} deleted",
        profile(ProfileOutcome::Kept),
        profile(ProfileOutcome::Deleted)
    );
}

fn attention_text(summary: &Summary, of_day: &DayPolicy, rejects: &[Reject], text: &mut String) {
    let mut notes = Vec::new();
    if !rejects.is_empty() {
        let what = count(
            rejects.len() as u64,
            "row was rejected and its patron held",
            "rows were rejected and their patrons held",
        );
        let lines = rejects.iter().map(|Reject { table: _, file, line, column, value, problem }| {
            format!("{file} line {line}, {column} `{value}`: {problem}")
        });
        notes.push(note(&format!("{what} (rejects.csv)"), lines));
    }
    let no_policy = summary.no_policy();
    if !no_policy.is_empty() {
        let memberships = no_policy.iter().map(|(_, _, count)| count).sum();
        let what = count(memberships, "membership has no policy", "memberships have no policy");
        let lines = no_policy.iter().map(|(library, subscription, memberships)| {
            format!("{subscription} at {library}: {}", thousands(*memberships))
        });
        notes.push(note(&what, lines));
    }
    notes.extend(summary.notes(of_day).iter().map(|what| note(&what.to_string(), [])));
    let Faults { activity_after_run, profiles_after_run } = summary.faults;
    if activity_after_run > 0 {
        let what = count(activity_after_run, "activity row has", "activity rows have");
        notes.push(note(&format!("{what} a date after the run; each counts as activity on the run day"), []));
    }
    if profiles_after_run > 0 {
        let what = count(profiles_after_run, "profile was", "profiles were");
        notes.push(note(&format!("{what} last active after the run"), []));
    }
    let trips = summary.trips(of_day);
    if !trips.is_empty() {
        let what = count(trips.len() as u64, "guard trips", "guards trip");
        let lines = trips.iter().map(|trip| {
            let library = trip.library.as_deref().unwrap_or("the whole consortium");
            format!("{library}: {}; {} is {}", trip.what, trip.what.key(), trip.limit.value)
        });
        notes.push(note(&format!("{what}: look at this before you act on the run"), lines));
    }
    if notes.is_empty() {
        let _ = writeln!(text, "\n  {GOOD}Nothing needs attention.{GOOD:#}");
        return;
    }
    let _ = writeln!(text, "\n{WARNING}Needs attention{WARNING:#}");
    for note in &notes {
        text.push_str(note);
    }
}

/// A line that says what, and below it the first of the places.
fn note(what: &str, lines: impl IntoIterator<Item = String>) -> String {
    let mut text = format!("  {what}\n");
    let mut lines = lines.into_iter();
    for line in lines.by_ref().take(SHOWN) {
        let _ = writeln!(text, "    {line}");
    }
    let more = lines.count();
    if more > 0 {
        let _ = writeln!(text, "    {FAINT}and {more} more{FAINT:#}");
    }
    text
}
