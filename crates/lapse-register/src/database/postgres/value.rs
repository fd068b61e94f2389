//! Values on their way: texts that are bound to a statement, whatever type it has for them, and what comes back as a text.

use bytes::BytesMut;
use tokio_postgres::types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::database::statement::value;
use crate::database::{DatabaseError, Value, Values};

type AnyError = Box<dyn std::error::Error + Sync + Send>;

/// A value that is bound as a text, which the server reads as whatever type the statement has there.
#[derive(Debug)]
pub(super) struct Bound(pub Option<String>);

impl Bound {
    /// As it is bound; a list is an array.
    pub fn of(value: &Value) -> Bound {
        Bound(match value {
            Value::Null => None,
            Value::Text(text) => Some(text.clone()),
            Value::List(texts) => Some(array(texts.iter().map(|text| Some(text.as_str())))),
        })
    }

    /// The values with these names, in this order.
    pub fn all(names: &[&str], values: &Values) -> Result<Vec<Bound>, DatabaseError> {
        names.iter().map(|name| Ok(Bound::of(value(values, name)?))).collect()
    }
}

impl ToSql for Bound {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        let Some(text) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// Texts as an array is written.
pub(super) fn array<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> String {
    let mut array = String::from("{");
    for text in texts {
        if array.len() > 1 {
            array.push(',');
        }
        match text {
            None => array.push_str("NULL"),
            Some(text) => {
                array.push('"');
                for letter in text.chars() {
                    if matches!(letter, '"' | '\\') {
                        array.push('\\');
                    }
                    array.push(letter);
                }
                array.push('"');
            }
        }
    }
    array.push('}');
    array
}

/// A value as the server sends it.
pub(super) struct Raw<'a>(pub Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Raw<'a>, AnyError> {
        Ok(Raw(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Raw<'a>, AnyError> {
        Ok(Raw(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Whether `text` understands the values of a type. What is left out is written by the server itself, which knows the time
/// zone and how many digits there are.
pub(super) fn is_known(of_type: &Type) -> bool {
    matches!(
        *of_type,
        Type::TEXT
            | Type::VARCHAR
            | Type::BPCHAR
            | Type::NAME
            | Type::UNKNOWN
            | Type::JSON
            | Type::JSONB
            | Type::BOOL
            | Type::INT2
            | Type::INT4
            | Type::INT8
            | Type::OID
            | Type::VOID
    )
}

/// A value of a type that is known, as a text.
pub(super) fn text(of_type: &Type, raw: &[u8]) -> String {
    let number = |raw: &[u8]| -> Option<String> {
        Some(match *of_type {
            Type::INT2 => i16::from_be_bytes(raw.try_into().ok()?).to_string(),
            Type::INT4 => i32::from_be_bytes(raw.try_into().ok()?).to_string(),
            Type::INT8 => i64::from_be_bytes(raw.try_into().ok()?).to_string(),
            Type::OID => u32::from_be_bytes(raw.try_into().ok()?).to_string(),
            Type::BOOL => (*raw == [1]).to_string(),
            _ => None?,
        })
    };
    let utf8 = |raw: &[u8]| String::from_utf8_lossy(raw).into_owned();
    match *of_type {
        // The first byte is the version of the form.
        Type::JSONB => utf8(raw.get(1..).unwrap_or_default()),
        _ => number(raw).unwrap_or_else(|| utf8(raw)),
    }
}

/// What a type is called in a cast. Two names mean something else where they stand alone.
pub(super) fn name_of(of_type: &Type) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    match (of_type.schema(), of_type.name()) {
        ("pg_catalog", name) if !matches!(name, "char" | "bit") => name.to_owned(),
        (schema, name) => format!("{}.{}", quoted(schema), quoted(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_keeps_whatever_its_texts_have() {
        let texts = [Some("a"), None, Some("NULL"), Some(""), Some("\"\\{,}"), Some("é\n")];
        assert_eq!(array(texts.into_iter()), "{\"a\",NULL,\"NULL\",\"\",\"\\\"\\\\{,}\",\"é\n\"}");
        assert_eq!(array([].into_iter()), "{}");
    }

    #[test]
    fn what_comes_in_bytes_is_told_as_a_text() {
        assert_eq!(text(&Type::INT2, &[0xff, 0xfe]), "-2");
        assert_eq!(text(&Type::INT8, &7_i64.to_be_bytes()), "7");
        assert_eq!(text(&Type::BOOL, &[1]), "true");
        assert_eq!(text(&Type::JSONB, b"\x01{}"), "{}");
        assert_eq!(text(&Type::VOID, b""), "");
    }
}
