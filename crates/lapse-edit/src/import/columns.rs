//! What each column of a list holds. It is found by its header in Dutch or English, or by what a file says of headers.

use std::collections::BTreeMap;

use lapse_policy::Day;

use super::cells::{Cells, Content, RowOfCells, address};
use super::column::{Column, normalised};
use super::day::read_day;
use super::mapping::Mapping;
use crate::{CellError, CellProblem, ListError};

/// The number of rows in which headers are looked for, since a list may have a title above them.
const FIRST_ROWS: usize = 20;

/// Where in each row a column is.
#[derive(Debug)]
pub struct Columns {
    places: BTreeMap<Column, usize>,
    values: BTreeMap<Column, Content>,
    /// The number of the row with the headers.
    pub header_row: u32,
    /// The headers of columns that nothing is read from, with their addresses.
    pub unused: Vec<(String, String)>,
}

impl Columns {
    /// Finds the row with the headers.
    pub fn find(cells: &Cells, mapping: &Mapping) -> Result<Columns, ListError> {
        let mut missing = None;
        for row in cells.rows.iter().take(FIRST_ROWS) {
            match Columns::of_row(row, mapping) {
                Ok(columns) => return Ok(columns),
                // The first row without the headers tells best which are missing.
                Err(lacks @ ListError::NoHeader { .. }) => missing = missing.or(Some(lacks)),
                Err(error) => return Err(error),
            }
        }
        Err(missing.unwrap_or(ListError::NoRow))
    }

    /// The columns, where this is the row with the headers.
    fn of_row(row: &RowOfCells, mapping: &Mapping) -> Result<Columns, ListError> {
        let mapped = &mapping.headers;
        let mut values = mapping.values.clone();
        let mut places = BTreeMap::new();
        let mut unused = Vec::new();
        for (index, cell) in row.cells.iter().enumerate() {
            if *cell == Content::Empty {
                continue;
            }
            let at = address(index, row.number);
            let header = cell.shown();
            let plain = normalised(&header);
            let by_map = mapped.iter().find(|(_, header)| **header == plain).map(|(&column, _)| column);
            let (bare, day) = without_date(&plain);
            let known = || Column::of_header(&bare).filter(|column| !mapped.contains_key(column));
            let Some(column) = by_map.or_else(known) else {
                unused.push((at, header));
                continue;
            };
            if let Some(day) = day.filter(|_| by_map.is_none()) {
                values.entry(Column::From).or_insert(Content::Day(day));
            }
            if let Some(first) = places.insert(column, index) {
                let first = address(first, row.number);
                return Err(ListError::TwoHeaders { first, second: at, column: column.as_str() });
            }
        }
        for column in mapped.keys().chain(&[Column::Library, Column::Subscription]) {
            if !places.contains_key(column) && !values.contains_key(column) {
                let header = mapped.get(column).map_or_else(|| column.headers().join("` or `"), Clone::clone);
                return Err(ListError::NoHeader { header, column: column.as_str() });
            }
        }
        Ok(Columns { places, values, header_row: row.number, unused })
    }

    /// What a row has in a column, and the address of that cell.
    pub fn cell(&self, row: &RowOfCells, column: Column) -> (Content, String) {
        let place = self.places.get(&column);
        let content = place.and_then(|&index| row.cells.get(index)).cloned().unwrap_or_default();
        let at = place.map_or_else(|| format!("row {}", row.number), |&index| address(index, row.number));
        match (content, self.values.get(&column)) {
            (Content::Empty, Some(value)) => (value.clone(), at),
            (content, _) => (content, at),
        }
    }

    /// The first cell of a row that holds something and has no header.
    pub fn stray(&self, row: &RowOfCells) -> Option<CellProblem> {
        let headed = |index: usize| {
            self.places.values().any(|&place| place == index)
                || self.unused.iter().any(|(at, _)| *at == address(index, self.header_row))
        };
        let (index, _) =
            row.cells.iter().enumerate().find(|&(index, cell)| *cell != Content::Empty && !headed(index))?;
        Some(CellProblem { address: address(index, row.number), why: CellError::NoHeader })
    }
}

/// A header such as `verlenging vanaf 1/7/2022` in two parts, its words and its date.
fn without_date(header: &str) -> (String, Option<Day>) {
    match header.rsplit_once(' ').map(|(before, last)| (before, read_day(last))) {
        Some((before, Some(day))) => (before.to_owned(), Some(day)),
        Some((_, None)) | None => (header.to_owned(), None),
    }
}
