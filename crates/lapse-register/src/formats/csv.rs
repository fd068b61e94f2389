//! Text with a sign between fields, as in RFC 4180 but for the sign: text -> records of fields.

use std::borrow::Cow;

use lapse_tables::source::{Field, quoted_value};
use memchr::{memchr, memchr_iter, memchr2_iter, memchr3_iter, memrchr};

/// Why a record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A quote where none can be, at this byte.
    Quote(usize),
    /// A quoted field that never ends, which starts at this byte.
    Unclosed(usize),
    /// A row with this many fields, which starts at this byte.
    Fields(usize, usize),
}

/// Reads records one after the other.
pub(crate) struct Records<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    delimiter: u8,
    /// For each column of the file, the place among the fields of a record.
    columns: &'a [Option<usize>],
    /// The bytes that may end a field.
    ends: memchr::Memchr3<'a>,
}

impl<'a> Records<'a> {
    /// The records of `text`, which starts at the start of one, on `line`.
    pub fn new(text: &'a str, delimiter: u8, columns: &'a [Option<usize>], line: u64) -> Records<'a> {
        Records { text, at: 0, line, delimiter, columns, ends: memchr3_iter(delimiter, b'\n', b'"', text.as_bytes()) }
    }

    /// How many columns the file has.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Reads the next record, and gives the line on which it starts. Empty lines are skipped.
    pub fn next(&mut self, fields: &mut [Field<'a>]) -> Result<Option<u64>, Broken> {
        let bytes = self.text.as_bytes();
        loop {
            match &bytes[self.at..] {
                [] => return Ok(None),
                [b'\n', ..] => self.at += 1,
                [b'\r', b'\n', ..] => self.at += 2,
                _ => break,
            }
            self.line += 1;
        }
        let (start, line) = (self.at, self.line);
        let mut column = 0;
        loop {
            let (value, of_record) = self.field()?;
            if let Some(&Some(slot)) = self.columns.get(column) {
                fields[slot] = Field::Text(value);
            }
            column += 1;
            if of_record {
                break;
            }
        }
        if column == self.columns.len() { Ok(Some(line)) } else { Err(Broken::Fields(start, column)) }
    }

    /// The next field, and whether it is the last of its record.
    #[inline]
    fn field(&mut self) -> Result<(Cow<'a, str>, bool), Broken> {
        let (text, bytes, start) = (self.text, self.text.as_bytes(), self.at);
        if bytes.get(start) == Some(&b'"') {
            return self.quoted();
        }
        let end = loop {
            match self.ends.next() {
                // Those within a quoted field were passed over.
                Some(end) if end < start => {}
                Some(end) => break end,
                None => break bytes.len(),
            }
        };
        match bytes.get(end) {
            Some(b'"') => Err(Broken::Quote(end)),
            Some(&sign) if sign == self.delimiter => {
                self.at = end + 1;
                Ok((Cow::Borrowed(&text[start..end]), false))
            }
            _ => {
                self.at = bytes.len().min(end + 1);
                self.line += 1;
                let value_end = if end > start && bytes[end - 1] == b'\r' { end - 1 } else { end };
                Ok((Cow::Borrowed(&text[start..value_end]), true))
            }
        }
    }

    #[cold]
    fn quoted(&mut self) -> Result<(Cow<'a, str>, bool), Broken> {
        let (bytes, start) = (self.text.as_bytes(), self.at);
        let (value, close) = quoted_value(self.text, start).ok_or(Broken::Unclosed(start))?;
        self.line += memchr_iter(b'\n', &bytes[start..close]).count() as u64;
        let (length, of_record) = match &bytes[close + 1..] {
            [] => (0, true),
            [b'\r', b'\n', ..] => (2, true),
            [b'\n', ..] | [b'\r'] => (1, true),
            [sign, ..] if *sign == self.delimiter => (1, false),
            _ => return Err(Broken::Quote(close + 1)),
        };
        self.line += u64::from(of_record);
        self.at = close + 1 + length;
        Ok((value, of_record))
    }
}

/// The names in the first record of `text`, where the record after it starts, and the line of that.
pub(crate) fn header(text: &str, delimiter: u8) -> Result<(Vec<String>, usize, u64), Broken> {
    let mut records = Records::new(text, delimiter, &[], 1);
    while matches!(text.as_bytes().get(records.at), Some(b'\n' | b'\r')) {
        records.line += u64::from(text.as_bytes()[records.at] == b'\n');
        records.at += 1;
    }
    let mut names = Vec::new();
    if records.at == text.len() {
        return Ok((names, records.at, records.line));
    }
    loop {
        let (name, of_record) = records.field()?;
        names.push(name.into_owned());
        if of_record {
            return Ok((names, records.at, records.line));
        }
    }
}

/// Where the last record that is whole ends in a text that starts at the start of one.
pub(crate) fn last_end(text: &[u8]) -> Option<usize> {
    if memchr(b'"', text).is_none() {
        return memrchr(b'\n', text).map(|end| end + 1);
    }
    let (mut within, mut last) = (false, None);
    for at in memchr2_iter(b'"', b'\n', text) {
        if text[at] == b'"' {
            within = !within;
        } else if !within {
            last = Some(at + 1);
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<(u64, Vec<String>)>, Broken> {
        let (names, body, line) = header(text, b';')?;
        let columns: Vec<_> = (0..names.len()).map(Some).collect();
        let mut records = Records::new(&text[body..], b';', &columns, line);
        let mut rows = vec![(1, names)];
        let mut fields = vec![Field::EMPTY; columns.len()];
        while let Some(line) = records.next(&mut fields)? {
            rows.push((line, fields.iter().map(|field| field.clone().into_text().into_owned()).collect()));
        }
        Ok(rows)
    }

    #[test]
    fn fields_stand_between_semicolons_and_records_on_their_lines() {
        let rows = rows("a;b\r\n\r\n1;\"x;\"\"y\"\"\nz\"\r\n2;\n\"3\";4,5").unwrap();
        let rows: Vec<(u64, Vec<&str>)> =
            rows.iter().map(|(line, row)| (*line, row.iter().map(String::as_str).collect())).collect();
        assert_eq!(
            rows,
            [(1, vec!["a", "b"]), (3, vec!["1", "x;\"y\"\nz"]), (5, vec!["2", ""]), (6, vec!["3", "4,5"])]
        );
    }

    #[test]
    fn what_is_broken_is_told() {
        assert_eq!(rows("a;b\n1"), Err(Broken::Fields(0, 1)));
        assert_eq!(rows("a;b\n1;2;3"), Err(Broken::Fields(0, 3)));
        assert_eq!(rows("a;b\n1;x\"y\""), Err(Broken::Quote(3)));
        assert_eq!(rows("a;b\n1;\"x\"y"), Err(Broken::Quote(5)));
        assert_eq!(rows("a;b\n1;\"x"), Err(Broken::Unclosed(2)));
    }

    #[test]
    fn a_text_is_cut_between_records() {
        assert_eq!(last_end(b"a;b\n1;2\n3"), Some(8));
        assert_eq!(last_end(b"a;b\n1;\"2\n3"), Some(4));
        assert_eq!(last_end(b"a;\"b\n\"\"c\"\n3"), Some(10));
        assert_eq!(last_end(b"a;b"), None);
    }
}
