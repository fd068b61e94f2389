//! NDJSON: one JSON object a line -> records of fields. Values are taken as they are written: texts, numbers, `true`,
//! `false`; null and what is not there are empty. Further keys are ignored; what they hold must be JSON all the same.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use memchr::{memchr, memrchr};
use serde::Deserializer as _;
use serde::de::{self, DeserializeSeed, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::broken::{Broken, How};
use super::field::Field;
use crate::table::Column;

/// Reads records one after the other.
pub(crate) struct Records<'a> {
    text: &'a str,
    at: usize,
    /// The physical line at `at`.
    line: u64,
    keys: Keys<'a>,
}

/// The keys whose values are wanted: the columns of a table, then those that are asked for beyond it.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'a> {
    pub columns: &'static [Column],
    pub asked: &'a [String],
}

impl Keys<'_> {
    fn place(self, key: &str) -> Option<usize> {
        let of_table = self.columns.iter().position(|column| column.name == key);
        of_table.or_else(|| Some(self.columns.len() + self.asked.iter().position(|asked| asked == key)?))
    }

    /// The name, for people.
    fn name(self, place: usize) -> &'static str {
        self.columns.get(place).map_or("a column that a plugin asks for", |column| column.name)
    }
}

impl<'a> Records<'a> {
    /// The records of `text`, which starts at the start of `line`.
    pub fn new(text: &'a str, keys: Keys<'a>, line: u64) -> Records<'a> {
        Records { text, at: 0, line, keys }
    }

    /// The physical line that follows what was read.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Reads the next record into `fields` and gives its line. Empty lines are skipped. None at the end.
    pub fn next(&mut self, fields: &mut [Field<'a>]) -> Result<Option<u64>, Broken> {
        loop {
            let start = self.at;
            let rest = &self.text[start..];
            if rest.is_empty() {
                return Ok(None);
            }
            let length = memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
            let line = self.line;
            self.at += length;
            self.line += 1;
            let text = rest[..length].trim_end_matches(['\r', '\n']);
            if !text.is_empty() {
                read(text, self.keys, fields).map_err(|(at, how)| Broken { at: start + at, how })?;
                return Ok(Some(line));
            }
        }
    }
}

/// Where the last line in `bytes` that is whole ends.
pub(crate) fn last_end_of_record(bytes: &[u8]) -> Option<usize> {
    memrchr(b'\n', bytes).map(|end| end + 1)
}

/// Reads one object. What is broken comes with its byte.
fn read<'a>(text: &'a str, keys: Keys<'_>, fields: &mut [Field<'a>]) -> Result<(), (usize, How)> {
    fields.fill(Field::EMPTY);
    let mut json = serde_json::Deserializer::from_str(text);
    let mut object = Object { keys, fields, seen: 0, seen_beyond: Vec::new(), broken: None };
    let read = json.deserialize_map(&mut object).and_then(|()| json.end());
    let Err(error) = read else { return Ok(()) };
    if let Some((value, how)) = object.broken {
        return Err((value.as_ptr() as usize - text.as_ptr() as usize, how));
    }
    if !text.trim_start_matches([' ', '\t']).starts_with('{') {
        return Err((0, How::NotAnObject));
    }
    // Columns count the bytes of a line from 1; at the end of a text that is too short it is the last one.
    let at = text.floor_char_boundary(error.column().saturating_sub(1).min(text.len()));
    Err((at, not_json(&error)))
}

fn not_json(error: &serde_json::Error) -> How {
    let sentence = error.to_string();
    How::NotJson(sentence.split(" at line ").next().unwrap_or_default().into())
}

/// Adds the keys of the objects, one a line. A line that holds none is left to those who read the values.
pub(crate) fn keys(text: &[u8], keys: &mut BTreeSet<String>) {
    for line in text.split(|&byte| byte == b'\n') {
        let _ = serde_json::Deserializer::from_slice(line).deserialize_map(AllKeys(&mut *keys));
    }
}

/// Notes the keys of an object.
struct AllKeys<'k>(&'k mut BTreeSet<String>);

impl<'a> Visitor<'a> for AllKeys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            if !self.0.contains(key.as_ref()) {
                self.0.insert(key.into_owned());
            }
            map.next_value::<de::IgnoredAny>()?;
        }
        Ok(())
    }
}

/// An id that is a number, without the point and the zeros that programs write behind one that they took for a fraction.
pub(super) fn whole_number(number: &str) -> &str {
    match number.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|digit| digit == b'0') => whole,
        _ => number,
    }
}

/// An object whose values go to the fields of their columns.
struct Object<'f, 'c, 'a> {
    keys: Keys<'c>,
    fields: &'f mut [Field<'a>],
    /// A bit for each column that had a value, as far as there are bits.
    seen: u64,
    /// The columns after those: plugins may ask for any number.
    seen_beyond: Vec<usize>,
    /// What is JSON and yet no row: the text at whose start it stands.
    broken: Option<(&'a str, How)>,
}

impl Object<'_, '_, '_> {
    /// Notes that a column has a value, and says whether it had one already.
    fn has_seen(&mut self, column: usize) -> bool {
        if column < 64 {
            let before = self.seen;
            self.seen |= 1 << column;
            before == self.seen
        } else {
            let seen = self.seen_beyond.contains(&column);
            self.seen_beyond.push(column);
            seen
        }
    }
}

impl<'a> Visitor<'a> for &mut Object<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(column) = map.next_key_seed(Key(self.keys))? {
            let Some(column) = column else {
                map.next_value::<de::IgnoredAny>()?;
                continue;
            };
            let name = self.keys.name(column);
            let value = map.next_value::<&'a RawValue>()?.get();
            if self.has_seen(column) {
                self.broken = Some((value, How::RepeatedKey(name)));
                return Err(de::Error::custom("twice"));
            }
            let text = match value.as_bytes()[0] {
                b'"' if !value.contains('\\') => Cow::Borrowed(&value[1..value.len() - 1]),
                b'"' => match serde_json::from_str(value) {
                    Ok(text) => Cow::Owned(text),
                    Err(error) => {
                        self.broken = Some((value, not_json(&error)));
                        return Err(de::Error::custom("no text"));
                    }
                },
                b'n' => Cow::Borrowed(""),
                b'{' | b'[' => {
                    self.broken = Some((value, How::Nested(name)));
                    return Err(de::Error::custom("nested"));
                }
                _ if column == 0 => Cow::Borrowed(whole_number(value)),
                _ => Cow::Borrowed(value),
            };
            self.fields[column] = Field::Text(text);
        }
        Ok(())
    }
}

/// A key: which column it names.
struct Key<'c>(Keys<'c>);

impl<'a> DeserializeSeed<'a> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: de::Deserializer<'a>>(self, key: D) -> Result<Option<usize>, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.0.place(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Table;

    fn rows(text: &str) -> Result<Vec<(u64, Vec<String>)>, Broken> {
        let mut records = Records::new(text, Keys { columns: Table::Activity.columns(), asked: &[] }, 1);
        let mut fields = [Field::EMPTY; 4];
        let mut rows = Vec::new();
        while let Some(line) = records.next(&mut fields)? {
            rows.push((line, fields.iter().map(|field| field.clone().into_text().into_owned()).collect()));
        }
        Ok(rows)
    }

    fn values(text: &str) -> Vec<String> {
        rows(text).unwrap().remove(0).1
    }

    #[test]
    fn a_column_after_the_64th_is_read_and_may_not_come_twice() {
        let asked: Vec<String> = (0..70).map(|number| format!("x{number}")).collect();
        let pairs: Vec<String> = asked.iter().map(|name| format!("\"{name}\":\"{name}\"")).collect();
        let read = |text: &str| {
            let keys = Keys { columns: Table::Activity.columns(), asked: &asked };
            let mut fields = vec![Field::EMPTY; 74];
            Records::new(text, keys, 1).next(&mut fields).map(|_| fields[73].as_str().to_owned())
        };
        assert_eq!(read(&format!("{{{}}}\n", pairs.join(","))), Ok("x69".to_owned()));
        let twice = read(&format!("{{{},{}}}\n", pairs.join(","), pairs[69]));
        assert!(matches!(twice, Err(Broken { how: How::RepeatedKey(_), .. })), "{twice:?}");
    }

    #[test]
    fn values_are_taken_as_they_are_written() {
        let text = r#" {"source":"a\"\u00e9\ud83d\ude00", "note":{"x":[1]}, "patron_id" : 12.50,"library":true,"last_active":null} "#;
        assert_eq!(values(text), ["12.50", "true", "a\"é😀", ""]);
        assert_eq!(values("{}"), ["", "", "", ""]);
        assert_eq!(values(r#"{"patron_id":1e400,"source":""}"#), ["1e400", "", "", ""]);
    }

    #[test]
    fn a_value_of_one_row_is_not_left_for_the_next() {
        let both = rows("{\"patron_id\":\"a\",\"source\":\"b\"}\r\n\n\r\n{\"patron_id\":\"c\"}").unwrap();
        assert_eq!(both[0].0, 1);
        assert_eq!(both[1], (4, vec!["c".into(), String::new(), String::new(), String::new()]));
    }

    #[test]
    fn what_is_no_row_is_told_with_its_place() {
        let broken = |text: &str| rows(text).unwrap_err();
        for text in ["[1]", "1", "\"a\"", "null", " x"] {
            assert_eq!(broken(&format!("{{}}\n{text}\n")), Broken { at: 3, how: How::NotAnObject });
        }
        assert_eq!(broken(r#"{"source":["x"]}"#), Broken { at: 10, how: How::Nested("source") });
        assert_eq!(broken(r#"{"source":1,"source":2}"#), Broken { at: 21, how: How::RepeatedKey("source") });
        for (text, at) in
            [("{\"a\":}", 5), ("{\"a\":1", 6), ("{\"a\" 1}", 5), ("{}{}", 2), ("{\"source\":\"\\ud800\"}", 10)]
        {
            let Broken { at: found, how } = broken(text);
            assert!(matches!(how, How::NotJson(_)), "{text}: {how:?}");
            assert!(found.abs_diff(at) <= 1, "{text}: {found}");
        }
    }

    #[test]
    fn deep_nesting_is_no_danger() {
        let deep = "[".repeat(1 << 20);
        assert!(matches!(rows(&format!("{{\"note\":{deep}")).unwrap_err().how, How::NotJson(_)));
        assert!(rows(&format!("{{\"source\":{deep}")).is_err());
    }
}
