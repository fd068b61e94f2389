//! Columns beyond those of the tables that a caller asks for by name: their texts, in the order of the joined rows. Rows keep
//! their places and texts only where a column is asked for, because that takes time and memory.

use crate::Table;
use crate::source::{Field, RowPlace};

/// A column of a table, by its name in the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedColumn {
    /// Whose rows have it.
    pub table: Table,
    /// Its name.
    pub name: String,
}

impl AskedColumn {
    /// The names of those among `columns` that are of `table`.
    pub(crate) fn names(columns: &[AskedColumn], table: Table) -> Vec<String> {
        columns.iter().filter(|column| column.table == table).map(|column| column.name.clone()).collect()
    }
}

/// The texts of one column, in the order of the joined rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    pub fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.text[start..self.ends[row]]
    }

    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }
}

/// The texts of the columns that are asked of a table, row by row in the order of the table.
#[derive(Default)]
pub(crate) struct AskedRows {
    places: Vec<RowPlace>,
    texts: Vec<Box<[Box<str>]>>,
}

impl AskedRows {
    /// Adds a row; without columns that are asked for, it adds nothing.
    pub fn push(&mut self, at: RowPlace, fields: &[Field<'_>]) {
        if !fields.is_empty() {
            self.places.push(at);
            self.texts.push(fields.iter().map(|field| field.text().into()).collect());
        }
    }

    pub fn append(&mut self, mut other: AskedRows) {
        self.places.append(&mut other.places);
        self.texts.append(&mut other.texts);
    }

    /// Adds the texts of the rows at `places` to those of each column of `table` among all that are asked for.
    pub fn tell(
        &self,
        asked: &[AskedColumn],
        table: Table,
        places: impl Iterator<Item = RowPlace>,
        texts: &mut [Texts],
    ) {
        if self.places.is_empty() {
            return;
        }
        for at in places {
            let row = self.places.binary_search(&at).expect("each row that is used was noted");
            let numbers = (0..asked.len()).filter(|&number| asked[number].table == table);
            for (number, text) in numbers.zip(&self.texts[row]) {
                texts[number].push(text);
            }
        }
    }
}
