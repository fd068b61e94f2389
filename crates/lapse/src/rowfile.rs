//! A list of patrons as a file that the user names: CSV, NDJSON or Parquet, as its name ends.

use std::path::Path;

use lapse_tables::{Field, Format, OutColumn, ParquetList, push_csv_field};

use crate::Failure;

/// The format in which a list is written, by the ending of its file's name.
pub fn format_of(path: &Path) -> Result<Format, Failure> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    Format::ALL.into_iter().find(|format| ending == Some(format.as_str())).ok_or_else(|| {
        Failure::refused(format!(
            "{}: name a file that ends in .csv, .ndjson or .parquet, which says how it is written",
            path.display()
        ))
    })
}

/// Rows of one table.
pub struct RowFile {
    columns: &'static [OutColumn],
    rows: Rows,
}

/// The rows so far, as their format has them.
enum Rows {
    Csv(Vec<u8>),
    Ndjson(Vec<u8>),
    Parquet(Box<ParquetList>),
}

impl RowFile {
    /// Without a row, with these columns.
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

fn push_csv_row(bytes: &mut Vec<u8>, fields: impl Iterator<Item = impl AsRef<str>>) {
    for (index, field) in fields.enumerate() {
        bytes.extend_from_slice(if index == 0 { b"" } else { b"," });
        push_csv_field(bytes, field.as_ref());
    }
    bytes.push(b'\n');
}

fn push_json_row<'c>(bytes: &mut Vec<u8>, fields: impl Iterator<Item = (&'c str, std::borrow::Cow<'c, str>)>) {
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
    use lapse_tables::Kind;

    #[test]
    fn the_ending_says_how_rows_are_written() {
        const COLUMNS: [OutColumn; 3] = [
            OutColumn::new("patron_id", Kind::Id),
            OutColumn::new("library", Kind::MaybeWord),
            OutColumn::new("valid_from", Kind::MaybeDay),
        ];
        let written = |name: &str| {
            let mut file = RowFile::new(format_of(Path::new(name)).unwrap(), &COLUMNS);
            file.row(&[Field::Text("P\"1,"), Field::Text(""), Field::Day("2022-07-01".parse().ok())]);
            file.into_bytes()
        };
        assert_eq!(written("a.csv"), b"patron_id,library,valid_from\n\"P\"\"1,\",,2022-07-01\n");
        assert_eq!(
            written("a.ndjson"),
            b"{\"patron_id\":\"P\\\"1,\",\"library\":null,\"valid_from\":\"2022-07-01\"}\n"
        );
        assert!(written("a.parquet").starts_with(b"PAR1"));
        for name in ["a.xlsx", "csv", "a.CSV", "a.csv.gz", "parquet"] {
            let refused = format_of(Path::new(name)).unwrap_err();
            assert!(matches!(refused, Failure::Refused(why) if why.contains(".csv, .ndjson or .parquet")), "{name}");
        }
    }
}
