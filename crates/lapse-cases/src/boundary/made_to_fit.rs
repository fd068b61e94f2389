//! A made-up patron of whom each fact can be set: where it stands among the rows of the tables.

use lapse_policy::{BuiltInFact, DayPolicy, FactSource, FactTable, Library, TestedFact};
use lapse_tables::Table;

use super::patrons::source;
use crate::casefile::{Cell, Facts, Row, Written};

/// A patron with one membership at a library.
#[derive(Clone, Default)]
pub(super) struct Patron {
    own: Vec<Cell>,
    membership: Vec<Cell>,
    activity: Vec<Vec<Cell>>,
    account: Vec<Cell>,
}

/// Sets a value of a row; an empty text takes it away.
fn put(cells: &mut Vec<Cell>, column: &str, text: &str, written: Written) {
    cells.retain(|cell| cell.column != column);
    if !text.is_empty() {
        cells.push(Cell::of(column.to_owned().into(), text.to_owned(), written));
    }
}

impl Patron {
    /// A patron whose membership has these values, beside its library.
    pub fn with(here: &Library, membership: &[(&str, &str)]) -> Patron {
        let mut patron = Patron::default();
        for (column, text) in [("library", &*here.code)].iter().chain(membership) {
            put(&mut patron.membership, column, text, Written::of(column));
        }
        patron
    }

    /// The same, where a column of `patrons` has a value.
    #[must_use]
    pub fn and(mut self, column: &str, text: &str) -> Patron {
        put(&mut self.own, column, text, Written::of(column));
        self
    }

    /// Sets a fact at a library; an empty text leaves its cell empty.
    pub fn set(&mut self, of_day: &DayPolicy, here: &Library, fact: TestedFact, text: &str) {
        match fact {
            TestedFact::BuiltIn(fact) => self.set_built_in(here, fact, text),
            TestedFact::Declared(index) => {
                let fact = &of_day.facts[index];
                let written = Written::of_fact(fact.kind);
                match &fact.source {
                    FactSource::Activity { sources } => {
                        let source = sources.first().map_or("", String::as_str);
                        self.active(source, text);
                    }
                    FactSource::Column { table: FactTable::Patrons, column } => {
                        put(&mut self.own, column, text, written);
                    }
                    FactSource::Column { table: FactTable::Memberships, column } => {
                        put(&mut self.membership, column, text, written);
                    }
                    FactSource::Column { table: FactTable::Accounts, column } => {
                        self.of_account(here, column, text, written);
                    }
                }
            }
        }
    }

    fn set_built_in(&mut self, here: &Library, fact: BuiltInFact, text: &str) {
        match fact {
            BuiltInFact::Age => put(&mut self.own, "birth_date", text, Written::Day),
            BuiltInFact::LastActivity => self.active(source(here), text),
            BuiltInFact::BegunOn => put(&mut self.membership, "valid_from", text, Written::Day),
            BuiltInFact::EndedOn => {
                put(&mut self.membership, "valid_until", text, Written::Day);
                put(&mut self.membership, "status", "cancelled", Written::Text);
            }
            BuiltInFact::Owed
            | BuiltInFact::Credit
            | BuiltInFact::Items
            | BuiltInFact::SettledOn
            | BuiltInFact::Blocks => {
                self.of_account(here, fact.as_str(), text, Written::of(fact.as_str()));
            }
            BuiltInFact::RunMonth => {}
        }
    }

    fn of_account(&mut self, here: &Library, column: &str, text: &str, written: Written) {
        put(&mut self.account, "library", &here.code, Written::Text);
        put(&mut self.account, column, text, written);
    }

    /// Was last active on a day, by a source, or never.
    pub fn active(&mut self, source: &str, day: &str) {
        self.activity.retain(|row| !row.iter().any(|cell| cell.column == "source" && cell.text == source));
        if !day.is_empty() {
            let mut row = Vec::new();
            put(&mut row, "source", source, Written::Text);
            put(&mut row, "last_active", day, Written::Day);
            self.activity.push(row);
        }
    }

    /// The rows of the patron. A membership ends no earlier than it begins.
    pub fn facts(mut self) -> Facts {
        let day = |cells: &[Cell], column: &str| {
            cells.iter().find(|cell| cell.column == column).map(|cell| cell.text.clone())
        };
        let [from, until] = ["valid_from", "valid_until"].map(|column| day(&self.membership, column));
        if let Some((from, until)) = from.zip(until)
            && until < from
        {
            put(&mut self.membership, "valid_until", &from, Written::Day);
        }
        let mut facts = Facts::default();
        let rows = [(Table::Patrons, self.own), (Table::Memberships, self.membership)];
        let activity = self.activity.into_iter().map(|row| (Table::Activity, row));
        for (table, cells) in rows.into_iter().chain(activity).chain([(Table::Accounts, self.account)]) {
            if !cells.is_empty() {
                facts.add(table, Row { cells, span: 0..0 });
            }
        }
        facts
    }
}
