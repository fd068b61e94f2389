//! A comparison for people: on a terminal, and in Markdown for a comment on a change.

use std::fmt::Write as _;

use lapse_change::compare::{Comparison, Difference, Same};
use lapse_change::few;

use super::markdown::escaped;
use crate::terminal::{BAD, FAINT, GOOD, STRONG, WARNING, count};

/// The rows and witnesses that still fit into a comment: GitHub takes 65,536 characters.
const MOST_ROWS: usize = 60;
const MOST_WITNESSES: usize = 40;

const NOBODY: &str = "No made-up patron comes out otherwise.";
const WITHOUT_PLUGINS: &str = "Made-up patrons are tried without plugins: `--data` tells whom a changed plugin hits.";

/// The text for a terminal; empty where there is no difference.
pub fn to_text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for Same { first, places } in comparison.gathered() {
        let Difference { setting, before, after, loosens, .. } = first;
        let loosens = if *loosens { format!(" {WARNING}(loosens){WARNING:#}") } else { String::new() };
        let _ = writeln!(
            text,
            "{STRONG}{setting}{STRONG:#}: {BAD}{}{BAD:#} -> {GOOD}{}{GOOD:#}, {}{loosens}",
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
    if comparison.is_empty() {
        return text;
    }
    if comparison.witnesses.is_empty() {
        let _ = writeln!(text, "{NOBODY}");
    } else {
        let _ = writeln!(text, "{STRONG}Made-up patrons who come out otherwise{STRONG:#}");
    }
    for witness in &comparison.witnesses {
        let _ = writeln!(text, "  {}", witness.sentence);
    }
    if comparison.plugins_differ {
        let _ = writeln!(text, "{WITHOUT_PLUGINS}");
    }
    text
}

/// Markdown for a comment on a change. It says so where there is no difference, because it may replace an earlier comment.
pub fn to_markdown(comparison: &Comparison) -> String {
    if comparison.is_empty() {
        return "### What this changes\n\nNothing: the policies mean what they meant before.\n".to_owned();
    }
    let mut text = String::from(
        "### What this changes\n\n| setting | where | before | after | days | who and why |\n|---|---|---|---|---|---|\n",
    );
    let rows = comparison.gathered();
    for Same { first, places } in rows.iter().take(MOST_ROWS) {
        let Difference { setting, before, after, loosens, .. } = first;
        let setting = if *loosens { format!("{setting} (loosens)") } else { setting.clone() };
        let by: Vec<String> = first.written_by().iter().map(|(side, by)| format!("{side}: {by}")).collect();
        let cells = [&setting, &few(places), &before.text, &after.text, &first.days(), &by.join("; ")];
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push_str(&left_out(rows.len(), MOST_ROWS, "row", "rows"));
    if comparison.witnesses.is_empty() {
        let _ = writeln!(text, "\n{NOBODY}");
    } else {
        text.push_str("\n### Made-up patrons who come out otherwise\n\n");
    }
    for witness in comparison.witnesses.iter().take(MOST_WITNESSES) {
        let _ = writeln!(text, "- {}", escaped(&witness.sentence));
    }
    text.push_str(&left_out(comparison.witnesses.len(), MOST_WITNESSES, "patron", "patrons"));
    if comparison.plugins_differ {
        let _ = writeln!(text, "\n{WITHOUT_PLUGINS}");
    }
    text
}

/// A line that says how much the comment leaves out; empty where it is complete.
fn left_out(all: usize, most: usize, one: &str, many: &str) -> String {
    match all.saturating_sub(most) {
        0 => String::new(),
        rest => format!("\n{} more; `lapse diff` with `--format text` shows all.\n", count(rest as u64, one, many)),
    }
}
