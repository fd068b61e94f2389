//! The rows of a file below its header, in the format that it has.

use std::sync::Arc;

use lapse_tables::{Problem, TableError};

use crate::cache::Cache;
use crate::error::FileProblem;
use crate::fit::Fit;
use crate::formats::csv;
use crate::formats::json::Paths;
use crate::formats::json_read;
use crate::formats::parquet::ParquetFile;
use crate::formats::text::TextReader;
use crate::formats::workbook::Sheet;
use crate::part_error::{Where, broken, error, no_text, problem};
use crate::register::{FileKind, Part};

/// What is needed to read the rows of a file.
pub(crate) enum Body {
    /// Text, whose records start at this byte of its first piece, on this line.
    Text {
        start: usize,
        line: u64,
    },
    Json(Paths),
    Sheet(Arc<Sheet>),
    Parquet(ParquetFile),
}

impl Body {
    /// Opens the file of a part, and gives the names of its columns.
    pub fn open(part: &Part, cache: &Cache) -> Result<(Body, Vec<String>), TableError> {
        let path = &part.file;
        match part.kind {
            FileKind::Text => {
                let encoding = part.dialect.encoding;
                let reader = TextReader::open(path, encoding, &part.bounds, None);
                let mut reader = reader.map_err(|problem| error(path, problem))?;
                let first = reader.next().map_err(|why| no_text(path, encoding, why))?;
                let (text, _) = first.unwrap_or_default();
                let header = csv::header(&text, part.delimiter());
                let (names, start, line) = header
                    .map_err(|why| broken(Where { path, delimiter: part.delimiter(), text: &text, line: 1 }, why, 0))?;
                if names.is_empty() {
                    return Err(error(path, Problem::NoHeader));
                }
                Ok((Body::Text { start, line }, names))
            }
            FileKind::Json => {
                let paths = cache.paths(path.clone(), || json_read::paths(path, &part.bounds, usize::MAX))?;
                Ok((Body::Json(Paths::default()), paths.iter().cloned().collect()))
            }
            FileKind::Workbook => {
                let key = (path.clone(), part.sheet.clone());
                let sheet = cache.sheet(key, || Sheet::read(path, part.sheet.as_deref(), &part.bounds))?;
                let names = sheet.names.clone();
                if names.is_empty() {
                    return Err(error(path, Problem::NoHeader));
                }
                Ok((Body::Sheet(sheet), names))
            }
            FileKind::Parquet => {
                let file = ParquetFile::open(path)?;
                let names = file.names();
                Ok((Body::Parquet(file), names))
            }
        }
    }

    /// The same, where it is known which columns are wanted.
    pub fn with_columns(mut self, part: &Part, fit: &Fit, names: &[String]) -> Result<Body, TableError> {
        let wanted = || fit.columns.iter().enumerate().filter_map(|(column, slot)| Some((column, (*slot)?)));
        match &mut self {
            Body::Text { .. } | Body::Sheet(_) => {}
            Body::Json(paths) => wanted().for_each(|(column, slot)| paths.want(&names[column], slot)),
            Body::Parquet(file) => {
                for (column, slot) in wanted() {
                    if let Some(kind) = file.unreadable(column).filter(|kind| *kind != "points in time") {
                        let name =
                            part.table.columns().get(slot).map_or("a column that a plugin asks for", |of| of.name);
                        return Err(error(&part.file, Problem::ColumnKind { column: name, kind }));
                    }
                    if file.unreadable(column).is_some() {
                        return Err(problem(&part.file, FileProblem::Moments(names[column].clone())));
                    }
                }
            }
        }
        Ok(self)
    }
}
