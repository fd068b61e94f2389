//! Finding a table's file, reading it, and cutting it into pieces that are read side by side; places in it for messages.

use std::borrow::Cow;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use memchr::{memchr_iter, memrchr};

use crate::csv::{self, Broken, How, Records};
use crate::error::{Place, Problem, TableError};
use crate::{Table, gaps, parallel};

/// About so many bytes of a file are read at a time by one thread.
const PIECE: usize = 4 << 20;

/// The contents of a table's file, and what its header says.
pub(crate) struct TableFile {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Where the first record after the header starts.
    body: usize,
    /// The columns of the file.
    names: Vec<String>,
    /// For each of them, its place among the table's columns.
    wanted: Vec<Option<usize>>,
}

impl TableFile {
    /// Reads the file of `table` in `dir`; none where the table may be absent and is.
    pub fn open(dir: &Path, table: Table) -> Result<Option<TableFile>, TableError> {
        let Some(path) = find(dir, table)? else { return Ok(None) };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => return Err(TableError { path, place: None, problem: Problem::Io(error) }),
        };
        let mut file = TableFile { path, bytes, body: 0, names: Vec::new(), wanted: Vec::new() };
        match read_header(&file.bytes, table) {
            Ok(Header { body, names, wanted }) => (file.body, file.names, file.wanted) = (body, names, wanted),
            Err((at, problem)) => return Err(file.error(at, problem)),
        }
        Ok(Some(file))
    }

    /// For each column of the file, its place among `names`, which it must have.
    pub fn columns_named(&self, names: &[&str]) -> Result<Vec<Option<usize>>, TableError> {
        if let Some(missing) = names.iter().find(|name| !self.names.iter().any(|other| other == *name)) {
            return Err(self.error(None, Problem::MissingAskedColumn((*missing).to_owned())));
        }
        Ok(self.names.iter().map(|name| names.iter().position(|wanted| wanted == name)).collect())
    }

    /// The wanted fields of the record that starts at byte `at`, which was read before.
    pub fn fields_at<'a>(
        &'a self,
        at: usize,
        wanted: &[Option<usize>],
        fields: &mut [std::borrow::Cow<'a, str>],
    ) -> Result<(), TableError> {
        let end = csv::end_of_record(&self.bytes, at, at);
        let text = text(&self.bytes, at, end).map_err(|(at, what)| self.error(at, what))?;
        csv::fields(text, wanted, fields).map_err(|broken| {
            let (at, problem) = place(at, broken);
            self.error(at, problem)
        })
    }

    /// Reads the file in pieces on `threads` threads: `piece` gets the records of one piece and the byte of the file at
    /// which the piece starts. The results come in the order of the file; the first broken place stops all.
    pub fn read<R: Send>(
        &self,
        threads: usize,
        piece: impl Fn(Records<'_>, usize) -> Result<R, Broken> + Sync,
    ) -> Result<Vec<R>, TableError> {
        let pieces = csv::cut(&self.bytes[self.body..], PIECE);
        let read = |range: &std::ops::Range<usize>| {
            let start = self.body + range.start;
            let text = text(&self.bytes, start, self.body + range.end).map_err(|(at, what)| self.error(at, what))?;
            piece(Records::new(text, &self.wanted), start).map_err(|broken| {
                let (at, problem) = place(start, broken);
                self.error(at, problem)
            })
        };
        parallel::map(threads, &pieces, read).into_iter().collect()
    }

    /// The physical line of each of `places`, bytes of the file in ascending order.
    pub fn lines(&self, places: impl IntoIterator<Item = usize>) -> Vec<u64> {
        let (mut line, mut counted) = (1, 0);
        places
            .into_iter()
            .map(|at| {
                line += memchr_iter(b'\n', &self.bytes[counted..at]).count() as u64;
                counted = at;
                line
            })
            .collect()
    }

    fn error(&self, at: Option<usize>, problem: Problem) -> TableError {
        let place = at.map(|at| {
            let before = &self.bytes[..at];
            let line_start = memrchr(b'\n', before).map_or(0, |end| end + 1);
            let in_line = String::from_utf8_lossy(&before[line_start..]);
            Place {
                line: self.lines([at])[0],
                column: 1 + in_line.trim_start_matches('\u{feff}').chars().count() as u64,
            }
        });
        TableError { path: self.path.clone(), place, problem }
    }
}

/// What the header of a file says.
pub(crate) struct Header {
    /// Where the first record after the header starts.
    pub body: usize,
    /// The columns of the file.
    pub names: Vec<String>,
    /// For each of them, its place among the table's columns.
    pub wanted: Vec<Option<usize>>,
}

/// What is wrong with a file, and its byte where it is about a place.
pub(crate) type Wrong = (Option<usize>, Problem);

/// The names in the header of a file that starts with `bytes`, and where the first record after it starts. What is wrong
/// comes with its byte.
pub(crate) fn header_names(bytes: &[u8]) -> Result<(usize, Vec<Cow<'_, str>>), Wrong> {
    let after_mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let start = csv::skip_empty_lines(bytes, after_mark);
    let body = csv::end_of_record(bytes, start, start);
    let text = text(bytes, start, body)?;
    if text.is_empty() {
        return Err((None, Problem::NoHeader));
    }
    let names = csv::header(text).map_err(|broken| place(start, broken))?;
    Ok((body, names))
}

/// Reads the header of the file of `table`, which starts with `bytes`. What is wrong comes with its byte.
pub(crate) fn read_header(bytes: &[u8], table: Table) -> Result<Header, Wrong> {
    let (body, names) = header_names(bytes)?;
    let columns = table.columns();
    let mut wanted: Vec<Option<usize>> = Vec::with_capacity(names.len());
    for name in &names {
        let column = columns.iter().position(|column| column.name == name.as_ref());
        if let Some(column) = column
            && wanted.contains(&Some(column))
        {
            return Err((None, Problem::RepeatedColumn(columns[column].name)));
        }
        wanted.push(column);
    }
    for (index, column) in columns.iter().enumerate() {
        if column.required && !wanted.contains(&Some(index)) {
            return Err((None, gaps::missing(column, table, &names)));
        }
    }
    Ok(Header { body, names: names.iter().map(ToString::to_string).collect(), wanted })
}

fn text(bytes: &[u8], start: usize, end: usize) -> Result<&str, (Option<usize>, Problem)> {
    std::str::from_utf8(&bytes[start..end]).map_err(|error| (Some(start + error.valid_up_to()), Problem::NotUtf8))
}

/// Where in its file something in a piece that starts at byte `start` is broken, and how.
fn place(start: usize, broken: Broken) -> (Option<usize>, Problem) {
    let problem = match broken.how {
        How::Fields { expected, got } => Problem::Fields { expected, got },
        How::Quote => Problem::BrokenQuote,
        How::Unclosed => Problem::UnclosedQuote,
    };
    (Some(start + broken.at), problem)
}

/// The file of `table` in `dir`; none where the table may be absent and is.
pub(crate) fn find(dir: &Path, table: Table) -> Result<Option<PathBuf>, TableError> {
    if let Err(error) = fs::read_dir(dir) {
        let problem = match error.kind() {
            ErrorKind::NotFound => Problem::NoFolder,
            ErrorKind::NotADirectory => Problem::NotAFolder,
            _ => Problem::Io(error),
        };
        return Err(TableError { path: dir.to_owned(), place: None, problem });
    }
    let path = dir.join(format!("{}.csv", table.name()));
    let other = ["ndjson", "parquet"]
        .into_iter()
        .map(|format| (format, format!("{}.{format}", table.name())))
        .find(|(_, name)| dir.join(name).exists());
    // A link that leads nowhere is no absent table: the rows that it should lead to would be missed.
    let is_there = match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => return Err(TableError { path, place: None, problem: Problem::Io(error) }),
    };
    match other {
        None if is_there => Ok(Some(path)),
        None if table.may_be_absent() => Ok(None),
        None => Err(TableError { path: dir.to_owned(), place: None, problem: Problem::MissingTable(table.name()) }),
        Some((_, name)) if is_there => Err(TableError { path, place: None, problem: Problem::TwoFormats(name) }),
        Some((format, name)) => Err(TableError { path: dir.join(name), place: None, problem: Problem::Format(format) }),
    }
}
