//! A file is a list of blocks: a header with the comments before it and the keys below it. Cutting the file decides which
//! comment belongs to what; writing the blocks in order is the layout.

use std::fmt::Write as _;

use toml_edit::{DocumentMut, Item, Key, Table};

use crate::layout::comments::{Leading, trailing};
use crate::layout::order::{Contents, rank};
use crate::layout::same::by_date;
use crate::layout::values::{self, Place, raw};

/// The column, from 0, of the comment at the end of a line that is short enough.
const COMMENT_COLUMN: usize = 37;

/// A file.
pub struct Blocks {
    /// The comments at the beginning that a blank line separates from the first table.
    head: Leading,
    /// In canonical order.
    list: Vec<Block>,
    /// The comments at the end that a blank line separates from the last table.
    end: Leading,
}

#[derive(Default)]
struct Block {
    /// Its place in the file as it was written.
    position: Option<isize>,
    leading: Leading,
    /// `None` for the keys above the first header.
    header: Option<String>,
    comment: Option<String>,
    entries: Vec<Entry>,
    /// The comments directly below its last key.
    tail: Leading,
}

struct Entry {
    leading: Leading,
    /// `key = value`
    text: String,
    comment: Option<String>,
}

impl Blocks {
    /// Cuts a file into blocks. The comments in `head` are no longer in the document.
    pub fn of(head: Leading, document: &DocumentMut, contents: Contents<'_>) -> Blocks {
        let root = document.as_table();
        let mut top = Block { position: Some(isize::MIN), ..Block::default() };
        entries(root, &mut Where::top(contents), &mut top.entries);
        let mut blocks = Vec::new();
        if !top.entries.is_empty() {
            blocks.push(top);
        }
        inner(root, &mut Where::top(contents), &mut blocks);

        // The end of the file separates comments from what follows, as a blank line does.
        let mut end = Leading::of(&format!("{}\n\n", raw(Some(document.trailing()))));
        let mut written: Vec<usize> = (0..blocks.len()).collect();
        written.sort_by_key(|&index| blocks[index].position);
        // Comments directly below a key belong to the table of that key, not to the next one.
        for pair in written.windows(2) {
            blocks[pair[0]].tail = blocks[pair[1]].leading.take_tail();
        }
        if let Some(&last) = written.last() {
            blocks[last].tail = end.take_tail();
        }
        Blocks { head, list: blocks, end: end.trimmed() }
    }

    /// The file in canonical layout.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.head.write(0, &mut text);
        for block in &self.list {
            if !text.is_empty() {
                text.push('\n');
            }
            block.write(&mut text);
        }
        if self.end.has_comments() {
            if !text.is_empty() {
                text.push('\n');
            }
            self.end.write(0, &mut text);
        }
        text
    }
}

impl Block {
    fn write(&self, text: &mut String) {
        let mut leading = self.leading.clone();
        leading.trim_start();
        leading.write(0, text);
        if let Some(header) = &self.header {
            line(header, self.comment.as_deref(), text);
        }
        for (index, entry) in self.entries.iter().enumerate() {
            let mut leading = entry.leading.clone();
            if index == 0 {
                leading.trim_start();
            }
            leading.write(0, text);
            line(&entry.text, entry.comment.as_deref(), text);
        }
        self.tail.write(0, text);
    }
}

/// Adds a line, with its comment in the column of comments, or after two spaces where the line is too long for that.
fn line(content: &str, comment: Option<&str>, text: &mut String) {
    text.push_str(content);
    if let Some(comment) = comment {
        let width = content.rsplit('\n').next().map_or(0, |last| last.chars().count());
        let pad = COMMENT_COLUMN.saturating_sub(width).max(2);
        let _ = write!(text, "{:pad$}{comment}", "");
    }
    text.push('\n');
}

/// Where the table stands that is being cut: its path as keys name it, and as headers write it.
struct Where<'a> {
    contents: Contents<'a>,
    path: Vec<&'a str>,
    written: Vec<String>,
}

impl<'a> Where<'a> {
    fn top(contents: Contents<'a>) -> Where<'a> {
        Where { contents, path: Vec::new(), written: Vec::new() }
    }

    fn enter(&mut self, key: &'a Key) {
        self.path.push(key.get());
        self.written.push(key.display_repr().into_owned());
    }

    fn leave(&mut self) {
        self.path.pop();
        self.written.pop();
    }

    /// The keys of a table in order.
    fn sorted(&self, table: &'a Table) -> Vec<(&'a Key, &'a Item)> {
        let mut keys: Vec<_> = table.iter().filter_map(|(name, _)| table.get_key_value(name)).collect();
        keys.sort_by_key(|(key, _)| rank(self.contents, &self.path, key.get()));
        keys
    }
}

/// Finds the keys below a header, with those of dotted tables.
fn entries<'a>(table: &'a Table, at: &mut Where<'a>, found: &mut Vec<Entry>) {
    let depth = at.written.len();
    dotted(table, at, depth, found);
}

fn dotted<'a>(table: &'a Table, at: &mut Where<'a>, depth: usize, found: &mut Vec<Entry>) {
    for (key, item) in at.sorted(table) {
        at.enter(key);
        match item {
            Item::Value(value) => {
                let name = at.written[depth..].join(".");
                let column = name.chars().count() + 3;
                let place = Place { contents: at.contents, path: &at.path, indent: 0, column };
                found.push(Entry {
                    leading: Leading::of(raw(key.leaf_decor().prefix())),
                    text: format!("{name} = {}", values::write(value, place)),
                    comment: trailing(raw(value.decor().suffix())),
                });
            }
            Item::Table(inner) if inner.is_dotted() => dotted(inner, at, depth, found),
            Item::None | Item::Table(_) | Item::ArrayOfTables(_) => {}
        }
        at.leave();
    }
}

/// Finds the tables with headers of their own, in order.
fn inner<'a>(table: &'a Table, at: &mut Where<'a>, blocks: &mut Vec<Block>) {
    for (key, item) in at.sorted(table) {
        at.enter(key);
        match item {
            Item::Table(inner_table) => {
                if !inner_table.is_implicit() && !inner_table.is_dotted() {
                    let header = format!("[{}]", at.written.join("."));
                    blocks.push(block(inner_table, header, at));
                }
                inner(inner_table, at, blocks);
            }
            Item::ArrayOfTables(tables) => {
                let tables = if at.path == ["amendment"] { by_date(tables) } else { tables.iter().collect() };
                for element in tables {
                    let header = format!("[[{}]]", at.written.join("."));
                    blocks.push(block(element, header, at));
                    inner(element, at, blocks);
                }
            }
            Item::None | Item::Value(_) => {}
        }
        at.leave();
    }
}

fn block<'a>(table: &'a Table, header: String, at: &mut Where<'a>) -> Block {
    let mut block = Block {
        position: table.position(),
        leading: Leading::of(raw(table.decor().prefix())),
        header: Some(header),
        comment: trailing(raw(table.decor().suffix())),
        ..Block::default()
    };
    entries(table, at, &mut block.entries);
    block
}
