//! Values on their way: texts that are bound to a statement, for which the server knows what type they should have, and what comes
//! back as a text.

use mysql::Column;
use mysql::consts::ColumnType;

use crate::database::row_chunk::OfColumn;
use crate::database::{DatabaseError, Statement, Value, Values, statement};

/// The number by which the server calls bytes that are no text.
const BINARY: u16 = 63;

/// A statement with a question mark for each value, and the values in their order.
///
/// Texts of digits in a list stand in the statement itself, and they alone, since digits are nothing else wherever they stand. The
/// server knows them then when it plans the query, and asks what is behind a view that groups its rows for these rows alone; of
/// values that are bound it does not, and reads all that is there.
pub(super) struct Placed {
    pub sql: String,
    pub bound: Vec<mysql::Value>,
}

impl Placed {
    /// Puts the values of a statement in their places. A list takes as many places as it has texts, and stands in
    /// parentheses: `in ($ids)`. One without texts is nobody's, which `in (null)` says.
    pub fn of(statement: &Statement, values: &Values) -> Result<Placed, DatabaseError> {
        let mut bound = Vec::new();
        for name in statement.names() {
            match statement::value(values, name)? {
                Value::List(texts) if are_digits(texts) => {}
                Value::List(texts) => bound.extend(texts.iter().map(|text| text.as_str().into())),
                value => bound.push(self::bound(value)),
            }
        }
        let sql = statement.filled(|name| match values.get(name) {
            Some(Value::List(texts)) if texts.is_empty() => "null".to_owned(),
            Some(Value::List(texts)) if are_digits(texts) => format!("'{}'", texts.join("', '")),
            Some(Value::List(texts)) => vec!["?"; texts.len()].join(", "),
            _ => "?".to_owned(),
        });
        Ok(Placed { sql, bound })
    }
}

/// Whether texts are of digits alone, such as the numbers by which a system calls its patrons.
fn are_digits(texts: &[String]) -> bool {
    texts.iter().all(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A value as it is bound. A list is not one value.
pub(super) fn bound(value: &Value) -> mysql::Value {
    match value {
        Value::Null | Value::List(_) => mysql::Value::NULL,
        Value::Text(text) => text.as_str().into(),
    }
}

/// How many bytes a value has.
pub(super) fn length(value: &Value) -> usize {
    match value {
        Value::Null => 1,
        Value::Text(text) => text.len(),
        Value::List(texts) => texts.iter().map(String::len).sum(),
    }
}

/// What a column gives.
pub(super) fn of_column(column: &Column) -> OfColumn {
    use ColumnType as Type;
    let of_type = match column.column_type() {
        // What `boolean` in a table comes to.
        Type::MYSQL_TYPE_TINY if column.column_length() == 1 => "bool",
        Type::MYSQL_TYPE_TINY
        | Type::MYSQL_TYPE_SHORT
        | Type::MYSQL_TYPE_INT24
        | Type::MYSQL_TYPE_LONG
        | Type::MYSQL_TYPE_LONGLONG => "int",
        Type::MYSQL_TYPE_DECIMAL | Type::MYSQL_TYPE_NEWDECIMAL => "decimal",
        Type::MYSQL_TYPE_DATE | Type::MYSQL_TYPE_NEWDATE => "date",
        Type::MYSQL_TYPE_VARCHAR
        | Type::MYSQL_TYPE_VAR_STRING
        | Type::MYSQL_TYPE_STRING
        | Type::MYSQL_TYPE_ENUM
        | Type::MYSQL_TYPE_TINY_BLOB
        | Type::MYSQL_TYPE_BLOB
        | Type::MYSQL_TYPE_MEDIUM_BLOB
        | Type::MYSQL_TYPE_LONG_BLOB
            if column.character_set() != BINARY =>
        {
            "text"
        }
        _ => "other",
    };
    OfColumn { name: column.name_str().into_owned(), is_day: false, of_type: of_type.to_owned() }
}

/// A value as the server would write it; none where there is nothing.
pub(super) fn as_text(value: mysql::Value, column: &Column) -> Option<Vec<u8>> {
    let text = match value {
        mysql::Value::NULL => return None,
        mysql::Value::Bytes(bytes) => return Some(bytes),
        mysql::Value::Int(number) => number.to_string(),
        mysql::Value::UInt(number) => number.to_string(),
        mysql::Value::Float(number) => number.to_string(),
        mysql::Value::Double(number) => number.to_string(),
        mysql::Value::Date(year, month, day, hour, minute, second, part) => {
            let date = format!("{year:04}-{month:02}-{day:02}");
            if column.column_type() == ColumnType::MYSQL_TYPE_DATE {
                date
            } else {
                format!("{date} {hour:02}:{minute:02}:{second:02}{}", fraction(part, column))
            }
        }
        mysql::Value::Time(is_negative, days, hours, minutes, seconds, part) => {
            let sign = if is_negative { "-" } else { "" };
            let hours = days * 24 + u32::from(hours);
            format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{}", fraction(part, column))
        }
    };
    Some(text.into_bytes())
}

/// The part of a second, with as many digits as its column has.
fn fraction(part: u32, column: &Column) -> String {
    match usize::from(column.decimals()) {
        0 => String::new(),
        digits => format!(".{}", &format!("{part:06}")[..digits.min(6)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_as_many_places_as_it_has_texts() {
        let statement = Statement::parse("select $day from a where b in ($ids) and c <=> $day");
        let with = |ids: &[&str]| {
            let ids = Value::List(ids.iter().map(|&id| id.to_owned()).collect());
            let values = Values::from([("ids".to_owned(), ids), ("day".to_owned(), "2026-11-01".into())]);
            let placed = Placed::of(&statement, &values).unwrap();
            (placed.sql, placed.bound.len())
        };
        assert_eq!(with(&["P1", "2"]), ("select ? from a where b in (?, ?) and c <=> ?".to_owned(), 4));
        assert_eq!(with(&["1", "02"]), ("select ? from a where b in ('1', '02') and c <=> ?".to_owned(), 2));
        assert_eq!(with(&["1", "2'"]).1, 4);
        assert_eq!(with(&["1", ""]).1, 4);
        assert_eq!(with(&["1", "\u{0662}"]).1, 4);
        assert_eq!(with(&[]), ("select ? from a where b in (null) and c <=> ?".to_owned(), 2));
        assert!(Placed::of(&statement, &Values::new()).is_err());
    }

    #[test]
    fn days_and_moments_are_told_as_the_server_writes_them() {
        let told = |of: ColumnType, value| String::from_utf8(as_text(value, &Column::new(of)).unwrap()).unwrap();
        let moment = mysql::Value::Date(2026, 1, 2, 3, 4, 5, 0);
        assert_eq!(told(ColumnType::MYSQL_TYPE_DATE, moment.clone()), "2026-01-02");
        assert_eq!(told(ColumnType::MYSQL_TYPE_DATETIME, moment), "2026-01-02 03:04:05");
        assert_eq!(told(ColumnType::MYSQL_TYPE_TIME, mysql::Value::Time(true, 1, 2, 3, 4, 0)), "-26:03:04");
        assert_eq!(as_text(mysql::Value::NULL, &Column::new(ColumnType::MYSQL_TYPE_DATE)), None);
    }
}
