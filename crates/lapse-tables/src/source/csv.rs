//! CSV as in RFC 4180: text -> records of fields, with the places of what is broken.
//! A file is cut into pieces at the ends of records, so that several threads can read it; this knows quotes, commas
//! and line ends, and nothing of what the fields mean.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memrchr};

use super::broken::{Broken, How};
use super::field::Field;
use super::lines::count_lines;

/// Reads records one after the other, keeping the fields that somebody wants.
pub(crate) struct Records<'a> {
    text: &'a str,
    at: usize,
    /// The physical line at `at`.
    line: u64,
    /// For each column of the file, the place among the wanted fields.
    wanted: &'a [Option<usize>],
    scan: Scan<'a>,
    /// Whether a record so far has a line end in quotes.
    lines_in_quotes: bool,
}

impl<'a> Records<'a> {
    /// The records of `text`, which starts at the start of one, on `line`; `wanted` has an entry for each column.
    pub fn new(text: &'a str, wanted: &'a [Option<usize>], line: u64) -> Records<'a> {
        Records { text, at: 0, line, wanted, scan: Scan::new(text.as_bytes(), 0), lines_in_quotes: false }
    }

    /// The physical line that follows what was read.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether a record that was read has a line end in quotes.
    pub fn have_lines_in_quotes(&self) -> bool {
        self.lines_in_quotes
    }

    /// Reads the next record's wanted fields into `fields`, leaving alone what the file does not have, and gives the
    /// line on which it starts. Empty lines are skipped. None at the end.
    pub fn next(&mut self, fields: &mut [Field<'a>]) -> Result<Option<u64>, Broken> {
        let bytes = self.text.as_bytes();
        let start = skip_empty_lines(bytes, self.at);
        if start > self.at {
            self.line += count_lines(&bytes[self.at..start]);
            self.at = start;
            self.scan.pass_to(start);
        }
        if start == bytes.len() {
            return Ok(None);
        }
        let line = self.line;
        let mut quoted = false;
        let mut column = 0;
        loop {
            let (value, end) = field(self.text, self.at, &mut self.scan)?;
            if let Some(&Some(slot)) = self.wanted.get(column) {
                fields[slot] = Field::Text(value);
            }
            column += 1;
            self.at = end.next;
            quoted |= end.quoted;
            if end.of_record {
                break;
            }
        }
        // Only quotes hold line ends.
        let lines = if quoted { count_lines(&bytes[start..self.at]) } else { 1 };
        self.lines_in_quotes |= lines > 1;
        self.line += lines;
        if column == self.wanted.len() {
            Ok(Some(line))
        } else {
            Err(Broken { at: start, how: How::Fields { expected: self.wanted.len(), got: column } })
        }
    }
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
    /// It was in quotes.
    quoted: bool,
}

/// One field from byte `at` on, to which `scan` has come.
#[expect(clippy::inline_always, reason = "reading takes a tenth longer when each field is a call")]
#[inline(always)]
fn field<'a>(text: &'a str, at: usize, scan: &mut Scan<'a>) -> Result<(Cow<'a, str>, End), Broken> {
    let bytes = text.as_bytes();
    if bytes.get(at) == Some(&b'"') {
        let found = quoted_field(text, at)?;
        scan.pass_to(found.1.next);
        return Ok(found);
    }
    loop {
        let end = scan.next();
        match bytes.get(end) {
            Some(b',') => {
                return Ok((Cow::Borrowed(&text[at..end]), End { next: end + 1, of_record: false, quoted: false }));
            }
            Some(b'\n') => {
                let value_end = if end > at && bytes[end - 1] == b'\r' { end - 1 } else { end };
                return Ok((
                    Cow::Borrowed(&text[at..value_end]),
                    End { next: end + 1, of_record: true, quoted: false },
                ));
            }
            Some(b'"') => return Err(Broken { at: end, how: How::Quote }),
            Some(_) => {}
            None => {
                let end = bytes.len();
                return Ok((Cow::Borrowed(&text[at..]), End { next: end, of_record: true, quoted: false }));
            }
        }
    }
}

/// Walks over the bytes that may end a field: commas, line ends and quotes, and every other byte below them, of which
/// ordinary values have few. One step looks at as many bytes as most records have, or half of that.
struct Scan<'a> {
    bytes: &'a [u8],
    /// Where the bytes that were looked at start.
    at: usize,
    /// A bit for each of them that was found and not yet returned.
    found: u64,
}

/// How many bytes are looked at in one step.
const LOOK: usize = 64;

impl Scan<'_> {
    fn new(bytes: &[u8], at: usize) -> Scan<'_> {
        Scan { bytes, at, found: Scan::look(bytes, at) }
    }

    /// The next such byte; the end of the text, or a place beyond it, when there is none.
    #[inline]
    fn next(&mut self) -> usize {
        while self.found == 0 {
            self.at += LOOK;
            self.found = Scan::look(self.bytes, self.at);
        }
        let found = self.at + self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        found
    }

    /// Goes on at byte `at`, which it has not come to yet.
    fn pass_to(&mut self, at: usize) {
        let passed = at - self.at;
        if passed < LOOK {
            self.found &= u64::MAX << passed;
        } else {
            *self = Scan::new(self.bytes, at);
        }
    }

    /// A bit for each of the bytes from `at` that is not above a comma; beyond the end every byte is so.
    #[inline]
    fn look(bytes: &[u8], at: usize) -> u64 {
        if let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Scan::not_above_comma(block)
        } else {
            let mut block = [0; LOOK];
            let rest = bytes.get(at..).unwrap_or_default();
            block[..rest.len()].copy_from_slice(rest);
            Scan::not_above_comma(&block)
        }
    }

    #[inline]
    fn not_above_comma(block: &[u8; LOOK]) -> u64 {
        const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
        // Added to seven bits it reaches the highest bit when they are above a comma.
        const ABOVE_COMMA: u64 = u64::from_le_bytes([0x7f - b','; 8]);
        // Multiplied with the lowest bits of eight bytes it brings them together in the highest byte.
        const GATHER: u64 = 0x0102_0408_1020_4080;
        let mut all = 0;
        for (index, eight) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*eight);
            let found = !(((word & !HIGHEST) + ABOVE_COMMA) | word) & HIGHEST;
            all |= ((found >> 7).wrapping_mul(GATHER) >> 56) << (8 * index);
        }
        all
    }
}

/// The value of a field whose opening quote stands at byte `at` of a text, where a quote within is written twice, and the byte
/// of the closing quote; none where there is no closing quote.
#[cold]
pub fn quoted_value(text: &str, at: usize) -> Option<(Cow<'_, str>, usize)> {
    let bytes = text.as_bytes();
    let mut value = Cow::Borrowed("");
    let mut from = at + 1;
    loop {
        let quote = from + memchr(b'"', &bytes[from..])?;
        let doubled = bytes.get(quote + 1) == Some(&b'"');
        let part = &text[from..quote + usize::from(doubled)];
        match &mut value {
            Cow::Borrowed("") => value = Cow::Borrowed(part),
            more => more.to_mut().push_str(part),
        }
        if !doubled {
            return Some((value, quote));
        }
        from = quote + 2;
    }
}

/// A field whose opening quote stands at byte `at`.
#[cold]
fn quoted_field(text: &str, at: usize) -> Result<(Cow<'_, str>, End), Broken> {
    let (value, close) = quoted_value(text, at).ok_or(Broken { at, how: How::Unclosed })?;
    let next = close + 1;
    let (length, of_record) = match &text.as_bytes()[next..] {
        [] => (0, true),
        [b'\r', b'\n', ..] => (2, true),
        [b'\n', ..] => (1, true),
        [b',', ..] => (1, false),
        _ => return Err(Broken { at: next, how: How::Quote }),
    };
    Ok((value, End { next: next + length, of_record, quoted: true }))
}

/// A UTF-8 byte order mark.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

/// Where the first record of a file starts: after a byte order mark and empty lines.
pub(crate) fn start(bytes: &[u8]) -> usize {
    skip_empty_lines(bytes, if bytes.starts_with(MARK) { MARK.len() } else { 0 })
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

/// The end of the record that starts at byte `at`. An odd number of quotes between its start and a line end means that the
/// line end is inside a quoted field.
pub(crate) fn end_of_record(bytes: &[u8], mut at: usize) -> usize {
    let mut inside = false;
    loop {
        let Some(line) = memchr(b'\n', &bytes[at..]) else { return bytes.len() };
        let end = at + line + 1;
        inside ^= has_odd_quotes(&bytes[at..end]);
        at = end;
        if !inside {
            return end;
        }
    }
}

/// Where the last record in `bytes` that is whole ends; `bytes` start at the start of one. In a text that is broken it may be
/// elsewhere, but never before the first broken place.
pub(crate) fn last_end_of_record(bytes: &[u8]) -> Option<usize> {
    let mut inside = has_odd_quotes(bytes);
    let mut end = bytes.len();
    loop {
        let line = memrchr(b'\n', &bytes[..end])?;
        inside ^= has_odd_quotes(&bytes[line..end]);
        if !inside {
            return Some(line + 1);
        }
        end = line;
    }
}

fn has_odd_quotes(bytes: &[u8]) -> bool {
    memchr_iter(b'"', bytes).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn records(text: &str, columns: usize) -> Result<Vec<(u64, Vec<String>)>, Broken> {
        records_from(text, columns, 1)
    }

    fn records_from(text: &str, columns: usize, line: u64) -> Result<Vec<(u64, Vec<String>)>, Broken> {
        let wanted: Vec<Option<usize>> = (0..columns).map(Some).collect();
        let mut records = Records::new(text, &wanted, line);
        let mut all = Vec::new();
        let mut fields = vec![Field::EMPTY; columns];
        while let Some(at) = records.next(&mut fields)? {
            all.push((at, fields.iter().map(|field| field.clone().into_text().into_owned()).collect()));
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
        fn fields_lie_between_commas_whether_in_quotes_or_not(
            rows in vec((["[a-z0-9 !#+*é]{0,70}", "[a-z0-9 -]{0,20}", "[.a-z0-9]{0,150}"], any::<[bool; 3]>(), 0..3usize), 0..9),
        ) {
            let line = |(fields, quoted, empty_lines): &([String; 3], [bool; 3], usize)| {
                let fields = fields.iter().zip(*quoted);
                let fields: Vec<String> =
                    fields.map(|(field, quoted)| if quoted { format!("\"{field}\"") } else { field.clone() }).collect();
                fields.join(",") + "\n" + &"\n".repeat(*empty_lines)
            };
            let text: String = rows.iter().map(line).collect();
            prop_assert_eq!(values(&text, 3), rows.iter().map(|(fields, ..)| fields.to_vec()).collect::<Vec<_>>());
        }

        #[test]
        fn cutting_changes_nothing(text in "([ab,\n\r\"]|\"(a|,|\n|\"\")*\"|,){0,60}", size in 1..40usize) {
            let whole = records(&text, 2);
            let mut pieces = Vec::new();
            let mut broken = None;
            let mut at = 0;
            while at < text.len() {
                let cut = (at + size..text.len()).find_map(|end| last_end_of_record(&text.as_bytes()[at..end]));
                let end = cut.map_or(text.len(), |length| at + length);
                match records_from(&text[at..end], 2, 1 + count_lines(&text.as_bytes()[..at])) {
                    Ok(found) => pieces.extend(found),
                    Err(error) => broken = broken.or(Some(error)),
                }
                at = end;
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
        fn what_is_written_is_read_again(fields in vec("[a,\"\n\ré ]{0,6}", 2..=2)) {
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
