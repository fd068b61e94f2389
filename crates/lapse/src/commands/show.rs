//! `lapse show`: the policy of a library as it stands on a day, each value with where it came from and what it overrode.

use std::fmt::Write as _;

use lapse_change::Standing;
use lapse_change::standing::{OfPlugin, OfSubscription, OfTable, Row};
use lapse_policy::provenance::Provenance;

use super::load;
use crate::cli::{Format, ShowArgs};
use crate::terminal::{FAINT, STRONG, WARNING};
use crate::{Done, Failure, terminal};

/// Shows the policy of a library, or of one of its subscriptions.
pub fn run(args: &ShowArgs) -> Result<Done, Failure> {
    let policy = load::policy(&args.policy)?;
    let of_day = policy.on(load::day(&args.day));
    let standing = Standing::of(&policy, &of_day, &args.library, args.subscription.as_deref())?;
    terminal::result(&match args.format.format {
        Format::Text => to_text(&standing),
        Format::Json => format!("{:#}\n", standing.to_json()),
    })?;
    Ok(Done::Well)
}

fn to_text(standing: &Standing<'_>) -> String {
    let library = standing.library;
    let mut text = format!("{STRONG}{}{STRONG:#} ({})", library.name.value, library.code);
    if let Some(group) = standing.group() {
        let kind = group.kind.value.number();
        let _ = write!(text, ", group {} ({}, kind {kind})", group.name.value, group.code);
    }
    let _ = writeln!(text, ", as it stands on {}", standing.of_day.date);
    if standing.subscriptions.is_empty() {
        let _ = writeln!(text, "\n{FAINT}no subscriptions{FAINT:#}");
    }
    for OfSubscription { subscription, rows, .. } in &standing.subscriptions {
        let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}: {}", subscription.code, subscription.name.value);
        row_lines(rows, &mut text);
    }
    for OfTable { table, rows } in &standing.tables {
        let _ = writeln!(text, "\n{STRONG}[{}]{STRONG:#}", table.as_str());
        row_lines(rows, &mut text);
    }
    for of in &standing.entries {
        let (table, name, what, mark) = (of.table().as_str(), &of.entry.name, of.what(), mark(of.loosens));
        let _ = writeln!(text, "\n{STRONG}[{table}.{name}]{STRONG:#}, {what}{mark}");
        of.entry.keys.iter().for_each(|(name, trail)| lines(name, trail, "", &mut text));
    }
    if !standing.releases.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Released from what is enforced{STRONG:#}{}", mark(true));
        for release in &standing.releases {
            lines(&release.value, &[Provenance { value: String::new(), ..release.clone() }], "", &mut text);
        }
    }
    for OfPlugin { plugin, keys } in &standing.plugins {
        let _ = writeln!(text, "\n{STRONG}[plugins.{}]{STRONG:#}, named by the {}", plugin.name, plugin.layer);
        for (name, statement) in keys {
            let _ = writeln!(text, "  {name:<24}  {:<14}  {FAINT}{statement}{FAINT:#}", statement.value);
        }
    }
    text
}

fn row_lines(rows: &[Row], text: &mut String) {
    for Row { name, trail, loosens } in rows {
        lines(name, trail, &mark(*loosens), text);
    }
}

fn mark(loosens: bool) -> String {
    if loosens { format!(" {WARNING}(loosens){WARNING:#}") } else { String::new() }
}

/// Adds a line with the value and where it comes from, and below it a line for each value that it overrode.
fn lines(name: &str, trail: &[Provenance], mark: &str, text: &mut String) {
    for (index, statement) in trail.iter().enumerate() {
        if index == 0 {
            let _ = writeln!(text, "  {name:<24}  {:<14}  {FAINT}{statement}{FAINT:#}{mark}", statement.value);
        } else {
            let _ = writeln!(text, "  {FAINT}{:<24}  over {:<14}  {statement}{FAINT:#}", "", statement.value);
        }
    }
}
