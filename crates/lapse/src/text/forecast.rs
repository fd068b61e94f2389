//! A forecast for people: run by run, then library by library.

use std::fmt::Write as _;

use lapse_change::forecast::{Forecast, Month};
use lapse_engine::{ProfileOutcome, RecordOutcome};

use super::attention;
use crate::terminal::{FAINT, STRONG, TextTable, count, thousands};

/// The text for a terminal.
pub fn to_text(forecast: &Forecast<'_>) -> String {
    let name = &forecast.runs[0].consortium.name.value;
    let patrons = count(forecast.first_run.patrons, "patron", "patrons");
    let runs = count(forecast.runs.len() as u64, "run", "runs");
    let mut text = format!("{STRONG}{name}, {runs} from {} on{STRONG:#}: {patrons}\n\n", forecast.request.from);
    let _ = writeln!(text, "  {}\n", forecast.premise());
    runs_text(forecast, &mut text);
    libraries_text(forecast, &mut text);
    if forecast.request.letters.is_some() {
        let letters = count(forecast.letters.len() as u64, "letter", "letters");
        let months = count(forecast.request.letters.unwrap_or(0) as u64, "run", "runs");
        let _ = writeln!(text, "\n  {letters} to memberships that the next {months} will deregister");
    }
    text.push_str(&attention::to_text(&forecast.first_run.attention(&forecast.runs[0]), &forecast.trips));
    text
}

fn runs_text(forecast: &Forecast<'_>, text: &mut String) {
    let total = forecast.counts.total();
    let others = forecast.counts.others();
    let mut header = vec!["run", "active", "renewed", "deregistered", "expired", "| archived", "deleted"];
    header.extend(others.iter().map(|outcome| outcome.as_str()));
    header.push("| profiles deleted");
    let mut table = TextTable::new(&header);
    for ((of_day, month), profiles) in forecast.runs.iter().zip(&total).zip(&forecast.counts.profiles) {
        let others = others.iter().map(|&outcome| month.records[outcome as usize]);
        let numbers = month.done().into_iter().chain(others).chain([profiles[ProfileOutcome::Deleted as usize]]);
        let numbers = std::iter::once(month.of.active).chain(numbers).map(thousands);
        table.row(std::iter::once(of_day.date.to_string()).chain(numbers).collect());
    }
    text.push_str(&table.render(2));
    let _ = writeln!(text, "  {FAINT}expired and archived: those that the run before left{FAINT:#}");
    if others.contains(&RecordOutcome::Review) {
        let _ = writeln!(text, "  {FAINT}review: all that a person has to look at after the run{FAINT:#}");
    }
    let amendments = forecast.amendments();
    if !amendments.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Amendments on their way{STRONG:#}");
    }
    for (file, amendment) in amendments {
        let _ = writeln!(text, "  {}  {} ({file}:{})", amendment.from, amendment.reason, amendment.line);
    }
}

fn libraries_text(forecast: &Forecast<'_>, text: &mut String) {
    let total = forecast.counts.total();
    let others = forecast.counts.others();
    let mut header =
        vec!["library", "active before", "after", "renewed", "deregistered", "expired", "| archived", "deleted"];
    header.extend(others.iter().map(|outcome| outcome.as_str()));
    let mut table = TextTable::new(&header);
    let row = |table: &mut TextTable, name: &str, before: u64, months: &[Month]| {
        let mut sums = [0; 5];
        for month in months {
            sums.iter_mut().zip(month.done()).for_each(|(sum, number)| *sum += number);
        }
        let after = months.last().map_or(before, |month| month.of.active);
        // What a person has to look at stays from run to run.
        let others = others.iter().map(|&outcome| {
            let mut counts = months.iter().map(|month| month.records[outcome as usize]);
            if outcome == RecordOutcome::Review { counts.next_back().unwrap_or(0) } else { counts.sum() }
        });
        let numbers = [before, after].into_iter().chain(sums).chain(others).map(thousands);
        table.row(std::iter::once(name.to_owned()).chain(numbers).collect());
    };
    for (code, months) in &forecast.counts.libraries {
        row(&mut table, code, forecast.counts.valid_before(code), months);
    }
    row(&mut table, "all", forecast.counts.valid_before.iter().sum(), &total);
    let _ = write!(text, "\n{STRONG}All runs together{STRONG:#}\n{}", table.render(2));
}
