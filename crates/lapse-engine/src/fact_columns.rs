//! Which columns of facts patrons come with, told once for those who read them and for the rules that look at them.

use lapse_policy::{BuiltInFact, DayPolicy, EmptyCell, Entry, FactKind, FactSource, FactTable, TestedFact};

/// A column of facts that patrons come with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactColumn {
    /// A number of the accounts table: `owed`, `credit` or `items`, of which the rules otherwise ask only whether it is zero.
    OfAccounts(BuiltInFact),
    /// A column beyond the contract.
    Declared {
        /// Its name in the header.
        column: String,
        /// What its values are.
        kind: FactKind,
        /// What an empty cell means.
        empty: EmptyCell,
    },
}

impl FactColumn {
    /// Its name in the header.
    pub fn name(&self) -> &str {
        match self {
            FactColumn::OfAccounts(fact) => fact.as_str(),
            FactColumn::Declared { column, .. } => column,
        }
    }
}

/// The columns of facts that some policies look at, by table. The same column is told once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactColumns {
    of: [Vec<FactColumn>; 3],
}

impl FactColumns {
    /// The columns of a table, in the order of `consortium.toml`.
    pub fn of(&self, table: FactTable) -> &[FactColumn] {
        &self.of[table as usize]
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.of.iter().all(Vec::is_empty)
    }

    /// Adds those that some keep, end or narrowing in force looks at.
    pub(crate) fn learn(&mut self, policy: &DayPolicy) {
        let used = tested(policy);
        for fact in [BuiltInFact::Owed, BuiltInFact::Credit, BuiltInFact::Items] {
            if used.contains(&TestedFact::BuiltIn(fact)) {
                self.add(FactTable::Accounts, FactColumn::OfAccounts(fact));
            }
        }
        for (index, fact) in policy.facts.iter().enumerate() {
            if let FactSource::Column { table, column } = &fact.source
                && used.contains(&TestedFact::Declared(index))
            {
                let column = FactColumn::Declared { column: column.clone(), kind: fact.kind, empty: fact.empty };
                self.add(*table, column);
            }
        }
    }

    fn add(&mut self, table: FactTable, column: FactColumn) {
        let columns = &mut self.of[table as usize];
        if !columns.contains(&column) {
            columns.push(column);
        }
    }

    /// The place of a column among those of its table.
    pub(crate) fn place(&self, table: FactTable, column: &FactColumn) -> Option<usize> {
        self.of(table).iter().position(|known| known == column)
    }

    /// The number of a column among those of all tables.
    pub(crate) fn number(&self, table: FactTable, place: usize) -> usize {
        self.of[..table as usize].iter().map(Vec::len).sum::<usize>() + place
    }

    /// The columns of some tables that are `told`, by the names that they have there.
    pub fn named(&self, told: FactColumnsTold) -> impl Iterator<Item = (FactTable, &str)> {
        let all = FactTable::ALL.iter().flat_map(|&table| self.of(table).iter().enumerate().map(move |of| (table, of)));
        let told = all.filter(move |&(table, (place, _))| told.has(self.number(table, place)));
        told.map(|(table, (_, column))| (table, column.name()))
    }

    /// The columns that an extract has, where `has` says it of each name in a table.
    pub fn told(&self, has: impl Fn(FactTable, &str) -> bool) -> FactColumnsTold {
        let mut told = FactColumnsTold::default();
        for &table in FactTable::ALL {
            for (place, column) in self.of(table).iter().enumerate() {
                if has(table, column.name()) {
                    told.0 |= FactColumnsTold::bit(self.number(table, place));
                }
            }
        }
        told
    }
}

/// Some of [`FactColumns`]: those that an extract has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FactColumnsTold(u128);

impl FactColumnsTold {
    /// All of them, whatever they are.
    pub const ALL: FactColumnsTold = FactColumnsTold(u128::MAX);

    /// There are bits for the facts of two policies. A column beyond them is told by none, so that it is unknown.
    fn bit(number: usize) -> u128 {
        u32::try_from(number).ok().and_then(|number| 1_u128.checked_shl(number)).unwrap_or(0)
    }

    /// Those that are among these or among `others`, of the same columns.
    #[must_use]
    pub const fn with(self, others: FactColumnsTold) -> FactColumnsTold {
        FactColumnsTold(self.0 | others.0)
    }

    /// Whether the column with this number is among them.
    pub(crate) fn has(self, number: usize) -> bool {
        self.0 & FactColumnsTold::bit(number) != 0
    }

    /// Whether the column at a place of a table is among them.
    pub fn has_column(self, columns: &FactColumns, table: FactTable, place: usize) -> bool {
        self.has(columns.number(table, place))
    }
}

/// Every fact that some keep, end or narrowing in force tests, at some library.
fn tested(policy: &DayPolicy) -> Vec<TestedFact> {
    let mut tested = Vec::new();
    let in_force = policy.all_settings().flat_map(|settings| settings.entries.in_force());
    for fact in in_force.flat_map(Entry::facts) {
        if !tested.contains(&fact) {
            tested.push(fact);
        }
    }
    tested
}
