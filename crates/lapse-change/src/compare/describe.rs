//! A witness in a sentence: who the patron is, what happens, and what happened before.

use std::fmt::Write as _;

use lapse_engine::{MembershipOutcome, RecordOutcome};
use lapse_policy::Day;
use lapse_tables::Table;

use super::change::Change;
use lapse_cases::casefile::{Facts, Row};
use lapse_cases::{MembershipRow, Outcomes, RecordRow};

/// Stands in a sentence for the library's name, so that a sentence that holds at several libraries is told once.
pub(super) const HERE: &str = "\u{1}";

/// The first run that takes something away, under the old policy and under the new; none where no run does.
type Lost = (Option<Day>, Option<Day>);

/// What happens to a patron under two policies. [`HERE`] stands for the name of the library.
pub(super) fn sentence(
    facts: &Facts,
    library: &str,
    date: Day,
    change: Change,
    [before, after]: [&Outcomes; 2],
    lost: Option<Lost>,
) -> String {
    let who = who(facts, library);
    let run = date.in_english();
    match (change, lost) {
        (Change::Membership(had_been, _), Some((was, is))) => {
            let before = match was {
                None if had_been == MembershipOutcome::Expired => "it had expired".to_owned(),
                was => when(was),
            };
            match is {
                Some(is) => format!("{who}, is deregistered on {}; before, {before}.", is.in_english()),
                None => format!("{who}, is never deregistered; before, {before}."),
            }
        }
        (Change::Record(..), Some((was, is))) => format!("{who}: {}; before, {}.", goes("the record", is), when(was)),
        (Change::Profile(..), Some((was, is))) => format!("{who}: {}; before, {}.", goes("the profile", is), when(was)),
        (Change::Record(was, is), None) => {
            format!("{who}: on {run} the record is {}; before, {}.", what_becomes(is), what_becomes(was))
        }
        (Change::Membership(..) | Change::Profile(..) | Change::Until, _) => {
            let differ = before.memberships.iter().zip(&after.memberships);
            let mut differ =
                differ.filter(|(one, other)| (one.outcome, one.valid_until) != (other.outcome, other.valid_until));
            let (was, is) = differ.next().map(|(one, other)| (state(one), state(other))).unwrap_or_default();
            format!("{who}: on {run} the membership is {is}; before, {was}.")
        }
        (Change::Retention, _) => {
            let [was, is] = [before, after].map(|outcomes| outcomes.records.first().map(retention).unwrap_or_default());
            format!("{who}: on {run} {is}; before, {was}.")
        }
    }
}

fn when(day: Option<Day>) -> String {
    day.map_or_else(|| "never".to_owned(), |day| format!("on {}", day.in_english()))
}

fn goes(what: &str, day: Option<Day>) -> String {
    match day {
        Some(day) => format!("{what} goes on {}", day.in_english()),
        None => format!("{what} never goes"),
    }
}

fn what_becomes(outcome: RecordOutcome) -> &'static str {
    match outcome {
        RecordOutcome::Review => "for a person to look at",
        RecordOutcome::Kept | RecordOutcome::Archived | RecordOutcome::Deleted | RecordOutcome::Anonymised => {
            outcome.as_str()
        }
    }
}

fn state(row: &MembershipRow) -> String {
    let until =
        row.valid_until.map_or_else(|| "without end".to_owned(), |until| format!("until {}", until.in_english()));
    match row.outcome {
        MembershipOutcome::Valid => format!("valid {until}"),
        MembershipOutcome::Renewed => format!("renewed {until}"),
        MembershipOutcome::Deregistered => "deregistered".to_owned(),
        MembershipOutcome::Expired => "expired".to_owned(),
    }
}

fn retention(row: &RecordRow) -> String {
    let activity = row.pseudonymise_before.map(|day| format!("activity before {} is pseudonymised", day.in_english()));
    let finance = row.purge_finance_before.map(|day| format!("finance rows before {} are deleted", day.in_english()));
    let both = activity.into_iter().chain(finance).collect::<Vec<_>>().join(" and ");
    if both.is_empty() { "nothing of the activity and finance is deleted".to_owned() } else { both }
}

/// The patron as the subject of a sentence. [`HERE`] stands for the name of the library.
fn who(facts: &Facts, library: &str) -> String {
    let text = |row: &Row, column: &str| row.get(column).map(|cell| cell.text.clone());
    let day = |row: &Row, column: &str| text(row, column).and_then(|text| text.parse().ok()).map(Day::in_english);
    let place = |code: String| if code == library { HERE.to_owned() } else { code };
    let mut who = String::from("A patron");
    for (index, row) in facts.rows(Table::Memberships).iter().enumerate() {
        let subscription = text(row, "subscription").unwrap_or_default();
        let at = place(text(row, "library").unwrap_or_default());
        let and = if index == 0 { "" } else { " and" };
        let _ = match (text(row, "status"), day(row, "valid_until")) {
            (None, None) if index > 0 => write!(who, ", with a membership at {at}"),
            (None, None) => write!(who, "{and} with {subscription} at {at}"),
            (None, Some(until)) => write!(who, "{and} with {subscription} at {at} until {until}"),
            (Some(_), until) => {
                write!(
                    who,
                    "{and} whose {subscription} at {at} was cancelled and ended on {}",
                    until.unwrap_or_default()
                )
            }
        };
    }
    let activity = facts.rows(Table::Activity);
    for (index, row) in activity.iter().enumerate() {
        let last_active = day(row, "last_active").unwrap_or_default();
        let elsewhere = text(row, "library").map(|code| format!(" at {}", place(code))).unwrap_or_default();
        let source = text(row, "source").unwrap_or_default();
        let _ = match (activity.len(), index) {
            (1, _) => write!(who, ", last active on {last_active}{elsewhere}"),
            (_, 0) => write!(who, ", active on {last_active} by {source}{elsewhere}"),
            (_, _) => write!(who, " and on {last_active} by {source}{elsewhere}"),
        };
    }
    for row in facts.rows(Table::Accounts) {
        if let Some(settled_on) = day(row, "settled_on") {
            let _ = write!(who, ", who settled costs on {settled_on}");
        }
        if let Some(blocks) = text(row, "blocks") {
            let _ = write!(who, ", with a block of the kind {blocks}");
        }
        if let Some(owed) = text(row, "owed") {
            let _ = write!(who, ", who owes {owed}");
        }
        others(row, &["library", "settled_on", "blocks", "owed"], &mut who);
    }
    let told = ["library", "subscription", "valid_from", "valid_until", "status"];
    facts.rows(Table::Memberships).iter().for_each(|row| others(row, &told, &mut who));
    for row in facts.rows(Table::Patrons) {
        if let Some(last_active) = day(row, "profile_last_active") {
            let _ = write!(who, " whose profile was last used on {last_active}");
        }
        if row.get("loan_history").is_some() {
            who.push_str(", who opted out of loan history");
        }
        if let Some(born) = day(row, "birth_date") {
            let _ = write!(who, ", born on {born}");
        }
        others(row, &["profile_last_active", "loan_history", "birth_date"], &mut who);
    }
    who
}

/// Adds what a row says beside the columns that are told in other words.
fn others(row: &Row, told: &[&str], who: &mut String) {
    for cell in row.cells.iter().filter(|cell| !told.contains(&&*cell.column)) {
        let text = cell.text.parse().map_or_else(|_| cell.text.clone(), Day::in_english);
        let _ = write!(who, ", with {} {text}", cell.column);
    }
}
