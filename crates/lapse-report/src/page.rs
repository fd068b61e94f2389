//! The parts that every page is made of, and how they become one self-contained HTML text.

use std::fmt::Display;

use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lapse_policy::{Day, page_shown};
use sha2::{Digest, Sha256};

use crate::chart::Drawing;
use crate::data::Head;
use crate::text::Text;

const STYLE: &str = include_str!("../assets/page.css");
const SCRIPT: &str = include_str!("../assets/page.js");

/// A page: a headline that answers the question, numbers in tiles, sections, and the policies that it was made from.
#[derive(Template)]
#[template(path = "page.html")]
pub(crate) struct Page<'a> {
    pub text: &'a Text,
    pub head: &'a Head,
    pub title: String,
    pub headline: Vec<String>,
    pub tiles: Vec<Tile>,
    pub sections: Vec<Section>,
    /// Whether the page names patrons.
    pub personal: bool,
    /// Words that the page explains, by their keys under `word` and `meaning`.
    pub words: Vec<&'static str>,
}

/// A number that stands out.
pub(crate) struct Tile {
    pub label: String,
    pub value: String,
    pub note: String,
    /// The CSS class of its colour.
    pub class: &'static str,
}

/// A part of a page under a heading.
pub(crate) struct Section {
    /// The name of the anchor that links point to.
    pub id: &'static str,
    pub title: String,
    /// A sentence on what there is to see in it; it may be empty.
    pub lead: String,
    pub parts: Vec<Part>,
}

/// What a section holds.
pub(crate) enum Part {
    Notes(Vec<Note>),
    Figure(Figure),
    Table(Table),
}

/// Something that a person should look at, and the places where it is.
pub(crate) struct Note {
    pub text: String,
    pub items: Vec<String>,
    /// Whether to look at it before anybody acts on the page.
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
    /// The CSS class of the colour.
    pub class: &'static str,
    pub label: String,
}

/// A table. The reader can filter it where it has more than a few rows.
pub(crate) struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// The last row, which has the sums; none where sums would mean nothing.
    pub total: Option<Vec<Cell>>,
}

/// The head of a column.
pub(crate) struct Column {
    pub label: String,
    /// A common head over neighbouring columns with the same text here; empty where there is none.
    pub group: String,
    pub numeric: bool,
}

/// What stands in a field of a table, and what the table is sorted by.
pub(crate) struct Cell {
    pub text: String,
    /// Less important text after it, such as the code after a name.
    pub aside: String,
    /// What a sort compares; where it is empty, the text is compared.
    pub key: String,
    pub numeric: bool,
}

/// A table of more rows is cut, since no browser opens the page.
const MOST_ROWS: usize = 20_000;
/// A note with more places is cut.
const MOST_ITEMS: usize = 1_000;
/// The number of rows that a reader takes in without a filter.
const FEW: usize = 8;
/// The number of places of a note that are shown at once.
const LONG: usize = 12;

impl Note {
    /// Leaves out places that are too many, and says how many.
    fn cut(&mut self, text: &Text) {
        if let Some(more) = self.items.len().checked_sub(MOST_ITEMS).filter(|&more| more > 0) {
            self.items.truncate(MOST_ITEMS);
            self.items.push(text.count("more", more as u64));
        }
    }

    pub fn has_columns(&self) -> bool {
        self.items.len() > 2
    }

    pub fn is_long(&self) -> bool {
        self.items.len() > LONG
    }
}

impl Table {
    /// Leaves out rows that are too many, and says so.
    fn cut(&mut self, text: &Text) -> Option<String> {
        let all = self.rows.len();
        self.rows.truncate(MOST_ROWS);
        let [shown, whole] = [self.rows.len(), all].map(|rows| text.number(rows as u64));
        (all > MOST_ROWS).then(|| text.fill("table.cut", &[("shown", &shown), ("all", &whole)]))
    }

    pub fn can_be_filtered(&self) -> bool {
        self.rows.len() > FEW
    }

    pub fn has_groups(&self) -> bool {
        self.columns.iter().any(|column| !column.group.is_empty())
    }

    /// The heads that stand over several columns, each with the number of its columns.
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

    /// A day in the form of the tables, where the order of the texts is the order of the days.
    pub fn day(day: Option<Day>) -> Cell {
        Cell::text(day.map(|day| day.to_string()).unwrap_or_default())
    }

    fn sorted(text: String, key: impl Display) -> Cell {
        Cell { text, aside: String::new(), key: key.to_string(), numeric: true }
    }
}

/// The label with a capital, because it begins a heading.
fn capitalised(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl Page<'_> {
    /// The page as HTML, as far as a browser can show it.
    pub fn into_html(mut self) -> String {
        let text = self.text;
        for section in &mut self.sections {
            for part in &mut section.parts {
                match part {
                    Part::Notes(notes) => notes.iter_mut().for_each(|note| note.cut(text)),
                    Part::Figure(Figure { table, .. }) | Part::Table(table) => {
                        let cut = table.cut(text);
                        section.lead.extend(cut.iter().flat_map(|cut| [" ", cut]));
                    }
                }
            }
        }
        let page = self.render().expect("writing to a string does not fail");
        // Ids and codes of others stand in it, and nothing in a page is a command to a terminal.
        page_shown(&page.replace('\u{1b}', "\\u001b")).into_owned()
    }

    /// The browser may fetch nothing, and may run nothing but the style and script of the page itself, so that a name in the
    /// data can never become code.
    fn content_security_policy() -> String {
        let hash = |content: &str| BASE64_STANDARD.encode(Sha256::digest(content));
        format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn a_page_of_every_patron_was_too_large_to_open() {
        let text = Text::of(Language::En);
        let row = |number: u64| vec![Cell::number(number, &text)];
        let table = |rows: u64| Table {
            caption: String::new(),
            columns: Vec::new(),
            rows: (0..rows).map(row).collect(),
            total: None,
        };
        let mut large = table(20_001);
        let cut = large.cut(&text).unwrap();
        assert!(cut.starts_with("Here are the first 20,000 of 20,001 rows"), "{cut}");
        assert_eq!(large.rows.len(), 20_000);
        assert_eq!(table(20_000).cut(&text), None);
        let mut note = Note { text: String::new(), items: vec!["x".to_owned(); 1_200], urgent: false };
        note.cut(&text);
        assert_eq!((note.items.len(), note.items.last().map(String::as_str)), (1_001, Some("200 more")));
    }
}
