//! A list of patrons, such as those who get a letter, as a file in memory: CSV, NDJSON or Parquet. People open the CSV in a
//! spreadsheet, so that no cell of it begins as a formula does; the other two are for programs, and have each value as it is.

use std::borrow::Cow;

use super::OutColumn;
use super::csv::push_csv_field;
use super::list::{Field, ParquetList};
use crate::Format;

/// The rows of a list, to become a file.
pub struct RowFile {
    columns: &'static [OutColumn],
    rows: Rows,
}

/// The rows so far, in the form of their format.
enum Rows {
    Csv(Vec<u8>),
    Ndjson(Vec<u8>),
    Parquet(Box<ParquetList>),
}

impl RowFile {
    /// A list with these columns, without a row.
    pub fn new(format: Format, columns: &'static [OutColumn]) -> RowFile {
        let rows = match format {
            Format::Csv => {
                let mut header = Vec::new();
                push_csv_row(&mut header, columns.iter().map(|column| column.name));
                Rows::Csv(header)
            }
            Format::Ndjson => Rows::Ndjson(Vec::new()),
            Format::Parquet => Rows::Parquet(Box::new(ParquetList::new(columns))),
        };
        RowFile { columns, rows }
    }

    /// Adds a row, with a field for each column.
    pub fn row(&mut self, fields: &[Field<'_>]) {
        debug_assert_eq!(fields.len(), self.columns.len());
        let texts = fields.iter().map(|field| match *field {
            Field::Text(text) => text.into(),
            Field::Day(day) => day.map(|day| day.to_string()).unwrap_or_default().into(),
        });
        match &mut self.rows {
            Rows::Csv(bytes) => push_csv_row(bytes, texts),
            Rows::Ndjson(bytes) => push_json_row(bytes, self.columns.iter().map(|column| column.name).zip(texts)),
            Rows::Parquet(list) => list.row(fields),
        }
    }

    /// The whole file.
    pub fn into_bytes(self) -> Vec<u8> {
        match self.rows {
            Rows::Csv(bytes) | Rows::Ndjson(bytes) => bytes,
            Rows::Parquet(list) => list.into_bytes(),
        }
    }
}

/// What a spreadsheet takes for the beginning of a formula. After an apostrophe it is text.
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn push_csv_row(bytes: &mut Vec<u8>, fields: impl Iterator<Item = impl AsRef<str>>) {
    for (index, field) in fields.enumerate() {
        bytes.extend_from_slice(if index == 0 { b"" } else { b"," });
        let field = field.as_ref();
        if field.starts_with(FORMULAS) {
            push_csv_field(bytes, &format!("'{field}"));
        } else {
            push_csv_field(bytes, field);
        }
    }
    bytes.push(b'\n');
}

fn push_json_row<'c>(bytes: &mut Vec<u8>, fields: impl Iterator<Item = (&'c str, Cow<'c, str>)>) {
    let mut push = |before: &[u8], text: Option<&str>| {
        bytes.extend_from_slice(before);
        serde_json::to_writer(&mut *bytes, &text).expect("text has a JSON form, and memory takes it");
    };
    for (index, (column, field)) in fields.enumerate() {
        push(if index == 0 { b"{" } else { b"," }, Some(column));
        push(b":", Some(&*field).filter(|field| !field.is_empty()));
    }
    bytes.extend_from_slice(b"}\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn a_list_is_written_in_each_format() {
        const COLUMNS: [OutColumn; 3] = [
            OutColumn::new("patron_id", Kind::Id),
            OutColumn::new("library", Kind::MaybeWord),
            OutColumn::new("valid_from", Kind::MaybeDay),
        ];
        let written = |format| {
            let mut file = RowFile::new(format, &COLUMNS);
            file.row(&[Field::Text("P\"1,"), Field::Text(""), Field::Day("2022-07-01".parse().ok())]);
            file.into_bytes()
        };
        assert_eq!(written(Format::Csv), b"patron_id,library,valid_from\n\"P\"\"1,\",,2022-07-01\n");
        assert_eq!(
            written(Format::Ndjson),
            b"{\"patron_id\":\"P\\\"1,\",\"library\":null,\"valid_from\":\"2022-07-01\"}\n"
        );
        assert!(written(Format::Parquet).starts_with(b"PAR1"));
    }

    #[test]
    fn a_spreadsheet_took_an_id_for_a_formula() {
        const COLUMNS: [OutColumn; 1] = [OutColumn::new("patron_id", Kind::Id)];
        let written = |format, id| {
            let mut file = RowFile::new(format, &COLUMNS);
            file.row(&[Field::Text(id)]);
            String::from_utf8(file.into_bytes()).unwrap()
        };
        assert_eq!(written(Format::Csv, "=1+2"), "patron_id\n'=1+2\n");
        assert_eq!(written(Format::Csv, "@a,b"), "patron_id\n\"'@a,b\"\n");
        assert_eq!(written(Format::Csv, "1-2"), "patron_id\n1-2\n");
        assert_eq!(written(Format::Ndjson, "=1+2"), "{\"patron_id\":\"=1+2\"}\n");
    }
}
