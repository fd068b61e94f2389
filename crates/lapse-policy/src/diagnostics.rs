//! What a check of the policy files found: errors and warnings, each with its place, what was expected and what to do.
//! `annotate-snippets` lays the text out as rustc does, which many editors and CI systems recognise.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str as plain,
};

use crate::source::{Place, Sources};

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The policy cannot be used.
    Error,
    /// The policy can be used, but something in it has no effect or looks misspelt.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding, as the checks make it: its places are bytes of files, which [`Diagnostics`] turns into lines.
#[derive(Clone, Debug)]
pub(crate) struct Diagnostic {
    pub severity: Severity,
    pub message: String,
    pub place: Place,
    pub label: String,
    pub others: Vec<(Place, String)>,
    pub help: Option<String>,
}

impl Diagnostic {
    pub fn error(message: impl Into<String>, place: Place) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            message: message.into(),
            place,
            label: String::new(),
            others: Vec::new(),
            help: None,
        }
    }

    pub fn warning(message: impl Into<String>, place: Place) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(message, place) }
    }

    /// What to say under the underlined text.
    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    /// A second place that the finding is about.
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Diagnostic {
        self.others.push((place, label.into()));
        self
    }

    /// What the reader can do.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }
}

/// Everything that a check found, by file and place.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    sources: Arc<Sources>,
    list: Vec<Diagnostic>,
}

/// One finding as data, for output that programs read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<'a> {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: &'a str,
    /// Where it is.
    pub location: Location<'a>,
    /// Further places that it is about.
    pub secondary: Vec<Location<'a>>,
    /// What to do about it, where that is known.
    pub help: Option<&'a str>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// The file, relative to the policy directory.
    pub file: &'a str,
    /// The line, from 1; none where the file as a whole is meant.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// What is wrong at this place; empty where the message says it.
    pub label: &'a str,
}

impl Diagnostics {
    pub(crate) fn new(sources: Arc<Sources>, mut list: Vec<Diagnostic>) -> Diagnostics {
        list.sort_by_key(|found| (found.place.file, found.place.span.as_ref().map(|span| span.start), found.severity));
        Diagnostics { sources, list }
    }

    pub(crate) fn add(&mut self, finding: Diagnostic) {
        let list = std::mem::take(&mut self.list);
        *self = Diagnostics::new(Arc::clone(&self.sources), list.into_iter().chain([finding]).collect());
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many warnings there are.
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|found| found.severity == severity).count()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings by file, in path order, and place.
    pub fn iter(&self) -> impl Iterator<Item = Finding<'_>> {
        self.list.iter().map(|found| Finding {
            severity: found.severity,
            message: &found.message,
            location: self.locate(&found.place, &found.label),
            secondary: found.others.iter().map(|(place, label)| self.locate(place, label)).collect(),
            help: found.help.as_deref(),
        })
    }

    fn locate<'a>(&'a self, place: &Place, label: &'a str) -> Location<'a> {
        let file = self.sources.file(place.file);
        let position = place.span.as_ref().map(|span| file.position(span.start));
        Location { file: &file.shown, line: position.map(|at| at.0), column: position.map(|at| at.1), label }
    }

    /// The findings as a terminal shows them, with an empty line between; empty where there are none.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let shown: Vec<String> = self.list.iter().map(|found| laid_out(&renderer, self.group(found))).collect();
        shown.join("\n")
    }

    fn group<'a>(&'a self, found: &'a Diagnostic) -> Group<'a> {
        let level = match found.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(plain(&found.message)));
        // Make one snippet for each file, so that two places of one file are shown together.
        let mut pending: Vec<_> = std::iter::once((&found.place, &found.label, AnnotationKind::Primary))
            .chain(found.others.iter().map(|(place, label)| (place, label, AnnotationKind::Context)))
            .collect();
        while let Some((first, _, _)) = pending.first() {
            let file_id = first.file;
            let file = self.sources.file(file_id);
            let marks: Vec<Mark<'_>> = pending
                .extract_if(.., |(place, _, _)| place.file == file_id)
                .filter_map(|(place, label, kind)| Some((kind, place.span.clone()?, label.as_str())))
                .collect();
            group = if marks.is_empty() {
                group.element(Origin::path(plain(&file.shown)))
            } else {
                group.element(snippet(&file.shown, &file.text, marks))
            };
        }
        with_help(group, found.help.as_deref())
    }
}

/// Lays out and colours an error in another text than a policy file, such as a case file, as the errors of a policy are.
/// Each place comes with what to say under it.
pub fn excerpt(message: &str, path: &str, text: &str, places: &[(Range<usize>, String)], help: Option<&str>) -> String {
    let marks = places.iter().map(|(span, label)| (AnnotationKind::Primary, span.clone(), label.as_str()));
    let group = Level::ERROR.primary_title(plain(message)).element(snippet(path, text, marks));
    laid_out(&Renderer::styled(), with_help(group, help))
}

/// A place in a text and what to say under it.
type Mark<'a> = (AnnotationKind, Range<usize>, &'a str);

fn snippet<'a>(path: &str, text: &'a str, marks: impl IntoIterator<Item = Mark<'a>>) -> Snippet<'a, Annotation<'a>> {
    let annotations = marks.into_iter().map(|(kind, span, label)| match label {
        "" => kind.span(span),
        label => kind.span(span).label(plain(label)),
    });
    Snippet::source(text).path(plain(path)).annotations(annotations)
}

fn with_help<'a>(group: Group<'a>, help: Option<&str>) -> Group<'a> {
    match help {
        Some(help) => group.element(Level::HELP.message(plain(help))),
        None => group,
    }
}

fn laid_out(renderer: &Renderer, group: Group<'_>) -> String {
    format!("{}\n", renderer.render(&[group]))
}
