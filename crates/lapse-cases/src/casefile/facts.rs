//! The facts about a made-up patron: the cells of the rows that the four tables would have about them. The cells are text;
//! the reader of the tables says what they mean and which of them cannot be used.

use std::borrow::Cow;
use std::ops::Range;

use lapse_tables::Table;

/// What the tables would say about one patron.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// In the order of [`Table::ALL`]; `patrons` has one row at the most.
    rows: [Vec<Row>; 4],
    /// A row of this patron was rejected.
    pub bad_input: bool,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The columns that have a value.
    pub cells: Vec<Cell>,
    /// Where it stands in a case file; empty for a row or value that was made up by the program.
    pub span: Range<usize>,
}

/// A value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The column's name in the table.
    pub column: Cow<'static, str>,
    /// The value as the table has it.
    pub text: String,
    /// How a case file writes it.
    pub written: Written,
    /// Where it stands in a case file; empty for a row or value that was made up by the program.
    pub span: Range<usize>,
}

/// What TOML writes for a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A text in quotes.
    Text,
    /// A date without quotes.
    Day,
    /// `true` or `false`.
    Boolean,
    /// A number, or a text in quotes.
    Amount,
    /// A whole number.
    Count,
    /// A text in quotes or a list of them.
    Words,
    /// Of a column that only plugins know: a text in quotes, or a number, date or boolean as the table has it.
    AsInTable,
}

impl Written {
    /// How case files write the values of a column.
    pub fn of(column: &str) -> Written {
        match column {
            "birth_date" | "profile_last_active" | "valid_from" | "valid_until" | "last_active" | "settled_on" => {
                Written::Day
            }
            "loan_history" => Written::Boolean,
            "owed" | "credit" => Written::Amount,
            "items" => Written::Count,
            "blocks" => Written::Words,
            _ => Written::Text,
        }
    }

    /// What a person should have written, to follow "expected".
    pub fn expected(self) -> &'static str {
        match self {
            Written::Text => "a text in quotes",
            Written::Day => "a date such as 2020-06-30, without quotes",
            Written::Boolean => "true or false",
            Written::Amount => "an amount in euro such as \"5.00\" or 5",
            Written::Count => "a whole number",
            Written::Words => "a list such as [\"general\"]",
            Written::AsInTable => "a text in quotes, a whole number, a date such as 2020-06-30, or true or false",
        }
    }
}

impl Row {
    /// The value of a column.
    pub fn get(&self, column: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.column == column)
    }
}

impl Facts {
    /// The rows of a table.
    pub fn rows(&self, table: Table) -> &[Row] {
        &self.rows[table as usize]
    }

    /// Adds a row to a table.
    pub fn add(&mut self, table: Table, row: Row) {
        self.rows[table as usize].push(row);
    }

    /// The libraries in which the patron has a record, by first appearance in memberships, then in accounts.
    pub fn libraries(&self) -> Vec<&str> {
        let mut libraries = Vec::new();
        for row in self.rows(Table::Memberships).iter().chain(self.rows(Table::Accounts)) {
            if let Some(library) = row.get("library")
                && !libraries.contains(&&*library.text)
            {
                libraries.push(&*library.text);
            }
        }
        libraries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_that_is_no_text_is_known_by_name() {
        let columns = Table::ALL.iter().flat_map(|table| table.columns());
        let texts: Vec<&str> =
            columns.map(|column| column.name).filter(|name| Written::of(name) == Written::Text).collect();
        let id = "patron_id";
        assert_eq!(texts, [id, id, "library", "subscription", "status", id, "library", "source", id, "library"]);
    }
}
