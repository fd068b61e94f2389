//! A patron is found in files of every shape: with a byte order mark, either kind of line end, several parts, columns in any
//! order, values of other columns that are the id, and in Parquet with ids as numbers or in a dictionary.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray};
use bytes::Bytes;
use lapse_tables::{AskedColumn, Folder, Format, Known, PatronRows, Table, trace};
use parquet::arrow::ArrowWriter;
use parquet::data_type::ByteArray;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::WriterProperties;
use parquet::file::statistics::{Statistics, ValueStatistics};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use super::patron::{assert_found, assert_found_with};
use super::policy;

/// Ids that are short, stand in each other, are values of other columns too, or need quotes or escapes.
const IDS: [&str; 20] = [
    "1", "0", "11", "10", "2019", "-1", "1.5", "true", "null", "peer", "a\"b", "\"", "a", "a,b", ",", "a\nb", "\r",
    "a\r", "\\", "é",
];

/// How the files of a table are written.
#[derive(Clone, Debug)]
struct Shape {
    format: Format,
    mark: bool,
    line_end: &'static str,
    /// The last line ends too.
    ends: bool,
    parts: usize,
    /// How many columns stand before the ids.
    before: usize,
    /// What stands between the parts of an object.
    space: &'static str,
}

fn a_shape() -> impl Strategy<Value = Shape> {
    (
        select(vec![Format::Csv, Format::Ndjson]),
        any::<bool>(),
        select(vec!["\n", "\r\n", "\n\n", "\r\n\r\n"]),
        any::<bool>(),
        1..4usize,
        0..5usize,
        select(vec!["", " ", "\t"]),
    )
        .prop_map(|(format, mark, line_end, ends, parts, before, space)| Shape {
            format,
            mark,
            line_end,
            ends,
            parts,
            before,
            space,
        })
}

/// A value as some writer may write it: `odd` says that it is in quotes though it needs none, has escapes, or is a number.
fn written(value: &str, format: Format, odd: u8) -> String {
    if format == Format::Csv {
        let quoted = odd == 0 || value.contains(['"', ',', '\n']) || value.is_empty();
        return if quoted { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() };
    }
    let is_bare = ["1", "0", "11", "10", "2019", "-1", "1.5", "true"].contains(&value);
    match odd {
        0 => {
            let escaped: Vec<String> = value.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            format!("\"{}\"", escaped.concat())
        }
        1 | 2 if is_bare => value.to_owned(),
        _ => format!("{value:?}"),
    }
}

type Row = ([&'static str; 3], u8);

/// Writes a table of the columns `names`, of which the first has the ids.
fn write_table(folder: &Path, name: &str, names: &[&str], rows: &[Row], shape: &Shape) {
    let rotated = |fields: Vec<String>| {
        let mut fields = fields;
        let length = fields.len();
        fields.rotate_right(shape.before % length);
        fields
    };
    let line = |(values, odd): &Row| {
        let others = ["2019-01-01", values[0]];
        let values = values.iter().chain(&others).take(names.len());
        let written = values.map(|value| written(value, shape.format, *odd));
        if shape.format == Format::Csv {
            return rotated(written.collect()).join(",");
        }
        let space = shape.space;
        let members = names.iter().zip(written).map(|(name, value)| format!("{space}\"{name}\"{space}:{space}{value}"));
        format!("{{{}{space}}}", rotated(members.collect()).join(","))
    };
    let parts: Vec<&[Row]> = rows.chunks(rows.len().div_ceil(shape.parts).max(1)).collect();
    let parts = if parts.is_empty() { vec![&[][..]] } else { parts };
    for (number, rows) in parts.iter().enumerate() {
        let header = rotated(names.iter().map(ToString::to_string).collect()).join(",");
        let header = (shape.format == Format::Csv).then_some(header);
        let lines: Vec<String> = header.into_iter().chain(rows.iter().map(line)).collect();
        let mark = if shape.mark { "\u{feff}" } else { "" };
        let text = format!("{mark}{}{}", lines.join(shape.line_end), if shape.ends { shape.line_end } else { "" });
        let ending = shape.format.as_str();
        let path = if shape.parts == 1 {
            folder.join(format!("{name}.{ending}"))
        } else {
            fs::create_dir_all(folder.join(name)).unwrap();
            folder.join(name).join(format!("{number}.{ending}"))
        };
        fs::write(path, text).unwrap();
    }
}

fn some_rows() -> impl Strategy<Value = Vec<Row>> {
    let value = || select(&IDS[..]);
    vec(((value(), value(), value()).prop_map(|(id, one, two)| [id, one, two]), 0..6u8), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_patron_is_found_in_files_of_any_shape(
        (patrons, memberships, shapes) in (some_rows(), some_rows(), [a_shape(), a_shape()]),
        id in select(&IDS[..]), threads in 1..3usize,
    ) {
        let dir = TempDir::new().unwrap();
        write_table(dir.path(), "patrons", &["patron_id", "note", "colour"], &patrons, &shapes[0]);
        let columns = ["patron_id", "library", "subscription", "valid_from", "extra"];
        write_table(dir.path(), "memberships", &columns, &memberships, &shapes[1]);
        let source = Folder::new(dir.path());
        assert_found(&source, id, threads);
        let asked = [(Table::Patrons, "colour"), (Table::Memberships, "extra")];
        let asked = asked.map(|(table, name)| AskedColumn { table, name: name.to_owned() });
        assert_found_with(&source, id, threads, &asked);
    }
}

#[test]
fn an_id_that_is_a_line_end_is_not_found_in_empty_lines() {
    let dir = TempDir::new().unwrap();
    let patrons = "patron_id,note\r\n1,x\r\n\r\n\r,y\r\n\r\n\"\n\",z\r\n\"\r\n\",w\r\n\r\n";
    fs::write(dir.path().join("patrons.csv"), patrons).unwrap();
    let memberships =
        "{\"patron_id\":\"\\r\",\"library\":\"peer\",\"subscription\":\"a\",\"valid_from\":\"2019-01-01\"}\r\n\r\n\r\n";
    fs::write(dir.path().join("memberships.ndjson"), memberships).unwrap();
    for (id, rows) in [("\r", 2), ("\n", 1), ("\r\n", 1), ("1", 1), ("\n\r", 0)] {
        let source = Folder::new(dir.path());
        assert_found(&source, id, 1);
        assert_eq!(
            trace(&PatronRows::find(&source, id, &[], &Known::by(&policy()), 1).unwrap(), |_| true, 1).unwrap().len(),
            rows,
            "{id:?}"
        );
    }
}

#[test]
fn an_id_that_is_the_value_of_another_column_in_each_line_is_found_once() {
    let dir = TempDir::new().unwrap();
    let many = |row: &str| format!("{row}\n").repeat(20_000);
    for (quote, id) in [("", "peer"), ("\"", "peer"), ("", "1")] {
        let q = |value: &str| format!("{quote}{value}{quote}");
        let (id_quoted, other) = (q(id), q("P1"));
        let rows = many(&format!("{id_quoted},{other}"));
        let patrons = format!("note,patron_id\n{rows}x,{id_quoted}\n");
        fs::write(dir.path().join("patrons.csv"), patrons).unwrap();
        let row = |of: &str| [of, id, id, "2019-01-01"].map(q).join(",");
        let memberships = format!("patron_id,library,subscription,valid_from\n{}{}\n", many(&row("P1")), row(id));
        fs::write(dir.path().join("memberships.csv"), memberships).unwrap();
        let source = Folder::new(dir.path());
        assert_found(&source, id, 2);
        let found = trace(&PatronRows::find(&source, id, &[], &Known::by(&policy()), 2).unwrap(), |_| true, 1).unwrap();
        assert_eq!(found.iter().map(|row| row.line).collect::<Vec<_>>(), [20_002, 20_002]);
    }
}

/// Writes a Parquet file of these columns, in row groups of two.
fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(2)).build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

/// Writes both tables that must be there, as Parquet, with these ids.
fn write_parquet(folder: &Path, ids: &ArrayRef) -> Vec<u8> {
    let same = |text: &'static str| Arc::new(StringArray::from(vec![text; ids.len()])) as ArrayRef;
    let patrons = parquet(vec![("colour", same("7")), ("patron_id", ids.clone())]);
    fs::write(folder.join("patrons.parquet"), &patrons).unwrap();
    let columns = vec![
        ("library", same("peer")),
        ("subscription", same("7")),
        ("patron_id", ids.clone()),
        ("valid_from", same("2019-01-01")),
    ];
    fs::write(folder.join("memberships.parquet"), parquet(columns)).unwrap();
    patrons
}

#[test]
fn a_patron_is_found_by_a_number_or_in_a_dictionary() {
    let dir = TempDir::new().unwrap();
    let numbers = [7, 70, -7, 0, 7, 9_000_000_000, 12];
    let texts = numbers.map(|number: i64| number.to_string());
    let ids: [ArrayRef; 3] = [
        Arc::new(Int64Array::from(numbers.to_vec())),
        Arc::new(texts.iter().map(String::as_str).collect::<DictionaryArray<Int32Type>>()),
        Arc::new(texts.iter().map(|text| Some(text.as_str())).collect::<StringArray>()),
    ];
    let colour = [AskedColumn { table: Table::Patrons, name: "colour".to_owned() }];
    for ids in &ids {
        write_parquet(dir.path(), ids);
        for id in ["7", "70", "-7", "0", "9000000000", "12", "07", "+7", "8", "peer", ""] {
            assert_found_with(&Folder::new(dir.path()), id, 2, &colour);
        }
    }
}

#[test]
fn a_patron_is_found_although_the_file_says_that_its_ids_are_others() {
    let dir = TempDir::new().unwrap();
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["P1", "P2", "P3", "P4"]));
    for name in ["patrons", "memberships"] {
        write_parquet(dir.path(), &ids);
        let path = dir.path().join(format!("{name}.parquet"));
        let whole = fs::read(&path).unwrap();
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::from(whole.clone())).unwrap();
        let groups = metadata.row_groups().iter().map(|group| {
            let mut columns = group.columns().to_vec();
            let of_ids = columns.iter_mut().find(|column| column.column_path().string() == "patron_id").unwrap();
            let [min, max] = ["X1", "X9"].map(|id| Some(ByteArray::from(id)));
            let wrong = Statistics::ByteArray(ValueStatistics::new(min, max, None, Some(0), false));
            *of_ids = of_ids.clone().into_builder().set_statistics(wrong).build().unwrap();
            group.clone().into_builder().set_column_metadata(columns).build().unwrap()
        });
        let metadata = ParquetMetaData::new(metadata.file_metadata().clone(), groups.collect());
        let footer = u32::from_le_bytes(*whole[..whole.len() - 4].last_chunk().unwrap()) as usize + 8;
        let mut wrong = whole[..whole.len() - footer].to_vec();
        ParquetMetaDataWriter::new(&mut wrong, &metadata).finish().unwrap();
        fs::write(&path, wrong).unwrap();
        let found = PatronRows::find(&Folder::new(dir.path()), "P3", &[], &Known::by(&policy()), 1).unwrap();
        let tables: Vec<Table> = trace(&found, |_| true, 1).unwrap().iter().map(|row| row.table).collect();
        // Only a patron that would be missing altogether is looked for without what the file says.
        let expected = if name == "patrons" { &[Table::Patrons, Table::Memberships][..] } else { &[Table::Patrons] };
        assert_eq!(tables, expected, "{name}");
    }
}
