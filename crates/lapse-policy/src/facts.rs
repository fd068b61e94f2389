//! The facts that a policy declares, as far as reading its files needs them: tests name facts, and what a test can say
//! depends on what the fact is. They are read before everything else, wherever they stand.

use crate::TestedFact;
use crate::words::{BuiltInFact, FactKind};

/// The columns of each table of an extract, as interface.md fixes them. No fact has one of them.
pub(crate) const CONTRACT_COLUMNS: [(&str, &[&str]); 3] = [
    ("patrons", &["patron_id", "birth_date", "profile_last_active", "loan_history"]),
    ("memberships", &["patron_id", "library", "subscription", "valid_from", "valid_until", "status"]),
    ("accounts", &["patron_id", "library", "owed", "credit", "blocks", "items", "settled_on"]),
];

/// What can be tested of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Testable {
    Flag,
    Count,
    Amount,
    Date,
    Code,
    Age,
    RunMonth,
}

impl Testable {
    const fn of(kind: FactKind) -> Testable {
        match kind {
            FactKind::Flag => Testable::Flag,
            FactKind::Count => Testable::Count,
            FactKind::Amount => Testable::Amount,
            FactKind::Date => Testable::Date,
            FactKind::Code => Testable::Code,
        }
    }

    const fn of_built_in(fact: BuiltInFact) -> Testable {
        match fact {
            BuiltInFact::Age => Testable::Age,
            BuiltInFact::LastActivity | BuiltInFact::BegunOn | BuiltInFact::EndedOn | BuiltInFact::SettledOn => {
                Testable::Date
            }
            BuiltInFact::Owed | BuiltInFact::Credit => Testable::Amount,
            BuiltInFact::Items => Testable::Count,
            BuiltInFact::Blocks => Testable::Code,
            BuiltInFact::RunMonth => Testable::RunMonth,
        }
    }
}

/// The facts that consortium.toml declares, in its order.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    declared: Vec<Declared>,
    /// Whether some fact may be there that could not be read. An unknown name is then not reported.
    pub unsure: bool,
}

#[derive(Debug)]
struct Declared {
    name: String,
    /// None where it could not be read, which is reported where it stands.
    kind: Option<FactKind>,
}

impl Facts {
    /// Adds a fact after all others.
    pub fn declare(&mut self, name: &str, kind: Option<FactKind>) {
        self.declared.push(Declared { name: name.to_owned(), kind });
    }

    /// What a name in a test stands for.
    pub fn tested(&self, name: &str) -> Option<TestedFact> {
        BuiltInFact::from_word(name)
            .map(TestedFact::BuiltIn)
            .or_else(|| self.declared.iter().position(|declared| declared.name == name).map(TestedFact::Declared))
    }

    /// What can be tested of a fact; none where that could not be read.
    pub fn testable(&self, fact: TestedFact) -> Option<Testable> {
        match fact {
            TestedFact::BuiltIn(fact) => Some(Testable::of_built_in(fact)),
            TestedFact::Declared(index) => self.declared[index].kind.map(Testable::of),
        }
    }

    /// Every name that a test can have.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let built_in = BuiltInFact::ALL.iter().map(|fact| fact.as_str());
        self.declared.iter().map(|declared| &*declared.name).chain(built_in)
    }
}
