//! A comparison for people: on a terminal, and in Markdown for a comment on a change.

use std::fmt::Write as _;

use lapse_policy::Day;

use super::{Comparison, Difference, Value};
use crate::terminal::{BAD, FAINT, GOOD, STRONG, count};

/// So many names make a list that people read to its end.
const MOST_NAMES: usize = 12;
/// So much of a comparison still fits into a comment: GitHub takes 65,536 characters.
const MOST_ROWS: usize = 60;
const MOST_WITNESSES: usize = 40;

const NOBODY: &str = "No made-up patron comes out otherwise.";
const WITHOUT_PLUGINS: &str = "Made-up patrons are tried without plugins: `--data` tells whom a changed plugin hits.";

/// Differences that say the same of several libraries or subscriptions.
struct Same<'a> {
    first: &'a Difference,
    places: Vec<String>,
}

impl Comparison {
    /// For a terminal; empty where there is no difference.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for Same { first, places } in self.gathered() {
            let Difference { setting, before, after, .. } = first;
            let _ = writeln!(
                text,
                "{STRONG}{setting}{STRONG:#}: {BAD}{}{BAD:#} -> {GOOD}{}{GOOD:#}, {}",
                before.text,
                after.text,
                first.days()
            );
            let _ = writeln!(text, "  {}", places.join(", "));
            for (side, by) in first.written_by() {
                let _ = writeln!(text, "  {FAINT}{side:<6}  {by}{FAINT:#}");
            }
            text.push('\n');
        }
        if self.is_empty() {
            return text;
        }
        if self.witnesses.is_empty() {
            let _ = writeln!(text, "{NOBODY}");
        } else {
            let _ = writeln!(text, "{STRONG}Made-up patrons who come out otherwise{STRONG:#}");
        }
        for witness in &self.witnesses {
            let _ = writeln!(text, "  {}", witness.sentence);
        }
        if self.plugins_differ {
            let _ = writeln!(text, "{WITHOUT_PLUGINS}");
        }
        text
    }

    /// For a comment on a change. That there is no difference is said too: it may take the place of an earlier comment.
    pub fn to_markdown(&self) -> String {
        if self.is_empty() {
            return "### What this changes\n\nNothing: the policies mean what they meant before.\n".to_owned();
        }
        let mut text = String::from(
            "### What this changes\n\n| setting | where | before | after | days | who and why |\n|---|---|---|---|---|---|\n",
        );
        let rows = self.gathered();
        for Same { first, places } in rows.iter().take(MOST_ROWS) {
            let Difference { setting, before, after, .. } = first;
            let by: Vec<String> = first.written_by().iter().map(|(side, by)| format!("{side}: {by}")).collect();
            let cells = [setting, &few(places), &before.text, &after.text, &first.days(), &by.join("; ")];
            let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text.push_str(&left_out(rows.len(), MOST_ROWS, "row", "rows"));
        if self.witnesses.is_empty() {
            let _ = writeln!(text, "\n{NOBODY}");
        } else {
            text.push_str("\n### Made-up patrons who come out otherwise\n\n");
        }
        for witness in self.witnesses.iter().take(MOST_WITNESSES) {
            let _ = writeln!(text, "- {}", escaped(&witness.sentence));
        }
        text.push_str(&left_out(self.witnesses.len(), MOST_WITNESSES, "patron", "patrons"));
        if self.plugins_differ {
            let _ = writeln!(text, "\n{WITHOUT_PLUGINS}");
        }
        text
    }

    /// What differs in the same way in several places is told once.
    fn gathered(&self) -> Vec<Same<'_>> {
        let mut all: Vec<Same<'_>> = Vec::new();
        for difference in &self.differences {
            let place = difference.place();
            match all.iter_mut().find(|same| same.first.says_the_same(difference)) {
                Some(same) => same.places.push(place),
                None => all.push(Same { first: difference, places: vec![place] }),
            }
        }
        all
    }
}

impl Difference {
    fn says_the_same(&self, other: &Difference) -> bool {
        (&self.setting, &self.before, &self.after, self.from, self.until)
            == (&other.setting, &other.before, &other.after, other.from, other.until)
    }

    /// Who wrote the values, each once.
    fn written_by(&self) -> Vec<(&'static str, String)> {
        let by = |value: &Value| value.by.as_ref().map(ToString::to_string);
        match (by(&self.before), by(&self.after)) {
            (Some(before), Some(after)) if before == after => vec![("both", after)],
            (before, after) => {
                before.map(|by| ("before", by)).into_iter().chain(after.map(|by| ("after", by))).collect()
            }
        }
    }

    fn place(&self) -> String {
        let library = self.library.as_deref().unwrap_or("consortium");
        self.subscription.as_ref().map_or_else(|| library.to_owned(), |code| format!("{library} {code}"))
    }

    fn days(&self) -> String {
        let day = |day: Day| day.to_string();
        match (self.from.map(day), self.until.map(day)) {
            (None, None) => "on every day".to_owned(),
            (Some(from), None) => format!("from {from} on"),
            (None, Some(until)) => format!("until {until}"),
            (Some(from), Some(until)) if from == until => format!("on {from}"),
            (Some(from), Some(until)) => format!("from {from} until {until}"),
        }
    }
}

/// Names, of which the last are only counted where there are many.
pub(super) fn few(names: &[String]) -> String {
    match names.split_at_checked(MOST_NAMES) {
        Some((shown, rest)) if !rest.is_empty() => format!("{} and {} more", shown.join(", "), rest.len()),
        Some(_) | None => names.join(", "),
    }
}

/// That a comment does not hold everything, where it does not.
fn left_out(all: usize, most: usize, one: &str, many: &str) -> String {
    match all.saturating_sub(most) {
        0 => String::new(),
        rest => format!("\n{} more; `lapse diff` with `--format text` shows all.\n", count(rest as u64, one, many)),
    }
}

/// Text that Markdown shows as it is, in one line.
pub fn escaped(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '@' => {
                markdown.push('\\');
                markdown.push(c);
            }
            '\n' | '\r' => markdown.push(' '),
            c => markdown.push(c),
        }
    }
    markdown
}
