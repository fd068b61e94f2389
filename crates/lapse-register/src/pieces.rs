//! What is still to be read of the files of a table, handed out piece by piece, file after file.

use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use lapse_tables::source::{Batch, Field, Piece, Records, Together};
use lapse_tables::{Progress, TableError};

use crate::body::Body;
use crate::fit::Fit;
use crate::formats::csv;
use crate::formats::json::Paths;
use crate::formats::json_read::{JsonPiece, JsonReader, trouble};
use crate::formats::parquet::{self as row_groups, ParquetFile};
use crate::formats::text::TextReader;
use crate::formats::workbook::Sheet;
use crate::open_part::OpenPart;
use crate::part_error::{Where, broken, error, no_text};
use crate::register::Part;

/// This many rows of a sheet are a piece.
const SHEET_ROWS: usize = 4 << 10;

/// Hands out the pieces of the files of a table.
pub(crate) struct RegisterPieces<'p> {
    parts: &'p [OpenPart<'p>],
    next_part: usize,
    open: Option<Open<'p>>,
    progress: &'p Progress,
}

/// The file that is being handed out.
enum Open<'p> {
    /// A text, and where the records of its first piece start.
    Text(TextReader<'p>, Option<(usize, u64)>),
    Json(JsonReader<'p>, &'p Paths),
    /// A sheet from this row on.
    Sheet(&'p Arc<Sheet>, usize),
    /// A Parquet file from this row group on.
    Parquet(&'p ParquetFile, usize),
}

impl<'p> RegisterPieces<'p> {
    pub fn new(parts: &'p [OpenPart<'p>], progress: &'p Progress) -> RegisterPieces<'p> {
        RegisterPieces { parts, next_part: 0, open: None, progress }
    }

    fn open(&self, part: &'p OpenPart<'p>) -> Result<Open<'p>, TableError> {
        let path = &part.part.file;
        Ok(match &part.body {
            Body::Text { start, line } => {
                let (encoding, bounds) = (part.part.dialect.encoding, &part.part.bounds);
                let reader = TextReader::open(path, encoding, bounds, Some(self.progress));
                Open::Text(reader.map_err(|problem| error(path, problem))?, Some((*start, *line)))
            }
            Body::Json(paths) => Open::Json(JsonReader::open(path, &part.part.bounds, Some(self.progress))?, paths),
            Body::Sheet(sheet) => {
                self.progress.did(part.work());
                Open::Sheet(sheet, 0)
            }
            Body::Parquet(file) => Open::Parquet(file, 0),
        })
    }

    fn try_next(&mut self) -> Result<Option<RegisterPiece<'p>>, TableError> {
        loop {
            if let Some(open) = &mut self.open {
                let number = self.next_part - 1;
                let of = &self.parts[number];
                if let Some(rows) = open.next(of, self.progress)? {
                    let number = u32::try_from(number).expect("fewer than four billion files");
                    return Ok(Some(RegisterPiece {
                        part: of.part,
                        fit: &of.fit,
                        number,
                        rows,
                        done: false,
                        batch: None,
                    }));
                }
            }
            let Some(part) = self.parts.get(self.next_part) else { return Ok(None) };
            self.next_part += 1;
            self.open = Some(self.open(part)?);
        }
    }
}

impl<'p> Open<'p> {
    /// The next rows of a file; none at its end.
    fn next(&mut self, of: &'p OpenPart<'p>, progress: &Progress) -> Result<Option<Rows<'p>>, TableError> {
        Ok(match self {
            Open::Text(reader, first) => {
                let next = reader.next().map_err(|why| no_text(&of.part.file, of.part.dialect.encoding, why))?;
                next.map(|(text, line)| {
                    let (start, line) = first.take().unwrap_or((0, line));
                    Rows::Text { text, start, line }
                })
            }
            Open::Json(reader, paths) => reader.next()?.map(|piece| Rows::Json(piece, paths)),
            Open::Sheet(sheet, from) => {
                let start = *from;
                *from += SHEET_ROWS;
                (start < sheet.rows.len()).then(|| Rows::Sheet(sheet, start..sheet.rows.len().min(*from)))
            }
            Open::Parquet(file, from) => {
                let group = *from;
                *from += 1;
                if group >= file.groups() {
                    return Ok(None);
                }
                progress.did(of.work() / file.groups() as u64);
                let columns: Vec<(usize, usize)> =
                    of.fit.columns.iter().enumerate().filter_map(|(column, slot)| Some((column, (*slot)?))).collect();
                let wanted: Vec<usize> = columns.iter().map(|(column, _)| *column).collect();
                let reader = file.read(&of.part.file, group, &wanted)?;
                let slots = columns.into_iter().map(|(_, slot)| slot).collect();
                Some(Rows::Parquet { reader: Box::new(reader), slots, row: file.first_row(group) })
            }
        })
    }
}

impl<'p> Iterator for RegisterPieces<'p> {
    type Item = Result<Box<dyn Piece + 'p>, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.try_next().transpose().map(|piece| piece.map(|piece| Box::new(piece) as Box<dyn Piece>))
    }
}

/// Rows of a file that follow each other.
struct RegisterPiece<'p> {
    part: &'p Part,
    fit: &'p Fit,
    /// Which of the table's parts it is.
    number: u32,
    rows: Rows<'p>,
    done: bool,
    /// The rows of a Parquet file that were unpacked last.
    batch: Option<Batch>,
}

enum Rows<'p> {
    Text { text: String, start: usize, line: u64 },
    Json(JsonPiece, &'p Paths),
    Sheet(&'p Arc<Sheet>, std::ops::Range<usize>),
    Parquet { reader: Box<ParquetRecordBatchReader>, slots: Vec<usize>, row: u64 },
}

impl Piece for RegisterPiece<'_> {
    fn records(&mut self) -> Result<Option<Box<dyn Records<'_> + '_>>, TableError> {
        let (part, fit, number) = (self.part, self.fit, self.number);
        if let Rows::Parquet { reader, slots, row } = &mut self.rows {
            self.batch = None;
            let Some(rows) = row_groups::next(&part.file, reader)? else { return Ok(None) };
            let first = *row;
            *row += rows.num_rows() as u64;
            let columns = slots.iter().copied().zip(rows.columns());
            let batch = self.batch.insert(Batch::new(part.table, columns, rows.num_rows(), first));
            return Ok(Some(Box::new(Fitted { raw: BatchRows { batch, next: 0, first }, fit, number })));
        }
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        Ok(Some(match &self.rows {
            Rows::Text { text, start, line } => {
                let text = &text[*start..];
                let records = csv::Records::new(text, part.delimiter(), &fit.columns, *line);
                let at = Where { path: &part.file, delimiter: part.delimiter(), text, line: *line };
                Box::new(Fitted { raw: TextRows { records, at }, fit, number })
            }
            Rows::Json(piece, paths) => {
                let raw = JsonRows { piece, next: 0, paths, fit, part };
                Box::new(Fitted { raw, fit, number })
            }
            Rows::Sheet(sheet, range) => {
                let raw = SheetRows { rows: sheet.rows[range.clone()].iter(), columns: &fit.columns };
                Box::new(Fitted { raw, fit, number })
            }
            Rows::Parquet { .. } => unreachable!("rows of a Parquet file were given above"),
        }))
    }
}

/// Rows as a file has them, one after the other.
trait RawRows<'a> {
    /// Reads the next row into the fields that want something of it, and gives its line or number.
    fn next(&mut self, fields: &mut [Field<'a>]) -> Result<Option<u64>, TableError>;
}

/// Rows in the form of the table.
struct Fitted<'a, R> {
    raw: R,
    fit: &'a Fit,
    number: u32,
}

impl<'a, R: RawRows<'a>> Records<'a> for Fitted<'a, R> {
    fn next(&mut self, together: &mut Together<'a>) -> Result<bool, TableError> {
        let Fitted { raw, fit, number } = self;
        together.fill(*number, |fields| {
            while let Some(line) = raw.next(fields)? {
                if fit.apply(fields) {
                    return Ok(Some(line));
                }
            }
            Ok(None)
        })
    }
}

struct TextRows<'a> {
    records: csv::Records<'a>,
    at: Where<'a>,
}

impl<'a> RawRows<'a> for TextRows<'a> {
    #[inline]
    fn next(&mut self, fields: &mut [Field<'a>]) -> Result<Option<u64>, TableError> {
        let expected = self.records.columns();
        self.records.next(fields).map_err(|why| broken(self.at, why, expected))
    }
}

struct JsonRows<'a> {
    piece: &'a JsonPiece,
    next: usize,
    paths: &'a Paths,
    fit: &'a Fit,
    part: &'a Part,
}

impl<'a> RawRows<'a> for JsonRows<'a> {
    fn next(&mut self, fields: &mut [Field<'a>]) -> Result<Option<u64>, TableError> {
        let Some((range, number)) = self.piece.records.get(self.next) else { return Ok(None) };
        self.next += 1;
        for &slot in self.fit.columns.iter().flatten() {
            fields[slot] = Field::EMPTY;
        }
        let record = &self.piece.bytes[range.clone()];
        self.paths.read(record, fields).map_err(|why| trouble(&self.part.file, *number, why))?;
        Ok(Some(*number))
    }
}

struct SheetRows<'a> {
    rows: std::slice::Iter<'a, (u64, Vec<Field<'static>>)>,
    columns: &'a [Option<usize>],
}

impl<'a> RawRows<'a> for SheetRows<'a> {
    fn next(&mut self, fields: &mut [Field<'a>]) -> Result<Option<u64>, TableError> {
        let Some((number, cells)) = self.rows.next() else { return Ok(None) };
        for (column, slot) in self.columns.iter().enumerate() {
            let Some(slot) = *slot else { continue };
            fields[slot] = match cells.get(column) {
                Some(Field::Text(text)) => Field::Text(std::borrow::Cow::Borrowed(text)),
                Some(Field::Day(day)) => Field::Day(*day),
                None => Field::EMPTY,
            };
        }
        Ok(Some(*number))
    }
}

struct BatchRows<'a> {
    batch: &'a Batch,
    next: usize,
    /// The number of the first row.
    first: u64,
}

impl<'a> RawRows<'a> for BatchRows<'a> {
    fn next(&mut self, fields: &mut [Field<'a>]) -> Result<Option<u64>, TableError> {
        let row = self.next;
        if row == self.batch.rows() {
            return Ok(None);
        }
        self.next += 1;
        self.batch.read_row(row, fields);
        Ok(Some(self.first + row as u64))
    }
}
