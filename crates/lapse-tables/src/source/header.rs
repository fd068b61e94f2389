//! The header of a CSV file: which column of the file is which of the table.

use std::borrow::Cow;

use super::csv;
use super::gap::near;
use crate::Table;
use crate::error::Problem;
use crate::table::Column;

/// What the header of a file says.
pub(crate) struct Header {
    /// Where the first record after the header starts.
    pub body: usize,
    /// The columns of the file.
    pub names: Vec<String>,
    /// For each of them, its place among the table's columns and, after those, the columns that are asked for.
    pub wanted: Vec<Option<usize>>,
}

/// Reads the header of the file of `table`, which starts with `bytes` and must have the columns that are `asked` for. What
/// is wrong comes with its byte.
pub(crate) fn read_header(bytes: &[u8], table: Table, asked: &[String]) -> Result<Header, (Option<usize>, Problem)> {
    let start = csv::start(bytes);
    let body = csv::end_of_record(bytes, start);
    let text = std::str::from_utf8(&bytes[start..body])
        .map_err(|error| (Some(start + error.valid_up_to()), Problem::NotUtf8))?;
    if text.is_empty() {
        return Err((None, Problem::NoHeader));
    }
    let names = csv::header(text).map_err(|broken| (Some(start + broken.at), broken.how.into()))?;
    let columns = table.columns();
    let mut wanted: Vec<Option<usize>> = Vec::with_capacity(names.len());
    for name in &names {
        let of_table = columns.iter().position(|column| column.name == name.as_ref());
        let of_asked = || asked.iter().position(|asked| asked == name.as_ref()).map(|column| columns.len() + column);
        let column = of_table.or_else(of_asked);
        if let Some(repeated) = of_table.filter(|_| wanted.contains(&column)) {
            return Err((None, Problem::RepeatedColumn(columns[repeated].name)));
        }
        wanted.push(column);
    }
    for (index, column) in columns.iter().enumerate() {
        if column.required && !wanted.contains(&Some(index)) {
            return Err((None, missing(column, table, &names)));
        }
    }
    if let Some(missing) = (0..asked.len()).find(|column| !wanted.contains(&Some(columns.len() + column))) {
        return Err((None, Problem::MissingAskedColumn(asked[missing].clone())));
    }
    Ok(Header { body, names: names.iter().map(ToString::to_string).collect(), wanted })
}

/// What is wrong with a header that does not have a column that must be there.
fn missing(column: &Column, table: Table, names: &[Cow<'_, str>]) -> Problem {
    let separator = match names {
        [only] if only.contains(';') => Some("semicolons"),
        [only] if only.contains('\t') => Some("tabs"),
        _ => None,
    };
    match (separator, near(column, table, names, &[])) {
        (Some(separator), _) => Problem::Separator(separator),
        (None, Some(near)) => Problem::NearColumn { column: column.name, near: near.to_owned() },
        (None, None) => Problem::MissingColumn(column.name),
    }
}
