//! A workbook or a CSV file as rows of cells, each with the address that a spreadsheet program shows.

use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use lapse_policy::Day;
use lapse_tables::source::unpacks_within;
use lapse_tables::{Bounds, contained};

use super::day::read_day;
use crate::ListError;

/// A list of a consortium's subscriptions is never longer or wider than this.
const MOST_ROWS: u32 = 100_000;
const MOST_COLUMNS: u32 = 1_000;

/// What a cell holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Content {
    /// Nothing, or only spaces.
    #[default]
    Empty,
    /// Text without spaces around it.
    Text(String),
    /// A number.
    Number(f64),
    /// A day.
    Day(Day),
    /// An error such as `#REF!`, or a value that lists of subscriptions do not have, such as a duration.
    Unusable(String),
}

impl Content {
    fn text(text: &str) -> Content {
        match text.trim() {
            "" => Content::Empty,
            text => Content::Text(text.to_owned()),
        }
    }

    /// The content as a message shows it.
    pub fn shown(&self) -> String {
        match self {
            Content::Empty => String::new(),
            Content::Text(text) | Content::Unusable(text) => text.clone(),
            Content::Number(number) => number.to_string(),
            Content::Day(day) => day.to_string(),
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowOfCells {
    /// Its number, from 1.
    pub number: u32,
    /// Its cells from column A up to the last that holds something.
    pub cells: Vec<Content>,
}

/// The rows of a CSV file, or of the first sheet of a workbook, without those that are empty.
#[derive(Debug, PartialEq)]
pub struct Cells {
    /// The rows, in their order.
    pub rows: Vec<RowOfCells>,
}

/// The address of a cell as a spreadsheet program shows it, such as `D17`. Columns count from 0 here, rows from 1.
pub fn address(column: usize, row: u32) -> String {
    let mut letters = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        let letter = u8::try_from(rest % 26).expect("a remainder of 26 is small");
        letters.insert(0, char::from(b'A' + letter));
        rest /= 26;
    }
    format!("{letters}{row}")
}

impl Cells {
    /// Reads a workbook or a CSV file; the ending of its name says which it is.
    pub fn read(path: &Path) -> Result<Cells, ListError> {
        let bytes = lapse_policy::read_small_file(path).map_err(ListError::CannotRead)?;
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("xlsx") => {
                // The reader of workbooks panics on some that are damaged.
                contained(|| Cells::from_workbook(bytes)).unwrap_or(Err(ListError::Damaged))
            }
            Some("csv") => Cells::from_csv(&bytes),
            Some(_) | None => Err(ListError::OtherEnding),
        }
    }

    fn from_workbook(bytes: Vec<u8>) -> Result<Cells, ListError> {
        unpacks_within(Cursor::new(&bytes), &Bounds::default()).map_err(|_| ListError::Large)?;
        let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(ListError::Workbook)?;
        let name = workbook.sheet_names().first().cloned().ok_or(ListError::NoSheet)?;
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(ListError::Workbook)?;
        let mut rows: Vec<RowOfCells> = Vec::new();
        while let Some(cell) = cells.next_cell().map_err(ListError::Workbook)? {
            let (row, column) = cell.get_position();
            let content = from_data(cell.get_value().clone().into());
            if content == Content::Empty {
                continue;
            }
            if row >= MOST_ROWS || column >= MOST_COLUMNS {
                return Err(ListError::FarOut { address: address(column as usize, row + 1) });
            }
            if rows.last().is_none_or(|last| last.number != row + 1) {
                rows.push(RowOfCells { number: row + 1, cells: Vec::new() });
            }
            let cells = &mut rows.last_mut().expect("one was just pushed").cells;
            let column = column as usize;
            cells.resize(cells.len().max(column + 1), Content::Empty);
            cells[column] = content;
        }
        Ok(Cells { rows })
    }

    fn from_csv(bytes: &[u8]) -> Result<Cells, ListError> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|_| ListError::NotUtf8)?;
        let text = format!("{}\n", text.replace("\r\n", "\n").replace('\r', "\n"));
        let delimiter = delimiter(&text);
        if let Some(line) = broken_quote(&text, delimiter) {
            return Err(ListError::Quotes { line });
        }
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        let mut record = csv::StringRecord::new();
        // A spreadsheet program does not count the lines within a cell.
        let mut within = 0;
        while reader.read_record(&mut record).map_err(ListError::Csv)? {
            let breaks: u64 = record.iter().map(|field| field.matches('\n').count() as u64).sum();
            let line = reader.position().line() - 1 - breaks - within;
            within += breaks;
            let number = u32::try_from(line).ok().filter(|&number| number <= MOST_ROWS).ok_or(ListError::TooLong)?;
            let cells: Vec<Content> = record.iter().map(Content::text).collect();
            if cells.iter().any(|cell| *cell != Content::Empty) {
                rows.push(RowOfCells { number, cells });
            }
        }
        Ok(Cells { rows })
    }
}

/// The line of a quote that is never closed, or that is closed within a cell. The reader of CSV would take what follows
/// for a part of the cell.
fn broken_quote(text: &str, delimiter: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let ends_cell = |at: usize| bytes.get(at).is_none_or(|&byte| byte == delimiter || byte == b'\n');
    let mut starts_cell = true;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'"' && starts_cell {
            let opened = at;
            at += 1;
            while at < bytes.len() && (bytes[at] != b'"' || bytes.get(at + 1) == Some(&b'"')) {
                at += if bytes[at] == b'"' { 2 } else { 1 };
            }
            at += 1;
            if at > bytes.len() || !ends_cell(at) {
                return Some(text[..opened].matches('\n').count() + 1);
            }
        } else {
            starts_cell = ends_cell(at);
            at += 1;
        }
    }
    None
}

/// The sign between cells: of those that people use, the one that comes most often in the first line with any of them.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| line.contains([',', ';', '\t'])).unwrap_or_default();
    let count = |sign: char| first.matches(sign).count();
    let signs = [',', ';', '\t'];
    let most = signs.into_iter().rev().max_by_key(|&sign| count(sign)).unwrap_or(',');
    u8::try_from(most).expect("each of them is one byte")
}

/// A cell of a workbook.
fn from_data(data: Data) -> Content {
    match data {
        Data::Empty => Content::Empty,
        Data::String(text) => Content::text(&text),
        #[expect(clippy::cast_precision_loss, reason = "no number of a list of subscriptions is that large")]
        Data::Int(number) => Content::Number(number as f64),
        Data::Float(number) => Content::Number(number),
        Data::Bool(truth) => Content::Unusable(if truth { "TRUE" } else { "FALSE" }.to_owned()),
        Data::DateTime(moment) => match moment.as_datetime().map(|moment| Day::try_from(moment.date())) {
            Some(Ok(day)) => Content::Day(day),
            Some(Err(_)) | None => Content::Unusable(moment.to_string()),
        },
        Data::DateTimeIso(text) => {
            let day = read_day(text.split('T').next().unwrap_or_default());
            day.map_or(Content::Unusable(text), Content::Day)
        }
        Data::DurationIso(text) => Content::Unusable(text),
        Data::Error(error) => Content::Unusable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_give_rows_in_order_or_an_error(bytes in prop::collection::vec(prop_oneof![
            prop::sample::select(b",;\t\"\n\r a1".to_vec()), b' '..=b'~',
        ], 0..200)) {
            if let Ok(cells) = Cells::from_csv(&bytes) {
                prop_assert!(cells.rows.is_sorted_by(|one, two| one.number < two.number), "{:?}", cells);
            }
        }
    }

    fn csv(text: &str) -> Vec<(u32, Vec<String>)> {
        let cells = Cells::from_csv(text.as_bytes()).unwrap();
        cells.rows.iter().map(|row| (row.number, row.cells.iter().map(Content::shown).collect())).collect()
    }

    #[test]
    fn columns_count_in_letters() {
        assert_eq!(address(0, 1), "A1");
        assert_eq!(address(25, 17), "Z17");
        assert_eq!(address(26, 2), "AA2");
        assert_eq!(address(701, 2), "ZZ2");
        assert_eq!(address(702, 2), "AAA2");
    }

    #[test]
    fn rows_count_as_a_spreadsheet_program_counts_them() {
        let rows = csv("a;b\r\n\r\n1;\"two\nlines\"\r\n;;\r\n3;4");
        let numbers: Vec<_> = rows.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 3, 5]);
        assert_eq!(rows[2].1, ["3", "4"]);
    }

    #[test]
    fn commas_semicolons_and_tabs_part_cells() {
        for text in ["a,b,c\n1,2,3", "a;b;c\n1;2;3", "a\tb\tc\n1\t2\t3", "\u{feff}a,b,c\n1,2,3\n"] {
            assert_eq!(csv(text)[1], (2, vec!["1".to_owned(), "2".to_owned(), "3".to_owned()]), "{text}");
        }
        assert_eq!(csv("a;b\n1;5,00\n")[1].1, ["1", "5,00"]);
    }

    #[test]
    fn a_quote_that_never_closes_is_told() {
        for text in ["a,b\n\"1,2\n3,4\n", "a,b\n\"1\"2,3\n", "a,b\n\"", "a,b\n\"\"\""] {
            let told = Cells::from_csv(text.as_bytes()).unwrap_err().to_string();
            assert!(told.ends_with("line 2"), "{text}: {told}");
        }
        assert_eq!(csv("a,b\n\"\",\"\"\"\"\n")[1].1, ["", "\""]);
        assert!(Cells::from_csv(b"a,b\n\xff,2\n").is_err());
    }
}
