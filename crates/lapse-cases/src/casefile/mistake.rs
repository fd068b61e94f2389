//! A mistake in a case file, shown as `lapse check` shows one in a policy file: the place underlined, what was expected, and
//! what to do.

use std::ops::Range;

/// The text of a case file and the path that people know it by.
pub struct CaseText {
    /// As it was given or found.
    pub path: String,
    /// Without a byte order mark.
    pub text: String,
}

/// Something that cannot be used, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where.
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

    /// With the name that was most likely meant.
    #[must_use]
    pub fn nearest<'a>(self, word: &str, names: impl Iterator<Item = &'a str> + Clone) -> Mistake {
        match lapse_policy::nearest(word, names.clone()) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self.help(format!("one of {}", names.collect::<Vec<_>>().join(", "))),
        }
    }
}

impl CaseText {
    /// A text and where it came from.
    pub fn new(path: String, text: String) -> CaseText {
        CaseText { path, text }
    }

    /// The line on which a byte stands, from 1.
    pub fn line(&self, offset: usize) -> usize {
        1 + self.text[..offset].matches('\n').count()
    }

    /// A mistake as a terminal shows it.
    pub fn show(&self, mistake: &Mistake) -> String {
        let places = [(mistake.span.clone(), mistake.label.clone())];
        self.annotated(&mistake.message, &places, mistake.help.as_deref())
    }

    /// A finding at one or more places.
    pub fn annotated(&self, title: &str, places: &[(Range<usize>, String)], help: Option<&str>) -> String {
        lapse_policy::excerpt(title, &self.path, &self.text, places, help)
    }
}
