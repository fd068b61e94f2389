//! What a person should look at before anybody acts on a result, where there is no list of rejects beside it: `diff` and
//! `forecast` say it in a few lines, pages in their own words.

use std::fmt::Write as _;

use lapse_engine::guards::Trip;
use lapse_engine::{Codes, Tally};
pub use lapse_report::data::Attention;
use lapse_tables::{Faults, Rows, Table};
use serde_json::{Value, json};

use crate::summary::unknown;
use crate::terminal::{FAINT, WARNING, count, thousands};

/// So many lines are shown.
const SHOWN: usize = 10;

/// What is odd about the data: `rows` were read, `tally` is that of the run.
pub fn of(rows: &[Rows; 4], tally: &Tally, codes: &Codes, faults: Faults) -> Vec<Attention> {
    let rejected = Table::ALL.iter().zip(rows).filter(|(_, rows)| rows.rejected > 0);
    let rejected =
        rejected.map(|(table, rows)| Attention::Rejected { table: table.name().to_owned(), rows: rows.rejected });
    let unknown = unknown(tally, codes).into_iter().map(|(library, subscription, memberships)| Attention::NoPolicy {
        library: library.to_owned(),
        subscription: subscription.to_owned(),
        memberships,
    });
    let mut attention: Vec<Attention> = rejected.chain(unknown).collect();
    if faults.activity_after_run > 0 {
        attention.push(Attention::ActivityAfterRun(faults.activity_after_run));
    }
    if faults.profiles_after_run > 0 {
        attention.push(Attention::ProfilesAfterRun(faults.profiles_after_run));
    }
    attention
}

/// Some rows were rejected or some memberships have no policy (exit code 3).
pub fn is_needed(attention: &[Attention]) -> bool {
    attention.iter().any(|what| match what {
        Attention::Rejected { .. } | Attention::NoPolicy { .. } => true,
        Attention::ActivityAfterRun(_) | Attention::ProfilesAfterRun(_) => false,
    })
}

/// For a terminal; empty where there is nothing.
pub fn to_text(attention: &[Attention], trips: &[Trip]) -> String {
    let guards = trips.iter().map(|trip| {
        let library = trip.library.as_deref().unwrap_or("the whole consortium");
        format!("guard at {library}: {}; {} is {}", trip.what, trip.what.key(), trip.limit.value)
    });
    let lines: Vec<String> = attention.iter().map(sentence).chain(guards).collect();
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{WARNING}Needs attention{WARNING:#}\n");
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(text, "  {line}");
    }
    if lines.len() > SHOWN {
        let _ = writeln!(text, "  {FAINT}and {} more: `lapse run` lists them{FAINT:#}", lines.len() - SHOWN);
    }
    text
}

fn sentence(what: &Attention) -> String {
    match what {
        Attention::Rejected { table, rows } => {
            let rows =
                count(*rows, "row was rejected and its patron held", "rows were rejected and their patrons held");
            format!("{table}: {rows}; `lapse run` lists them")
        }
        Attention::NoPolicy { library, subscription, memberships } => {
            format!("{subscription} at {library} has no policy: {}", count(*memberships, "membership", "memberships"))
        }
        Attention::ActivityAfterRun(rows) => {
            format!("activity after the run: {}; each counts as activity on the run day", thousands(*rows))
        }
        Attention::ProfilesAfterRun(profiles) => {
            format!("profiles last active after the run: {}", thousands(*profiles))
        }
    }
}

/// For programs.
pub fn to_json(attention: &[Attention]) -> Value {
    let mut value = json!({ "rejected": {}, "no_policy": [], "activity_after_run": 0, "profiles_after_run": 0 });
    let mut no_policy = Vec::new();
    for what in attention {
        match what {
            Attention::Rejected { table, rows } => value["rejected"][table] = (*rows).into(),
            Attention::NoPolicy { library, subscription, memberships } => {
                no_policy.push(json!({ "library": library, "subscription": subscription, "memberships": memberships }));
            }
            Attention::ActivityAfterRun(rows) => value["activity_after_run"] = (*rows).into(),
            Attention::ProfilesAfterRun(profiles) => value["profiles_after_run"] = (*profiles).into(),
        }
    }
    value["no_policy"] = no_policy.into();
    value
}

/// The guards that trip, for programs.
pub fn guards_to_json(trips: &[Trip]) -> Value {
    let guard = |trip: &Trip| {
        json!({
            "guard": trip.what.key(),
            "library": trip.library,
            "limit": trip.limit.value,
            "found": trip.what.to_string(),
        })
    };
    trips.iter().map(guard).collect()
}
