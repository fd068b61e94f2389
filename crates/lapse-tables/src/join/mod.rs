//! The join by patron: rows of a table find their patron, in whatever order they come.

mod by_patron;
pub(crate) mod extract;
mod ids;
mod rows;
mod search;

pub use extract::Extract;
pub use ids::Ids;
