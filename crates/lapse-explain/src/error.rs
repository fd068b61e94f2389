//! Why a story cannot be told.

use std::path::{Path, PathBuf};

use lapse_engine::ExtraError;
use lapse_tables::{TableError, who_nearly_have};
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
    #[error("the patrons table{} has no patron `{patron}`{}", in_folder(.folder.as_deref()), but(near))]
    NoSuchPatron {
        /// The folder of the tables, where they are in one.
        folder: Option<PathBuf>,
        /// The id.
        patron: String,
        /// The patrons whose ids nearly are this one.
        near: Vec<String>,
    },
}

fn in_folder(folder: Option<&Path>) -> String {
    folder.map(|folder| format!(" in {}", folder.display())).unwrap_or_default()
}

fn but(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!(", but {} this id; is it meant?", who_nearly_have(near)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_named_where_there_is_one() {
        let told = |folder: Option<&str>| {
            let folder = folder.map(PathBuf::from);
            ExplainError::NoSuchPatron { folder, patron: "P1".into(), near: Vec::new() }.to_string()
        };
        assert_eq!(told(Some("data")), "the patrons table in data has no patron `P1`");
        assert_eq!(told(None), "the patrons table has no patron `P1`");
    }
}
