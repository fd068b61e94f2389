//! The whole story of one patron, from the rows in the tables to what later runs bring.

use std::path::Path;

use lapse_engine::{Decisions, Event, Rules};
use lapse_host::Plugins;
use lapse_policy::{Day, Policy};
use lapse_tables::{Extract, Known, PatronRows, Reject, Source, TracedRow, patrons_nearly, trace};

use crate::day_run::DayRun;
use crate::error::ExplainError;
use crate::story::{Fact, Story, Why};
use crate::{cleanup, customer_run, later, profile};

/// Tells the story of the patron with this id, by the tables of a source and a run on `day`. `threads` is how
/// many threads look for the patron's rows; those of others are not read, so that memory does not grow with the tables.
pub fn explain(
    policy: &Policy,
    plugins: &Plugins,
    day: Day,
    source: &dyn Source,
    patron: &str,
    threads: usize,
) -> Result<Story, ExplainError> {
    let of_day = policy.on(day);
    let known = Known::by(&of_day);
    let rows = PatronRows::find(source, patron, &plugins.columns, &known, threads)?;
    let extract = Extract::read_from(&rows, &known, 1, &plugins.columns)?;
    let Some(index) = extract.find(patron) else {
        let folder = source.folder().map(Path::to_owned);
        let near = patrons_nearly(source, patron, threads)?;
        return Err(ExplainError::NoSuchPatron { folder, patron: patron.to_owned(), near });
    };
    let rows = trace(&rows, |_| true, 1)?;
    let rules = Rules::new(&of_day, &extract.codes);
    let run = DayRun::new(policy, &of_day, &rules, &extract, plugins);
    let mut events = Vec::new();
    let decisions = run.decide(index, &mut events)?;
    Ok(Story {
        patron: patron.to_owned(),
        date: day.to_string(),
        held: extract.patron(index).held,
        facts: rows.iter().map(|row| fact(row, &extract.rejects)).collect(),
        why: run.why(index, &decisions, &events),
        later: later::look_ahead(&run, index, &decisions)?,
    })
}

impl DayRun<'_> {
    /// Tells each rule that was tried about the patron at `index` of the extract: `events` are what [`DayRun::decide`] told
    /// while it made the decisions.
    pub fn why(&self, index: usize, decisions: &Decisions, events: &[Event]) -> Why {
        let patron = self.extract.patron(index);
        Why {
            memberships: customer_run::chapters(self, &patron, decisions, events),
            records: cleanup::chapters(self, &patron, decisions, events),
            profile: profile::chapter(self, decisions, events),
        }
    }
}

fn fact(row: &TracedRow, rejects: &[Reject]) -> Fact {
    let rejected = rejects.iter().find(|reject| reject.file == row.file && reject.line == row.line);
    let values: Vec<String> =
        row.values.iter().map(|(column, value)| format!("{} {value}", column.replace('_', " "))).collect();
    Fact {
        table: row.table.name(),
        file: row.file.to_string(),
        line: row.line,
        text: values.join(", "),
        rejected: rejected.map(|reject| format!("{} `{}`: {}", reject.column, reject.value, reject.problem)),
    }
}
