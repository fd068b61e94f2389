//! The header of a CSV file: which column of the file is which of the table.

use crate::Table;
use crate::csv;
use crate::error::Problem;
use crate::input::problem;

/// What the header of a file says.
pub(crate) struct Header {
    /// Where the first record after the header starts.
    pub body: usize,
    /// For each column of the file, its place among the table's columns.
    pub wanted: Vec<Option<usize>>,
}

/// Reads the header of the file of `table`, which starts with `bytes`. What is wrong comes with its byte.
pub(crate) fn read_header(bytes: &[u8], table: Table) -> Result<Header, (Option<usize>, Problem)> {
    let start = csv::start(bytes);
    let body = csv::end_of_record(bytes, start);
    let text = std::str::from_utf8(&bytes[start..body])
        .map_err(|error| (Some(start + error.valid_up_to()), Problem::NotUtf8))?;
    if text.is_empty() {
        return Err((None, Problem::NoHeader));
    }
    let names = csv::header(text).map_err(|broken| (Some(start + broken.at), problem(broken.how)))?;
    let columns = table.columns();
    let mut wanted: Vec<Option<usize>> = Vec::with_capacity(names.len());
    for name in &names {
        let column = columns.iter().position(|column| column.name == name.as_ref());
        if let Some(column) = column
            && wanted.contains(&Some(column))
        {
            return Err((None, Problem::RepeatedColumn(columns[column].name)));
        }
        wanted.push(column);
    }
    for (index, column) in columns.iter().enumerate() {
        if column.required && !wanted.contains(&Some(index)) {
            return Err((None, Problem::MissingColumn(column.name)));
        }
    }
    Ok(Header { body, wanted })
}
