//! The rows of one patron, looked for in the bytes of the files, come to the same as the patron among all.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use lapse_tables::{
    AskedColumn, Extract as Joined, Folder, Format, Known, PatronFacts as _, PatronRows, Reject, Source, Table, trace,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use super::extract::{Extract, Kind, an_extract};
use super::policy;

/// What is known about a patron, with codes as texts; none where there is no such patron.
fn told(extract: &Joined, id: &str) -> Option<String> {
    let index = extract.find(id)?;
    let (patron, codes) = (extract.patron(index), &extract.codes);
    let mut told = format!("{} {:?} {}", patron.held, patron.profile_last_active, patron.keeps_history);
    for row in patron.memberships {
        let [library, of] = [codes.libraries.text(row.library), codes.subscriptions.text(row.subscription)];
        let _ = write!(told, " {library} {of} {} {:?} {:?}", row.valid_from, row.valid_until, row.status);
    }
    for row in patron.activity {
        let library = row.library.map(|library| codes.libraries.text(library));
        let _ = write!(told, " {library:?} {} {}", codes.sources.text(row.source), row.last_active);
    }
    for row in patron.accounts {
        let blocks = row.blocks.map(|blocks| codes.blocks.text(blocks));
        let _ = write!(told, " {} {} {blocks:?}", codes.libraries.text(row.library), row.owes);
    }
    Some(told)
}

/// Looks for a patron in a source, and compares with all that is there.
pub fn assert_found(source: &dyn Source, id: &str, threads: usize) {
    assert_found_with(source, id, threads, &[]);
}

/// The same, with columns that are asked for.
pub fn assert_found_with(source: &dyn Source, id: &str, threads: usize, asked: &[AskedColumn]) {
    let policy = policy();
    let known = Known::by(&policy);
    let read = |source: &dyn Source| Joined::read_from(source, &known, 1, asked).unwrap();
    let rows = PatronRows::find(source, id, asked, &known, threads).unwrap();
    let (all, alone) = (read(source), read(&rows));
    assert_eq!(told(&alone, id), told(&all, id), "{id:?}");
    let in_asked = |extract: &Joined| {
        let index = extract.find(id)?;
        let rows = |table| if table == Table::Memberships { extract.patron(index).memberships.len() } else { 1 };
        let columns = asked.iter().enumerate();
        let texts = columns.flat_map(|(number, column)| (0..rows(column.table)).map(move |row| (number, row)));
        Some(texts.map(|(number, row)| extract.asked(number, index, row).to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(in_asked(&alone), in_asked(&all), "{id:?}");
    // Rows of nobody that nearly have the id of a patron hold the patron.
    let left = |id: &str| id.trim().to_lowercase().trim_start_matches('0').to_owned();
    let is_near = |found: &str| left(found) == left(id) && all.find(id).is_some() && all.find(found).is_none();
    let is_about = |found: &str| found == id || (!left(id).is_empty() && is_near(found));
    let traced = trace(source, is_about, 1).unwrap();
    assert_eq!(trace(&rows, |_| true, 1).unwrap(), traced, "{id:?}");
    // Rows of no patron are rejected for that, which the patrons alone cannot tell.
    if told(&all, id).is_some() {
        let is_own = |reject: &Reject| {
            traced.iter().any(|row| (row.table, &row.file, row.line) == (reject.table, &reject.file, reject.line))
        };
        let own: Vec<_> = all.rejects.iter().filter(|reject| is_own(reject)).collect();
        assert_eq!(alone.rejects.iter().collect::<Vec<_>>(), own, "{id:?}");
    }
}

const IDS: [&str; 9] = ["P1", "P2", "P3", "P6", "a \"b\", é", "nobody", "P", "1", ""];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_patron_is_found_in_any_source(extract in an_extract(), id in select(&IDS[..]), group in 1..7usize) {
        assert_found(&extract.memory(Kind::Typed, group), id, 1);
        let dir = TempDir::new().unwrap();
        for format in Format::ALL {
            let folder = dir.path().join(format.as_str());
            extract.write(&folder, format, group);
            assert_found(&Folder::new(folder), id, 2);
        }
    }
}

/// A field as some writer may write it: in quotes though it needs none, or with escapes.
fn written(value: &str, format: Format, odd: u8) -> String {
    match format {
        Format::Csv if odd == 0 || value.contains(['"', ',', '\n']) => format!("\"{}\"", value.replace('"', "\"\"")),
        Format::Ndjson if odd == 0 => {
            let escaped: Vec<String> = value.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            format!("\"{}\"", escaped.concat())
        }
        Format::Ndjson => format!("{value:?}"),
        Format::Csv | Format::Parquet => value.to_owned(),
    }
}

/// Writes rows of two tables: each an id, and for each how odd it is written.
fn write(folder: &Path, format: Format, packed: bool, rows: &[(String, u8)]) {
    let names = [
        ("patrons", &[][..]),
        ("memberships", &[("library", "pe,er"), ("subscription", "you\nth"), ("valid_from", "2019-01-01")]),
    ];
    for (name, others) in names {
        let mut text = String::new();
        if format == Format::Csv {
            let names: Vec<&str> = std::iter::once("patron_id").chain(others.iter().map(|(name, _)| *name)).collect();
            let _ = writeln!(text, "{}", names.join(","));
        }
        for (id, odd) in rows {
            let value = |value: &str| written(value, format, *odd);
            let fields = std::iter::once(("patron_id", &**id)).chain(others.iter().copied());
            let fields: Vec<String> = match format {
                Format::Csv => fields.map(|(_, text)| value(text)).collect(),
                Format::Ndjson | Format::Parquet => {
                    fields.map(|(name, text)| format!("\"{name}\":{}", value(text))).collect()
                }
            };
            let row = fields.join(",");
            let _ = if format == Format::Csv { writeln!(text, "{row}") } else { writeln!(text, "{{{row}}}") };
        }
        let path = folder.join(format!("{name}.{}", format.as_str()));
        if packed {
            let mut name = path.into_os_string();
            name.push(".zst");
            fs::write(name, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
        } else {
            fs::write(path, text).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn a_patron_is_found_however_the_id_is_written(
        rows in vec((select(vec!["P1", "0p1", "P12", "P2", "1", "a\"b", "a,b", "P\n1", "é", "\\"]), 0..6u8), 0..30),
        format in select(vec![Format::Csv, Format::Ndjson]), packed in any::<bool>(),
    ) {
        let rows: Vec<(String, u8)> = rows.into_iter().map(|(id, odd)| (id.to_owned(), odd)).collect();
        let dir = TempDir::new().unwrap();
        write(dir.path(), format, packed, &rows);
        for id in ["P1", "P12", "1", "a\"b", "a,b", "P\n1", "é", "\\", "nobody"] {
            assert_found(&Folder::new(dir.path()), id, 1);
        }
    }
}

#[test]
fn numbers_are_found_as_they_are_written() {
    let dir = TempDir::new().unwrap();
    for (name, more) in [
        ("patrons", ""),
        ("memberships", ",\"library\":\"peer\",\"subscription\":\"youth\",\"valid_from\":\"2019-01-01\""),
    ] {
        let row = |id: &str| format!("{{\"patron_id\":{id}{more}}}\n");
        fs::write(dir.path().join(format!("{name}.ndjson")), [row("12"), row("120"), row("12.0"), row("7")].concat())
            .unwrap();
    }
    for id in ["12", "120", "12.0", "7", "1", "2"] {
        assert_found(&Folder::new(dir.path()), id, 1);
    }
}

#[test]
fn a_patron_is_found_in_large_files_and_at_their_ends() {
    let extract = Extract::of_many(100_000);
    let dir = TempDir::new().unwrap();
    for format in Format::ALL {
        let folder = dir.path().join(format.as_str());
        extract.write(&folder, format, 30_000);
        for id in ["P0000000", "P0054321", "P0099999", "P01"] {
            assert_found(&Folder::new(&folder), id, 2);
        }
    }
}

#[test]
fn what_is_broken_elsewhere_does_not_keep_a_patron_from_being_found() {
    let dir = TempDir::new().unwrap();
    let pad = "P0,2019-01-01\n".repeat(300_000);
    fs::write(dir.path().join("patrons.csv"), format!("patron_id,birth_date\nP1,2000-01-01\n{pad}P2,a\"b\n")).unwrap();
    fs::write(dir.path().join("memberships.csv"), "patron_id,library,subscription,valid_from\n").unwrap();
    let find = |id| PatronRows::find(&Folder::new(dir.path()), id, &[], &Known::by(&policy()), 1);
    assert_eq!(trace(&find("P1").unwrap(), |_| true, 1).unwrap().len(), 1);
    let error = find("P2").err().unwrap().to_string();
    assert!(error.contains("patrons.csv:300003:5: a double quote stands where none can"), "{error}");
}
