//! A made-up patron of whom everything is known. What is not known keeps, so that a keep beside the one that is tried would hold
//! whoever has an empty cell, and nothing would show.

use std::borrow::Cow;

use lapse_cases::casefile::{Cell, Facts, Row, Written};
use lapse_policy::{DayPolicy, EmptyCell, FactKind, FactSource};
use lapse_tables::Table;

/// A day so long ago that no term of a date still runs.
const LONG_AGO: &str = "1950-01-01";

/// The same patron with a value in each empty cell that is otherwise unknown: nothing of a count, an amount or a flag, and a day
/// long ago. An account that is not there has none of anything, and so stays away.
pub(super) fn filled(facts: &Facts, of_day: &DayPolicy) -> Facts {
    let mut cells: Vec<(Table, &str, &str, Written)> =
        vec![(Table::Patrons, "birth_date", LONG_AGO, Written::of("birth_date"))];
    for fact in of_day.facts.iter().filter(|fact| fact.empty == EmptyCell::Unknown) {
        let FactSource::Column { table, column } = &fact.source else { continue };
        let text = match fact.kind {
            FactKind::Flag => "false",
            FactKind::Count | FactKind::Amount => "0",
            FactKind::Date => LONG_AGO,
            FactKind::Code => "other",
        };
        cells.push((Table::of_facts(*table), column, text, Written::of_fact(fact.kind)));
    }
    let mut all = Facts::default();
    all.bad_input = facts.bad_input;
    for table in Table::ALL {
        let mut rows = facts.rows(table).to_vec();
        if table == Table::Patrons && rows.is_empty() {
            rows.push(Row::default());
        }
        for mut row in rows {
            for (_, column, text, written) in cells.iter().filter(|(of, ..)| *of == table) {
                if row.get(column).is_none() {
                    let column = Cow::Owned((*column).to_owned());
                    row.cells.push(Cell { column, text: (*text).to_owned(), written: *written, span: 0..0 });
                }
            }
            all.add(table, row);
        }
    }
    all
}
