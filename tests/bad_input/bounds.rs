//! Small files that filled the memory, devices and pipes as tables, pages of Parquet that are damaged, and tables that change
//! while they are read.

use std::process::{Command, Stdio};

use super::{RUN, about, good};
use crate::program::{Folder, program};

/// The sentence with which a run stops.
fn stopped(folder: &Folder) -> String {
    let ran = folder.lapse(RUN);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(!folder.path().join("out").exists(), "nothing was written");
    ran.stderr
}

fn replaced(table: &str, file: &str, bytes: &[u8]) -> Folder {
    let folder = good();
    std::fs::remove_file(folder.path().join(format!("data/{table}.csv"))).unwrap();
    folder.write(&format!("data/{file}"), bytes);
    folder
}

#[test]
fn a_packed_line_without_an_end_filled_the_memory() {
    for (name, text) in [
        ("activity.csv.zst", "patron_id,library,source,last_active\nP1,peer,"),
        ("activity.csv.zst", "patron_id,"),
        ("activity.ndjson.zst", "{}\n{\"patron_id\":\""),
    ] {
        let mut text = text.as_bytes().to_vec();
        text.resize(text.len() + (17 << 20), b'x');
        let packed = zstd::encode_all(&text[..], 3).unwrap();
        assert!(packed.len() < 10_000);
        let told = stopped(&replaced("activity", name, &packed));
        assert!(
            told.contains(&format!("{name}:")) && told.contains("is longer than 16 MB; look for a quote"),
            "{told}"
        );
    }
}

#[test]
fn a_line_as_long_as_the_bound_that_was_asked_for_is_read() {
    let mut text = b"patron_id,library,source,last_active,note\nP1,peer,wise,2018-01-01,".to_vec();
    text.resize(text.len() + (17 << 20), b'x');
    let folder = replaced("activity", "activity.csv", &text);
    assert!(stopped(&folder).contains("activity.csv:2:1: the row that starts here is longer than 16 MB"));
    let ran = folder.lapse(&[RUN, &["--max-line", "20"]].concat());
    assert_ne!(ran.code, 2, "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn dev_zero_as_a_table_filled_the_memory() {
    for name in ["activity.csv", "activity.ndjson", "activity.csv.gz"] {
        let folder = good();
        std::fs::remove_file(folder.path().join("data/activity.csv")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("data").join(name)).unwrap();
        let told = stopped(&folder);
        assert!(told.contains(&format!("{name}: this is a device, which may never end")), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_of_parquet_hung() {
    let folder = good();
    std::fs::remove_file(folder.path().join("data/activity.csv")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.path().join("data/activity.parquet")).status().unwrap().success());
    assert!(stopped(&folder).contains("activity.parquet: files of this format are read from their end"));
}

#[test]
fn a_parquet_page_with_a_wrong_checksum_was_read() {
    let checksummed = include_bytes!("checksummed.parquet").to_vec();
    let folder = replaced("patrons", "patrons.parquet", &checksummed);
    assert_ne!(folder.lapse(RUN).code, 2);
    let mut damaged = checksummed;
    let at = damaged.windows(2).position(|two| two == b"P2").unwrap();
    damaged[at] = b'Q';
    let told = stopped(&replaced("patrons", "patrons.parquet", &damaged));
    assert!(told.contains("patrons.parquet: this Parquet file is damaged") && told.contains("checksum"), "{told}");
}

#[cfg(unix)]
#[test]
fn tables_that_change_while_they_are_read_gave_rows_of_two_extracts() {
    let folder = good();
    std::fs::remove_file(folder.path().join("data/activity.csv")).unwrap();
    let pipe = folder.path().join("data/activity.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let run = program().args(RUN).current_dir(folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    // The run is in the middle of its tables when it opens the pipe.
    let writer = std::fs::File::options().write(true).open(&pipe).unwrap();
    folder.write("data/accounts.csv", folder.read("data/accounts.csv") + "P2,peer,,,,,\n");
    std::io::Write::write_all(&mut { writer }, b"patron_id,library,source,last_active\n").unwrap();
    let ended = run.wait_with_output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{told}");
    assert!(told.contains("accounts.csv: this file was changed or replaced while it was read"), "{told}");
    assert!(!folder.path().join("out").exists());
}

#[test]
fn on_the_last_day_of_the_calendar_nothing_is_deleted_that_the_same_run_deregistered() {
    let folder = good();
    let words = ["run", "--data", "data", "--date", "9999-12-31", "--out", "out"];
    assert_ne!(folder.lapse(&words).code, 2);
    let (memberships, records) = (folder.read("out/memberships.csv"), folder.read("out/records.csv"));
    assert!(about("P2", &memberships)[0].contains(",deregistered,inactive,9999-12-30"), "{memberships}");
    assert!(about("P2", &records)[0].starts_with("P2,peer,kept,ended-recently"), "{records}");
}
