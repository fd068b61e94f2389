//! Made-up patrons tried on a day of a policy: their facts are written as tables, read back by the tables' own reader and
//! decided by the engine, so that a case meets the rules on the same way as the data of a run.

use std::fs;

use lapse_engine::{Codes, Decisions, Event, Rule, Rules, Runs, Silent};
use lapse_explain::{DayRun, Why};
use lapse_host::Plugins;
use lapse_policy::{Day, DayPolicy, Policy};
use lapse_tables::{AskedColumn, Extract, Reject, Table};

use crate::casefile::Facts;
use crate::error::CasesError;
use crate::outcomes::Outcomes;

/// Patrons and the policy of the day on which they are tried.
pub struct Trial<'a> {
    policy: &'a Policy,
    plugins: &'a Plugins,
    of_day: DayPolicy,
    rules: Rules,
    extract: Extract,
    /// The rows of the facts that the tables reject.
    pub unusable: Vec<Unusable>,
}

/// A row that the tables reject.
#[derive(Debug)]
pub struct Unusable {
    /// Which patron of the trial.
    pub patron: usize,
    /// Which row of the table.
    pub row: usize,
    /// Where in the table, and what is wrong.
    pub reject: Reject,
}

/// What is decided about one patron, and why.
pub struct Explained {
    /// The decisions.
    pub outcomes: Outcomes,
    /// The rule of stage 1 that decided each membership.
    pub rules: Vec<Rule>,
    /// Each rule that was tried, with the policy lines behind it.
    pub why: Why,
}

impl<'a> Trial<'a> {
    /// Tries patrons on a day.
    pub fn new<'f>(
        policy: &'a Policy,
        plugins: &'a Plugins,
        day: Day,
        patrons: impl Iterator<Item = &'f Facts>,
    ) -> Result<Trial<'a>, CasesError> {
        Trial::by(policy, plugins, policy.on(day), patrons)
    }

    /// Tries one patron on a day, with the policy resolved for the patron's own libraries only: to resolve it for hundreds of
    /// others would take most of the time. Plugins know a library by its place among all, so there must be none.
    pub fn alone(policy: &'a Policy, none: &'a Plugins, day: Day, patron: &Facts) -> Result<Trial<'a>, CasesError> {
        debug_assert!(none.named.is_empty());
        let libraries = patron.libraries();
        let of_day = policy.on_for(day, |code| libraries.contains(&code));
        Trial::by(policy, none, of_day, std::iter::once(patron))
    }

    fn by<'f>(
        policy: &'a Policy,
        plugins: &'a Plugins,
        of_day: DayPolicy,
        patrons: impl Iterator<Item = &'f Facts>,
    ) -> Result<Trial<'a>, CasesError> {
        let folder = tempfile::tempdir().map_err(CasesError::NoFolder)?;
        let places = write_tables(folder.path(), &plugins.columns, patrons)?;
        // One thread: there are few rows.
        let extract = Extract::read_with(folder.path(), of_day.date, Codes::of(&of_day), 1, &plugins.columns)?;
        let unusable = extract.rejects.iter().filter_map(|reject| unusable(reject, &places)).collect();
        let rules = Rules::new(&of_day, &extract.codes);
        Ok(Trial { policy, plugins, of_day, rules, extract, unusable })
    }

    /// What is decided about the patron at `index`.
    pub fn decide(&self, index: usize) -> Result<Outcomes, CasesError> {
        let run = self.run();
        let decisions = run.decide(index, &mut Silent)?;
        Ok(Outcomes::of(&run, index, &decisions))
    }

    /// What is decided about the patron at `index`, and why.
    pub fn explain(&self, index: usize) -> Result<Explained, CasesError> {
        let run = self.run();
        let mut events = Vec::new();
        let decisions = run.decide(index, &mut events)?;
        let applied = |event: &Event| match *event {
            Event::Rule { rule, applies: true, .. } => Some(rule),
            Event::Rule { .. }
            | Event::LastActivity { .. }
            | Event::NotLapsed { .. }
            | Event::Keep { .. }
            | Event::KeepProfile { .. }
            | Event::Extra { .. } => None,
        };
        Ok(Explained {
            outcomes: Outcomes::of(&run, index, &decisions),
            rules: events.iter().filter_map(applied).collect(),
            why: run.why(index, &decisions, &events),
        })
    }

    /// The first run, from that of the day on, at which something happens to the patron at `index`, if nobody does
    /// anything.
    pub fn first_run(&self, index: usize, happens: impl Fn(&Decisions) -> bool) -> Result<Option<Day>, CasesError> {
        let run = self.run();
        let decisions = run.decide(index, &mut Silent)?;
        if happens(&decisions) {
            return Ok(Some(self.of_day.date));
        }
        let (decide, patron) = (run.on_later_days(index), self.extract.patron(index));
        for later in Runs::after(self.policy, &self.of_day, &self.extract.codes, &decide, &patron, &decisions) {
            let later = later?;
            if happens(&later.decisions) {
                return Ok(Some(later.date));
            }
        }
        Ok(None)
    }

    fn run(&self) -> DayRun<'_> {
        DayRun::new(self.policy, &self.of_day, &self.rules, &self.extract, self.plugins)
    }
}

/// Where a row of a patron's facts stands in its table.
struct RowPlace {
    line: u64,
    patron: usize,
    row: usize,
}

/// Writes the facts as the four tables; gives the place of each row, by table.
fn write_tables<'f>(
    folder: &std::path::Path,
    asked: &[AskedColumn],
    patrons: impl Iterator<Item = &'f Facts>,
) -> Result<[Vec<RowPlace>; 4], CasesError> {
    let mut tables = Table::ALL.map(|table| {
        let of_plugins = asked.iter().filter(|column| column.table == table).map(|column| &*column.name);
        let header: Vec<&str> = table.columns().iter().map(|column| column.name).chain(of_plugins).collect();
        format!("{}\n", header.join(",")).into_bytes()
    });
    let mut lines = [2; 4];
    let mut places = [const { Vec::new() }; 4];
    for (patron, facts) in patrons.enumerate() {
        // Ids ascend, as the reader likes them best.
        let id = format!("{patron:09}");
        for (((table, csv), line), places) in Table::ALL.into_iter().zip(&mut tables).zip(&mut lines).zip(&mut places) {
            facts.write_csv(table, asked, &id, csv, |row, height| {
                places.push(RowPlace { line: *line, patron, row });
                *line += height as u64;
            });
        }
        if facts.bad_input {
            // A row without its required values, as a damaged feed brings them.
            tables[Table::Activity as usize].extend_from_slice(format!("{id},,,\n").as_bytes());
            lines[Table::Activity as usize] += 1;
        }
    }
    for (table, csv) in Table::ALL.into_iter().zip(tables) {
        let path = folder.join(format!("{}.csv", table.name()));
        fs::write(&path, csv).map_err(|error| CasesError::Unwritable { path, error })?;
    }
    Ok(places)
}

/// The row that a reject is about; none for a row that only says that there was bad input.
fn unusable(reject: &Reject, places: &[Vec<RowPlace>; 4]) -> Option<Unusable> {
    let places = &places[reject.table as usize];
    let place = &places[places.binary_search_by_key(&reject.line, |place| place.line).ok()?];
    Some(Unusable { patron: place.patron, row: place.row, reject: reject.clone() })
}
