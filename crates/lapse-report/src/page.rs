//! The parts that every page is made of, and their way into one self-contained HTML text.

use std::fmt::Display;

use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lapse_policy::Day;
use sha2::{Digest, Sha256};

use crate::chart::Drawing;
use crate::data::Head;
use crate::text::Text;

const STYLE: &str = include_str!("../assets/page.css");
const SCRIPT: &str = include_str!("../assets/page.js");

/// A page: a headline that answers the question, numbers in tiles, sections, and what it was made of.
#[derive(Template)]
#[template(path = "page.html")]
pub(crate) struct Page<'a> {
    pub text: &'a Text,
    pub head: &'a Head,
    pub title: String,
    pub headline: Vec<String>,
    pub tiles: Vec<Tile>,
    pub sections: Vec<Section>,
    /// The page names patrons.
    pub personal: bool,
    /// Words that the page explains, by their keys under `word` and `meaning`.
    pub words: &'static [&'static str],
}

/// A number that stands out.
pub(crate) struct Tile {
    pub label: String,
    pub value: String,
    pub note: String,
    /// The class of its colour.
    pub class: &'static str,
}

/// A part of a page under a heading.
pub(crate) struct Section {
    /// The anchor.
    pub id: &'static str,
    pub title: String,
    /// What to see in it, in a sentence; may be empty.
    pub lead: String,
    pub parts: Vec<Part>,
}

/// What a section holds.
pub(crate) enum Part {
    Notes(Vec<Note>),
    Figure(Figure),
    Table(Table),
}

/// Something to look at, and the places.
pub(crate) struct Note {
    pub text: String,
    pub items: Vec<String>,
    /// Before anybody acts on the page.
    pub urgent: bool,
}

/// A picture with the table of its numbers behind it.
pub(crate) struct Figure {
    pub title: String,
    pub legend: Vec<Legend>,
    pub drawing: Drawing,
    pub table: Table,
}

/// What a colour stands for.
pub(crate) struct Legend {
    /// The class of the colour.
    pub class: &'static str,
    pub label: String,
}

/// A table; with more than a few rows it can be filtered.
pub(crate) struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// The sums, under the first column's label.
    pub total: Option<Vec<Cell>>,
}

/// The head of a column.
pub(crate) struct Column {
    pub label: String,
    /// Several columns in a row may stand under a common head; may be empty.
    pub group: String,
    pub numeric: bool,
}

/// What stands in a table, and what it is sorted by.
pub(crate) struct Cell {
    pub text: String,
    /// Less telling text after it.
    pub aside: String,
    /// Empty: sorted by the text.
    pub key: String,
    pub numeric: bool,
}

/// So many rows can be overlooked without a filter.
const FEW: usize = 8;
/// So many places of a note are shown at once.
const LONG: usize = 12;

impl Note {
    pub fn has_columns(&self) -> bool {
        self.items.len() > 2
    }

    pub fn is_long(&self) -> bool {
        self.items.len() > LONG
    }
}

impl Table {
    pub fn can_be_filtered(&self) -> bool {
        self.rows.len() > FEW
    }

    pub fn has_groups(&self) -> bool {
        self.columns.iter().any(|column| !column.group.is_empty())
    }

    /// The heads over several columns, each with how many.
    pub fn groups(&self) -> Vec<(&str, usize)> {
        self.columns.chunk_by(|one, next| one.group == next.group).map(|run| (&*run[0].group, run.len())).collect()
    }
}

impl Column {
    pub fn text(label: &str) -> Column {
        Column { label: capitalised(label), group: String::new(), numeric: false }
    }

    pub fn number(label: &str) -> Column {
        Column { label: capitalised(label), group: String::new(), numeric: true }
    }

    pub fn under(mut self, group: &str) -> Column {
        self.group = capitalised(group);
        self
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), aside: String::new(), key: String::new(), numeric: false }
    }

    pub fn with_aside(text: &str, aside: &str) -> Cell {
        Cell { aside: aside.to_owned(), ..Cell::text(text) }
    }

    pub fn number(number: u64, text: &Text) -> Cell {
        Cell::sorted(text.number(number), number)
    }

    pub fn percent(part: u64, whole: u64, text: &Text) -> Cell {
        let millionths = u128::from(part) * 1_000_000 / u128::from(whole.max(1));
        Cell::sorted(text.percent(part, whole), millionths)
    }

    pub fn difference(before: u64, after: u64, text: &Text) -> Cell {
        Cell::sorted(text.difference(before, after), i128::from(after) - i128::from(before))
    }

    /// A day as it stands in the tables, which sorts as it reads.
    pub fn day(day: Option<Day>) -> Cell {
        Cell::text(day.map(|day| day.to_string()).unwrap_or_default())
    }

    fn sorted(text: String, key: impl Display) -> Cell {
        Cell { text, aside: String::new(), key: key.to_string(), numeric: true }
    }
}

/// With a capital, as a heading begins.
fn capitalised(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl Page<'_> {
    /// The page as HTML.
    pub fn to_html(&self) -> String {
        self.render().expect("writing to a string does not fail")
    }

    /// Nothing is fetched, and nothing runs but what the page itself brings, whoever may have a hand in its texts.
    fn content_security_policy() -> String {
        let hash = |content: &str| BASE64_STANDARD.encode(Sha256::digest(content));
        format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        )
    }
}
