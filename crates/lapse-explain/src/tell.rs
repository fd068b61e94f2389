//! The whole story of one patron, from the rows in the tables to what later runs bring.

use std::path::Path;

use lapse_engine::{Decisions, Event, Rules, Silent};
use lapse_host::Plugins;
use lapse_policy::{Day, DayPolicy, FactSource, Policy};
use lapse_tables::{Extract, Known, PatronRows, Reject, Source, Table, TracedRow, patrons_nearly, trace_with};

use crate::day_run::DayRun;
use crate::error::ExplainError;
use crate::story::{Fact, Later, Story, Why};
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
    let rows = trace_with(&rows, |_| true, 1, &rows.further)?;
    let rules = Rules::new(&of_day, &extract.codes);
    let run = DayRun::new(policy, &of_day, &rules, &extract, plugins);
    let mut events = Vec::new();
    let decisions = run.decide(index, &mut events)?;
    let later = match later_by_more(&run, &known, source, patron, threads)? {
        Some(later) => later,
        None => later::look_ahead(&run, index, &decisions)?,
    };
    let is_told = |table, column: &str| {
        let is_of_facts = |fact: &lapse_policy::Fact| match &fact.source {
            FactSource::Column { table: of, column: name } => Table::of_facts(*of) == table && name == column,
            FactSource::Activity { .. } => false,
        };
        Table::columns(table).iter().any(|known| known.name == column) || of_day.facts.iter().any(is_of_facts)
    };
    Ok(Story {
        patron: patron.to_owned(),
        date: day.to_string(),
        held: extract.patron(index).held,
        facts: rows.iter().map(|row| fact(row, &extract.rejects, is_told)).collect(),
        why: run.why(index, &decisions, &events),
        later,
    })
}

/// The runs to come, where the policy of a later day looks at facts that this one does not, or has keeps or ends that it does
/// not: the patron's rows are then read once more, with the columns of all days. None where no later policy knows more.
fn later_by_more(
    run: &DayRun<'_>,
    known: &Known,
    source: &dyn Source,
    patron: &str,
    threads: usize,
) -> Result<Option<Later>, ExplainError> {
    let DayRun { policy, of_day, plugins, .. } = *run;
    let changes = policy.change_days().into_iter().filter(|&change| change > of_day.date);
    let changes: Vec<DayPolicy> = changes.map(|change| policy.on(change)).collect();
    let all = Known::by(of_day).with_codes_of(&changes);
    let (now, then) = (known.codes(), all.codes());
    if now.facts == then.facts && now.named.len() == then.named.len() {
        return Ok(None);
    }
    let rows = PatronRows::find(source, patron, &plugins.columns, &all, threads)?;
    let extract = Extract::read_from(&rows, &all, 1, &plugins.columns)?;
    let Some(index) = extract.find(patron) else { return Ok(None) };
    let rules = Rules::new(of_day, &extract.codes);
    let run = DayRun::new(policy, of_day, &rules, &extract, plugins);
    let decisions = run.decide(index, &mut Silent)?;
    Ok(Some(later::look_ahead(&run, index, &decisions)?))
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

fn fact(row: &TracedRow, rejects: &[Reject], is_told: impl Fn(Table, &str) -> bool) -> Fact {
    let rejected = rejects.iter().find(|reject| reject.file == row.file && reject.line == row.line);
    let told = row.values.iter().filter(|(column, _)| is_told(row.table, column));
    let values: Vec<String> = told.map(|(column, value)| format!("{} {value}", column.replace('_', " "))).collect();
    Fact {
        table: row.table.name(),
        file: row.file.to_string(),
        line: row.line,
        text: values.join(", "),
        rejected: rejected.map(|reject| format!("{} `{}`: {}", reject.column, reject.value, reject.problem)),
    }
}
