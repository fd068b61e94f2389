//! What the tables have in common whose rows belong to patrons.

use crate::Table;
use crate::codes::{Intern, Renumberings};
use crate::reject::RowFault;
use crate::source::{Field, RowPlace};

/// A table whose rows belong to patrons: `N` columns, of which the first is `patron_id`.
pub(crate) trait PatronTable<const N: usize>: Copy + Send + Sync {
    const TABLE: Table;

    /// Reads the row at a place; the columns are in the table's order. None for a row that can be read and tells nothing.
    fn read(fields: &[Field<'_>; N], at: RowPlace, codes: &mut impl Intern) -> Result<Option<Self>, RowFault>;

    /// Gives the row's codes the numbers that everybody uses.
    fn renumber(&mut self, to: &Renumberings);
}
