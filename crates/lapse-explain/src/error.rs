//! Why a story cannot be told.

use std::path::PathBuf;

use lapse_engine::ExtraError;
use lapse_tables::TableError;
use thiserror::Error;

/// Why a story cannot be told.
#[derive(Debug, Error)]
pub enum ExplainError {
    /// A table cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A plugin cannot be asked.
    #[error(transparent)]
    Plugin(#[from] ExtraError),
    /// The table of patrons has no row with this id.
    #[error("the patrons table in {} has no patron `{patron}`", .data.display())]
    NoSuchPatron {
        /// The folder of the tables.
        data: PathBuf,
        /// The id.
        patron: String,
    },
}
