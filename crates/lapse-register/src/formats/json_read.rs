//! A JSON file as pieces of whole records: the objects of an array, or objects one after the other, each on lines of its own.
//! Records are found by their brackets, so that a file of any length needs little memory.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use lapse_tables::{Bounds, Problem, Progress, TableError};
use memchr::{memchr_iter, memchr2};

use super::json::{Trouble, add_paths};
use super::text;
use crate::error::FileProblem;
use crate::part_error::{error, problem};

/// About this many bytes of a file are made into a piece.
const PIECE: usize = 1 << 20;

/// Where a record stands in the bytes of its piece, and its number: of an array the element, otherwise the line; from 1.
pub(crate) type Record = (Range<usize>, u64);

/// Records that follow each other.
pub(crate) struct JsonPiece {
    pub bytes: Vec<u8>,
    /// Each of them.
    pub records: Vec<Record>,
}

/// Reads a file in pieces.
pub(crate) struct JsonReader<'p> {
    path: &'p Path,
    file: Box<dyn Read + Send + 'p>,
    /// What was read and not handed out.
    left: Vec<u8>,
    /// The line, or in an array the number of the element, at which that starts.
    number: u64,
    /// Whether the file is an array; none before its first sign was read.
    is_array: Option<bool>,
    at_end: bool,
    /// A record may have this many bytes.
    longest: usize,
}

impl<'p> JsonReader<'p> {
    /// The records of the file at `path`.
    pub fn open(path: &'p Path, bounds: &Bounds, progress: Option<&'p Progress>) -> Result<JsonReader<'p>, TableError> {
        let file = text::open(path, bounds, progress).map_err(|problem| error(path, problem))?;
        Ok(JsonReader { path, file, longest: bounds.line, left: Vec::new(), number: 1, is_array: None, at_end: false })
    }

    /// The next records; none at the end.
    pub fn next(&mut self) -> Result<Option<JsonPiece>, TableError> {
        let mut enough = PIECE;
        while !self.at_end {
            self.read().map_err(|io| error(self.path, Problem::reading(io)))?;
            // A record that is longer than a piece is looked for again only when twice as much was read.
            if self.left.len() < enough.min(self.longest) && !self.at_end {
                continue;
            }
            enough = self.left.len() * 2;
            self.begin();
            let (records, end) = self.whole()?;
            if !records.is_empty() {
                let rest = self.left.split_off(end);
                let bytes = std::mem::replace(&mut self.left, rest);
                return Ok(Some(JsonPiece { bytes, records }));
            }
            if self.left.len() >= self.longest && !self.at_end {
                let long = FileProblem::LongRecord { record: self.number, megabytes: self.longest.div_ceil(1 << 20) };
                return Err(problem(self.path, long));
            }
        }
        if self.left.iter().any(|byte| !byte.is_ascii_whitespace() && !b",]".contains(byte)) {
            let cut = FileProblem::NotJson { record: self.number, problem: "the file ends within it".to_owned() };
            return Err(problem(self.path, cut));
        }
        Ok(None)
    }

    fn read(&mut self) -> io::Result<()> {
        let read = (&mut self.file).take(PIECE as u64).read_to_end(&mut self.left)?;
        self.at_end = read < PIECE;
        Ok(())
    }

    /// Passes over a byte order mark and what opens an array.
    fn begin(&mut self) {
        if self.is_array.is_some() {
            return;
        }
        if self.left.starts_with(b"\xef\xbb\xbf") {
            self.left.drain(..3);
        }
        let Some(first) = self.left.iter().position(|byte| !byte.is_ascii_whitespace()) else { return };
        let is_array = self.left[first] == b'[';
        self.is_array = Some(is_array);
        if is_array {
            self.left.drain(..=first);
        }
    }

    /// The records that are whole in what was read, and where the last of them ends.
    fn whole(&mut self) -> Result<(Vec<Record>, usize), TableError> {
        let is_array = self.is_array == Some(true);
        let mut records = Vec::new();
        let (mut end, mut at) = (0, 0);
        let mut line = self.number;
        while let Some(&byte) = self.left.get(at) {
            match byte {
                b'{' => {
                    let Some(length) = object(&self.left[at..]) else { break };
                    let number = if is_array { self.number + records.len() as u64 } else { line };
                    records.push((at..at + length, number));
                    line += memchr_iter(b'\n', &self.left[at..at + length]).count() as u64;
                    at += length;
                    end = at;
                    continue;
                }
                b'\n' => line += 1,
                b' ' | b'\t' | b'\r' | b',' => {}
                b']' if is_array => {}
                _ => {
                    let record = if is_array { self.number + records.len() as u64 } else { line };
                    return Err(problem(self.path, FileProblem::NotAnObject(record)));
                }
            }
            at += 1;
        }
        if is_array {
            self.number += records.len() as u64;
        } else {
            self.number += memchr_iter(b'\n', &self.left[..end]).count() as u64;
        }
        Ok((records, end))
    }
}

/// The length of the object that starts here; none where it does not end.
fn object(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match bytes.get(at)? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' => {
                at += 1;
                loop {
                    at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
                    if bytes[at] == b'"' {
                        break;
                    }
                    at += 2;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// What is wrong with a record.
pub(crate) fn trouble(path: &Path, record: u64, trouble: Trouble) -> TableError {
    problem(
        path,
        match trouble {
            Trouble::NotJson(problem) => FileProblem::NotJson { record, problem },
            Trouble::NotAnObject => FileProblem::NotAnObject(record),
            Trouble::Object(key) => FileProblem::Object(key),
        },
    )
}

/// The paths to all values of a file, as far as the first `most` records have them.
pub(crate) fn paths(path: &Path, bounds: &Bounds, most: usize) -> Result<BTreeSet<String>, TableError> {
    let mut paths = BTreeSet::new();
    let mut reader = JsonReader::open(path, bounds, None)?;
    let mut seen = 0;
    while let Some(piece) = reader.next()? {
        for (record, number) in piece.records {
            add_paths(&piece.bytes[record], &mut paths).map_err(|why| trouble(path, number, why))?;
            seen += 1;
            if seen == most {
                return Ok(paths);
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Result<Vec<(String, u64)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, text).unwrap();
        let mut reader = JsonReader::open(&path, &Bounds::default(), None).unwrap();
        let mut records = Vec::new();
        while let Some(piece) = reader.next().map_err(|error| error.problem.to_string())? {
            let found = piece
                .records
                .iter()
                .map(|(range, number)| (String::from_utf8(piece.bytes[range.clone()].to_vec()).unwrap(), *number));
            records.extend(found);
        }
        Ok(records)
    }

    #[test]
    fn the_elements_of_an_array_have_numbers_and_other_objects_lines() {
        let found = records("\u{feff} [\n{\"a\": \"}\\\"\"},\n\n {\"b\": [{}]}\n]\n").unwrap();
        assert_eq!(found, [("{\"a\": \"}\\\"\"}".to_owned(), 1), ("{\"b\": [{}]}".to_owned(), 2)]);
        let found = records("{}\n\n{\"a\":\n1}\r\n{}").unwrap();
        assert_eq!(found.iter().map(|(_, line)| *line).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(records("[]"), Ok(Vec::new()));
        assert_eq!(records(""), Ok(Vec::new()));
    }

    #[test]
    fn what_holds_no_objects_or_is_cut_off_is_told() {
        assert!(records("[1]").unwrap_err().contains("record 1 is not a JSON object"));
        assert!(records("{}\n\"a\"").unwrap_err().contains("record 2 is not a JSON object"));
        assert!(records("[{}, {\"a\": 1").unwrap_err().contains("record 2 is not JSON (the file ends within it)"));
    }

    #[test]
    fn a_long_file_comes_in_pieces() {
        let long = "x".repeat(3 << 20);
        let text = format!("[{}]", vec![format!("{{\"a\":\"{long}\"}}"); 3].join(","));
        assert_eq!(records(&text).unwrap().len(), 3);
        let lines = "{\"a\":\"bc\"}\n".repeat(300_000);
        let found = records(&lines).unwrap();
        assert!(found.iter().zip(1..).all(|((_, line), expected)| *line == expected));
        assert_eq!(found.len(), 300_000);
    }
}
