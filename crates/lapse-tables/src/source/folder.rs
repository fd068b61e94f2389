//! A folder of files as a source: each table is a file by its name, or a folder of files, in one of the formats that are
//! read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lapse_policy::nearest;

use super::contract::{PartColumns, Pieces, Source, TableSource};
use super::file_pieces::{FilePieces, csv_header, open_parquet};
use super::find::{TableFile, find, split_ending};
use super::gap::Gap;
use super::text::Text;
use super::{csv, ndjson};
use crate::error::{Problem, TableError};
use crate::{Bounds, Format, Progress, Table};

/// This much of a file is read for its header at first, in bytes.
const HEADER: usize = 64 << 10;
/// This much of a file is looked through for keys at a time, in bytes.
const KEYS: usize = 1 << 20;

/// A folder with a file, or a folder of files, for each table.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    ignored_columns: Vec<String>,
    bounds: Bounds,
}

impl Folder {
    /// The tables in the folder at `path`, which is looked at when they are read.
    pub fn new(path: impl Into<PathBuf>) -> Folder {
        Folder { path: path.into(), ignored_columns: Vec::new(), bounds: Bounds::default() }
    }

    /// The same, where the columns with these names are not meant as those whose names they nearly have.
    #[must_use]
    pub fn ignoring(mut self, columns: impl IntoIterator<Item = String>) -> Folder {
        self.ignored_columns.extend(columns);
        self
    }

    /// The same, whose files may hold as much as `bounds` say.
    #[must_use]
    pub fn bounded(self, bounds: Bounds) -> Folder {
        Folder { bounds, ..self }
    }

    /// The files of `table` in the folder at `path`; none where it is absent.
    pub(crate) fn files(
        path: &Path,
        table: Table,
        asked: &[String],
        bounds: Bounds,
    ) -> Result<Option<FolderTable>, TableError> {
        let files = find(path, table, bounds)?;
        if files.is_empty() {
            return Ok(None);
        }
        let parts = files.iter().map(|file| file.name.clone()).collect();
        Ok(Some(FolderTable { table, files, parts, asked: asked.into() }))
    }
}

impl Source for Folder {
    fn table(&self, table: Table, asked: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        let files = Folder::files(&self.path, table, asked, self.bounds)?;
        Ok(files.map(|files| Box::new(files) as Box<dyn TableSource>))
    }

    fn gaps_beside(&self) -> Result<Vec<Gap>, TableError> {
        let io = |error| TableError { path: self.path.clone(), place: None, problem: Problem::Io(error) };
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(io)? {
            let entry = entry.map_err(io)?;
            if entry.path().is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort_unstable();
        Ok(names.into_iter().filter_map(|name| Some(Gap::File { table: nearly_of(&name)?, name })).collect())
    }

    fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.path)
    }

    /// Those that are there; a table that cannot be told from another is told of when it is read.
    fn files(&self) -> Vec<PathBuf> {
        let files = Table::ALL.into_iter().filter_map(|table| find(&self.path, table, self.bounds).ok());
        files.flatten().map(|file| file.path).collect()
    }

    fn ignored_columns(&self) -> &[String] {
        &self.ignored_columns
    }
}

/// The table that a file looks like without being its.
fn nearly_of(name: &str) -> Option<Table> {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let near = nearest(stem, Table::ALL.into_iter().map(Table::name))?;
    let table = Table::ALL.into_iter().find(|table| table.name() == near)?;
    let is_its = split_ending(name).is_some_and(|(stem, ..)| stem == near);
    (!is_its).then_some(table)
}

/// The files of a table.
pub(crate) struct FolderTable {
    pub table: Table,
    pub files: Vec<TableFile>,
    /// The names of the files, as people are told.
    parts: Vec<Arc<str>>,
    /// The columns beyond the table's that are read too.
    pub asked: Arc<[String]>,
}

impl TableSource for FolderTable {
    fn parts(&self) -> &[Arc<str>] {
        &self.parts
    }

    /// How many bytes the files take.
    fn work(&self) -> u64 {
        self.files.iter().map(|file| fs::metadata(&file.path).map_or(0, |metadata| metadata.len())).sum()
    }

    /// Those of a format that tells them, and of files that can be read twice, which a pipe cannot.
    fn columns(&self) -> Result<Vec<PartColumns>, TableError> {
        let mut all = Vec::new();
        let mut keys = BTreeSet::new();
        for file in &self.files {
            if !file.path.is_file() {
                continue;
            }
            let names = match file.format {
                Format::Csv => {
                    let progress = Progress::default();
                    let mut text = Text::open(file, HEADER, &progress)?;
                    csv_header(&mut text, file, self.table, &[])?.names
                }
                Format::Parquet => open_parquet(file, self.table, &[])?.names,
                Format::Ndjson => {
                    add_keys(file, self.table, &mut keys)?;
                    continue;
                }
            };
            all.push(PartColumns { part: file.name.clone(), names });
        }
        // Files of NDJSON are one part, since a column is there where any row has it.
        let ndjson = self.files.iter().filter(|file| matches!(file.format, Format::Ndjson));
        let part = match ndjson.map(|file| &file.name).collect::<Vec<_>>()[..] {
            [] => return Ok(all),
            [one] => one.clone(),
            _ => self.table.name().into(),
        };
        all.push(PartColumns { part, names: keys.into_iter().collect() });
        Ok(all)
    }

    fn pieces<'p>(&'p self, progress: &'p Progress) -> Pieces<'p> {
        FilePieces::new(self.table, &self.files, &self.asked, progress).boxed()
    }
}

/// Adds the keys of the objects in a file, which is read no further than the object in which the last column of the table was
/// seen.
fn add_keys(file: &TableFile, table: Table, keys: &mut BTreeSet<String>) -> Result<(), TableError> {
    let progress = Progress::default();
    let mut text = Text::open(file, KEYS, &progress)?;
    let mut buffer = Vec::new();
    let mut at_start = true;
    while table.columns().iter().any(|column| !keys.contains(column.name)) && text.next(&mut buffer)?.is_some() {
        let mark = if at_start && buffer.starts_with(csv::MARK) { csv::MARK.len() } else { 0 };
        ndjson::keys(&buffer[mark..], keys);
        at_start = false;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_whose_name_is_nearly_a_tables_is_told_and_a_table_is_not() {
        for (name, table) in [
            ("account.csv", Some(Table::Accounts)),
            ("Patrons.csv", Some(Table::Patrons)),
            ("activity.tsv", Some(Table::Activity)),
            ("memberships", Some(Table::Memberships)),
            ("accounts.csv", None),
            ("accounts.parquet", None),
            ("README.md", None),
            ("notes.csv", None),
        ] {
            assert_eq!(nearly_of(name), table, "{name}");
        }
    }
}
