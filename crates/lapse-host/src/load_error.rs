//! Why a plugin cannot be used, with the facts. The sentence of each error stands here, or next to the type it passes on.

use std::io;
use std::path::{Path, PathBuf};

use crate::ended::{Ended, Stopped};
use crate::library_error::LibraryError;
use crate::said::Said;
use crate::start_error::StartError;

/// A plugin that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the plugin {name}: {why}")]
pub struct PluginError {
    /// Which plugin, by its place among those that were to be loaded.
    pub plugin: usize,
    /// The name that the policy gives it.
    pub name: String,
    /// What is wrong, and what to do.
    pub why: LoadError,
}

/// What is wrong with a plugin. The sentence does not name the plugin.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No folder has the file. There are no folders where the policy gives an absolute path.
    #[error("there is no file {}{}; put it there, or name its folder as --plugin-dir", path.display(), looked_in(dirs))]
    NoFile {
        /// The file that was looked for.
        path: PathBuf,
        /// The folders that were looked in.
        dirs: Vec<PathBuf>,
    },
    /// The file is there and cannot be read.
    #[error("the file {} cannot be read ({error}); check `file`", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The policy does not pin the file.
    #[error("the file {} is not pinned; add the line sha256 = \"{found}\" once you trust it", file.display())]
    NotPinned {
        /// The file.
        file: PathBuf,
        /// The SHA-256 of the file as it is.
        found: String,
    },
    /// The policy pins other bytes.
    #[error(
        "the file {} is not the one that is pinned; its SHA-256 is {found}: where that is the plugin you mean, put it into \
         `sha256`",
        file.display()
    )]
    OtherPin {
        /// The file.
        file: PathBuf,
        /// The SHA-256 of the file as it is.
        found: String,
    },
    /// The plugin asks for a column that it gets anyway, given as `table.column`.
    #[error(
        "it gets `{0}` without asking; take it out of `columns`, which is for columns that the tables have beyond those that \
         lapse reads"
    )]
    KnownColumn(String),
    /// The library cannot be loaded, or is not a plugin.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The plugin does not accept its config. Its own sentence.
    #[error("it refuses its config: {0}")]
    ConfigRefused(Said),
    /// The plugins of a policy have more reasons than there are numbers for.
    #[error("all plugins together have more than 65535 reasons")]
    TooManyReasons,
    /// The memory that is shared with a plugin cannot be made.
    #[error("there is no memory to share with it ({0})")]
    NoMemory(io::Error),
    /// No process runs the plugin.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The plugin's process ended while the library was being loaded.
    #[error("{0} while it was loaded")]
    EndedWhileLoaded(Ended),
    /// The plugin's process ended while the plugin made its instance.
    #[error("it {0} while it read its config; tell its author")]
    EndedInConfig(Ended),
}

/// A plugin that cannot be used, as it is shown at the line of the policy that is to blame.
pub(crate) struct Shown {
    /// What is wrong.
    pub message: String,
    /// What is wrong with the value in that line.
    pub label: String,
    /// What to write there.
    pub help: Option<String>,
}

impl PluginError {
    /// The sentences to show.
    pub(crate) fn shown(&self) -> Shown {
        let PluginError { plugin: _, name, why } = self;
        let help =
            |found: &str| Some(format!("once you trust the file, put this line into the table: sha256 = \"{found}\""));
        match why {
            LoadError::OtherPin { found, .. } => Shown {
                message: format!("the plugin `{name}` is pinned to another file"),
                label: "this is not the SHA-256 of the file as it is".to_owned(),
                help: help(found),
            },
            LoadError::NotPinned { found, .. } => Shown {
                message: format!("the plugin `{name}` is not pinned"),
                label: "a run does not load it without `sha256`".to_owned(),
                help: help(found),
            },
            LoadError::NoFile { .. }
            | LoadError::Unreadable { .. }
            | LoadError::KnownColumn(_)
            | LoadError::Library(_)
            | LoadError::ConfigRefused(_)
            | LoadError::TooManyReasons
            | LoadError::NoMemory(_)
            | LoadError::Start(_)
            | LoadError::EndedWhileLoaded(_)
            | LoadError::EndedInConfig(_) => {
                Shown { message: format!("the plugin `{name}` cannot be used"), label: why.to_string(), help: None }
            }
        }
    }
}

/// A key of a plugin's table in a policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PluginKey {
    /// `file`
    File,
    /// `sha256`
    Sha256,
    /// `config`
    Config,
    /// `columns`
    Columns,
}

impl LoadError {
    /// The key of the policy that is to blame.
    pub fn key(&self) -> PluginKey {
        match self {
            LoadError::NotPinned { .. } | LoadError::OtherPin { .. } => PluginKey::Sha256,
            LoadError::KnownColumn(_) => PluginKey::Columns,
            LoadError::ConfigRefused(_) => PluginKey::Config,
            LoadError::NoFile { .. }
            | LoadError::Unreadable { .. }
            | LoadError::Library(_)
            | LoadError::TooManyReasons
            | LoadError::NoMemory(_)
            | LoadError::Start(_)
            | LoadError::EndedWhileLoaded(_)
            | LoadError::EndedInConfig(_) => PluginKey::File,
        }
    }

    /// The error where a plugin did not make its instance.
    pub(crate) fn no_instance(stopped: Stopped) -> LoadError {
        match stopped {
            Stopped::Refused(refusal) => LoadError::ConfigRefused(refusal.text),
            Stopped::Ended(ended) => LoadError::EndedInConfig(ended),
        }
    }
}

fn looked_in(dirs: &[PathBuf]) -> String {
    let shown: Vec<String> = dirs.iter().map(|dir| Path::display(dir).to_string()).collect();
    if shown.is_empty() { String::new() } else { format!(" in {}", shown.join(" or ")) }
}
