//! The formats in which tables are read and written.

use std::path::{Path, PathBuf};

/// A format of tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// As in RFC 4180, with a header.
    #[default]
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 3] = [Format::Csv, Format::Ndjson, Format::Parquet];

    /// Its name, which is also the ending of its files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Parquet => "parquet",
        }
    }

    /// The format in which a list is written, by the ending of its file's name.
    pub fn of_file(path: &Path) -> Result<Format, UnknownEnding> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let format = Format::ALL.into_iter().find(|format| ending == Some(format.as_str()));
        format.ok_or_else(|| UnknownEnding { path: path.to_owned() })
    }
}

/// The name of a file ends in a way that tells no format.
#[derive(Debug, thiserror::Error)]
#[error("{}: name a file that ends in .csv, .ndjson or .parquet, which says how it is written", path.display())]
pub struct UnknownEnding {
    /// The file.
    pub path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_file_says_how_its_rows_are_written() {
        for (name, format) in [("a.csv", Format::Csv), ("b/a.ndjson", Format::Ndjson), ("a.b.parquet", Format::Parquet)]
        {
            assert_eq!(Format::of_file(Path::new(name)).unwrap(), format, "{name}");
        }
        for name in ["a.xlsx", "csv", "a.CSV", "a.csv.gz", "parquet"] {
            let refused = Format::of_file(Path::new(name)).unwrap_err().to_string();
            assert!(refused.starts_with(name) && refused.contains(".csv, .ndjson or .parquet"), "{refused}");
        }
    }
}
