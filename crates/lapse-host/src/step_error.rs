//! What goes wrong in a step in which a plugin is tried out. The process that may crash sends it to the host, so it is a value
//! that can be sent; its sentence is for the author of the plugin and follows the name of the step.

use serde::{Deserialize, Serialize};

use crate::ended::Ended;
use crate::library_error::LibraryError;
use crate::said::Said;

/// Why a step in which a plugin was tried out failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum StepError {
    /// The file cannot be read. What the system says.
    #[error("the file cannot be read ({0})")]
    Unreadable(Said),
    /// The library cannot be loaded, or is not a plugin.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A column is not given as `table.column`.
    #[error("each is a table and a column, such as patrons.deceased_on")]
    ColumnUnknown,
    /// The plugin cannot be used with this config and these columns. The sentences of [`crate::LoadError`], which holds what
    /// the system says and so cannot be sent.
    #[error("{}", joined(.0))]
    Unusable(Vec<Said>),
    /// The plugin accepts a config with a key that it cannot know.
    #[error("it accepts one, so that a misspelt key would go unnoticed")]
    AcceptsUnknownKey,
    /// The plugin did not judge a batch. The sentence of [`crate::JudgeError`].
    #[error("{0}")]
    NotJudged(Said),
    /// The plugin judged the same batch in two ways.
    #[error("the verdicts are not the same as before")]
    OtherVerdicts,
    /// A thread that called the plugin panicked.
    #[error("a call panicked")]
    Panicked,
    /// The process did not survive the step.
    #[error("it {0}")]
    Ended(Ended),
}

fn joined(said: &[Said]) -> String {
    said.iter().map(Said::as_str).collect::<Vec<_>>().join("; ")
}
