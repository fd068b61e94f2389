//! A mistake in a file of another kind than a policy (a case file, a register), shown as `lapse check` shows one in a policy
//! file: the place underlined, what was expected, and what to do.

use std::ops::Range;

use crate::diagnostics::excerpt;
use crate::suggest::nearest;

/// Something in a file that cannot be used, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong, in one sentence.
    pub message: String,
    /// The bytes of the text to underline.
    pub span: Range<usize>,
    /// What is said under the place.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
}

impl Mistake {
    /// With what to say under the place.
    pub fn new(message: impl Into<String>, span: Range<usize>, label: impl Into<String>) -> Mistake {
        Mistake { message: message.into(), span, label: label.into(), help: None }
    }

    /// With what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Mistake {
        self.help = Some(help.into());
        self
    }

    /// With the name that was most likely meant, or all of them.
    #[must_use]
    pub fn nearest<'a>(self, word: &str, names: impl Iterator<Item = &'a str> + Clone) -> Mistake {
        match nearest(word, names.clone()) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self.help(format!("one of {}", names.collect::<Vec<_>>().join(", "))),
        }
    }

    /// As a terminal shows it, in the file at `path` that has this text.
    pub fn show(&self, path: &str, text: &str) -> String {
        let places = [(self.span.clone(), self.label.clone())];
        excerpt(&self.message, path, text, &places, self.help.as_deref())
    }
}
