//! Workbooks, several files for one table, Parquet and packed files, through a register.

use std::io::Write as _;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

use crate::program::Folder;

/// A workbook with one sheet, stored without compression: the third style shows five digits, the second a date.
fn workbook(sheet: &str, rows: &str) -> Vec<u8> {
    let files = [
        ("[Content_Types].xml", r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#.to_owned()),
        ("_rels/.rels", r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned()),
        ("xl/workbook.xml", format!(r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{sheet}" sheetId="1" r:id="r1"/></sheets></workbook>"#)),
        ("xl/_rels/workbook.xml.rels", r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#.to_owned()),
        ("xl/styles.xml", r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>"#.to_owned()),
        ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#)),
    ];
    let mut zip: Vec<u8> = Vec::new();
    let mut directory: Vec<u8> = Vec::new();
    for (name, text) in &files {
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        let (size, length) = (u32::try_from(text.len()).unwrap(), u16::try_from(name.len()).unwrap());
        let start = u32::try_from(zip.len()).unwrap();
        let mut common = Vec::new();
        common.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        common.extend(sum.sum().to_le_bytes());
        common.extend(size.to_le_bytes());
        common.extend(size.to_le_bytes());
        common.extend(length.to_le_bytes());
        common.extend([0, 0]);
        zip.extend(b"PK\x03\x04");
        zip.extend(&common);
        zip.extend(name.as_bytes());
        zip.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, size) = (u32::try_from(zip.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    let number = u16::try_from(files.len()).unwrap();
    zip.extend(&directory);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend(number.to_le_bytes());
    zip.extend(number.to_le_bytes());
    zip.extend(size.to_le_bytes());
    zip.extend(start.to_le_bytes());
    zip.extend([0, 0]);
    zip
}

const CONSORTIUM: &str =
    "[consortium]\nname = \"Test\"\n\n[subscription]\nrenewal = \"none\"\n\n[activity]\nsources = [\"wise\"]\n";
const LIBRARY: &str = "[library]\ncode = \"a\"\nname = \"A\"\n\n[subscriptions.adult]\nname = \"Adult\"\n";

fn folder(register: &str) -> Folder {
    Folder::with(&[
        ("policies/consortium.toml", CONSORTIUM),
        ("policies/libraries/a.toml", LIBRARY),
        ("register.toml", register),
    ])
}

fn memberships(folder: &Folder) -> Vec<String> {
    let ran = folder.lapse(&["run", "--data", "register.toml", "--date", "2022-07-01", "--out", "out"]);
    assert!(ran.code == 0 || ran.code >= 3, "{}", ran.stderr);
    assert!(!folder.path().join("out/rejects.csv").exists(), "{}", folder.read("out/rejects.csv"));
    folder.read("out/memberships.csv").lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn numbers_of_a_workbook_keep_the_zeros_that_their_format_shows() {
    let folder = folder(
        r#"
        [tables.patrons]
        file = "patrons.csv"
        [tables.memberships]
        file = "leden.xlsx"
        sheet = "Leners"
        columns = { patron_id = "Nr", valid_from = "Van", valid_until = "Tot" }
        constants = { library = "a", subscription = "adult" }
    "#,
    );
    folder.write("patrons.csv", "patron_id\n00123\nX7\n");
    let text = |cell: &str, text: &str| format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let rows = format!(
        r#"<row r="2">{}{}{}</row><row r="3"><c r="A3" s="2"><v>123</v></c><c r="B3" s="1"><v>43831</v></c><c r="C3" s="1"><v>44926</v></c></row><row r="5">{}{}</row>"#,
        text("A2", "Nr"),
        text("B2", "Van"),
        text("C2", "Tot"),
        text("A5", "X7"),
        text("B5", "2020-02-01"),
    );
    folder.write("leden.xlsx", workbook("Leners", &rows));
    let rows = memberships(&folder);
    assert!(rows[0].starts_with("00123,a,adult,2020-01-01,valid,") && rows[0].contains("2022-12-31"), "{rows:?}");
    assert!(rows[1].starts_with("X7,a,adult,2020-02-01,"), "{rows:?}");

    let register = folder.read("register.toml").replace("Leners", "Leden");
    folder.write("register.toml", register);
    let ran = folder.lapse(&["run", "--data", "register.toml", "--date", "2022-07-01", "--out", "out2"]);
    assert!(ran.stderr.contains("there is no sheet `Leden`; the workbook has `Leners`"), "{}", ran.stderr);
}

#[test]
fn several_files_make_one_table_and_one_that_is_rejected_says_which() {
    let folder = folder(
        r#"
        [tables.patrons]
        files = ["a.csv", "b.csv.gz"]
        columns = { patron_id = "nr" }
        [[tables.memberships]]
        file = "a.csv"
        columns = { patron_id = "nr", valid_from = "van" }
        constants = { library = "a", subscription = "adult" }
        [[tables.memberships]]
        file = "b.csv.gz"
        dates = "DD/MM/YYYY"
        columns = { patron_id = "nr", valid_from = "van" }
        constants = { library = "a", subscription = "adult" }
    "#,
    );
    folder.write("a.csv", "nr,van\nP1,2020-01-02\n");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(b"nr,van\nP2,03/01/2020\n").unwrap();
    folder.write("b.csv.gz", packed.finish().unwrap());
    let rows = memberships(&folder);
    assert!(rows[0].starts_with("P1,a,adult,2020-01-02,") && rows[1].starts_with("P2,a,adult,2020-01-03,"), "{rows:?}");

    folder.write("a.csv", "nr,van\nP1,2020-01-32\n");
    folder.lapse(&["run", "--data", "register.toml", "--date", "2022-07-01", "--out", "out2"]);
    assert!(
        folder.read("out2/rejects.csv").contains("./a.csv,2,valid_from,2020-01-32"),
        "{}",
        folder.read("out2/rejects.csv")
    );
}

#[test]
fn parquet_is_read_by_other_names_too() {
    let folder = folder(
        r#"
        [tables.patrons]
        file = "p.ndjson"
        columns = { patron_id = "id" }
        [tables.memberships]
        file = "m.parquet"
        columns = { patron_id = "nr", valid_from = "van", valid_until = "tot" }
        constants = { library = "a", subscription = "adult" }
        dates = "DD/MM/YYYY"
    "#,
    );
    folder.write("p.ndjson", "{\"id\": \"P1\"}\n{\"id\": \"P2\"}\n");
    let columns: [(&str, ArrayRef); 3] = [
        ("tot", Arc::new(StringArray::from(vec![Some("31/12/2022"), None]))),
        ("nr", Arc::new(StringArray::from(vec!["P1", "P2"]))),
        ("van", Arc::new(Date32Array::from(vec![18262, 18263]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    folder.write("m.parquet", writer.into_inner().unwrap());
    let rows = memberships(&folder);
    assert!(rows[0].starts_with("P1,a,adult,2020-01-01,valid,") && rows[0].contains("2022-12-31"), "{rows:?}");
    assert!(rows[1].starts_with("P2,a,adult,2020-01-02,"), "{rows:?}");
}
