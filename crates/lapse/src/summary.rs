//! What a run comes to: `summary.json` for programs, and a page of text for a librarian.

use std::fmt::Write as _;
use std::path::Path;

use lapse_engine::guards::Trip;
use lapse_engine::{LibraryTally, MembershipOutcome, ProfileOutcome, RecordOutcome};
use lapse_policy::{DayPolicy, Policy};
use lapse_tables::{Reject, Run, Table};
use serde_json::{Map, Value, json};

use crate::terminal::{FAINT, GOOD, STRONG, TextTable, WARNING, count, thousands};

/// A run that is done.
pub struct Summary<'a> {
    /// By which policies.
    pub policy: &'a Policy,
    /// The policy of the run day.
    pub of_day: &'a DayPolicy,
    /// What was read and decided.
    pub run: &'a Run,
    /// The guards that tripped.
    pub trips: &'a [Trip],
}

/// So many rejects, unknown codes and guards are shown one by one.
const SHOWN: usize = 5;

impl Summary<'_> {
    /// Some input rows were rejected or some memberships have no policy (exit code 3).
    pub fn needs_attention(&self) -> bool {
        !self.run.rejects.is_empty() || !self.run.tally.unknown.is_empty()
    }

    /// The libraries of the policy, then others that the tables name, each with its counts.
    pub fn libraries(&self) -> impl Iterator<Item = (&str, LibraryTally)> {
        let known = self.of_day.libraries.len();
        let tally = |index| self.run.tally.libraries.get(index).copied().unwrap_or_default();
        let mut others: Vec<_> = self
            .run
            .codes
            .libraries
            .texts()
            .enumerate()
            .skip(known)
            .map(|(index, code)| (code, tally(index)))
            .filter(|(_, tally)| *tally != LibraryTally::default())
            .collect();
        others.sort_unstable_by_key(|&(code, _)| code);
        let of_policy =
            self.of_day.libraries.iter().enumerate().map(move |(index, library)| (&*library.code, tally(index)));
        of_policy.chain(others)
    }

    /// Memberships without policy, the most frequent first.
    pub fn unknown(&self) -> Vec<(&str, &str, u64)> {
        let codes = &self.run.codes;
        let mut unknown: Vec<_> = self
            .run
            .tally
            .unknown
            .iter()
            .map(|(&(library, subscription), &count)| {
                (codes.libraries.text(library), codes.subscriptions.text(subscription), count)
            })
            .collect();
        unknown
            .sort_unstable_by_key(|&(library, subscription, count)| (std::cmp::Reverse(count), library, subscription));
        unknown
    }

    /// The file `summary.json`.
    pub fn to_json(&self) -> String {
        let rows = Table::ALL
            .iter()
            .zip(self.run.rows)
            .map(|(table, rows)| (table.name().to_owned(), json!({ "read": rows.read, "rejected": rows.rejected })));
        let libraries = self.libraries().map(|(code, tally)| (code.to_owned(), counts(&tally)));
        let mut value = json!({
            "date": self.of_day.date.to_string(),
            "lapse": env!("CARGO_PKG_VERSION"),
            "policy_fingerprint": self.policy.fingerprint(),
            "rows": rows.collect::<Map<_, _>>(),
            "libraries": libraries.collect::<Map<_, _>>(),
            "total": counts(&self.run.tally.total()),
        });
        value["total"]["profiles"] = by_word(ProfileOutcome::ALL.iter().map(|o| o.as_str()), &self.run.tally.profiles);
        value["no_policy"] = self
            .unknown()
            .into_iter()
            .map(|(library, subscription, memberships)| {
                json!({ "library": library, "subscription": subscription, "memberships": memberships })
            })
            .collect();
        value["faults"] = json!({
            "activity_after_run": self.run.faults.activity_after_run,
            "profiles_after_run": self.run.faults.profiles_after_run,
        });
        value["guards"] = self
            .trips
            .iter()
            .map(|trip| {
                json!({
                    "guard": trip.what.key(),
                    "library": trip.library,
                    "limit": trip.limit.value,
                    "found": trip.what.to_string(),
                })
            })
            .collect();
        let mut text = serde_json::to_string_pretty(&value).expect("text and numbers have a JSON form");
        text.push('\n');
        text
    }

    /// The page for a terminal.
    pub fn to_text(&self, out: &Path) -> String {
        let mut text = String::new();
        let date = self.of_day.date;
        let name = &self.of_day.consortium.name.value;
        let total = self.run.tally.total();
        let patrons = count(self.run.patrons as u64, "patron", "patrons");
        let _ = writeln!(text, "\n{STRONG}{name}, run of {date}{STRONG:#}: {patrons}\n");
        self.libraries_text(&total, &mut text);
        self.attention_text(&mut text);
        let _ = writeln!(
            text,
            "\n{FAINT}Policy {:.12}. Every decision with its reason: {}{FAINT:#}",
            self.policy.fingerprint(),
            out.display()
        );
        text
    }

    fn libraries_text(&self, total: &LibraryTally, text: &mut String) {
        let mut table = TextTable::new(&[
            "library",
            "valid",
            "renewed",
            "deregistered",
            "expired",
            "| kept",
            "archived",
            "deleted",
        ]);
        let mut row = |name: &str, tally: &LibraryTally| {
            let counts = tally.memberships.iter().chain(&tally.records).map(|&count| thousands(count));
            table.row(std::iter::once(name.to_owned()).chain(counts).collect());
        };
        let in_policy = |code: &str| self.of_day.libraries.iter().any(|library| library.code == code);
        let mut shown = 0;
        for (code, tally) in self.libraries() {
            if in_policy(code) {
                row(code, &tally);
                shown += 1;
            } else if tally != LibraryTally::default() {
                row(&format!("{code} (no policy)"), &tally);
                shown += 1;
            }
        }
        if shown != 1 {
            row("all", total);
        }
        let _ = writeln!(text, "{FAINT}  {:<24}memberships after the run, then records{FAINT:#}", "");
        text.push_str(&table.render(2));
        let profile = |outcome: ProfileOutcome| thousands(self.run.tally.profiles[outcome as usize]);
        let _ = writeln!(
            text,
            "\n  Mijn Bibliotheek profiles: {} kept, {} deleted",
            profile(ProfileOutcome::Kept),
            profile(ProfileOutcome::Deleted)
        );
    }

    fn attention_text(&self, text: &mut String) {
        let mut notes = Vec::new();
        let rejects = &self.run.rejects;
        if !rejects.is_empty() {
            let what = count(
                rejects.len() as u64,
                "row was rejected and its patron held",
                "rows were rejected and their patrons held",
            );
            let lines = rejects.iter().map(|Reject { table, line, column, value, problem }| {
                format!("{}.csv line {line}, {column} `{value}`: {problem}", table.name())
            });
            notes.push(note(&format!("{what} (rejects.csv)"), lines));
        }
        let unknown = self.unknown();
        if !unknown.is_empty() {
            let memberships = unknown.iter().map(|(_, _, count)| count).sum();
            let what = count(memberships, "membership has no policy", "memberships have no policy");
            let lines = unknown.iter().map(|(library, subscription, memberships)| {
                format!("{subscription} at {library}: {}", thousands(*memberships))
            });
            notes.push(note(&what, lines));
        }
        let faults = self.run.faults;
        if faults.activity_after_run > 0 {
            let what = count(faults.activity_after_run, "activity row has", "activity rows have");
            notes.push(note(&format!("{what} a date after the run; each counts as activity on the run day"), []));
        }
        if faults.profiles_after_run > 0 {
            let what = count(faults.profiles_after_run, "profile was", "profiles were");
            notes.push(note(&format!("{what} last active after the run"), []));
        }
        if !self.trips.is_empty() {
            let what = count(self.trips.len() as u64, "guard trips", "guards trip");
            let lines = self.trips.iter().map(|trip| {
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

fn counts(tally: &LibraryTally) -> Value {
    json!({
        "memberships": by_word(MembershipOutcome::ALL.iter().map(|o| o.as_str()), &tally.memberships),
        "records": by_word(RecordOutcome::ALL.iter().map(|o| o.as_str()), &tally.records),
    })
}

fn by_word<'a>(words: impl Iterator<Item = &'a str>, counts: &[u64]) -> Value {
    Value::Object(words.map(str::to_owned).zip(counts.iter().map(|&count| count.into())).collect())
}
