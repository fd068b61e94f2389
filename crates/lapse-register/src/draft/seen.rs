//! What a file of an export looks like: how it is written, and what each of its columns holds, by all of its rows.

use std::io::Read;
use std::path::Path;

use lapse_tables::source::{Field, open_file};
use lapse_tables::{Bounds, Problem};

use super::names::EMPTY;
use crate::dialect::Encoding;
use crate::formats::csv::{self, Records};
use crate::formats::json::Paths;
use crate::formats::json_read::{self, JsonReader};
use crate::formats::parquet::ParquetFile;
use crate::formats::text::TextReader;
use crate::formats::workbook::{Sheet, sheets};
use crate::register::FileKind;
use crate::whole_columns::Looks;

/// A file, or a sheet of a workbook.
pub struct SeenFile {
    /// Its name.
    pub file: String,
    /// Of a workbook with several sheets, which.
    pub sheet: Option<String>,
    /// Of a text with fields, how it is written.
    pub text: Option<(u8, Encoding)>,
    /// Its columns, each with what its values look like.
    pub columns: Vec<SeenColumn>,
    /// Why it could not be read.
    pub failed: Option<String>,
}

/// A column of a file.
pub struct SeenColumn {
    /// Its name.
    pub name: String,
    /// What its values look like, apart from texts for an empty cell.
    pub looks: Looks,
    /// The texts for an empty cell that it has.
    pub empty: Vec<&'static str>,
    /// Some rows have no value.
    pub has_empty: bool,
}

/// How a file is written, where it is a text with fields, and its columns.
type Seen = (Option<(u8, Encoding)>, Vec<SeenColumn>);

impl SeenColumn {
    fn new(name: String) -> SeenColumn {
        SeenColumn { name, looks: Looks::default(), empty: Vec::new(), has_empty: false }
    }

    fn see(&mut self, text: &str) {
        if let Some(empty) = EMPTY.into_iter().find(|empty| *empty == text) {
            self.has_empty = true;
            if !self.empty.contains(&empty) {
                self.empty.push(empty);
            }
        } else {
            self.has_empty |= text.is_empty();
            self.looks.see(text);
        }
    }
}

impl SeenFile {
    /// Looks at a file of a folder: at each sheet, if it is a workbook.
    pub fn look(folder: &Path, name: &str) -> Vec<SeenFile> {
        let path = folder.join(name);
        let file = |sheet: Option<String>, seen: Result<Seen, String>| {
            let (text, columns, failed) = match seen {
                Ok((text, columns)) => (text, columns, None),
                Err(why) => (None, Vec::new(), Some(why)),
            };
            SeenFile { file: name.to_owned(), sheet, text, columns, failed }
        };
        match FileKind::of(name) {
            FileKind::Text => vec![file(None, text(&path))],
            FileKind::Json => vec![file(None, json(&path).map(|columns| (None, columns)))],
            FileKind::Parquet => {
                let columns =
                    ParquetFile::open(&path).map(|file| file.names().into_iter().map(SeenColumn::new).collect());
                vec![file(None, columns.map(|columns| (None, columns)).map_err(|error| error.to_string()))]
            }
            FileKind::Workbook => match sheets(&path) {
                Err(error) => vec![file(None, Err(error.to_string()))],
                Ok(sheets) => {
                    let several = sheets.len() > 1;
                    let seen = sheets.iter().map(|sheet| {
                        let columns = workbook(&path, sheet).map(|columns| (None, columns));
                        file(several.then(|| sheet.clone()), columns)
                    });
                    seen.collect()
                }
            },
        }
    }
}

/// How a text is written, and its columns.
fn text(path: &Path) -> Result<Seen, String> {
    let encoding = encoding(path).map_err(|error| error.to_string())?;
    let open = || TextReader::open(path, encoding, &Bounds::default(), None).map_err(|error| error.to_string());
    let unreadable = |why| crate::part_error::no_text(path, encoding, why).to_string();
    let mut reader = open()?;
    let Some((first, _)) = reader.next().map_err(unreadable)? else { return Err("the file is empty".to_owned()) };
    let delimiter = delimiter(&first);
    let (names, body, _) =
        csv::header(&first, delimiter).map_err(|_| "a quote of its first line stands where none can".to_owned())?;
    let slots: Vec<Option<usize>> = (0..names.len()).map(Some).collect();
    let mut columns: Vec<SeenColumn> = names.into_iter().map(SeenColumn::new).collect();
    let mut piece = Some(first);
    let mut from = body;
    while let Some(text) = piece {
        let mut records = Records::new(&text[from..], delimiter, &slots, 1);
        let mut fields = vec![Field::EMPTY; slots.len()];
        // What cannot be read is told when the register is checked.
        while let Ok(Some(_)) = records.next(&mut fields) {
            for (column, field) in columns.iter_mut().zip(&fields) {
                if let Field::Text(text) = field {
                    column.see(text);
                }
            }
        }
        from = 0;
        piece = reader.next().map_err(unreadable)?.map(|(text, _)| text);
    }
    Ok((Some((delimiter, encoding)), columns))
}

/// The encoding of a file: by its byte order mark, by zeros between its letters, or by whether all of it is UTF-8.
fn encoding(path: &Path) -> Result<Encoding, Problem> {
    let mut start = Vec::new();
    open_file(path)?.take(4096).read_to_end(&mut start).map_err(Problem::Io)?;
    let zeros = memchr::memchr_iter(0, &start).count();
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") || zeros * 3 > start.len() {
        return Ok(Encoding::Utf16);
    }
    let mut reader = TextReader::open(path, Encoding::Utf8, &Bounds::default(), None)?;
    loop {
        match reader.next() {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(Encoding::Utf8),
            Err(_) => return Ok(Encoding::Windows1252),
        }
    }
}

/// The sign between fields: the one that comes most often in the first line.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
    let count = |sign: u8| first.bytes().filter(|&byte| byte == sign).count();
    // Of those that come equally often, the last one stands.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|&sign| count(sign)).unwrap_or(b',')
}

fn json(path: &Path) -> Result<Vec<SeenColumn>, String> {
    let told = |error: lapse_tables::TableError| error.problem.to_string();
    let names: Vec<String> =
        json_read::paths(path, &Bounds::default(), usize::MAX).map_err(told)?.into_iter().collect();
    let mut paths = Paths::default();
    names.iter().enumerate().for_each(|(slot, name)| paths.want(name, slot));
    let mut columns: Vec<SeenColumn> = names.into_iter().map(SeenColumn::new).collect();
    let mut reader = JsonReader::open(path, &Bounds::default(), None).map_err(told)?;
    while let Some(piece) = reader.next().map_err(told)? {
        for (record, _) in &piece.records {
            let mut fields = vec![Field::EMPTY; columns.len()];
            if paths.read(&piece.bytes[record.clone()], &mut fields).is_ok() {
                columns.iter_mut().zip(fields).for_each(|(column, field)| column.see(&field.into_text()));
            }
        }
    }
    Ok(columns)
}

fn workbook(path: &Path, sheet: &str) -> Result<Vec<SeenColumn>, String> {
    let sheet = Sheet::read(path, Some(sheet), &Bounds::default()).map_err(|error| error.problem.to_string())?;
    let mut columns: Vec<SeenColumn> = sheet.names.iter().cloned().map(SeenColumn::new).collect();
    for (_, row) in &sheet.rows {
        for (at, column) in columns.iter_mut().enumerate() {
            match row.get(at) {
                Some(field) => column.see(&field.clone().into_text()),
                None => column.has_empty = true,
            }
        }
    }
    Ok(columns)
}
