//! The value of a fact in words: what it is, that there is none, or why nobody knows it.

use lapse_engine::{AccountColumns, FactValue, LibraryId, Patron, customer_run};
use lapse_policy::{BuiltInFact, FactKind, FactSource, FactTable, Fee, TestedFact};
use lapse_tables::Table;

use crate::day_run::DayRun;

/// A patron at a library, or a membership there, of which facts are told.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a> {
    pub run: &'a DayRun<'a>,
    pub patron: &'a Patron<'a>,
    pub library: LibraryId,
    /// The place of the membership; none of a record.
    pub membership: Option<usize>,
}

impl Of<'_> {
    /// What a fact is called in a sentence.
    pub fn name(self, fact: TestedFact) -> String {
        match fact {
            TestedFact::Declared(index) => self.run.of_day.facts[index].name.replace('_', " "),
            TestedFact::BuiltIn(fact) => match fact {
                BuiltInFact::Age => "the age",
                BuiltInFact::LastActivity => "the last activity",
                BuiltInFact::BegunOn => "the beginning of the membership",
                BuiltInFact::EndedOn => "the end of the memberships",
                BuiltInFact::Owed => "what is owed",
                BuiltInFact::Credit => "the credit",
                BuiltInFact::Items => "the number of items in possession",
                BuiltInFact::SettledOn => "the day on which costs were settled",
                BuiltInFact::Blocks => "the kinds of block",
                BuiltInFact::RunMonth => "the month of the run",
            }
            .to_owned(),
        }
    }

    /// A value that is known, as the beginning of a sentence.
    pub fn value(self, fact: TestedFact, value: FactValue) -> String {
        match fact {
            TestedFact::BuiltIn(fact) => self.built_in(fact, value),
            TestedFact::Declared(index) => {
                let fact = &self.run.of_day.facts[index];
                let name = capital(&self.name(TestedFact::Declared(index)));
                let text = match fact.kind {
                    _ if value == FactValue::NONE && fact.kind == FactKind::Flag => "no".to_owned(),
                    FactKind::Flag => "yes".to_owned(),
                    FactKind::Count => value.number().unwrap_or_default().to_string(),
                    FactKind::Amount => amount(value),
                    FactKind::Date => value.day().map_or_else(|| "none".to_owned(), |day| day.to_string()),
                    FactKind::Code => self.codes(value).unwrap_or_else(|| "none".to_owned()),
                };
                match self.no_account(fact_table(&fact.source)) {
                    Some(none) => format!("{name}: {text}, since {none}"),
                    None => format!("{name}: {text}"),
                }
            }
        }
    }

    fn built_in(self, fact: BuiltInFact, value: FactValue) -> String {
        let run = self.run;
        let day = value.day();
        match (fact, day) {
            (BuiltInFact::Age, Some(born)) => format!("Born on {born}"),
            (BuiltInFact::LastActivity, Some(day)) => {
                let here = run.rules.library(self.library);
                match customer_run::last_activity(self.patron.activity, self.library, here, run.date()) {
                    Some(_) => format!("Last active on {day}"),
                    None => format!("Enrolled on {day}, which stands in for activity"),
                }
            }
            (BuiltInFact::BegunOn, Some(day)) => format!("The membership began on {day}"),
            (BuiltInFact::EndedOn, Some(day)) => format!("The memberships ended on {day}"),
            (BuiltInFact::EndedOn, None) => "A membership here is valid, or starts later".to_owned(),
            (BuiltInFact::SettledOn, Some(day)) => format!("Costs were settled on {day}"),
            (BuiltInFact::SettledOn, None) => "No costs were settled".to_owned(),
            (BuiltInFact::Owed, _) if value == FactValue::NONE => "Owes nothing".to_owned(),
            (BuiltInFact::Owed, _) => format!("Owes {}", amount(value)),
            (BuiltInFact::Credit, _) if value == FactValue::NONE => "Has no credit".to_owned(),
            (BuiltInFact::Credit, _) => format!("Has a credit of {}", amount(value)),
            (BuiltInFact::Items, _) => {
                let items = lapse_policy::count(value.number().unwrap_or_default(), "item", "items");
                format!("Has {items} in possession")
            }
            (BuiltInFact::Blocks, _) => match self.codes(value) {
                Some(kinds) => format!("Has a block: {kinds}"),
                None => "Has no block".to_owned(),
            },
            (BuiltInFact::RunMonth, _) => format!("The run is in {}", month(run.date().month())),
            (BuiltInFact::Age | BuiltInFact::LastActivity | BuiltInFact::BegunOn, None) => {
                format!("{}: none", capital(&self.name(TestedFact::BuiltIn(fact))))
            }
        }
    }

    /// The kinds of a cell of codes.
    fn codes(self, value: FactValue) -> Option<String> {
        let cell = self.run.extract.codes.blocks.text(value.codes()?);
        let kinds: Vec<&str> = lapse_engine::kinds_of_block(cell).collect();
        (!kinds.is_empty()).then(|| kinds.join(", "))
    }

    /// That nobody knows the value of a fact, and why, as the beginning of a sentence.
    pub fn unknown(self, fact: TestedFact) -> String {
        let name = self.name(fact);
        let what = match fact {
            TestedFact::BuiltIn(_) => name,
            TestedFact::Declared(index) => match self.run.of_day.facts[index].kind {
                FactKind::Date if fact_table(&self.run.of_day.facts[index].source).is_none() => {
                    format!("the latest {name}")
                }
                FactKind::Flag => format!("whether {name}"),
                FactKind::Count => format!("how many {name}"),
                FactKind::Amount => format!("how much {name}"),
                FactKind::Date => format!("the date {name}"),
                FactKind::Code => name,
            },
        };
        format!("{} is not known ({})", capital(&what), self.why_unknown(fact))
    }

    fn why_unknown(self, fact: TestedFact) -> String {
        let told = self.patron.told;
        let no_activity = "the tables have no usable activity of anybody";
        match fact {
            TestedFact::BuiltIn(fact) => match fact {
                BuiltInFact::Age => self.empty_cell(FactTable::Patrons, "birth_date"),
                BuiltInFact::LastActivity if !told.activity => no_activity.to_owned(),
                BuiltInFact::EndedOn if self.has_membership_here() => {
                    "a membership here has ended on an unknown day".to_owned()
                }
                BuiltInFact::EndedOn | BuiltInFact::LastActivity | BuiltInFact::BegunOn => {
                    "there is no membership here".to_owned()
                }
                BuiltInFact::Owed
                | BuiltInFact::Credit
                | BuiltInFact::Items
                | BuiltInFact::SettledOn
                | BuiltInFact::Blocks
                | BuiltInFact::RunMonth => lacking(FactTable::Accounts, fact.as_str()),
            },
            TestedFact::Declared(index) => match &self.run.of_day.facts[index].source {
                FactSource::Activity { .. } => no_activity.to_owned(),
                FactSource::Column { table, column } if !self.is_told(*table, column) => lacking(*table, column),
                FactSource::Column { table: FactTable::Memberships, .. } if self.membership.is_none() => {
                    "there is no membership here".to_owned()
                }
                FactSource::Column { table, column } => self.empty_cell(*table, column),
            },
        }
    }

    /// Whether the extract has the column of a fact.
    fn is_told(self, table: FactTable, name: &str) -> bool {
        let columns = &self.run.extract.codes.facts;
        columns.named(self.patron.told.facts).any(|(of, column)| of == table && column == name)
    }

    fn empty_cell(self, table: FactTable, column: &str) -> String {
        let rejects = &self.run.extract.rejects;
        let of_table = Table::of_facts(table);
        match rejects.iter().find(|reject| reject.table == of_table && reject.column == column) {
            Some(reject) => format!("{table}.{column} cannot be used: {}", reject.problem),
            None => format!("{table}.{column} is empty"),
        }
    }

    fn has_membership_here(self) -> bool {
        self.patron.memberships.iter().any(|membership| membership.library == self.library)
    }

    /// Of a fact of accounts: that there is no account, which has none of anything.
    fn no_account(self, table: Option<FactTable>) -> Option<&'static str> {
        let has_account = || self.patron.accounts.iter().any(|account| account.library == self.library);
        (table == Some(FactTable::Accounts) && !has_account()).then_some("there is no account here")
    }
}

/// Whether the accounts table lacks a column of its contract.
pub(crate) fn is_lacking(column: &str, accounts: AccountColumns) -> bool {
    !AccountColumns::of([column]).without(accounts).is_empty()
}

fn fact_table(source: &FactSource) -> Option<FactTable> {
    match source {
        FactSource::Column { table, .. } => Some(*table),
        FactSource::Activity { .. } => None,
    }
}

fn lacking(table: FactTable, column: &str) -> String {
    format!("the table {table} does not have the column {column}")
}

/// An amount in euro. It is counted in half cents, of which an odd one stands for a part of a cent.
fn amount(value: FactValue) -> String {
    let number = value.number().unwrap_or_default();
    let euro = Fee { cents: number / 2 };
    if number % 2 == 1 { format!("a little more than {euro}") } else { euro.to_string() }
}

/// The name of a month, 1 to 12.
pub(crate) fn month(number: u32) -> &'static str {
    lapse_policy::ENGLISH_MONTHS[number as usize - 1]
}

/// A sentence's beginning in a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
