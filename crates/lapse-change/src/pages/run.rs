//! The page of a run.

use lapse_engine::guards::TOO_FEW_BEFORE;
use lapse_policy::{DayPolicy, Policy};
use lapse_report::Language;
use lapse_report::data::{Change, Missing, RunReport};

use super::{head, library, name, version};
use crate::{Compared, Note, Summary};

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
        held: [summary.oddities.held, summary.oddities.held_without_record],
        missing: summary.notes().into_iter().map(missing).collect(),
        compared: summary.compared().map(|Compared { date, any, too_few }| lapse_report::data::Compared {
            date,
            any,
            too_few,
            fewer_than: TOO_FEW_BEFORE,
        }),
        changes,
    };
    lapse_report::run_page(&report, language)
}

fn missing(note: Note) -> Missing {
    match note {
        Note::NoTable(table) => Missing::Table(table.name()),
        Note::NearColumn { file, column, near } => Missing::NearColumn { file, column, near },
        Note::NoColumns { file, columns } => Missing::Columns { file, columns },
        Note::UnreadFile { name, table } => Missing::UnreadFile { name, table: table.name() },
    }
}
