//! JSON as records: the paths to the values of an object, and what stands at them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use lapse_tables::source::Field;
use serde::Deserialize;
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Of a file with more paths than these, as one with ids for keys has, the others are not looked at.
const MOST_PATHS: usize = 10_000;

/// The paths that are wanted, as a tree: `a.b` is `b` below `a`, or the key `a.b` itself.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    /// The places among the fields of a record that get what stands here.
    slots: Vec<usize>,
    below: Vec<(String, Paths)>,
}

/// Why a record cannot be read.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It is not JSON, in the words of the parser.
    NotJson(String),
    /// It is JSON and no object.
    NotAnObject,
    /// An object where a text should be, by its key.
    Object(String),
}

impl Paths {
    /// Wants what stands at `path` in a field.
    pub fn want(&mut self, path: &str, slot: usize) {
        self.child(path).slots.push(slot);
        if let Some((first, rest)) = path.split_once('.') {
            self.child(first).want(rest, slot);
        }
    }

    fn child(&mut self, key: &str) -> &mut Paths {
        let at = self.below.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
            self.below.push((key.to_owned(), Paths::default()));
            self.below.len() - 1
        });
        &mut self.below[at].1
    }

    /// Reads the values of an object into the fields that want them, which were emptied.
    pub fn read<'a>(&self, record: &'a [u8], fields: &mut [Field<'a>]) -> Result<(), Trouble> {
        let raw: &RawValue = serde_json::from_slice(record).map_err(|error| not_json(&error))?;
        if !raw.get().starts_with('{') {
            return Err(Trouble::NotAnObject);
        }
        self.object(raw, fields)
    }

    fn object<'a>(&self, raw: &'a RawValue, fields: &mut [Field<'a>]) -> Result<(), Trouble> {
        for (key, value) in entries(raw)? {
            if let Some((_, wanted)) = self.below.iter().find(|(name, _)| *name == key) {
                wanted.value(&key, value, fields)?;
            }
        }
        Ok(())
    }

    /// What stands at a key: a text, number or boolean, a list of them, or what is below it.
    fn value<'a>(&self, key: &str, raw: &'a RawValue, fields: &mut [Field<'a>]) -> Result<(), Trouble> {
        match raw.get().as_bytes().first() {
            Some(b'{') if !self.below.is_empty() => self.object(raw, fields),
            Some(b'{') => Err(Trouble::Object(key.to_owned())),
            Some(b'[') => {
                let list: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|error| not_json(&error))?;
                list.into_iter().try_for_each(|element| self.value(key, element, fields))
            }
            _ => {
                let text = text(raw)?;
                for &slot in self.slots.iter().filter(|_| !text.is_empty()) {
                    put(&mut fields[slot], text.clone());
                }
                Ok(())
            }
        }
    }
}

/// Puts a text into a field; the texts of a list are parted as the kinds of blocks are.
fn put<'a>(field: &mut Field<'a>, text: Cow<'a, str>) {
    let there = std::mem::replace(field, Field::EMPTY).into_text();
    *field = Field::Text(if there.is_empty() { text } else { Cow::Owned(format!("{there}|{text}")) });
}

/// Adds the paths to all values of an object.
pub(crate) fn add_paths(record: &[u8], paths: &mut BTreeSet<String>) -> Result<(), Trouble> {
    let raw: &RawValue = serde_json::from_slice(record).map_err(|error| not_json(&error))?;
    if !raw.get().starts_with('{') {
        return Err(Trouble::NotAnObject);
    }
    paths_below("", raw, paths)
}

fn paths_below(before: &str, raw: &RawValue, paths: &mut BTreeSet<String>) -> Result<(), Trouble> {
    match raw.get().as_bytes().first() {
        Some(b'{') => entries(raw)?.into_iter().try_for_each(|(key, value)| {
            let path = if before.is_empty() { key } else { Cow::Owned(format!("{before}.{key}")) };
            paths_below(&path, value, paths)
        }),
        Some(b'[') => {
            let list: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|error| not_json(&error))?;
            list.into_iter().try_for_each(|element| paths_below(before, element, paths))
        }
        _ => {
            if paths.len() < MOST_PATHS && !paths.contains(before) {
                paths.insert(before.to_owned());
            }
            Ok(())
        }
    }
}

fn not_json(error: &serde_json::Error) -> Trouble {
    Trouble::NotJson(error.to_string().split(" at line ").next().unwrap_or_default().to_owned())
}

/// A text, number or boolean as it is written; null is empty.
fn text(raw: &RawValue) -> Result<Cow<'_, str>, Trouble> {
    let value = raw.get();
    Ok(match value.as_bytes().first() {
        Some(b'"') if !value.contains('\\') => Cow::Borrowed(&value[1..value.len() - 1]),
        Some(b'"') => Cow::Owned(serde_json::from_str(value).map_err(|error| not_json(&error))?),
        Some(b'n') => Cow::Borrowed(""),
        _ => Cow::Borrowed(value),
    })
}

/// A key, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The keys and values of an object, in their order.
fn entries(raw: &RawValue) -> Result<Vec<(Cow<'_, str>, &RawValue)>, Trouble> {
    serde_json::Deserializer::from_str(raw.get()).deserialize_map(Entries).map_err(|error| not_json(&error))
}

struct Entries;

impl<'a> Visitor<'a> for Entries {
    type Value = Vec<(Cow<'a, str>, &'a RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut entries = Vec::new();
        while let Some((Key(key), value)) = map.next_entry::<Key<'a>, &'a RawValue>()? {
            entries.push((key, value));
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(paths: &[&str], json: &str) -> Result<Vec<String>, Trouble> {
        let mut tree = Paths::default();
        for (slot, path) in paths.iter().enumerate() {
            tree.want(path, slot);
        }
        let mut fields = vec![Field::EMPTY; paths.len()];
        tree.read(json.as_bytes(), &mut fields)?;
        Ok(fields.into_iter().map(|field| field.into_text().into_owned()).collect())
    }

    #[test]
    fn paths_reach_inward() {
        let json =
            r#"{"id": "a\"b", "n": 007e0, "balance": {"owed": 12.50, "open": true}, "x.y": "dots", "none": null}"#;
        let json = json.replace("007e0", "12345678901234567890123");
        let paths = ["id", "n", "balance.owed", "balance.open", "x.y", "none", "balance.nothing"];
        assert_eq!(read(&paths, &json).unwrap(), ["a\"b", "12345678901234567890123", "12.50", "true", "dots", "", ""]);
    }

    #[test]
    fn the_texts_of_a_list_are_parted_as_kinds_of_blocks() {
        let json = r#"{"blocks": ["general", "internet"], "notes": [{"type": "a"}, {"type": "b"}], "none": []}"#;
        assert_eq!(read(&["blocks", "notes.type", "none"], json).unwrap(), ["general|internet", "a|b", ""]);
    }

    #[test]
    fn what_is_no_record_is_told() {
        assert!(matches!(read(&["a"], "{\"a\": {\"b\": 1}}"), Err(Trouble::Object(key)) if key == "a"));
        assert!(matches!(read(&["a"], "[1]"), Err(Trouble::NotAnObject)));
        assert!(matches!(read(&["a"], "{\"a\" 1}"), Err(Trouble::NotJson(_))));
        assert!(matches!(read(&["a"], "{\"a\": \"\\ud800\"}"), Err(Trouble::NotJson(_))));
    }

    #[test]
    fn the_paths_of_an_object_are_those_of_its_values() {
        let mut paths = BTreeSet::new();
        add_paths(br#"{"a": 1, "b": {"c": null, "d": [{"e": 1}]}, "f": []}"#, &mut paths).unwrap();
        assert_eq!(paths.into_iter().collect::<Vec<_>>(), ["a", "b.c", "b.d.e"]);
    }
}
