//! SQL with named values, such as `$patron_id`. Values are bound and never pasted in; names inside quotes and comments are text.

use std::collections::BTreeMap;

use super::DatabaseError;

/// A value that is bound to a statement. Databases take texts for numbers and dates where the statement says what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// There is none.
    Null,
    /// A text, a number or a date, as text.
    Text(String),
    /// Several texts, such as the ids of a batch.
    List(Vec<String>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Value {
        Value::Text(number.to_string())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

/// The values of a statement by name.
pub(crate) type Values = BTreeMap<String, Value>;

/// What a query gives: the names of its columns, and its rows as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

impl Found {
    /// The value in the first column of the first row.
    pub fn first(&self) -> Option<&str> {
        self.rows.first()?.first()?.as_deref()
    }
}

/// The value with this name.
pub(crate) fn value<'v>(values: &'v Values, name: &str) -> Result<&'v Value, DatabaseError> {
    let known = || values.keys().map(|name| format!("${name}")).collect();
    values.get(name).ok_or_else(|| DatabaseError::NoValue { name: name.to_owned(), known: known() })
}

/// A statement, taken apart at its named values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    parts: Vec<Part>,
    /// A `?` stands outside quotes, which some databases take for a value.
    has_mark: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Sql(String),
    Name(String),
}

impl Statement {
    /// Takes a text apart.
    pub fn parse(text: &str) -> Statement {
        let (mut parts, mut sql) = (Vec::new(), String::new());
        let (mut rest, mut has_mark) = (text, false);
        while let Some(next) = rest.chars().next() {
            if let Some(name) = rest.strip_prefix('$').map(name_at).filter(|name| !name.is_empty())
                && !rest[1 + name.len()..].starts_with('$')
            {
                parts.push(Part::Sql(std::mem::take(&mut sql)));
                parts.push(Part::Name(name.to_owned()));
                rest = &rest[1 + name.len()..];
                continue;
            }
            has_mark |= next == '?';
            let length = untouched(rest).unwrap_or(next.len_utf8());
            sql.push_str(&rest[..length]);
            rest = &rest[length..];
        }
        parts.push(Part::Sql(sql));
        Statement { parts, has_mark }
    }

    /// Whether a `?` stands outside quotes.
    pub fn has_mark(&self) -> bool {
        self.has_mark
    }

    /// The names of its values, each as often as it stands there.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Sql(_) => None,
            Part::Name(name) => Some(name.as_str()),
        })
    }

    /// The text with a number for each name behind `mark`, and the names in the order of the numbers, from 1.
    pub fn numbered(&self, mark: char) -> (String, Vec<&str>) {
        let (mut text, mut names) = (String::new(), Vec::<&str>::new());
        for part in &self.parts {
            match part {
                Part::Sql(sql) => text.push_str(sql),
                Part::Name(name) => {
                    let number = names.iter().position(|known| known == name).unwrap_or_else(|| {
                        names.push(name);
                        names.len() - 1
                    });
                    text.push(mark);
                    text.push_str(&(number + 1).to_string());
                }
            }
        }
        (text, names)
    }

    /// The text with a text for each name. What comes out is SQL only where these are places for values.
    pub fn filled(&self, of: impl Fn(&str) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Sql(text) => text.clone(),
            Part::Name(name) => of(name),
        };
        self.parts.iter().map(part).collect()
    }

    /// The text as it was written.
    pub fn text(&self) -> String {
        let part = |part: &Part| match part {
            Part::Sql(sql) => sql.clone(),
            Part::Name(name) => format!("${name}"),
        };
        self.parts.iter().map(part).collect()
    }
}

/// The name at the start of a text; empty where there is none.
fn name_at(text: &str) -> &str {
    let is_first = text.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_');
    let end = text.find(|letter: char| !(letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'));
    if is_first { &text[..end.unwrap_or(text.len())] } else { "" }
}

/// How much at the start of a text is a quoted text or a comment, in which no value is named.
fn untouched(text: &str) -> Option<usize> {
    let closed_by = |from: usize, end: &str| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    match text.as_bytes() {
        // A doubled quote ends one text and begins the next, which comes to the same.
        [quote @ (b'\'' | b'"' | b'`'), ..] => Some(closed_by(1, char::from(*quote).encode_utf8(&mut [0; 4]))),
        [b'-', b'-', ..] => Some(closed_by(2, "\n")),
        [b'/', b'*', ..] => Some(closed_by(2, "*/")),
        [b'$', ..] => {
            let tag = text[1..].find('$').map(|at| &text[..at + 2])?;
            let is_tag = tag[1..tag.len() - 1].chars().all(|letter| letter.is_alphanumeric() || letter == '_');
            is_tag.then(|| closed_by(tag.len(), tag))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(text: &str) -> (String, Vec<String>) {
        let statement = Statement::parse(text);
        assert_eq!(statement.text(), text);
        let (text, names) = statement.numbered('$');
        (text, names.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn a_value_that_stands_twice_has_one_number() {
        let (text, names) = numbered("update a set b = $new::date where c = $id and b <> $new");
        assert_eq!(text, "update a set b = $1::date where c = $2 and b <> $1");
        assert_eq!(names, ["new", "id"]);
    }

    #[test]
    fn what_is_quoted_or_a_comment_names_no_value() {
        for text in [
            "select '$a', \"$a\", `$a`, 'it''s $a'",
            "select 1 -- of $a",
            "select 1 /* of $a */ + 2",
            "do $$ begin $a end $$",
            "select $body$ $a $body$",
            "select $1, $",
            "select 'open $a",
        ] {
            assert_eq!(numbered(text), (text.to_owned(), vec![]));
        }
        assert_eq!(numbered("select 'é' || $a").1, ["a"]);
        assert_eq!(numbered("select 1 -- no\n, $a").1, ["a"]);
    }
}
