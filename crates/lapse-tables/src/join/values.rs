//! The values of facts after the join: those of a patron's rows stand together, in the order of the rows.

use lapse_engine::FactValue;

/// The values of facts, in the order of the joined rows of their tables.
#[derive(Default)]
pub(super) struct Values {
    pub patrons: ValuesOf,
    pub memberships: ValuesOf,
    pub accounts: ValuesOf,
}

/// The values of the facts of one table.
#[derive(Default)]
pub(super) struct ValuesOf {
    pub values: Vec<FactValue>,
    /// How many facts each row has.
    pub width: usize,
}

impl ValuesOf {
    /// Those of some rows that follow each other.
    pub fn of(&self, first: usize, rows: usize) -> &[FactValue] {
        self.values.get(first * self.width..(first + rows) * self.width).unwrap_or_default()
    }
}
