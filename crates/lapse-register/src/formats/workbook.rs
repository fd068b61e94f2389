//! A sheet of a workbook as rows of cells. Numbers keep the zeros that their format shows, so that an id is what people see.

use std::borrow::Cow;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{Cell, DataRef, Reader, Style, Xlsx};
use lapse_policy::Day;
use lapse_tables::source::Field;
use lapse_tables::{Problem, TableError};

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
    pub fn read(path: &Path, sheet: Option<&str>) -> Result<Sheet, TableError> {
        let file = std::fs::File::open(path).map_err(|io| error(path, Problem::Io(io)))?;
        // The reader of workbooks panics on some that are damaged.
        let read = catch_unwind(AssertUnwindSafe(|| Sheet::of(BufReader::new(file), sheet)));
        let read = read.unwrap_or_else(|_| Err(FileProblem::Workbook("a part of it is broken".to_owned())));
        read.map_err(|problem| error(path, Problem::Source(problem.into())))
    }

    fn of(file: BufReader<std::fs::File>, sheet: Option<&str>) -> Result<Sheet, FileProblem> {
        let damaged = |error: calamine::XlsxError| FileProblem::Workbook(error.to_string());
        let mut workbook = Xlsx::new(file).map_err(damaged)?;
        let found = workbook.sheet_names();
        let name = match sheet {
            Some(sheet) if !found.iter().any(|name| name == sheet) => {
                return Err(FileProblem::NoSheet { sheet: sheet.to_owned(), found });
            }
            Some(sheet) => sheet.to_owned(),
            None => found.first().cloned().ok_or_else(|| FileProblem::Workbook("it has no sheet".to_owned()))?,
        };
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
        let formats: Vec<Option<Zeros>> = cells.styles().iter().map(Zeros::of).collect();
        let mut rows: Vec<(u64, Vec<Field<'static>>)> = Vec::new();
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(damaged)? {
            let Some(content) = content(&cell, formats.get(style).and_then(Option::as_ref)) else { continue };
            let (row, column) = cell.get_position();
            let number = u64::from(row) + 1;
            if rows.last().is_none_or(|(last, _)| *last != number) {
                rows.push((number, Vec::new()));
            }
            let cells = &mut rows.last_mut().expect("one was just pushed").1;
            let column = column as usize;
            cells.resize(cells.len().max(column + 1), Field::EMPTY);
            cells[column] = content;
        }
        let mut rows = rows.into_iter();
        let names = rows.next().map(|(_, names)| names).unwrap_or_default();
        let names = names.into_iter().map(|name| name.into_text().into_owned()).collect();
        Ok(Sheet { names, rows: rows.collect() })
    }
}

/// The names of the sheets of the workbook at `path`.
pub(crate) fn sheets(path: &Path) -> Result<Vec<String>, TableError> {
    let file = std::fs::File::open(path).map_err(|io| error(path, Problem::Io(io)))?;
    let read =
        catch_unwind(AssertUnwindSafe(|| Xlsx::new(BufReader::new(file)).map(|workbook| workbook.sheet_names())));
    let why = match read {
        Ok(Ok(names)) => return Ok(names),
        Ok(Err(why)) => why.to_string(),
        Err(_) => "a part of it is broken".to_owned(),
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
    use super::*;

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
