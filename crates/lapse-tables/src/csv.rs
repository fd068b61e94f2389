//! CSV as in RFC 4180: text -> records of fields, with the places of what is broken.
//! A file is cut into pieces at the ends of records, so that several threads can read it; this knows quotes, commas
//! and line ends, and nothing of what the fields mean.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter};

/// What is broken, at a byte of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub at: usize,
    pub how: How,
}

/// How a record is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// A row with too many or too few fields.
    Fields { expected: usize, got: usize },
    /// A quote inside an unquoted field, or text after a closing quote.
    Quote,
    /// A quoted field that never ends.
    Unclosed,
}

/// Reads records one after the other, keeping the fields that somebody wants.
pub(crate) struct Records<'a> {
    text: &'a str,
    at: usize,
    /// For each column of the file, the place among the wanted fields.
    wanted: &'a [Option<usize>],
}

impl<'a> Records<'a> {
    /// The records of `text`, which starts at the start of one; `wanted` has an entry for each column.
    pub fn new(text: &'a str, wanted: &'a [Option<usize>]) -> Records<'a> {
        Records { text, at: 0, wanted }
    }

    /// Reads the next record's wanted fields into `fields`, leaving alone what the file does not have, and gives the
    /// byte at which it starts. Empty lines are skipped. None at the end.
    pub fn next(&mut self, fields: &mut [Cow<'a, str>]) -> Result<Option<usize>, Broken> {
        let bytes = self.text.as_bytes();
        self.at = skip_empty_lines(bytes, self.at);
        let start = self.at;
        if start == bytes.len() {
            return Ok(None);
        }
        let mut column = 0;
        let mut scan = Scan::new(bytes, start);
        loop {
            let (value, end) = field(self.text, self.at, &mut scan)?;
            if let Some(&Some(slot)) = self.wanted.get(column) {
                fields[slot] = value;
            }
            column += 1;
            self.at = end.next;
            if end.of_record {
                break;
            }
        }
        if column == self.wanted.len() {
            Ok(Some(start))
        } else {
            Err(Broken { at: start, how: How::Fields { expected: self.wanted.len(), got: column } })
        }
    }
}

/// The wanted fields of `text`, one record.
pub(crate) fn fields<'a>(text: &'a str, wanted: &[Option<usize>], fields: &mut [Cow<'a, str>]) -> Result<(), Broken> {
    let mut at = 0;
    let mut scan = Scan::new(text.as_bytes(), at);
    for &slot in wanted {
        let (value, end) = field(text, at, &mut scan)?;
        if let Some(slot) = slot {
            fields[slot] = value;
        }
        at = end.next;
    }
    Ok(())
}

/// The fields of `text`, one record that names the columns.
pub(crate) fn header(text: &str) -> Result<Vec<Cow<'_, str>>, Broken> {
    let mut at = 0;
    let mut names = Vec::new();
    let mut scan = Scan::new(text.as_bytes(), at);
    loop {
        let (name, end) = field(text, at, &mut scan)?;
        names.push(name);
        at = end.next;
        if end.of_record {
            return Ok(names);
        }
    }
}

/// Where a field ended.
struct End {
    /// The byte at which the next field or record starts.
    next: usize,
    /// It was the record's last field.
    of_record: bool,
}

/// One field from byte `at` on, to which `scan` has come.
#[expect(clippy::inline_always, reason = "reading takes a tenth longer when each field is a call")]
#[inline(always)]
fn field<'a>(text: &'a str, at: usize, scan: &mut Scan<'a>) -> Result<(Cow<'a, str>, End), Broken> {
    let bytes = text.as_bytes();
    if bytes.get(at) == Some(&b'"') {
        let found = quoted_field(text, at)?;
        *scan = Scan::new(bytes, found.1.next);
        return Ok(found);
    }
    loop {
        let end = scan.next();
        match bytes.get(end) {
            Some(b',') => return Ok((Cow::Borrowed(&text[at..end]), End { next: end + 1, of_record: false })),
            Some(b'\n') => {
                let value_end = if end > at && bytes[end - 1] == b'\r' { end - 1 } else { end };
                return Ok((Cow::Borrowed(&text[at..value_end]), End { next: end + 1, of_record: true }));
            }
            Some(b'"') => return Err(Broken { at: end, how: How::Quote }),
            Some(_) => {}
            None => {
                let end = bytes.len();
                return Ok((Cow::Borrowed(&text[at..]), End { next: end, of_record: true }));
            }
        }
    }
}

/// Walks over the bytes that may end a field: commas, line ends and quotes, and every other byte below them, of which
/// ordinary values have few. Eight bytes are looked at in one step, which halves the time that reading takes.
struct Scan<'a> {
    bytes: &'a [u8],
    /// Where the eight bytes start.
    at: usize,
    /// The highest bit of each byte that is still to be told.
    found: u64,
}

impl Scan<'_> {
    fn new(bytes: &[u8], at: usize) -> Scan<'_> {
        Scan { bytes, at, found: Scan::look(bytes, at) }
    }

    /// The next such byte; the end of the text, or a place beyond it, when there is none.
    #[inline]
    fn next(&mut self) -> usize {
        while self.found == 0 {
            self.at += 8;
            self.found = Scan::look(self.bytes, self.at);
        }
        let found = self.at + self.found.trailing_zeros() as usize / 8;
        self.found &= self.found - 1;
        found
    }

    /// The highest bit of each of the eight bytes from `at` that is not above a comma; beyond the end every byte is so.
    #[inline]
    fn look(bytes: &[u8], at: usize) -> u64 {
        const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
        // Added to seven bits it reaches the highest bit when they are above a comma.
        const ABOVE_COMMA: u64 = u64::from_le_bytes([0x7f - b','; 8]);
        let word = if let Some(eight) = bytes.get(at..at + 8) {
            u64::from_le_bytes(eight.try_into().expect("eight bytes are eight bytes"))
        } else {
            let mut eight = [0; 8];
            let rest = bytes.get(at..).unwrap_or_default();
            eight[..rest.len()].copy_from_slice(rest);
            u64::from_le_bytes(eight)
        };
        !(((word & !HIGHEST) + ABOVE_COMMA) | word) & HIGHEST
    }
}

/// A field whose opening quote stands at byte `at`.
#[cold]
fn quoted_field(text: &str, at: usize) -> Result<(Cow<'_, str>, End), Broken> {
    let bytes = text.as_bytes();
    let mut value = Cow::Borrowed("");
    let mut from = at + 1;
    let close = loop {
        let Some(length) = memchr(b'"', &bytes[from..]) else {
            return Err(Broken { at, how: How::Unclosed });
        };
        let quote = from + length;
        let doubled = bytes.get(quote + 1) == Some(&b'"');
        let part = &text[from..quote + usize::from(doubled)];
        match &mut value {
            Cow::Borrowed("") => value = Cow::Borrowed(part),
            more => more.to_mut().push_str(part),
        }
        if !doubled {
            break quote;
        }
        from = quote + 2;
    };
    let next = close + 1;
    match bytes.get(next) {
        None => Ok((value, End { next, of_record: true })),
        Some(b',') => Ok((value, End { next: next + 1, of_record: false })),
        Some(b'\n') => Ok((value, End { next: next + 1, of_record: true })),
        Some(b'\r') if bytes.get(next + 1) == Some(&b'\n') => Ok((value, End { next: next + 2, of_record: true })),
        Some(_) => Err(Broken { at: next, how: How::Quote }),
    }
}

/// The first byte from `at` on that does not belong to an empty line.
pub(crate) fn skip_empty_lines(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match &bytes[at..] {
            [b'\n', ..] => at += 1,
            [b'\r', b'\n', ..] => at += 2,
            _ => return at,
        }
    }
}

/// Cuts `bytes`, which start at the start of a record, into pieces of about `size` bytes at the ends of records.
/// In a text that is broken a cut may fall elsewhere, but never before the first broken place.
pub(crate) fn cut(bytes: &[u8], size: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let end = if bytes.len() - start <= size { bytes.len() } else { end_of_record(bytes, start, start + size) };
        pieces.push(start..end);
        start = end;
    }
    pieces
}

/// The end of the record in which byte `at` lies. Between `start`, where a record starts, and a place, an odd number of
/// quotes means that the place is inside a quoted field.
pub(crate) fn end_of_record(bytes: &[u8], start: usize, at: usize) -> usize {
    let mut inside = memchr_iter(b'"', &bytes[start..at]).count() % 2 == 1;
    let mut at = at;
    loop {
        let Some(line) = memchr(b'\n', &bytes[at..]) else { return bytes.len() };
        let end = at + line + 1;
        inside ^= memchr_iter(b'"', &bytes[at..end]).count() % 2 == 1;
        at = end;
        if !inside {
            return end;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records(text: &str, columns: usize) -> Result<Vec<(usize, Vec<String>)>, Broken> {
        let wanted: Vec<Option<usize>> = (0..columns).map(Some).collect();
        let mut records = Records::new(text, &wanted);
        let mut all = Vec::new();
        let mut fields = vec![Cow::Borrowed(""); columns];
        while let Some(at) = records.next(&mut fields)? {
            all.push((at, fields.iter().map(ToString::to_string).collect()));
        }
        Ok(all)
    }

    fn values(text: &str, columns: usize) -> Vec<Vec<String>> {
        records(text, columns).unwrap().into_iter().map(|(_, fields)| fields).collect()
    }

    #[test]
    fn line_ends_may_be_either_kind_and_the_last_may_be_missing() {
        assert_eq!(values("a,b\r\nc,\nd,e", 2), [["a", "b"], ["c", ""], ["d", "e"]]);
        assert_eq!(values("\"a\",\"b\"\r\n\"c\",\"\"", 2), [["a", "b"], ["c", ""]]);
    }

    #[test]
    fn quotes_hold_commas_line_ends_and_doubled_quotes() {
        assert_eq!(values("\"a,\"\"b\"\"\",\"c\r\nd\"\n", 2), [["a,\"b\"", "c\r\nd"]]);
        assert_eq!(values("\"\"\"\",x\n", 2), [["\"", "x"]]);
    }

    #[test]
    fn empty_lines_are_skipped_but_not_lines_with_an_empty_field() {
        assert_eq!(values("\n\r\na\n\n\"\"\nb\n\n", 1), [["a"], [""], ["b"]]);
    }

    #[test]
    fn a_carriage_return_within_a_line_is_part_of_the_value() {
        assert_eq!(values("a\rb,c\n", 2), [["a\rb", "c"]]);
    }

    #[test]
    fn values_are_not_trimmed() {
        assert_eq!(values(" a ,\tb\n", 2), [[" a ", "\tb"]]);
    }

    #[test]
    fn what_is_broken_is_told_with_its_place() {
        let broken = |text| records(text, 2).unwrap_err();
        assert_eq!(broken("a,b\nc\n"), Broken { at: 4, how: How::Fields { expected: 2, got: 1 } });
        assert_eq!(broken("a,b,c\n"), Broken { at: 0, how: How::Fields { expected: 2, got: 3 } });
        assert_eq!(broken("a,b\"c\n"), Broken { at: 3, how: How::Quote });
        assert_eq!(broken("a,\"b\"c\n"), Broken { at: 5, how: How::Quote });
        assert_eq!(broken("a,\"b\n"), Broken { at: 2, how: How::Unclosed });
    }

    proptest! {
        #[test]
        fn cutting_changes_nothing(text in "([ab,\n\r\"]|\"(a|,|\n|\"\")*\"|,){0,60}", size in 1..40usize) {
            let whole = records(&text, 2);
            let mut pieces = Vec::new();
            let mut broken = None;
            for piece in cut(text.as_bytes(), size) {
                match records(&text[piece.clone()], 2) {
                    Ok(found) => pieces.extend(found.into_iter().map(|(at, fields)| (at + piece.start, fields))),
                    Err(error) => broken = broken.or(Some(error)),
                }
            }
            match whole {
                Ok(whole) => {
                    prop_assert_eq!(broken, None);
                    prop_assert_eq!(pieces, whole);
                }
                Err(_) => prop_assert!(broken.is_some()),
            }
        }

        #[test]
        fn what_is_written_is_read_again(fields in proptest::collection::vec("[a,\"\n\ré ]{0,6}", 2..=2)) {
            let mut line = Vec::new();
            crate::push_csv_field(&mut line, &fields[0]);
            line.push(b',');
            crate::push_csv_field(&mut line, &fields[1]);
            line.push(b'\n');
            let text = String::from_utf8(line).unwrap();
            prop_assert_eq!(values(&text, 2), [fields]);
        }
    }
}
