//! Case files as `lapse cases` writes them.

use std::borrow::Cow;
use std::fmt::Write as _;

use lapse_policy::as_key;
use lapse_tables::Table;

use super::facts::{Cell, Facts, Row, Written};

impl Written {
    fn toml(self, text: &str) -> String {
        match self {
            Written::Day | Written::Boolean | Written::Count => text.to_owned(),
            Written::Text | Written::Amount | Written::Words | Written::AsInTable => quoted(text),
        }
    }
}

/// A text as TOML writes it.
pub fn quoted(text: &str) -> String {
    let mut toml = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => toml.push_str("\\\""),
            '\\' => toml.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(toml, "\\u{:04X}", u32::from(c));
            }
            c => toml.push(c),
        }
    }
    toml.push('"');
    toml
}

impl Cell {
    /// A value that no file has.
    pub fn of(column: Cow<'static, str>, text: String, written: Written) -> Cell {
        Cell { column, text, written, span: 0..0 }
    }

    fn to_toml(&self) -> String {
        format!("{} = {}", as_key(&self.column), self.written.toml(&self.text))
    }
}

impl Row {
    /// A row that no file has.
    pub fn of(cells: &[(&'static str, &str)]) -> Row {
        let cell =
            |&(column, text): &(&'static str, &str)| Cell::of(column.into(), text.to_owned(), Written::of(column));
        Row { cells: cells.iter().map(cell).collect(), span: 0..0 }
    }
}

impl Facts {
    /// The same with one more row.
    #[must_use]
    pub fn with(mut self, table: Table, cells: &[(&'static str, &str)]) -> Facts {
        self.add(table, Row::of(cells));
        self
    }

    /// How many values there are: the fewer, the smaller the patron.
    pub fn size(&self) -> usize {
        Table::ALL.into_iter().flat_map(|table| self.rows(table)).map(|row| row.cells.len()).sum()
    }

    /// The latest day in the facts, as its table has it.
    pub fn latest_day(&self) -> Option<&str> {
        let cells = Table::ALL.into_iter().flat_map(|table| self.rows(table)).flat_map(|row| &row.cells);
        cells.filter(|cell| cell.written == Written::Day).map(|cell| &*cell.text).max()
    }

    /// The facts as the lines of a case; the library of a row is left out where it is `library`.
    pub fn to_toml(&self, library: &str) -> String {
        let mut toml = String::new();
        for table in Table::ALL {
            let rows = self.rows(table);
            if table == Table::Patrons {
                for cell in rows.iter().flat_map(|row| &row.cells) {
                    let _ = writeln!(toml, "{}", cell.to_toml());
                }
                continue;
            }
            if rows.is_empty() {
                continue;
            }
            let row = |row: &Row| {
                let defaults = table != Table::Activity;
                let cells = row.cells.iter().filter(|cell| {
                    let is_default = defaults && cell.column == "library" && cell.text == library;
                    !is_default
                });
                format!("{{ {} }}", cells.map(Cell::to_toml).collect::<Vec<_>>().join(", "))
            };
            let rows: Vec<String> = rows.iter().map(row).collect();
            let _ = writeln!(toml, "{} = [{}]", table.name(), rows.join(", "));
        }
        if self.bad_input {
            toml.push_str("bad_input = true\n");
        }
        toml
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_needs_it_is_escaped() {
        assert_eq!(quoted("a \"b\" \\ \n"), "\"a \\\"b\\\" \\\\ \\u000A\"");
    }
}
