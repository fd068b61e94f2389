//! From text to TOML tables that know their places. A syntax error is one finding among the others: whatever can still be
//! read is read, so that one misprint does not hide the errors after it.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Place, SourceFile};
use crate::suggest::nearest;

/// What TOML makes of a file.
pub(crate) struct Parsed<'a> {
    pub root: DeTable<'a>,
    pub findings: Vec<Diagnostic>,
    /// Lines, from 1, whose syntax is broken. What was read there may be other than what its writer meant, so that further
    /// findings about it would mislead.
    pub broken: Vec<RangeInclusive<usize>>,
}

/// Parses a file and goes on past what is not TOML.
pub(crate) fn parse(id: FileId, file: &SourceFile) -> Parsed<'_> {
    let (root, errors) = DeTable::parse_recoverable(&file.text);
    let mut parsed = Parsed { root: root.into_inner(), findings: Vec::new(), broken: Vec::new() };
    for error in errors {
        let span = underlined(&file.text, error.span().unwrap_or_default());
        let line = file.line(span.start);
        // The parser may report one misprint several times; the first report is the one that helps.
        if parsed.broken.iter().any(|broken| *broken.start() == line) {
            continue;
        }
        let last = if error.message().starts_with("unclosed") { line_before_header(&file.text, line) } else { line };
        parsed.broken.push(line..=last);
        let place = Place { file: id, span: Some(span.clone()) };
        parsed.findings.push(match error.message() {
            "duplicate key" => {
                let name = file.text[span.clone()].trim();
                let finding = Diagnostic::error(format!("`{name}` stands here twice"), place)
                    .label("the second time")
                    .help("keep one of the two");
                match first_time(&parsed.root, &file.text, &span) {
                    Some(span) => finding.also(Place { file: id, span: Some(span) }, "the first time"),
                    None => finding,
                }
            }
            message => Diagnostic::error("this is not valid TOML", place)
                .label(in_plain_words(message, file.text[span].trim())),
        });
    }
    parsed
}

/// The entries of a table in the order of the file.
pub(crate) fn entries<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Says a message of the parser to people who do not know its grammar. `found` is the text that it points at.
fn in_plain_words<'m>(message: &'m str, found: &str) -> &'m str {
    match message {
        "string values must be quoted, expected literal string" if found.is_empty() => "expected a value",
        "string values must be quoted, expected literal string" if found.starts_with(['“', '”', '„', '‘', '’']) => {
            "expected straight quotes: \""
        }
        "string values must be quoted, expected literal string" => "expected a value: a text stands in quotes",
        "key with no value, expected `=`" => "expected `=` and a value",
        "unexpected key or value, expected newline, `#`" => "expected the end of the line",
        "unexpected leading zero, expected nothing" => "a number does not begin with 0",
        "missing comma between array elements, expected `,`" => "expected a comma before this",
        message if message.starts_with("invalid boolean") && is_a_truth(found) => {
            "expected `true` or `false`, in small letters"
        }
        // The parser takes any word that begins like `true`, `nan` or `inf` for a misspelt one.
        message if message.starts_with("invalid boolean") || message.starts_with("invalid float, expected") => {
            "expected a value: a text stands in quotes"
        }
        message if message.starts_with("invalid basic string, expected `\"`") => "the text has no closing quote",
        message if message.starts_with("invalid literal string, expected `'`") => "the text has no closing quote",
        message => message,
    }
}

/// Whether a word is `true` or `false`, perhaps misspelt.
fn is_a_truth(found: &str) -> bool {
    nearest(found, ["true", "false"].into_iter()).is_some()
}

/// The last line before the next header. A table, list or text that is not closed takes in the lines up to there.
fn line_before_header(text: &str, line: usize) -> usize {
    let following = text.lines().skip(line);
    line + following.take_while(|following| !following.trim_start().starts_with('[')).count()
}

/// Widens an empty span to the character that begins there, so that there is something to underline. At the end of a line
/// or of the file it stays empty.
fn underlined(text: &str, span: Range<usize>) -> Range<usize> {
    if span.start < span.end {
        return span;
    }
    match text[span.start..].chars().next() {
        Some(next) if next != '\n' && next != '\r' => span.start..span.start + next.len_utf8(),
        _ => span,
    }
}

/// Where the key that `second` repeats stood first. None where that cannot be told from what the parser kept.
fn first_time(root: &DeTable<'_>, text: &str, second: &Range<usize>) -> Option<Range<usize>> {
    let line_start = text[..second.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    if line.trim_start().starts_with('[') {
        let header = line.split('#').next().unwrap_or_default().trim();
        let mut start = 0;
        for earlier in text[..line_start].split_inclusive('\n') {
            if earlier.split('#').next().unwrap_or_default().trim() == header {
                let indent = earlier.len() - earlier.trim_start().len();
                return Some(start + indent..start + indent + header.len());
            }
            start += earlier.len();
        }
        return None;
    }
    let mut nearest = (0, root);
    innermost(root, text, second.start, &mut nearest);
    let name = &text[second.clone()];
    let (first, _) = nearest.1.get_key_value(name)?;
    (first.span().start < second.start).then(|| first.span())
}

/// Finds the table in which a byte stands: of those that begin before it and do not end before it, the one that begins
/// last.
fn innermost<'t, 'i>(table: &'t DeTable<'i>, text: &str, at: usize, nearest: &mut (usize, &'t DeTable<'i>)) {
    for value in table.values() {
        consider(value, text, at, nearest);
    }
}

fn consider<'t, 'i>(value: &'t Spanned<DeValue<'i>>, text: &str, at: usize, nearest: &mut (usize, &'t DeTable<'i>)) {
    match value.get_ref() {
        DeValue::Table(table) => {
            let span = value.span();
            // The span of a table with a header is the header alone, though its keys go on until the next header.
            let inline = text[span.start..].starts_with('{');
            let holds = if inline { span.contains(&at) } else { span.start < at };
            if holds && span.start >= nearest.0 {
                *nearest = (span.start, table);
            }
            innermost(table, text, at, nearest);
        }
        DeValue::Array(array) => {
            for element in array {
                consider(element, text, at, nearest);
            }
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}
