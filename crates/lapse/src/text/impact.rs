//! The effect of a change for people: on a terminal, and in Markdown for a comment on a change.

use std::fmt::Write as _;

use lapse_change::Impact;
use lapse_engine::{BeforeAfter, MembershipOutcome, Moves, ProfileOutcome, RecordOutcome, moved};

use super::attention;
use super::markdown::escaped;
use crate::terminal::{FAINT, STRONG, TextTable, count, thousands};

/// The moves of a part of the patrons. Only all patrons together and an age band have profiles.
#[derive(Clone, Copy, Default)]
struct Part {
    moves: Moves,
    profiles: [[u64; 2]; 2],
}

impl From<Moves> for Part {
    fn from(moves: Moves) -> Part {
        Part { moves, ..Part::default() }
    }
}

/// A count of moves of one kind, and what it is called.
struct Kind {
    name: String,
    of: Box<dyn Fn(&Part) -> u64>,
}

/// The moves of each of several parts, such as libraries.
struct Breakdown {
    title: &'static str,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// The number of parts without a move, which are not shown.
    still: usize,
}

/// The text for a terminal.
pub fn to_text(impact: &Impact<'_>) -> String {
    let mut text = format!("\n{STRONG}{}{STRONG:#}\n\n  {}\n", title(impact), headline(impact));
    for (what, moves) in totals(impact) {
        let _ = writeln!(text, "\n  {what}");
        for (name, number) in moves {
            let _ = writeln!(text, "    {name:<26} {:>9}", thousands(number));
        }
    }
    for breakdown in breakdowns(impact) {
        let header: Vec<&str> = breakdown.header.iter().map(|name| &**name).collect();
        let mut table = TextTable::new(&header);
        breakdown.rows.iter().for_each(|row| table.row(row.clone()));
        let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}\n{}", breakdown.title, table.render(2).trim_end());
        if breakdown.still > 0 {
            let _ = writeln!(text, "  {FAINT}{}{FAINT:#}", breakdown.left_out());
        }
    }
    text.push_str(&attention::to_text(&impact.summary.attention(impact.sides[1].of_day), &impact.trips));
    text
}

/// Markdown for a comment on a change.
pub fn to_markdown(impact: &Impact<'_>) -> String {
    let mut text = format!("\n### {}\n\n{}\n", escaped(&title(impact)), escaped(&headline(impact)));
    for (what, moves) in totals(impact) {
        let _ = writeln!(text, "\n| {what} | |\n|---|--:|");
        for (name, number) in moves {
            let _ = writeln!(text, "| {} | {} |", escaped(&name), thousands(number));
        }
    }
    for breakdown in breakdowns(impact) {
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
    let attention = attention::to_text(&impact.summary.attention(impact.sides[1].of_day), &impact.trips);
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

fn title(impact: &Impact<'_>) -> String {
    let patrons = count(impact.summary.patrons, "patron", "patrons");
    format!("Whom this hits: {patrons} in the run of {}", impact.sides[1].of_day.date)
}

fn headline(impact: &Impact<'_>) -> String {
    if impact.is_none() {
        return "Nobody comes out otherwise.".to_owned();
    }
    let (total, profiles) = (impact.tally.total(), impact.tally.total_profiles());
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

/// All patrons together.
fn all(impact: &Impact<'_>) -> Part {
    Part { moves: impact.tally.total(), profiles: impact.tally.total_profiles() }
}

/// Those of `kinds` that occur.
fn moving(impact: &Impact<'_>, kinds: Vec<Kind>) -> Vec<Kind> {
    let all = all(impact);
    kinds.into_iter().filter(|kind| (kind.of)(&all) > 0).collect()
}

/// The counts of each kind of move that occurs.
fn totals(impact: &Impact<'_>) -> Vec<(&'static str, Vec<(String, u64)>)> {
    let all = all(impact);
    let of = |kinds| moving(impact, kinds).into_iter().map(|kind| (kind.name, (kind.of)(&all))).collect();
    let totals: [(_, Vec<_>); 3] =
        [("memberships", of(memberships())), ("records", of(records())), ("profiles", of(profiles()))];
    totals.into_iter().filter(|(_, moves)| !moves.is_empty()).collect()
}

/// A table for each way to divide the patrons, where it has a move to show.
fn breakdowns(impact: &Impact<'_>) -> Vec<Breakdown> {
    let [memberships, records, profiles] = [memberships(), records(), profiles()].map(|kinds| moving(impact, kinds));
    let memberships: Vec<&Kind> = memberships.iter().collect();
    let of_records: Vec<&Kind> = memberships.iter().copied().chain(&records).collect();
    // They stand beside records, whose outcomes have the same words.
    let profiles: Vec<Kind> =
        profiles.into_iter().map(|kind| Kind { name: format!("profile {}", kind.name), ..kind }).collect();
    let of_patrons: Vec<&Kind> = of_records.iter().copied().chain(&profiles).collect();
    let libraries = impact.libraries();
    let libraries = libraries.iter().map(|&(code, moves)| ([code], moves.into()));
    let libraries = breakdown("By library", &["library"], &of_records, libraries);
    let categories = impact.categories();
    let categories = categories.iter().map(|&(name, moves)| ([name.unwrap_or("(no policy)")], moves.into()));
    let categories = breakdown("By category", &["category"], &memberships, categories);
    let subscriptions = impact.subscriptions();
    let subscriptions = subscriptions.iter().map(|&(library, code, moves)| ([library, code], moves.into()));
    let subscriptions = breakdown("By subscription", &["library", "subscription"], &memberships, subscriptions);
    let ages = impact.ages().map(|(age, moves, profiles)| ([age.as_str()], Part { moves, profiles }));
    let ages = breakdown("By age", &["age"], &of_patrons, ages);
    [libraries, categories, subscriptions, ages].into_iter().flatten().collect()
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
        .map(|(name, old, new)| Kind { name, of: Box::new(move |part| part.moves.memberships[old][new]) })
        .collect()
}

fn records() -> Vec<Kind> {
    let words: Vec<&str> = RecordOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    pairs(&words)
        .map(|(name, old, new)| Kind { name, of: Box::new(move |part| part.moves.records[old][new]) })
        .collect()
}

fn profiles() -> Vec<Kind> {
    let words: Vec<&str> = ProfileOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    pairs(&words).map(|(name, old, new)| Kind { name, of: Box::new(move |part| part.profiles[old][new]) }).collect()
}

/// A row for each of `parts` that has a move and one for all together: the active memberships before and after, then the moves
/// of each kind. None where there are no kinds.
fn breakdown<'n, const N: usize>(
    title: &'static str,
    names: &[&str; N],
    kinds: &[&Kind],
    parts: impl Iterator<Item = ([&'n str; N], Part)>,
) -> Option<Breakdown> {
    if kinds.is_empty() {
        return None;
    }
    let header = names.iter().copied().chain(["active before", "after"]).map(str::to_owned);
    let mut breakdown = Breakdown {
        title,
        header: header.chain(kinds.iter().map(|kind| kind.name.clone())).collect(),
        rows: Vec::new(),
        still: 0,
    };
    let mut active = BeforeAfter::default();
    let mut sums = vec![0; kinds.len()];
    let mut row = |names: [&str; N], active: BeforeAfter, counts: &[u64]| {
        let numbers = [active.before, active.after].into_iter().chain(counts.iter().copied()).map(thousands);
        breakdown.rows.push(names.into_iter().map(str::to_owned).chain(numbers).collect());
    };
    let mut still = 0;
    for (names, part) in parts {
        let counts: Vec<u64> = kinds.iter().map(|kind| (kind.of)(&part)).collect();
        active = active + part.moves.active();
        sums.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += count);
        if counts.iter().any(|&count| count > 0) {
            row(names, part.moves.active(), &counts);
        } else {
            still += 1;
        }
    }
    let mut all = [""; N];
    all[0] = "all";
    row(all, active, &sums);
    breakdown.still = still;
    Some(breakdown)
}
