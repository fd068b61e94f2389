//! Why a story cannot be told.

use std::path::{Path, PathBuf};

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
    #[error("the patrons table{} has no patron `{patron}`", in_folder(.folder.as_deref()))]
    NoSuchPatron {
        /// The folder of the tables, where they are in one.
        folder: Option<PathBuf>,
        /// The id.
        patron: String,
    },
}

fn in_folder(folder: Option<&Path>) -> String {
    folder.map(|folder| format!(" in {}", folder.display())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_named_where_there_is_one() {
        let told = |folder: Option<&str>| {
            ExplainError::NoSuchPatron { folder: folder.map(PathBuf::from), patron: "P1".into() }.to_string()
        };
        assert_eq!(told(Some("data")), "the patrons table in data has no patron `P1`");
        assert_eq!(told(None), "the patrons table has no patron `P1`");
    }
}
