//! What a plugin says: what it is, and why it cannot do what it was asked to.

use serde::{Deserialize, Serialize};

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
    pub text: String,
    /// The patron whom the refusal is about, by the place in the batch.
    pub patron: Option<u32>,
}

/// Whether a text is in lower case with hyphens, such as `summer-grace`, as the words of the output tables are.
pub(crate) fn is_kebab_case(text: &str) -> bool {
    text.split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}
