//! The canonical layout of policy and case files: the order of tables and keys, blank lines, columns of comments.
//!
//! 1. `blocks` cuts a file into its tables, with the comments that belong to each.
//! 2. `order` knows where a key stands among its neighbours.
//! 3. `values` writes a value on one line, or on several where it is too long.
//! 4. `comments` and `same` make sure that nothing but the layout has changed.
//! 5. `files` lays out many files, and says which of them change.

mod blocks;
mod comments;
mod files;
mod order;
#[cfg(test)]
mod properties;
mod same;
mod values;

use toml_edit::{DocumentMut, Item};

pub use files::{LaidOut, lay_out};
pub use order::CaseOrder;

use crate::NoLayout;
use order::Contents;

/// A policy or case file in canonical layout. A byte order mark goes, and every line ends as the first one does, since
/// Windows and Git may write ends of lines of their own.
///
/// The keys of a policy file stand in the order of the schema, those of a case file in the order `cases`.
pub fn format(text: &str, cases: &CaseOrder) -> Result<String, NoLayout> {
    lay_out_text(text, |kind| match kind {
        Kind::Policy => Some(Contents::Policy),
        Kind::Cases => Some(Contents::Cases(cases)),
    })
}

/// A policy file in canonical layout, as [`format()`] gives it. A case file is refused.
pub fn format_policy(text: &str) -> Result<String, NoLayout> {
    lay_out_text(text, |kind| match kind {
        Kind::Policy => Some(Contents::Policy),
        Kind::Cases => None,
    })
}

fn lay_out_text<'o>(text: &str, contents: impl Fn(Kind) -> Option<Contents<'o>>) -> Result<String, NoLayout> {
    let ends_in_cr = text.split_once('\n').is_some_and(|(first, _)| first.ends_with('\r'));
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let document = parse(&text)?;
    let contents = kind(&document).and_then(contents).ok_or(NoLayout::NotOurs)?;
    let (head, rest) = comments::split_head(&text);
    let formatted = blocks::Blocks::of(head, &parse(rest)?, contents).to_text();
    let kept = parse(&formatted).is_ok_and(|after| same::same(document.as_item(), after.as_item()))
        && comments::all(&text) == comments::all(&formatted);
    if !kept {
        return Err(NoLayout::Comment);
    }
    Ok(if ends_in_cr { formatted.replace('\n', "\r\n") } else { formatted })
}

fn parse(text: &str) -> Result<DocumentMut, NoLayout> {
    text.parse::<DocumentMut>().map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        NoLayout::NotToml { line: text[..at].matches('\n').count() + 1 }
    })
}

/// A kind of file that has a canonical layout.
enum Kind {
    Policy,
    Cases,
}

/// The kind of a file, by its tables: a case file names its library in one word, a policy file in a table.
fn kind(document: &DocumentMut) -> Option<Kind> {
    let root = document.as_table();
    if root.contains_key("case") || root.get("library").is_some_and(Item::is_str) {
        Some(Kind::Cases)
    } else if root.is_empty() || root.iter().any(|(name, _)| order::is_policy_table(name)) {
        Some(Kind::Policy)
    } else {
        None
    }
}
