//! Stage 2 (cleanup): for each record the reasons to keep it as they were tried, and the cut-offs of a record that is kept.

use lapse_engine::cleanup::recognised_at;
use lapse_engine::{Decisions, EntryOf, Event, KeepReason, Patron, RecordDecision, RecordOutcome, Term, Told, Verdict};
use lapse_policy::{KeepOf, Setting, months};

use crate::day_run::DayRun;
use crate::entries::{self, tests_before};
use crate::known::is_lacking;
use crate::retention;
use crate::story::{Chapter, Step};

/// One chapter for each record.
pub(crate) fn chapters(run: &DayRun<'_>, patron: &Patron<'_>, decisions: &Decisions, events: &[Event]) -> Vec<Chapter> {
    decisions
        .records
        .iter()
        .map(|record| {
            let library = run.library(record.library);
            let elsewhere = recognised_at(record.library, patron, &decisions.memberships, run.rules);
            let elsewhere = elsewhere.map(|there| run.library(there));
            let tried = (0..events.len()).filter_map(|at| match events[at] {
                // What the extract tells about anybody is worth a step only where it is lacking.
                Event::Keep { reason: KeepReason::AccountsUnknown, holds: false, .. } => None,
                Event::Keep { library: there, reason, holds, term } if there == record.library => Some(step(
                    run,
                    library,
                    elsewhere,
                    Tried { reason, holds, term, is_known: is_known(reason, patron.told) },
                )),
                Event::Extra { verdict: Verdict::KeepRecord(there), reason, applies } if there == record.library => {
                    Some(run.verdict("keep the record", there, reason, applies))
                }
                Event::Entry { entry, of, library: there, membership: None, about, truth }
                    if there == record.library && matches!(of, None | Some(KeepOf::Record)) =>
                {
                    let rule = match entry {
                        EntryOf::Named(named) => run.named(named).to_owned(),
                        EntryOf::Narrowing(reason) => format!("{reason}, narrowed"),
                    };
                    let tests = tests_before(events, at);
                    let tried = entries::Tried { entry, of, library: there, membership: None, about, truth, tests };
                    entries::step(run, patron, rule, &tried)
                }
                Event::Keep { .. }
                | Event::Extra { .. }
                | Event::LastActivity { .. }
                | Event::Rule { .. }
                | Event::NotLapsed { .. }
                | Event::Tested { .. }
                | Event::Entry { .. }
                | Event::KeepProfile { .. } => None,
            });
            Chapter {
                library: Some(library.to_owned()),
                subscription: None,
                outcome: record.outcome.as_str(),
                reasons: record
                    .reasons_in_words(
                        decisions.keeps_of(record.library).map(|keep| run.named(keep.keep)),
                        decisions.extra_reasons(record.library),
                        |reason| run.word(reason),
                    )
                    .map(str::to_owned)
                    .collect(),
                so: so(record),
                steps: tried.chain(retention::steps(run, patron, record, events)).collect(),
            }
        })
        .collect()
}

fn so(record: &RecordDecision) -> String {
    match record.outcome {
        RecordOutcome::Kept => "The record is kept.",
        RecordOutcome::Archived => {
            "Nothing holds it here, but another library keeps the patron: it is archived, and deleted when every library is clear."
        }
        RecordOutcome::Deleted => "Nothing holds it at any library: the patron is deleted everywhere.",
        RecordOutcome::Anonymised => "Nothing holds it at any library: the patron is made anonymous everywhere.",
        RecordOutcome::Review => "Only keeps for a person to look at hold it: somebody decides.",
    }
    .into()
}

/// A reason that was tried.
struct Tried {
    reason: KeepReason,
    holds: bool,
    term: Option<Term>,
    /// Whether the tables tell what it looks at.
    is_known: bool,
}

/// Whether the accounts table has the column that a reason looks at.
fn is_known(reason: KeepReason, told: Told) -> bool {
    let column = match reason {
        KeepReason::Owes => "owed",
        KeepReason::Credit => "credit",
        KeepReason::Blocked => "blocks",
        KeepReason::Items => "items",
        KeepReason::SettledRecently => "settled_on",
        KeepReason::BadInput
        | KeepReason::AccountsUnknown
        | KeepReason::ValidMembership
        | KeepReason::ValidInGroup
        | KeepReason::EndedRecently
        | KeepReason::NoMembership
        | KeepReason::NoPolicy => return true,
    };
    !is_lacking(column, told.accounts)
}

fn step(
    run: &DayRun<'_>,
    library: &str,
    elsewhere: Option<&str>,
    Tried { reason, holds, term, is_known }: Tried,
) -> Step {
    let day = run.date();
    let either = |yes: &str, no: &str| if holds { yes.to_owned() } else { no.to_owned() };
    let sentence = match reason {
        _ if !is_known && !holds => {
            "The accounts table does not have the column, so by itself this holds nobody.".to_owned()
        }
        KeepReason::BadInput => either(
            "A row of this patron was rejected, so the facts are incomplete.",
            "No row of this patron was rejected.",
        ),
        KeepReason::AccountsUnknown => either(
            "The accounts table lacks a column that the policy needs, so nobody's account is known.",
            "The accounts table has each column that the policy needs.",
        ),
        KeepReason::ValidMembership => {
            either("A membership here is valid, or starts later.", "No membership here is valid.")
        }
        KeepReason::ValidInGroup => {
            let there = elsewhere.unwrap_or("another library");
            let yes = format!("A membership at {there} is valid, or starts later, and the group recognises it.");
            either(&yes, "No membership elsewhere in a group of kind 3 has to stand in.")
        }
        KeepReason::EndedRecently => ended(term, holds, &day.to_string()),
        KeepReason::Owes => either("Outstanding costs are not zero.", "There are no outstanding costs."),
        KeepReason::Credit => either("Credit is not zero.", "There is no credit."),
        KeepReason::Blocked => either("A block holds it.", "No block holds it."),
        KeepReason::Items => either("Items are in possession.", "No items are in possession."),
        KeepReason::SettledRecently => match term {
            None => "No costs were settled.".to_owned(),
            Some(term @ Term { since, months: number, .. }) => {
                let after = if holds { "after" } else { "not after" };
                let until = term.until_in_words();
                format!("Costs were settled on {since}; {} later is {until}, {after} {day}.", months(number))
            }
        },
        KeepReason::NoMembership => either(
            "There is an account but no membership: the end is unknown.",
            "The end of the memberships does not have to be guessed.",
        ),
        KeepReason::NoPolicy => either("The library is not in the policy.", "The library is in the policy."),
    };
    // The kind of a group is not a setting of the library, and where no costs were settled no setting was compared.
    let is_told = match reason {
        KeepReason::ValidInGroup => false,
        KeepReason::SettledRecently => term.is_some(),
        _ => true,
    };
    let keys = if is_told { reason.settings_behind() } else { &[] };
    let policy = keys.iter().map(|&key| run.line(Some(library), Setting::of(key))).collect();
    Step { rule: reason.to_string(), holds, sentence, policy }
}

fn ended(term: Option<Term>, holds: bool, day: &str) -> String {
    match term {
        Some(term @ Term { since, months: number, .. }) => {
            let (months, until) = (months(number), term.until_in_words());
            if holds {
                format!(
                    "Without valid membership from {since}; {months} later is {until}, after {day}: not yet {months}."
                )
            } else {
                format!("Without valid membership from {since} at the earliest; {months} later is {until}.")
            }
        }
        None if holds => "A membership has ended on an unknown day.".into(),
        None => "A membership here goes on, or there never was one.".into(),
    }
}
