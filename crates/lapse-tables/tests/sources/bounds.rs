//! Small files that unpack to far more than their size end with a sentence before they fill the memory.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use lapse_tables::{Bounds, Extract, Folder, Known, Problem, Progress, RunError, run_in_memory};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

use super::{options, policy};

/// What becomes of a folder whose files may unpack to a MB.
fn read(folder: &Path, bounds: Bounds) -> Result<Extract, Problem> {
    let source = Folder::new(folder).bounded(bounds);
    Extract::read_from(&source, &Known::by(&policy()), 2, &[]).map_err(|error| error.problem)
}

fn a_megabyte() -> Bounds {
    Bounds { unpacked: 1 << 20, ..Bounds::default() }
}

fn folder(file: &str, bytes: &[u8]) -> TempDir {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("patrons.csv"), "patron_id\nP1\n").unwrap();
    std::fs::write(dir.path().join("memberships.csv"), "patron_id,library,subscription,valid_from\n").unwrap();
    std::fs::write(dir.path().join(file), bytes).unwrap();
    dir
}

#[test]
fn a_small_packed_file_of_unknown_patrons_filled_the_memory() {
    let rows = "patron_id,library,source,last_active\n".to_owned() + &"P9,peer,wise,2018-01-01\n".repeat(80_000);
    let gzip = {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packed, rows.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    for (name, packed) in
        [("activity.csv.zst", zstd::encode_all(rows.as_bytes(), 3).unwrap()), ("activity.csv.gz", gzip)]
    {
        let dir = folder(name, &packed);
        let bounds = Bounds { expansion: 100, ..a_megabyte() };
        assert!(matches!(read(dir.path(), bounds), Err(Problem::Expands(100))), "{name}");
        assert!(read(dir.path(), Bounds { expansion: 100_000, ..bounds }).is_ok(), "{name}");
        assert!(read(dir.path(), Bounds::default()).is_ok(), "{name}: a file may unpack to this much");
    }
}

fn parquet(id: &str, rows: usize) -> Vec<u8> {
    let column = |text: &str| Arc::new(StringArray::from(vec![text; rows])) as ArrayRef;
    let columns = [("patron_id", id), ("library", "peer"), ("source", "wise"), ("last_active", "2018-01-01")];
    let batch = RecordBatch::try_from_iter(columns.map(|(name, text)| (name, column(text)))).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

#[test]
fn a_small_parquet_file_with_one_long_id_many_times_filled_the_memory() {
    let file = parquet(&"x".repeat(2000), 10_000);
    assert!(file.len() < 20_000);
    let dir = folder("activity.parquet", &file);
    assert!(matches!(read(dir.path(), a_megabyte()), Err(Problem::Expands(300))));
    assert!(read(dir.path(), Bounds::default()).is_ok());
}

#[test]
fn a_value_of_parquet_longer_than_a_line_may_be_is_told() {
    let dir = folder("activity.parquet", &parquet(&"x".repeat(2000), 2));
    assert!(matches!(read(dir.path(), Bounds { line: 1000, ..Bounds::default() }), Err(Problem::LongValue(1000))));
}

#[test]
fn parquet_that_packs_well_is_read() {
    let dir = folder("activity.parquet", &parquet("P1", 40_000));
    assert!(read(dir.path(), a_megabyte()).is_ok(), "a code is kept once for all rows that have it");
}

/// What becomes of a run over rows of activity of these patrons, of whom only P1 is known.
fn run_over(ids: impl Iterator<Item = u32>) -> Option<Problem> {
    let rows: Vec<String> = ids.map(|id| format!("Q{id:06},peer,wise,2018-01-01\n")).collect();
    let text = "patron_id,library,source,last_active\nP1,peer,wise,2018-01-01\n".to_owned() + &rows.concat();
    let dir = folder("activity.csv", text.as_bytes());
    let source = Folder::new(dir.path()).bounded(Bounds { rejects: 100_000, ..Bounds::default() });
    match run_in_memory(&source, &policy(), None, options(&Progress::default(), 2)) {
        Ok(_) => None,
        Err(RunError::Table(error)) => Some(error.problem),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn rows_that_cannot_be_used_filled_the_memory() {
    let sorted = run_over(0..5000);
    let unsorted = run_over((0..5000).rev());
    for told in [sorted, unsorted] {
        let Some(Problem::Rejects { rows, line, column, problem }) = told else { panic!("{told:?}") };
        assert!((300..5000).contains(&rows), "{rows}");
        assert_eq!((line, &*column, &*problem), (3, "patron_id", "the patrons table has no such patron"));
    }
    assert!(run_over(0..300).is_none(), "there is room for these");
}
