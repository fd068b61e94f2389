//! The effect of a change for people: on a terminal, and in Markdown for a comment on a change.

use std::fmt::Write as _;

use lapse_engine::{MembershipOutcome, Moves, ProfileOutcome, RecordOutcome, moved};

use super::Impact;
use crate::attention::{self, Attention};
use crate::compare::escaped;
use crate::terminal::{FAINT, STRONG, TextTable, count, thousands};

/// A count of moves of one kind, and what it is called.
struct Kind {
    name: String,
    of: Box<dyn Fn(&Moves) -> u64>,
}

/// The moves of each of several parts, such as libraries.
struct Breakdown {
    title: &'static str,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// How many parts have no move, and are not shown.
    still: usize,
}

impl Impact<'_> {
    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut text = format!("\n{STRONG}{}{STRONG:#}\n\n  {}\n", self.title(), self.headline());
        for (what, moves) in self.totals() {
            let _ = writeln!(text, "\n  {what}");
            for (name, number) in moves {
                let _ = writeln!(text, "    {name:<26} {:>9}", thousands(number));
            }
        }
        for breakdown in self.breakdowns() {
            let header: Vec<&str> = breakdown.header.iter().map(|name| &**name).collect();
            let mut table = TextTable::new(&header);
            breakdown.rows.iter().for_each(|row| table.row(row.clone()));
            let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}\n{}", breakdown.title, table.render(2).trim_end());
            if breakdown.still > 0 {
                let _ = writeln!(text, "  {FAINT}{}{FAINT:#}", breakdown.left_out());
            }
        }
        text.push_str(&attention::to_text(&self.attention(), &self.trips));
        text
    }

    /// For a comment on a change.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("\n### {}\n\n{}\n", escaped(&self.title()), escaped(&self.headline()));
        for (what, moves) in self.totals() {
            let _ = writeln!(text, "\n| {what} | |\n|---|--:|");
            for (name, number) in moves {
                let _ = writeln!(text, "| {} | {} |", escaped(&name), thousands(number));
            }
        }
        for breakdown in self.breakdowns() {
            let line = |cells: &[String]| {
                let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
                format!("| {} |\n", cells.join(" | "))
            };
            let _ = write!(text, "\n#### {}\n\n{}", breakdown.title, line(&breakdown.header));
            let _ = writeln!(text, "|---{}|", "|--:".repeat(breakdown.header.len() - 1));
            breakdown.rows.iter().for_each(|row| text.push_str(&line(row)));
            if breakdown.still > 0 {
                let _ = writeln!(text, "\n{}", breakdown.left_out());
            }
        }
        let attention = attention::to_text(&self.attention(), &self.trips);
        for line in anstream::adapter::strip_str(&attention).to_string().lines().filter(|line| !line.is_empty()) {
            let _ = writeln!(
                text,
                "{}",
                if line.starts_with(' ') {
                    format!("- {}", escaped(line.trim()))
                } else {
                    format!("\n#### {}\n", escaped(line))
                }
            );
        }
        text
    }

    fn title(&self) -> String {
        let patrons = count(self.patrons as u64, "patron", "patrons");
        format!("Whom this hits: {patrons} in the run of {}", self.sides[1].of_day.date)
    }

    fn headline(&self) -> String {
        if self.is_none() {
            return "Nobody comes out otherwise.".to_owned();
        }
        let (total, profiles) = (self.tally.total(), self.tally.total_profiles());
        let all = |moves: &[u64]| moves.iter().sum();
        format!(
            "{} of {}, {} of {} and {} of {} come out otherwise.",
            thousands(total.moved_memberships()),
            count(all(total.memberships.as_flattened()), "membership", "memberships"),
            thousands(total.moved_records()),
            count(all(total.records.as_flattened()), "record", "records"),
            thousands(moved(&profiles)),
            count(all(profiles.as_flattened()), "profile", "profiles"),
        )
    }

    /// What moves at all, and how many.
    fn totals(&self) -> Vec<(&'static str, Vec<(String, u64)>)> {
        let (total, profiles) = (self.tally.total(), self.tally.total_profiles());
        let words: Vec<&str> = ProfileOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        let profiles = pairs(&words).map(|(name, old, new)| (name, profiles[old][new]));
        let of = |kinds: Vec<Kind>| kinds.into_iter().map(|kind| (kind.name, (kind.of)(&total))).collect();
        let all = [
            ("memberships", of(memberships())),
            ("records", of(records())),
            ("profiles", profiles.collect::<Vec<_>>()),
        ];
        let moving =
            all.map(|(what, moves)| (what, moves.into_iter().filter(|&(_, count)| count > 0).collect::<Vec<_>>()));
        moving.into_iter().filter(|(_, moves)| !moves.is_empty()).collect()
    }

    fn breakdowns(&self) -> Vec<Breakdown> {
        if self.is_none() {
            return Vec::new();
        }
        let total = self.tally.total();
        let moving = |kinds: Vec<Kind>| kinds.into_iter().filter(|kind| (kind.of)(&total) > 0).collect::<Vec<_>>();
        let (memberships, records) = (moving(memberships()), moving(records()));
        let memberships: Vec<&Kind> = memberships.iter().collect();
        let both: Vec<&Kind> = memberships.iter().copied().chain(&records).collect();
        let libraries = self.libraries();
        let libraries =
            breakdown("By library", &["library"], &both, libraries.iter().map(|&(code, moves)| ([code], moves)));
        let categories = self.categories();
        let categories = categories.iter().map(|&(name, moves)| ([name.unwrap_or("(no policy)")], moves));
        let categories = breakdown("By category", &["category"], &memberships, categories);
        let subscriptions = self.subscriptions();
        let subscriptions = subscriptions.iter().map(|&(library, code, moves)| ([library, code], moves));
        let subscriptions = breakdown("By subscription", &["library", "subscription"], &memberships, subscriptions);
        let ages = breakdown("By age", &["age"], &both, self.ages().map(|(age, moves, _)| ([age.as_str()], moves)));
        vec![libraries, categories, subscriptions, ages]
    }

    /// What else a person should look at.
    pub fn attention(&self) -> Vec<Attention> {
        attention::of(&self.rows, &self.new, &self.codes, self.faults)
    }
}

impl Breakdown {
    fn left_out(&self) -> String {
        format!("{} without a move left out", self.still)
    }
}

/// Every move from one of `words` to another.
fn pairs<'w>(words: &'w [&'static str]) -> impl Iterator<Item = (String, usize, usize)> + 'w {
    let all = (0..words.len()).flat_map(move |old| (0..words.len()).map(move |new| (old, new)));
    all.filter(|(old, new)| old != new).map(move |(old, new)| (format!("{} -> {}", words[old], words[new]), old, new))
}

fn memberships() -> Vec<Kind> {
    let words: Vec<&str> = MembershipOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    pairs(&words)
        .map(|(name, old, new)| Kind { name, of: Box::new(move |moves| moves.memberships[old][new]) })
        .collect()
}

fn records() -> Vec<Kind> {
    let words: Vec<&str> = RecordOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    pairs(&words).map(|(name, old, new)| Kind { name, of: Box::new(move |moves| moves.records[old][new]) }).collect()
}

/// The moves of each of `parts`, active memberships before and after first; and of all together.
fn breakdown<'n, const N: usize>(
    title: &'static str,
    names: &[&str; N],
    kinds: &[&Kind],
    parts: impl Iterator<Item = ([&'n str; N], Moves)>,
) -> Breakdown {
    let header = names.iter().copied().chain(["active before", "after"]).map(str::to_owned);
    let mut breakdown = Breakdown {
        title,
        header: header.chain(kinds.iter().map(|kind| kind.name.clone())).collect(),
        rows: Vec::new(),
        still: 0,
    };
    let mut row = |names: [&str; N], moves: &Moves| {
        let active = moves.active();
        let numbers = [active.before, active.after].into_iter().chain(kinds.iter().map(|kind| (kind.of)(moves)));
        let cells = names.into_iter().map(str::to_owned).chain(numbers.map(thousands));
        breakdown.rows.push(cells.collect());
    };
    let mut total = Moves::default();
    for (names, moves) in parts {
        total += moves;
        if kinds.iter().any(|kind| (kind.of)(&moves) > 0) {
            row(names, &moves);
        } else {
            breakdown.still += 1;
        }
    }
    let mut all = [""; N];
    all[0] = "all";
    row(all, &total);
    breakdown
}
