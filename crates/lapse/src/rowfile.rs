//! A list of patrons as a file that the user names: CSV or NDJSON, as its name ends.

use std::path::Path;

use lapse_tables::push_csv_field;

use crate::Failure;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// Text with commas.
    Csv,
    /// One JSON object a line, null where there is nothing.
    Ndjson,
}

impl RowFormat {
    /// By the ending of a file's name.
    pub fn of(path: &Path) -> Result<RowFormat, Failure> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(RowFormat::Csv),
            Some("ndjson") => Ok(RowFormat::Ndjson),
            Some(_) | None => Err(Failure::refused(format!(
                "{}: name a file that ends in .csv or .ndjson, which says how it is written",
                path.display()
            ))),
        }
    }
}

/// Rows of one table.
pub struct RowFile {
    format: RowFormat,
    columns: &'static [&'static str],
    bytes: Vec<u8>,
}

impl RowFile {
    /// Without a row, with these columns.
    pub fn new(format: RowFormat, columns: &'static [&'static str]) -> RowFile {
        let mut file = RowFile { format, columns, bytes: Vec::new() };
        match format {
            RowFormat::Csv => file.row(columns),
            RowFormat::Ndjson => {}
        }
        file
    }

    /// Adds a row, with a field for each column.
    pub fn row(&mut self, fields: &[&str]) {
        debug_assert_eq!(fields.len(), self.columns.len());
        match self.format {
            RowFormat::Csv => {
                for (index, field) in fields.iter().enumerate() {
                    self.bytes.extend_from_slice(if index == 0 { b"" } else { b"," });
                    push_csv_field(&mut self.bytes, field);
                }
            }
            RowFormat::Ndjson => {
                for (index, (column, field)) in self.columns.iter().zip(fields).enumerate() {
                    self.bytes.extend_from_slice(if index == 0 { b"{" } else { b"," });
                    self.json(Some(column));
                    self.bytes.push(b':');
                    self.json(Some(field).filter(|field| !field.is_empty()));
                }
                self.bytes.push(b'}');
            }
        }
        self.bytes.push(b'\n');
    }

    fn json(&mut self, text: Option<&&str>) {
        serde_json::to_writer(&mut self.bytes, &text).expect("text has a JSON form, and memory takes it");
    }

    /// The whole file.
    pub fn into_text(self) -> String {
        String::from_utf8(self.bytes).expect("fields are text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_how_rows_are_written() {
        let written = |name: &str| {
            let mut file = RowFile::new(RowFormat::of(Path::new(name)).unwrap(), &["patron_id", "library"]);
            file.row(&["P\"1,", ""]);
            file.into_text()
        };
        assert_eq!(written("a.csv"), "patron_id,library\n\"P\"\"1,\",\n");
        assert_eq!(written("a.ndjson"), "{\"patron_id\":\"P\\\"1,\",\"library\":null}\n");
        assert!(RowFormat::of(Path::new("a.xlsx")).is_err() && RowFormat::of(Path::new("csv")).is_err());
    }
}
