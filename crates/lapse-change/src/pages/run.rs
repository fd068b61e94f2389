//! The page of a run.

use lapse_policy::{DayPolicy, Policy};
use lapse_report::Language;
use lapse_report::data::{Change, RunReport};

use super::{head, library, name, version};
use crate::Summary;

/// The page of a run by `policy`, whose values on the run day are `of_day`; with the patrons whom it takes something away from
/// where they are given ([`super::changes`]).
pub fn of_run(
    summary: &Summary,
    policy: &Policy,
    of_day: &DayPolicy,
    changes: Option<Vec<Change>>,
    language: Language,
) -> String {
    let libraries = summary.libraries(of_day).map(|(code, tally)| (library(code, of_day), tally)).collect();
    let report = RunReport {
        head: head(of_day, vec![version(&name(policy), policy)]),
        patrons: summary.patrons,
        libraries,
        profiles: summary.profiles,
        trips: summary.trips(of_day),
        attention: summary.attention(of_day),
        compared_with: summary.before.as_ref().map(|before| before.date.clone()),
        changes,
    };
    lapse_report::run_page(&report, language)
}
