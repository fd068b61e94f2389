//! What a run comes to: `summary.json` for programs, and a page of text for a librarian.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use lapse_engine::guards::Trip;
use lapse_engine::{Codes, LibraryTally, MembershipOutcome, ProfileOutcome, RecordOutcome, Tally};
use lapse_host::Plugins;
use lapse_policy::{DayPolicy, Policy, Settings};
use lapse_tables::{Gap, Reject, Run, Table};
use serde_json::{Map, Value, json};

use crate::attention::guards_to_json;
use crate::terminal::{FAINT, GOOD, STRONG, TextTable, WARNING, count, thousands};

/// A run that is done.
pub struct Summary<'a> {
    /// By which policies.
    pub policy: &'a Policy,
    /// The policy of the run day.
    pub of_day: &'a DayPolicy,
    /// What was read and decided.
    pub run: &'a Run,
    /// The plugins that took part.
    pub plugins: &'a Plugins,
    /// What the extract leaves out.
    pub gaps: &'a [Gap],
    /// The guards that tripped.
    pub trips: &'a [Trip],
}

/// So many rejects, unknown codes and guards are shown one by one.
const SHOWN: usize = 5;

impl Summary<'_> {
    /// Some input rows were rejected or some memberships have no policy (exit code 3).
    pub fn needs_attention(&self) -> bool {
        !self.run.seen.rejects.is_empty() || !self.run.tally.unknown.is_empty()
    }

    /// The libraries of the policy, then others that the tables name, each with its counts.
    pub fn libraries(&self) -> impl Iterator<Item = (&str, LibraryTally)> {
        let known = self.of_day.libraries.len();
        let tally = |index| self.run.tally.libraries.get(index).copied().unwrap_or_default();
        let mut others: Vec<_> = self
            .run
            .seen
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

    /// What is not wrong with the extract, but maybe not what its maker meant, a sentence each.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut absent: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for gap in self.gaps {
            match gap {
                Gap::Table(table) => notes.push(format!("there is no {} table: {}", table.name(), without(*table))),
                Gap::Column { file, column, near: Some(near) } => {
                    notes.push(format!("the header of {file} has no `{column}`; did `{near}` mean it?"));
                }
                Gap::Column { file, column, near: None } => absent.entry(file).or_default().push(format!("`{column}`")),
                Gap::File { name, table } => {
                    notes.push(format!("{name} is not read; is it meant to be {}.csv?", table.name()));
                }
            }
        }
        for (file, columns) in absent {
            notes.push(format!("the header of {file} has no {}: empty in every row", columns.join(", ")));
        }
        let codes = &self.run.seen.codes;
        let sources = self.listed_by_none(codes.sources.texts(), |settings| &settings.activity.sources.value);
        if !sources.is_empty() {
            notes.push(format!("no policy counts activity from {sources}"));
        }
        let kinds = codes.blocks.texts().flat_map(|cell| cell.split('|'));
        let kinds = self.listed_by_none(kinds, |settings| &settings.cleanup.blocks.value);
        if !kinds.is_empty() {
            notes.push(format!("no policy lets a record be held by a block of the kind {kinds}"));
        }
        notes
    }

    /// Those of `names` that no list of the policy has, for a sentence.
    fn listed_by_none<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        list: impl Fn(&Settings) -> &Vec<String>,
    ) -> String {
        let libraries = self.of_day.libraries.iter().map(|library| &library.settings);
        let lists: Vec<&Vec<String>> = libraries.chain([&self.of_day.consortium.settings]).map(list).collect();
        let names: BTreeSet<&str> = names
            .filter(|name| !name.is_empty() && !lists.iter().any(|list| list.iter().any(|listed| listed == name)))
            .collect();
        let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        if names.len() > SHOWN {
            shown.push(format!("{} more", names.len() - SHOWN));
        }
        shown.join(", ")
    }

    /// The file `summary.json`.
    pub fn to_json(&self) -> String {
        let rows = Table::ALL
            .iter()
            .zip(self.run.seen.rows)
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
        value["no_policy"] = unknown(&self.run.tally, &self.run.seen.codes)
            .into_iter()
            .map(|(library, subscription, memberships)| {
                json!({ "library": library, "subscription": subscription, "memberships": memberships })
            })
            .collect();
        value["faults"] = json!({
            "activity_after_run": self.run.seen.faults.activity_after_run,
            "profiles_after_run": self.run.seen.faults.profiles_after_run,
        });
        value["notes"] = self.notes().into();
        value["guards"] = guards_to_json(self.trips);
        let plugins: Vec<Value> = self
            .plugins
            .versions()
            .map(|(spec, version)| json!({ "name": spec.name, "version": version, "sha256": spec.sha256 }))
            .collect();
        if !plugins.is_empty() {
            value["plugins"] = plugins.into();
        }
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
        let patrons = count(self.run.seen.patrons as u64, "patron", "patrons");
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
        let rejects = &self.run.seen.rejects;
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
        let unknown = unknown(&self.run.tally, &self.run.seen.codes);
        if !unknown.is_empty() {
            let memberships = unknown.iter().map(|(_, _, count)| count).sum();
            let what = count(memberships, "membership has no policy", "memberships have no policy");
            let lines = unknown.iter().map(|(library, subscription, memberships)| {
                format!("{subscription} at {library}: {}", thousands(*memberships))
            });
            notes.push(note(&what, lines));
        }
        notes.extend(self.notes().iter().map(|what| note(what, [])));
        let faults = self.run.seen.faults;
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

/// What is not known without a table.
fn without(table: Table) -> &'static str {
    match table {
        Table::Patrons => "nobody is known",
        Table::Memberships => "no membership is known",
        Table::Activity => "nobody is known to have been active since enrolling",
        Table::Accounts => "no debts, credit, blocks or items are known",
    }
}

/// Memberships without policy by library and subscription, the most frequent first.
pub fn unknown<'a>(tally: &Tally, codes: &'a Codes) -> Vec<(&'a str, &'a str, u64)> {
    let mut unknown: Vec<_> = tally
        .unknown
        .iter()
        .map(|(&(library, subscription), &count)| {
            (codes.libraries.text(library), codes.subscriptions.text(subscription), count)
        })
        .collect();
    unknown.sort_unstable_by_key(|&(library, subscription, count)| (std::cmp::Reverse(count), library, subscription));
    unknown
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
