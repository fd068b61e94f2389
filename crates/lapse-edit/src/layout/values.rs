//! A value in canonical layout: on one line where it fits, and else as a list with one element on each line. An inline
//! table stays on one line, as TOML 1.0 demands, unless there are comments in it.

use std::fmt::Write as _;

use toml_edit::{Array, InlineTable, Item, RawString, Value};

use crate::layout::comments::{Leading, trailing};
use crate::layout::order::{Contents, rank};

/// No line with more than one element is longer than this.
const WIDTH: usize = 120;
const INDENT: usize = 4;

/// Where a value stands.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub contents: Contents<'a>,
    /// The tables around it.
    pub path: &'a [&'a str],
    /// The number of spaces before its lines.
    pub indent: usize,
    /// The number of characters before it on its line.
    pub column: usize,
}

pub fn raw(text: Option<&RawString>) -> &str {
    text.and_then(RawString::as_str).unwrap_or_default()
}

/// The value in canonical layout.
pub fn write(value: &Value, place: Place<'_>) -> String {
    match value {
        Value::String(text) => text.display_repr().into_owned(),
        Value::Integer(number) => number.display_repr().into_owned(),
        Value::Float(number) => number.display_repr().into_owned(),
        Value::Boolean(truth) => truth.display_repr().into_owned(),
        Value::Datetime(moment) => moment.display_repr().into_owned(),
        Value::Array(array) => elements(array, place).write(("[", "]"), "", place),
        Value::InlineTable(table) => pairs(table, place).write(("{", "}"), " ", place),
    }
}

/// An element of a list, or a key of an inline table with its value.
struct Element<'v> {
    leading: Leading,
    /// Empty in a list.
    key: String,
    path: Vec<&'v str>,
    /// Its place among the others: a pair of numbers for each table that it is in.
    order: Vec<(usize, usize)>,
    value: &'v Value,
    comment: Option<String>,
}

/// An element with what stands before and after it, up to the commas.
struct Part<'v> {
    before: &'v str,
    after: &'v str,
    element: Element<'v>,
}

struct Elements<'v> {
    list: Vec<Element<'v>>,
    /// The comments after the last element.
    tail: Leading,
    /// Whether it goes over several lines only where comments need that.
    one_line: bool,
}

fn elements<'v>(array: &'v Array, place: Place<'v>) -> Elements<'v> {
    let parts = array.iter().enumerate().map(|(index, value)| Part {
        before: raw(value.decor().prefix()),
        after: raw(value.decor().suffix()),
        element: Element { path: place.path.to_vec(), order: vec![(index, 0)], ..Element::of(value) },
    });
    gather(parts.collect(), raw(Some(array.trailing())), false)
}

fn pairs<'v>(table: &'v InlineTable, place: Place<'v>) -> Elements<'v> {
    let mut found = Vec::new();
    collect(
        table,
        &mut Inside { contents: place.contents, path: place.path.to_vec(), dotted: Vec::new(), order: Vec::new() },
        &mut found,
    );
    gather(found, raw(Some(table.trailing())), true)
}

/// Where a key stands in an inline table.
struct Inside<'v> {
    contents: Contents<'v>,
    path: Vec<&'v str>,
    dotted: Vec<String>,
    order: Vec<(usize, usize)>,
}

/// Finds the keys of an inline table as they stand, with those of its dotted tables.
fn collect<'v>(table: &'v InlineTable, inside: &mut Inside<'v>, found: &mut Vec<Part<'v>>) {
    for (index, (name, _)) in table.iter().enumerate() {
        let Some((key, Item::Value(value))) = table.get_key_value(name) else { continue };
        inside.order.push((rank(inside.contents, &inside.path, key.get()), index));
        inside.dotted.push(key.display_repr().into_owned());
        inside.path.push(key.get());
        match value {
            Value::InlineTable(inner) if inner.is_dotted() => collect(inner, inside, found),
            value => found.push(Part {
                before: raw(key.leaf_decor().prefix()),
                after: raw(value.decor().suffix()),
                element: Element {
                    key: inside.dotted.join("."),
                    path: inside.path.clone(),
                    order: inside.order.clone(),
                    ..Element::of(value)
                },
            }),
        }
        inside.path.pop();
        inside.dotted.pop();
        inside.order.pop();
    }
}

/// Puts comments where they belong: a comment behind a comma, on the same line, is about the element before it.
fn gather<'v>(parts: Vec<Part<'v>>, end: &str, one_line: bool) -> Elements<'v> {
    let mut list: Vec<Element<'v>> = Vec::with_capacity(parts.len());
    for Part { before, after, mut element } in parts {
        element.leading = after_comma(before, list.last_mut());
        let before_comma = after_comma(after, Some(&mut element));
        element.leading.append(before_comma);
        list.push(element);
    }
    let tail = after_comma(end, list.last_mut());
    list.sort_by(|one, two| one.order.cmp(&two.order));
    Elements { list, tail, one_line }
}

/// Gives the comment on the same line to the element before, and gives the comments on lines of their own back.
fn after_comma(text: &str, before: Option<&mut Element<'_>>) -> Leading {
    let comment = trailing(text);
    match (comment, before) {
        (Some(comment), Some(element)) if element.comment.is_none() => {
            element.comment = Some(comment);
            Leading::of(text.split_once('\n').map_or("", |(_, rest)| rest)).trimmed()
        }
        _ => Leading::of(text).trimmed(),
    }
}

impl Elements<'_> {
    fn write(&self, (open, close): (&str, &str), pad: &str, place: Place<'_>) -> String {
        if self.list.is_empty() && !self.tail.has_comments() {
            return format!("{open}{close}");
        }
        let commented = self.tail.has_comments()
            || self.list.iter().any(|element| element.leading.has_comments() || element.comment.is_some());
        if !commented {
            let texts: Vec<_> =
                self.list.iter().map(|element| element.write(Place { column: 0, indent: 0, ..place })).collect();
            let line = format!("{open}{pad}{}{pad}{close}", texts.join(", "));
            let fits = place.column + line.chars().count() <= WIDTH && !line.contains('\n');
            if fits || self.one_line {
                return line;
            }
        }
        let indent = place.indent + INDENT;
        let mut text = format!("{open}\n");
        for element in &self.list {
            element.leading.write(indent, &mut text);
            let written = element.write(Place { indent, column: indent, ..place });
            let comment = element.comment.as_ref().map_or(String::new(), |comment| format!("  {comment}"));
            let _ = writeln!(text, "{:indent$}{written},{comment}", "");
        }
        self.tail.write(indent, &mut text);
        let _ = write!(text, "{:1$}{close}", "", place.indent);
        text
    }
}

impl<'v> Element<'v> {
    fn of(value: &'v Value) -> Element<'v> {
        Element {
            leading: Leading::default(),
            key: String::new(),
            path: Vec::new(),
            order: Vec::new(),
            value,
            comment: None,
        }
    }

    fn write(&self, place: Place<'_>) -> String {
        let key = if self.key.is_empty() { String::new() } else { format!("{} = ", self.key) };
        let column = place.column + key.chars().count();
        format!("{key}{}", write(self.value, Place { path: &self.path, column, ..place }))
    }
}
