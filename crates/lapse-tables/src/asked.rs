//! Columns beyond the contract that somebody asks for by name: their text, row by row, as the joined rows stand.
//! Nothing of this is done, and no row knows its place, unless somebody asks.

use std::borrow::Cow;

use lapse_engine::Membership;

use crate::codes::{PieceCodes, Renumberings};
use crate::input::TableFile;
use crate::join::PatronTable;
use crate::reject::RowFault;
use crate::{Table, TableError};

/// A column of a table, by its name in the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedColumn {
    /// Whose rows have it.
    pub table: Table,
    /// Its name.
    pub name: String,
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

/// Reads the columns that are asked of a table, from the rows that start at `places`, into their place among `texts`.
pub(crate) fn read(
    file: &TableFile,
    asked: &[AskedColumn],
    table: Table,
    places: impl Iterator<Item = usize>,
    texts: &mut [Texts],
) -> Result<(), TableError> {
    let numbers: Vec<usize> = (0..asked.len()).filter(|&number| asked[number].table == table).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = numbers.iter().map(|&number| asked[number].name.as_str()).collect();
    let wanted = file.columns_named(&names)?;
    let mut fields = vec![Cow::Borrowed(""); numbers.len()];
    for at in places {
        file.fields_at(at, &wanted, &mut fields)?;
        for (&number, field) in numbers.iter().zip(&fields) {
            texts[number].push(field);
        }
    }
    Ok(())
}

/// A membership and the byte at which its row starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedMembership {
    pub membership: Membership,
    pub at: usize,
}

impl PatronTable<6> for PlacedMembership {
    const TABLE: Table = Table::Memberships;

    fn read(fields: &[Cow<'_, str>; 6], at: usize, codes: &mut PieceCodes<'_>) -> Result<PlacedMembership, RowFault> {
        Ok(PlacedMembership { membership: Membership::read(fields, at, codes)?, at })
    }

    fn renumber(&mut self, to: &Renumberings) {
        self.membership.renumber(to);
    }
}
