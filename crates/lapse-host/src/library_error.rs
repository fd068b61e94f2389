//! Why a library cannot be used as a plugin. The sentence of each error stands here.

use lapse_plugin::abi;
use serde::{Deserialize, Serialize};

use crate::said::Said;

/// Why a library cannot be used as a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LibraryError {
    /// The system cannot load the file. What it says.
    #[error("the file is not a shared library for this machine ({0}); have the plugin built for it")]
    NotALibrary(Said),
    /// The library does not export the entry of a plugin.
    #[error("the library does not export `{}`, so it is not a plugin for lapse; check `file`", abi::ENTRY)]
    NoEntry,
    /// The entry gives a null pointer.
    #[error("its entry describes nothing; ask its author for a working version")]
    NoDescription,
    /// The plugin was built for a version of the interface that this host does not know yet.
    #[error(
        "it was built for version {0} of the plugin interface, and this lapse knows version {known} at most; use a newer \
         lapse, or have the plugin built for version {known}",
        known = abi::VERSION
    )]
    Newer(u32),
    /// The description does not have the form of any version of the interface.
    #[error(
        "it describes itself with version {version} and {size} bytes, which is no version of the plugin interface (version \
         {} has {} bytes); have it built anew with the SDK or header of this lapse",
        abi::VERSION,
        abi::size::<abi::Plugin>()
    )]
    UnknownVersion {
        /// The version that the description gives.
        version: u32,
        /// The size in bytes that the description gives.
        size: u32,
    },
    /// The library has the system load further ones from places that it names itself. Which place.
    #[error(
        "it has the system load another library from `{0}`, which its pin does not cover; have it built without that"
    )]
    LinksByPath(Said),
    /// One of the functions is a null pointer.
    #[error("it leaves out one of the functions create, decide and destroy; have it completed")]
    FunctionMissing,
    /// The list of reasons is a null pointer, or too long.
    #[error("its list of reasons cannot be read; a plugin has at most {MOST_REASONS}")]
    ReasonsUnreadable,
    /// A text of the description cannot be read. Which: the name, the version, or a reason by its number from 1.
    #[error("its {0} is not a text in UTF-8 that can be shown, of {LONGEST_WORD} bytes at most; have it corrected")]
    NotText(Said),
    /// The name is not kebab-case.
    #[error("its name `{0}` is not in lower case with hyphens, such as summer-grace, of {LONGEST_WORD} bytes at most")]
    NameNotKebabCase(Said),
    /// A reason is not kebab-case.
    #[error(
        "its reason `{0}` is not in lower case with hyphens, such as summer-grace, of {LONGEST_WORD} bytes at most"
    )]
    ReasonNotKebabCase(Said),
    /// A reason is declared twice.
    #[error("it declares the reason `{0}` twice; have it corrected")]
    ReasonTwice(Said),
}

/// A name, a version or a reason has at most this many bytes.
pub(crate) const LONGEST_WORD: usize = 200;

/// A plugin may declare at most this many reasons, as a verdict gives a reason by a number of two bytes.
pub(crate) const MOST_REASONS: usize = u16::MAX as usize;
