//! The facts that an extract lacks though something in force looks at them, with what keeps hold for that. What nobody knows
//! keeps, so that a column which is missing by mistake keeps everybody: a person should know.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use lapse_engine::{Attention, Codes, LibraryId, Tally, Told};
use lapse_policy::{BuiltInFact, DayPolicy, Entry, FactSource, FactTable, TestedFact};
use lapse_tables::Table;

/// What the extract tells of facts, and what keeps hold because something is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownFacts {
    /// The columns of facts that the extract has, of those that the policy looks at.
    pub told: BTreeSet<(FactTable, String)>,
    /// Records, by the code of the library and the keeps that hold them so, by name.
    pub records: BTreeMap<(String, Vec<String>), u64>,
    /// Memberships, by the code of the library and the keep.
    pub memberships: BTreeMap<(String, String), u64>,
}

impl UnknownFacts {
    /// What a run counted.
    pub(super) fn of(told: Told, codes: &Codes, tally: &Tally) -> UnknownFacts {
        let told = codes.facts.named(told.facts).map(|(table, column)| (table, column.to_owned())).collect();
        let library = |code: LibraryId| codes.libraries.text(code).to_owned();
        let keep = |code| codes.entry(code).trim_start_matches("keep/").to_owned();
        let records = tally.by_unknown.records.iter().flat_map(|(&at, counts)| {
            counts
                .iter()
                .map(move |(keeps, &count)| ((library(at), keeps.iter().map(|&code| keep(code)).collect()), count))
        });
        let memberships = tally.by_unknown.memberships.iter();
        UnknownFacts {
            told,
            records: records.collect(),
            memberships: memberships.map(|(&(at, code), &count)| ((library(at), keep(code)), count)).collect(),
        }
    }

    /// What a person should know, in the order of the facts: those that every extract tells, then those of the policy.
    pub(super) fn attention(&self, told: Told, of_day: &DayPolicy) -> Vec<Attention> {
        let looked_at: BTreeSet<TestedFact> =
            of_day.all_settings().flat_map(|settings| settings.entries.in_force()).flat_map(Entry::facts).collect();
        let lacking = looked_at.into_iter().filter_map(|fact| Some((fact, self.lacks(fact, told, of_day)?)));
        let of_fact = |(fact, (name, table, column)): (TestedFact, (&str, &str, Option<&str>))| {
            let holds = |library: &str, keep: &str| {
                let keeps = &of_day.settings_at(library).entries.keeps;
                keeps.iter().any(|known| known.entry.name == *keep && known.entry.facts().any(|of| of == fact))
            };
            let records =
                self.records.iter().filter(|((library, keeps), _)| keeps.iter().any(|keep| holds(library, keep)));
            let memberships = self.memberships.iter().filter(|((library, keep), _)| holds(library, keep));
            Attention::FactUnknown {
                fact: name.to_owned(),
                table: table.to_owned(),
                column: column.map(str::to_owned),
                records: records.map(|(_, count)| count).sum(),
                memberships: memberships.map(|(_, count)| count).sum(),
            }
        };
        lacking.map(of_fact).collect()
    }

    /// The name of a fact, and the table and column that the extract lacks for it; none where it tells the fact.
    fn lacks<'p>(
        &self,
        fact: TestedFact,
        told: Told,
        of_day: &'p DayPolicy,
    ) -> Option<(&'p str, &'static str, Option<&'p str>)> {
        let activity = |name| (!told.activity).then_some((name, Table::Activity.name(), None));
        match fact {
            TestedFact::BuiltIn(fact) => match fact {
                BuiltInFact::LastActivity => activity(fact.as_str()),
                BuiltInFact::Owed
                | BuiltInFact::Credit
                | BuiltInFact::Items
                | BuiltInFact::SettledOn
                | BuiltInFact::Blocks => {
                    let name = fact.as_str();
                    let is_told = told.accounts.names().any(|column| column == name);
                    (!is_told).then_some((name, Table::Accounts.name(), Some(name)))
                }
                BuiltInFact::Age | BuiltInFact::BegunOn | BuiltInFact::EndedOn | BuiltInFact::RunMonth => None,
            },
            TestedFact::Declared(index) => {
                let fact = &of_day.facts[index];
                match &fact.source {
                    FactSource::Activity { .. } => activity(&fact.name),
                    FactSource::Column { table, column } => {
                        let is_told = self.told.contains(&(*table, column.clone()));
                        (!is_told).then_some((&*fact.name, table.as_str(), Some(&**column)))
                    }
                }
            }
        }
    }
}

impl AddAssign<&UnknownFacts> for UnknownFacts {
    fn add_assign(&mut self, other: &UnknownFacts) {
        self.told.extend(other.told.iter().cloned());
        for (place, count) in &other.records {
            *self.records.entry(place.clone()).or_default() += count;
        }
        for (place, count) in &other.memberships {
            *self.memberships.entry(place.clone()).or_default() += count;
        }
    }
}
