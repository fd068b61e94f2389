//! Which files a table is in: one file by the table's name, or a folder of files by that name, in one of the formats that
//! are read, each compressed or not. Where two could be meant, the program does not choose between them but refuses both.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::unpack::Packing;
use crate::error::{Problem, TableError};
use crate::{Bounds, Format, Table};

/// A file of a table.
#[derive(Clone, Debug)]
pub(crate) struct TableFile {
    pub path: PathBuf,
    /// Its path within the extract, as people are told: `patrons.csv`, `memberships/part-2.csv`.
    pub name: Arc<str>,
    pub format: Format,
    pub packing: Packing,
    pub bounds: Bounds,
}

/// Every ending that is read.
const ENDINGS: [(&str, Format, Packing); 7] = [
    (".csv", Format::Csv, Packing::Plain),
    (".csv.gz", Format::Csv, Packing::Gzip),
    (".csv.zst", Format::Csv, Packing::Zstd),
    (".ndjson", Format::Ndjson, Packing::Plain),
    (".ndjson.gz", Format::Ndjson, Packing::Gzip),
    (".ndjson.zst", Format::Ndjson, Packing::Zstd),
    (".parquet", Format::Parquet, Packing::Plain),
];

/// The files of `table` in `dir`, in the order in which they are read, within these bounds; none where the table may be absent and is.
pub(crate) fn find(dir: &Path, table: Table, bounds: Bounds) -> Result<Vec<TableFile>, TableError> {
    if let Err(error) = fs::read_dir(dir) {
        return Err(failed(
            dir,
            match error.kind() {
                ErrorKind::NotFound => Problem::NoFolder,
                ErrorKind::NotADirectory => Problem::NotAFolder,
                _ => Problem::Io(error),
            },
        ));
    }
    let name = table.name();
    let mut found = Vec::new();
    for (ending, format, packing) in ENDINGS {
        let file = format!("{name}{ending}");
        let path = dir.join(&file);
        if is_there(&path)? {
            found.push(TableFile { path, name: file.into(), format, packing, bounds });
        }
    }
    let folder = dir.join(name);
    if is_there(&folder)? {
        if let Some(file) = found.first() {
            return Err(failed(&file.path, Problem::TwoFormats(format!("the folder {name}"))));
        }
        return files_of(&folder, table, bounds);
    }
    match &found[..] {
        [] if !table.may_be_absent() => Err(failed(dir, Problem::MissingTable(name))),
        [] | [_] => Ok(found),
        [file, other, ..] => Err(failed(&file.path, Problem::TwoFormats(other.name.to_string()))),
    }
}

/// The files in the folder of `table`, in the order of their names.
fn files_of(folder: &Path, table: Table, bounds: Bounds) -> Result<Vec<TableFile>, TableError> {
    let io = |error| failed(folder, Problem::Io(error));
    let names: io::Result<Vec<_>> =
        fs::read_dir(folder).map_err(io)?.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let mut names = names.map_err(io)?;
    names.sort();
    let mut files: Vec<(String, TableFile)> = Vec::new();
    // Programs that write folders of files leave files of their own there, such as `_SUCCESS` and `.part-1.crc`.
    for file in names.iter().filter(|name| !matches!(name.as_encoded_bytes().first(), Some(b'_' | b'.'))) {
        let path = folder.join(file);
        let Some((stem, format, packing)) = file.to_str().and_then(split_ending) else {
            return Err(failed(&path, Problem::Format));
        };
        if let Some((_, other)) = files.iter().find(|(other, source)| other == stem || source.format != format) {
            let other = other.path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
            return Err(failed(&path, Problem::TwoFormats(other.into_owned())));
        }
        let name = format!("{}/{}", table.name(), file.to_string_lossy()).into();
        files.push((stem.to_owned(), TableFile { path, name, format, packing, bounds }));
    }
    if files.is_empty() {
        return Err(failed(folder, Problem::EmptyFolder));
    }
    Ok(files.into_iter().map(|(_, source)| source).collect())
}

/// A name without its ending, and what the ending says.
pub(crate) fn split_ending(name: &str) -> Option<(&str, Format, Packing)> {
    ENDINGS.iter().find_map(|&(ending, format, packing)| Some((name.strip_suffix(ending)?, format, packing)))
}

/// A link that leads nowhere is there: a table is not absent when the rows that it should lead to would be missed.
fn is_there(path: &Path) -> Result<bool, TableError> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(path, Problem::Io(error))),
    }
}

fn failed(path: &Path, problem: Problem) -> TableError {
    TableError { path: path.to_owned(), place: None, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[&str]) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        match find(dir.path(), Table::Memberships, Bounds::default()) {
            Ok(sources) => Ok(sources.iter().map(|source| source.name.to_string()).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_table_is_a_file_of_any_format() {
        for (ending, ..) in ENDINGS {
            let file = format!("memberships{ending}");
            assert_eq!(found(&["patrons.csv", &file]), Ok(vec![file]));
        }
    }

    #[test]
    fn a_table_is_a_folder_of_files_in_the_order_of_their_names() {
        let files = ["memberships/b.csv.gz", "memberships/a.csv", "memberships/_SUCCESS", "memberships/.a.csv.crc"];
        assert_eq!(found(&files), Ok(vec!["memberships/a.csv".to_owned(), "memberships/b.csv.gz".to_owned()]));
        assert_eq!(
            found(&["memberships/part-10.parquet", "memberships/part-2.parquet"]),
            Ok(vec!["memberships/part-10.parquet".to_owned(), "memberships/part-2.parquet".to_owned()])
        );
    }

    #[test]
    fn what_could_be_meant_twice_is_refused() {
        for files in [
            ["memberships.csv", "memberships.ndjson.zst"],
            ["memberships.csv.gz", "memberships.csv"],
            ["memberships.parquet", "memberships/a.parquet"],
            ["memberships/a.csv", "memberships/a.csv.gz"],
            ["memberships/a.csv", "memberships/b.parquet"],
        ] {
            let error = found(&files).unwrap_err();
            assert!(error.contains("keep the one that is meant"), "{files:?}: {error}");
        }
    }

    #[test]
    fn a_folder_has_files_and_only_files_that_are_read() {
        assert!(found(&["memberships/_SUCCESS"]).unwrap_err().contains("no file"));
        assert!(found(&["memberships/a.csv", "memberships/notes.txt"]).unwrap_err().contains("notes.txt: "));
        assert!(found(&["memberships/2022/a.csv"]).unwrap_err().contains("2022: "));
    }
}
