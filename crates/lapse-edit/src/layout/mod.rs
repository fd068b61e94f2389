//! The canonical layout of policy and case files: the order of tables and keys, blank lines, columns of comments.
//!
//! 1. `blocks` cuts a file into its tables with the comments that belong to each.
//! 2. `order` knows where a key stands among its neighbours.
//! 3. `values` writes a value on one line, or on several where it is too long.
//! 4. `comments` and `same` make sure that nothing but the layout has changed.

mod blocks;
mod comments;
mod order;
#[cfg(test)]
mod properties;
mod same;
mod values;

use toml_edit::{DocumentMut, Item};

pub use order::Contents;

/// A text that has no canonical layout.
#[derive(Debug, PartialEq, Eq)]
pub enum NoLayout {
    /// It is not TOML, on this line.
    NotToml {
        /// The line, from 1.
        line: usize,
    },
    /// It is TOML, but neither a policy file nor a case file.
    NotOurs,
    /// A comment stands where it would be lost.
    Comment,
}

/// The text in canonical layout. A byte order mark goes, and lines end with a line feed.
pub fn format(text: &str) -> Result<String, NoLayout> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let document = parse(&text)?;
    let contents = contents(&document).ok_or(NoLayout::NotOurs)?;
    let (head, rest) = comments::split_head(&text);
    let formatted = blocks::Blocks::of(head, &parse(rest)?, contents).to_text();
    let kept = parse(&formatted).is_ok_and(|after| same::same(document.as_item(), after.as_item()))
        && comments::all(&text) == comments::all(&formatted);
    if kept { Ok(formatted) } else { Err(NoLayout::Comment) }
}

fn parse(text: &str) -> Result<DocumentMut, NoLayout> {
    text.parse::<DocumentMut>().map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        NoLayout::NotToml { line: text[..at].matches('\n').count() + 1 }
    })
}

/// What a file holds, by its tables: a case file names its library in one word, a policy file in a table.
fn contents(document: &DocumentMut) -> Option<Contents> {
    let root = document.as_table();
    if root.contains_key("case") || root.get("library").is_some_and(Item::is_str) {
        Some(Contents::Cases)
    } else if root.is_empty() || root.iter().any(|(name, _)| order::is_policy_table(name)) {
        Some(Contents::Policy)
    } else {
        None
    }
}
