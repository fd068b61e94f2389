//! The columns that a patron of a case may have beyond those of the contract: the columns that plugins ask for, and those of
//! the facts that the policy declares.

use lapse_policy::{Day, Fact, FactKind, FactSource, Policy};
use lapse_tables::{AskedColumn, Table};

use super::facts::Written;

/// The columns beyond the contract, each once.
#[derive(Clone, Debug, Default)]
pub struct FurtherColumns {
    columns: Vec<FurtherColumn>,
}

/// A column beyond the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FurtherColumn {
    /// The table whose rows have it.
    pub table: Table,
    /// Its name.
    pub name: String,
    /// How case files write its values.
    pub written: Written,
}

impl FurtherColumns {
    /// The columns of some facts, then those that plugins ask for. A fact says what its values are, also where a plugin asks
    /// for the same column.
    pub fn of(facts: &[Fact], asked: &[AskedColumn]) -> FurtherColumns {
        let of_facts = facts.iter().filter_map(|fact| match &fact.source {
            FactSource::Column { table, column } => {
                Some((Table::of_facts(*table), column, Written::of_fact(fact.kind)))
            }
            FactSource::Activity { .. } => None,
        });
        let of_plugins = asked.iter().map(|column| (column.table, &column.name, Written::AsInTable));
        let mut further = FurtherColumns::default();
        for (table, name, written) in of_facts.chain(of_plugins) {
            if further.get(table, name).is_none() {
                further.columns.push(FurtherColumn { table, name: name.clone(), written });
            }
        }
        further
    }

    /// The columns of the facts that a policy declares, which are the same on every day, and those that its plugins ask for.
    pub fn of_policy(policy: &Policy, asked: &[AskedColumn]) -> FurtherColumns {
        FurtherColumns::of(&policy.on_for(Day::MIN, |_| false).facts, asked)
    }

    /// The columns of a table.
    pub fn of_table(&self, table: Table) -> impl Iterator<Item = &FurtherColumn> + Clone {
        self.columns.iter().filter(move |column| column.table == table)
    }

    /// The column of a table with this name.
    pub fn get(&self, table: Table, name: &str) -> Option<&FurtherColumn> {
        self.of_table(table).find(|column| column.name == name)
    }
}

impl Written {
    /// How case files write the values of a fact.
    pub const fn of_fact(kind: FactKind) -> Written {
        match kind {
            FactKind::Flag => Written::Boolean,
            FactKind::Count => Written::Count,
            FactKind::Amount => Written::Amount,
            FactKind::Date => Written::Day,
            FactKind::Code => Written::Words,
        }
    }
}
