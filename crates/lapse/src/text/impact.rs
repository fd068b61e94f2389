//! The effect of a change for people: on a terminal, and in Markdown for a comment on a change.

use std::fmt::Write as _;

use lapse_change::Impact;

use super::attention;
use super::markdown::escaped;
use crate::terminal::{FAINT, STRONG, TextTable, thousands};

/// The text for a terminal.
pub fn to_text(impact: &Impact<'_>) -> String {
    let mut text = format!("\n{STRONG}{}{STRONG:#}\n\n  {}\n", impact.title(), impact.headline());
    for (what, moves) in impact.totals() {
        let _ = writeln!(text, "\n  {what}");
        for (name, number) in moves {
            let _ = writeln!(text, "    {name:<26} {:>9}", thousands(number));
        }
    }
    for breakdown in impact.breakdowns() {
        let header: Vec<&str> = breakdown.header.iter().map(|name| &**name).collect();
        let mut table = TextTable::new(&header);
        breakdown.rows.iter().for_each(|part| table.row(part.cells()));
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
    let mut text = format!("\n### {}\n\n{}\n", escaped(&impact.title()), escaped(&impact.headline()));
    for (what, moves) in impact.totals() {
        let _ = writeln!(text, "\n| {what} | |\n|---|--:|");
        for (name, number) in moves {
            let _ = writeln!(text, "| {} | {} |", escaped(&name), thousands(number));
        }
    }
    for breakdown in impact.breakdowns() {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let _ = write!(text, "\n#### {}\n\n{}", breakdown.title, line(&breakdown.header));
        let _ = writeln!(text, "|---{}|", "|--:".repeat(breakdown.header.len() - 1));
        breakdown.rows.iter().for_each(|part| text.push_str(&line(&part.cells())));
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
