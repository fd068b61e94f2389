//! A file that maps the columns of a list: the headers of columns in `[columns]`, and in `[values]` what holds for every row.

use std::collections::BTreeMap;

use lapse_policy::nearest;
use toml_edit::{DocumentMut, Item, TableLike, Value};

use super::cells::Content;
use super::column::{Column, normalised};
use super::day::read_day;
use crate::ListError;

/// What such a file says.
#[derive(Debug, Default)]
pub struct Mapping {
    /// The headers of columns, normalised.
    pub headers: BTreeMap<Column, String>,
    /// The values that hold for every row.
    pub values: BTreeMap<Column, Content>,
}

impl Mapping {
    /// Reads the text of a file.
    pub fn read(text: &str) -> Result<Mapping, ListError> {
        let document: DocumentMut = text
            .parse()
            .map_err(|error: toml_edit::TomlError| ListError::NotToml { message: error.message().to_owned() })?;
        let mut mapping = Mapping::default();
        for (name, item) in document.iter() {
            let table = item.as_table_like().ok_or_else(|| ListError::NotATable { name: name.to_owned() })?;
            match name {
                "columns" => {
                    for (column, item) in entries(table)? {
                        let header = item.as_str().ok_or(ListError::NotText { column: column.as_str() })?;
                        mapping.headers.insert(column, normalised(header));
                    }
                }
                "values" => {
                    for (column, item) in entries(table)? {
                        let value = value(item).ok_or(ListError::NotOneValue { column: column.as_str() })?;
                        mapping.values.insert(column, value);
                    }
                }
                _ => return Err(ListError::UnknownTable { name: name.to_owned() }),
            }
        }
        Ok(mapping)
    }
}

/// The columns that a table names, each with what it says of them.
fn entries(table: &dyn TableLike) -> Result<Vec<(Column, &Item)>, ListError> {
    let names = || Column::ALL.into_iter().map(Column::as_str);
    let known = |name: &str| Column::ALL.into_iter().find(|column| column.as_str() == name);
    table
        .iter()
        .map(|(name, item)| {
            known(name).map(|column| (column, item)).ok_or_else(|| ListError::UnknownColumn {
                name: name.to_owned(),
                near: nearest(name, names()),
                known: names().collect::<Vec<_>>().join(", "),
            })
        })
        .collect()
}

/// A value as a cell would hold it; `None` for a list, a table or a truth value.
fn value(item: &Item) -> Option<Content> {
    match item.as_value()? {
        Value::String(text) => Some(Content::Text(text.value().trim().to_owned())),
        #[expect(clippy::cast_precision_loss, reason = "no number of a list of subscriptions is that large")]
        Value::Integer(number) => Some(Content::Number(*number.value() as f64)),
        Value::Float(number) => Some(Content::Number(*number.value())),
        Value::Datetime(moment) => read_day(&moment.value().to_string()).map(Content::Day),
        Value::Boolean(_) | Value::Array(_) | Value::InlineTable(_) => None,
    }
}
