//! What a person should look at before anybody acts on a result, in a few lines below `diff` and `forecast`, which have no
//! list of rejects beside them.

use std::fmt::Write as _;

use lapse_engine::Attention;
use lapse_engine::guards::Trip;

use crate::terminal::{FAINT, WARNING, count, thousands};

/// How many lines are shown.
const SHOWN: usize = 10;

/// The lines under their heading; empty where there is nothing.
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
