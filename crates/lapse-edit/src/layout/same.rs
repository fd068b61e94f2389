//! Two TOML documents say the same, however they are laid out, where all their keys have the same values.

use std::cmp::Ordering;

use toml_edit::{ArrayOfTables, Item, Table, TableLike, Value};

/// Whether both say the same. The order of amendments with dates is part of the layout.
pub fn same(one: &Item, two: &Item) -> bool {
    if let (Some(one), Some(two)) = (one.as_table_like(), two.as_table_like()) {
        return same_tables(one, two);
    }
    match (one, two) {
        (Item::ArrayOfTables(one), Item::ArrayOfTables(two)) => {
            let (one, two) = (by_date(one), by_date(two));
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same_tables(*one, two))
        }
        (Item::Value(one), Item::Value(two)) => same_values(one, two),
        (Item::None, Item::None) => true,
        (Item::None | Item::Value(_) | Item::Table(_) | Item::ArrayOfTables(_), _) => false,
    }
}

fn same_tables(one: &dyn TableLike, two: &dyn TableLike) -> bool {
    one.len() == two.len() && one.iter().all(|(key, value)| two.get(key).is_some_and(|other| same(value, other)))
}

fn same_values(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::String(one), Value::String(two)) => one.value() == two.value(),
        (Value::Integer(one), Value::Integer(two)) => one.value() == two.value(),
        (Value::Float(one), Value::Float(two)) => one.value().total_cmp(two.value()) == Ordering::Equal,
        (Value::Boolean(one), Value::Boolean(two)) => one.value() == two.value(),
        (Value::Datetime(one), Value::Datetime(two)) => one.value() == two.value(),
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same_values(one, two))
        }
        (Value::InlineTable(one), Value::InlineTable(two)) => same_tables(one, two),
        (
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_)
            | Value::InlineTable(_),
            _,
        ) => false,
    }
}

/// The tables by the date from which each holds; in their own order where one has no date.
pub fn by_date(tables: &ArrayOfTables) -> Vec<&Table> {
    let mut tables: Vec<&Table> = tables.iter().collect();
    if tables.iter().all(|table| from(table).is_some()) {
        tables.sort_by_key(|table| from(table));
    }
    tables
}

/// `from` as text, which sorts as days do.
fn from(table: &Table) -> Option<String> {
    let moment = table.get("from")?.as_datetime()?;
    moment.time.is_none().then(|| moment.to_string())
}
