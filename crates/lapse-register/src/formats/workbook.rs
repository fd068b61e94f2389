//! A sheet of a workbook as rows of cells. Numbers keep the zeros that their format shows, so that an id is what people see.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{Cell, DataRef, Reader, Style, Xlsx};
use lapse_policy::Day;
use lapse_tables::source::{Field, open_with_end, unpacks_within};
use lapse_tables::{Bounds, Problem, TableError, contained};

use crate::error::FileProblem;
use crate::part_error::error;

/// The rows of a sheet.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// The texts of the first row that has any.
    pub names: Vec<String>,
    /// The rows below it that have anything, each with its number in the sheet.
    pub rows: Vec<(u64, Vec<Field<'static>>)>,
}

impl Sheet {
    /// Reads a sheet of the workbook at `path`, the first without a name.
    pub fn read(path: &Path, sheet: Option<&str>, bounds: &Bounds) -> Result<Sheet, TableError> {
        let file = open_workbook(path, bounds)?;
        let most = file.metadata().map_or(0, |file| bounds.unpacked(file.len()));
        // The reader of workbooks panics on some that are damaged.
        let read = contained(|| Sheet::of(BufReader::new(file), sheet, most));
        let read = read.unwrap_or_else(|| Err(FileProblem::Workbook("a part of it is broken".to_owned()).into()));
        read.map_err(|why| {
            error(
                path,
                match why {
                    Unread::File(problem) => Problem::Source(problem.into()),
                    Unread::Expands => Problem::Expands(bounds.expansion),
                },
            )
        })
    }

    /// Reads a sheet whose cells take no more than `most` bytes of memory.
    fn of(file: BufReader<File>, sheet: Option<&str>, most: u64) -> Result<Sheet, Unread> {
        let damaged = |error: calamine::XlsxError| FileProblem::Workbook(error.to_string());
        let mut workbook = Xlsx::new(file).map_err(damaged)?;
        let found = workbook.sheet_names();
        let name = match sheet {
            Some(sheet) if !found.iter().any(|name| name == sheet) => {
                return Err(FileProblem::NoSheet { sheet: sheet.to_owned(), found }.into());
            }
            Some(sheet) => sheet.to_owned(),
            None => found.first().cloned().ok_or_else(|| FileProblem::Workbook("it has no sheet".to_owned()))?,
        };
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
        let formats: Vec<Option<Zeros>> = cells.styles().iter().map(Zeros::of).collect();
        let mut rows: Vec<(u64, Vec<Field<'static>>)> = Vec::new();
        let mut bytes = 0;
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(damaged)? {
            let Some(content) = content(&cell, formats.get(style).and_then(Option::as_ref)) else { continue };
            let (row, column) = cell.get_position();
            let number = u64::from(row) + 1;
            if rows.last().is_none_or(|(last, _)| *last != number) {
                rows.push((number, Vec::new()));
            }
            let column = column as usize;
            // What stands beside the columns that have a name is of no column. A cell far to the right would make its row long.
            let width = rows.first().filter(|(first, _)| *first != number).map_or(usize::MAX, |(_, names)| names.len());
            if column >= width {
                continue;
            }
            let cells = &mut rows.last_mut().expect("one was just pushed").1;
            let length = cells.len().max(column + 1);
            bytes += (length - cells.len()) * size_of::<Field<'static>>() + length_of(&content);
            // Many cells may name one text, of which the file has only one.
            if bytes as u64 > most {
                return Err(Unread::Expands);
            }
            cells.resize(length, Field::EMPTY);
            cells[column] = content;
        }
        let mut rows = rows.into_iter();
        let names = rows.next().map(|(_, names)| names).unwrap_or_default();
        let names = names.into_iter().map(|name| name.into_text().into_owned()).collect();
        Ok(Sheet { names, rows: rows.collect() })
    }
}

/// Why a sheet was not read.
enum Unread {
    File(FileProblem),
    /// Its cells take more memory than the bounds allow.
    Expands,
}

impl From<FileProblem> for Unread {
    fn from(problem: FileProblem) -> Unread {
        Unread::File(problem)
    }
}

/// The bytes that a cell keeps apart from itself.
fn length_of(content: &Field<'_>) -> usize {
    match content {
        Field::Text(text) => text.len(),
        Field::Day(_) => 0,
    }
}

/// Opens the workbook at `path`, which unpacks to no more than the bounds allow.
fn open_workbook(path: &Path, bounds: &Bounds) -> Result<File, TableError> {
    let open = || {
        let file = open_with_end(path)?;
        contained(|| unpacks_within(BufReader::new(&file), bounds)).unwrap_or(Ok(()))?;
        Ok(file)
    };
    open().map_err(|problem| error(path, problem))
}

/// The names of the sheets of the workbook at `path`.
pub(crate) fn sheets(path: &Path) -> Result<Vec<String>, TableError> {
    let file = open_workbook(path, &Bounds::default())?;
    let why = match contained(|| Xlsx::new(BufReader::new(file)).map(|workbook| workbook.sheet_names())) {
        Some(Ok(names)) => return Ok(names),
        Some(Err(why)) => why.to_string(),
        None => "a part of it is broken".to_owned(),
    };
    Err(error(path, Problem::Source(FileProblem::Workbook(why).into())))
}

/// What a cell holds; none where it is empty.
fn content(cell: &Cell<DataRef<'_>>, zeros: Option<&Zeros>) -> Option<Field<'static>> {
    let text = match cell.get_value() {
        DataRef::Empty => return None,
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => zeros.map_or_else(|| number.to_string(), |zeros| zeros.show(&number.to_string())),
        DataRef::Float(number) => {
            let text = number.to_string();
            zeros.map_or_else(|| text.clone(), |zeros| zeros.show(&text))
        }
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) => match moment.as_datetime().map(|moment| Day::try_from(moment.date())) {
            Some(Ok(day)) => return Some(Field::Day(day)),
            _ => moment.to_string(),
        },
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    };
    (!text.is_empty()).then_some(Field::Text(Cow::Owned(text)))
}

/// A format that shows whole numbers with zeros before them: `00000`, `"P"0000`.
#[derive(Debug, PartialEq, Eq)]
struct Zeros {
    before: String,
    digits: usize,
    after: String,
}

impl Zeros {
    fn of(style: &Style) -> Option<Zeros> {
        Zeros::of_code(&style.number_format.as_ref()?.format_code)
    }

    /// The format with this code; none where it shows more than zeros and literal text.
    fn of_code(code: &str) -> Option<Zeros> {
        let mut zeros = Zeros { before: String::new(), digits: 0, after: String::new() };
        let mut letters = code.chars();
        while let Some(letter) = letters.next() {
            let literal = match letter {
                '0' if zeros.after.is_empty() => {
                    zeros.digits += 1;
                    continue;
                }
                // What follows is for numbers below zero.
                ';' => break,
                '"' => letters.by_ref().take_while(|&letter| letter != '"').collect(),
                '\\' => letters.next()?.to_string(),
                '-' | ' ' | '/' => letter.to_string(),
                _ => return None,
            };
            if zeros.digits == 0 { zeros.before += &literal } else { zeros.after += &literal }
        }
        (zeros.digits > 1 || zeros.digits == 1 && !(zeros.before.is_empty() && zeros.after.is_empty())).then_some(zeros)
    }

    /// A number as the format shows it; one that is not whole stays as it is.
    fn show(&self, number: &str) -> String {
        if number.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("{}{number:0>width$}{}", self.before, self.after, width = self.digits)
        } else {
            number.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// What becomes of a workbook with one text that cells share, and these rows, whose cells may take a MB.
    fn read(shared: &str, rows: &str) -> Result<Sheet, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("patrons.xlsx");
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let relation = |id: u8, kind: &str, target: &str| {
            format!(r#"<Relationship Id="r{id}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#)
        };
        let relations = |all: &str| {
            let package = "http://schemas.openxmlformats.org/package/2006/relationships";
            format!(r#"<Relationships xmlns="{package}">{all}</Relationships>"#)
        };
        for (name, text) in [
            ("_rels/.rels", relations(&relation(1, "officeDocument", "xl/workbook.xml"))),
            (
                "xl/workbook.xml",
                format!(
                    r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>"#
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                relations(
                    &(relation(1, "worksheet", "worksheets/sheet1.xml")
                        + &relation(2, "sharedStrings", "sharedStrings.xml")),
                ),
            ),
            ("xl/sharedStrings.xml", format!(r#"<sst xmlns="{MAIN}"><si><t>{shared}</t></si></sst>"#)),
            (
                "xl/worksheets/sheet1.xml",
                format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#),
            ),
        ] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        std::fs::write(&path, archive.finish().unwrap().into_inner()).unwrap();
        let bounds = Bounds { unpacked: 1 << 20, ..Bounds::default() };
        Sheet::read(&path, None, &bounds).map_err(|error| error.problem.to_string())
    }

    fn rows(number: u32, cell: &str) -> String {
        let row = |row: u32| format!(r#"<row r="{row}">{}</row>"#, cell.replace('#', &row.to_string()));
        let rows: Vec<String> = (2..2 + number).map(row).collect();
        format!(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>patron_id</t></is></c></row>{}"#, rows.concat())
    }

    #[test]
    fn a_small_workbook_filled_the_memory() {
        let expands = "this file unpacks to more than 300 times its size";
        let told = read(&"x".repeat(2 << 20), &rows(1, "")).unwrap_err();
        assert!(told.starts_with(expands), "a text that packs well: {told}");
        let shared = r#"<c r="A#" t="s"><v>0</v></c>"#;
        let told = read(&"x".repeat(100 << 10), &rows(100, shared)).unwrap_err();
        assert!(told.starts_with(expands), "many cells with one text: {told}");
        assert_eq!(read("P1", &rows(100, shared)).unwrap().rows.len(), 100);
    }

    #[test]
    fn a_cell_far_to_the_right_made_its_row_long() {
        let sheet = read("P1", &rows(1000, r#"<c r="A#" t="s"><v>0</v></c><c r="XFD#" t="s"><v>0</v></c>"#)).unwrap();
        assert!(sheet.rows.iter().all(|(_, cells)| cells.len() == 1));
    }

    #[test]
    fn a_number_keeps_the_zeros_that_its_format_shows() {
        let shown = |code: &str, number: &str| Zeros::of_code(code).map(|zeros| zeros.show(number));
        assert_eq!(shown("00000", "123").as_deref(), Some("00123"));
        assert_eq!(shown("00000", "1234567").as_deref(), Some("1234567"));
        assert_eq!(shown("00000;-00000", "123").as_deref(), Some("00123"));
        assert_eq!(shown("\"P\"0000", "7").as_deref(), Some("P0007"));
        assert_eq!(shown("\\P0000", "7").as_deref(), Some("P0007"));
        assert_eq!(shown("00000", "1.5").as_deref(), Some("1.5"));
        for other in ["0", "0.00", "General", "#,##0", "00-00", "@", ""] {
            assert_eq!(shown(other, "123"), None, "{other}");
        }
    }
}
