//! What a plugin says: what it is, and why it cannot do what it was asked to.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::library_error::{LONGEST_WORD, LibraryError, MOST_REASONS};
use crate::said::Said;

/// What a plugin says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The plugin's own name, which may differ from the name that the policy gives it.
    pub name: String,
    /// The plugin's own version.
    pub version: String,
    /// Every reason that the plugin may give.
    pub reasons: Vec<String>,
}

/// A plugin's own answer that it cannot make an instance or judge a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    /// The plugin's sentence, without the full stop.
    pub text: Said,
    /// The patron whom the refusal is about, by the place in the batch.
    pub patron: Option<u32>,
}

impl Description {
    /// Whether each word is what it must be. The host asks this of what a process sent as well: whoever answers there need
    /// not be this crate, as a library can run code while it is loaded.
    pub(crate) fn check(&self) -> Result<(), LibraryError> {
        let Description { name, version, reasons } = self;
        if !is_word(name) {
            return Err(LibraryError::NameNotKebabCase(name.as_str().into()));
        }
        let shown = |letter: char| !letter.is_control();
        if version.len() > LONGEST_WORD || !version.chars().all(shown) {
            return Err(LibraryError::NotText("version".into()));
        }
        if reasons.len() > MOST_REASONS {
            return Err(LibraryError::ReasonsUnreadable);
        }
        let mut known = HashSet::new();
        for reason in reasons {
            if !is_word(reason) {
                return Err(LibraryError::ReasonNotKebabCase(reason.as_str().into()));
            }
            if !known.insert(reason) {
                return Err(LibraryError::ReasonTwice(reason.as_str().into()));
            }
        }
        Ok(())
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= LONGEST_WORD && is_kebab_case(text)
}

/// Whether a text is in lower case with hyphens, such as `summer-grace`, as the words of the output tables are.
pub(crate) fn is_kebab_case(text: &str) -> bool {
    text.split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}
