//! Made-up patrons tried on a day of a policy: their facts are tables in memory, which the reader of all tables reads and the
//! engine decides about, so that a case meets the rules on the same way as the data of a run.

use lapse_engine::{Decisions, Event, Rule, Rules, Runs, Silent, Told};
use lapse_explain::{DayRun, Why};
use lapse_host::Plugins;
use lapse_policy::{Day, DayPolicy, Policy};
use lapse_tables::{Extract, Known, Memory, Reject, Table};

use crate::casefile::{Facts, FurtherColumns, Row};
use crate::deciding::{Deciding, deciding};
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
    /// The tests of keeps, ends and narrowings that decided something.
    pub tests: Vec<Deciding>,
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
        let of_day = policy.on(day);
        let known = Known::by(&of_day);
        Trial::by(policy, plugins, of_day, &known, patrons)
    }

    /// Tries one patron on a day, with the policy resolved for the patron's own libraries only: to resolve it for hundreds of
    /// others would take most of the time. The keeps, ends and facts of later days are known, so that [`Trial::first_run`] can
    /// look at them. Plugins know a library by its place among all, so there must be none.
    pub fn alone(policy: &'a Policy, none: &'a Plugins, day: Day, patron: &Facts) -> Result<Trial<'a>, CasesError> {
        debug_assert!(none.named.is_empty());
        let libraries = patron.libraries();
        let on = |day| policy.on_for(day, |code| libraries.contains(&code));
        let of_day = on(day);
        let later: Vec<DayPolicy> = policy.change_days().into_iter().filter(|&change| change > day).map(on).collect();
        let known = Known::by(&of_day).with_codes_of(&later);
        Trial::by(policy, none, of_day, &known, std::iter::once(patron))
    }

    fn by<'f>(
        policy: &'a Policy,
        plugins: &'a Plugins,
        of_day: DayPolicy,
        known: &Known,
        patrons: impl Iterator<Item = &'f Facts>,
    ) -> Result<Trial<'a>, CasesError> {
        let further = FurtherColumns::of(&of_day.facts, &plugins.columns);
        let (memory, places) = tables(&further, patrons);
        // One thread: there are few rows.
        let extract = Extract::read_from(&memory, known, 1, &plugins.columns)?;
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
            | Event::Tested { .. }
            | Event::Entry { .. }
            | Event::Keep { .. }
            | Event::KeepProfile { .. }
            | Event::Extra { .. } => None,
        };
        Ok(Explained {
            outcomes: Outcomes::of(&run, index, &decisions),
            rules: events.iter().filter_map(applied).collect(),
            tests: deciding(&run, &events),
            why: run.why(index, &decisions, &events),
        })
    }

    /// The first run, from that of the day on, at which something happens to the patron at `index`, if nobody does
    /// anything. Only a patron who is tried [alone](Trial::alone) has later runs.
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

/// The patron and the row of the patron's facts to which each row of a table belongs, in the order of the rows; none for a
/// row that only says that there was bad input.
type Places = Vec<Option<(usize, usize)>>;

/// The facts as the four tables in memory, with the places of their rows, by table. Every column that somebody may look at is
/// there, so that what a case does not say is an empty cell.
fn tables<'f>(further: &FurtherColumns, patrons: impl Iterator<Item = &'f Facts>) -> (Memory, [Places; 4]) {
    // Ids ascend, so that the tables are in one order.
    let patrons: Vec<(String, &Facts)> =
        patrons.enumerate().map(|(number, facts)| (format!("{number:09}"), facts)).collect();
    let mut memory = Memory::new().telling(Told::ALL);
    let nothing = Row::default();
    let places = Table::ALL.map(|table| {
        let (mut ids, mut rows, mut places): (Vec<&str>, Vec<&Row>, Places) = Default::default();
        let mut add = |id, row, place| {
            ids.push(id);
            rows.push(row);
            places.push(place);
        };
        for (patron, (id, facts)) in patrons.iter().enumerate() {
            let of_table = facts.rows(table);
            for (number, row) in of_table.iter().enumerate() {
                add(id, row, Some((patron, number)));
            }
            match table {
                Table::Patrons if of_table.is_empty() => add(id, &nothing, None),
                // A row without its required values, as a damaged feed brings them.
                Table::Activity if facts.bad_input => add(id, &nothing, None),
                Table::Patrons | Table::Memberships | Table::Activity | Table::Accounts => {}
            }
        }
        let further = further.of_table(table).map(|column| &*column.name);
        let names = table.columns()[1..].iter().map(|column| column.name).chain(further);
        let texts = |name| rows.iter().map(|row| row.get(name).map_or("", |cell| &*cell.text)).collect();
        let columns = std::iter::once((table.columns()[0].name, ids)).chain(names.map(|name| (name, texts(name))));
        memory = std::mem::take(&mut memory).with_texts(table, columns);
        places
    });
    (memory, places)
}

/// The row that a reject is about; none for a row that only says that there was bad input.
fn unusable(reject: &Reject, places: &[Places; 4]) -> Option<Unusable> {
    let number = usize::try_from(reject.line).ok()?.checked_sub(1)?;
    let (patron, row) = (*places[reject.table as usize].get(number)?)?;
    Some(Unusable { patron, row, reject: reject.clone() })
}
