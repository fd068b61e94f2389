//! The text of a case file, in which mistakes and findings are shown.

use std::ops::Range;

use lapse_policy::Mistake;

/// The text of a case file and the path that people know it by.
pub struct CaseText {
    /// As it was given or found.
    pub path: String,
    /// Without a byte order mark.
    pub text: String,
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
        mistake.show(&self.path, &self.text)
    }

    /// A finding at one or more places.
    pub fn annotated(&self, title: &str, places: &[(Range<usize>, String)], help: Option<&str>) -> String {
        lapse_policy::excerpt(title, &self.path, &self.text, places, help)
    }
}
