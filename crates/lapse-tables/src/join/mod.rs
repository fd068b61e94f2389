//! The join by patron: the rows of each table find their patron, in whatever order they come. All tables are in memory for
//! it.
//!
//! 1. `extract` reads `patrons`, then the other tables.
//! 2. `rows` reads the rows of one of these, and `search` finds the patron of each.
//! 3. `by_patron` brings the rows of each patron together.

mod by_patron;
pub(crate) mod extract;
mod ids;
mod over_all;
mod patrons_table;
mod rows;
mod search;
mod values;

pub use extract::Extract;
pub use ids::Ids;
