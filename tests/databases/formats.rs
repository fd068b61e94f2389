//! The same decisions from a database as from files.

use std::collections::BTreeMap;

use crate::golden::consortia;
use crate::program::{Folder, program};

/// What a run writes, by file: its rows, sorted, since a database promises no order.
fn decided(
    folder: &Folder,
    consortium: &std::path::Path,
    data: &str,
    out: &str,
) -> (i32, BTreeMap<String, Vec<String>>) {
    let day = std::fs::read_to_string(consortium.join("date")).unwrap();
    let ran = program()
        .current_dir(folder.path())
        .args(["run", "--date", day.trim(), "--data", data, "--out", out, "--policies"])
        .arg(consortium.join("policies"))
        .output()
        .unwrap();
    let code = ran.status.code().unwrap();
    assert!(matches!(code, 0 | 3 | 4), "{}", String::from_utf8_lossy(&ran.stderr));
    let tables = ["memberships", "records", "profiles"].map(|table| {
        let mut rows: Vec<String> = folder.read(&format!("{out}/{table}.csv")).lines().map(str::to_owned).collect();
        rows.sort();
        (table.to_owned(), rows)
    });
    (code, tables.into())
}

#[test]
fn golden_consortia_come_out_the_same_from_sqlite() {
    for consortium in consortia() {
        let folder = Folder::new();
        let data = consortium.join("data").to_str().unwrap().to_owned();
        let ran = folder.lapse(&["register", "init", "--from", &data, "all.db"]);
        assert_eq!(ran.code, 0, "{}: {}", consortium.display(), ran.stderr);
        let files = decided(&folder, &consortium, &data, "of-files");
        let database = decided(&folder, &consortium, "sqlite:all.db", "of-database");
        assert_eq!(files, database, "{}", consortium.display());
        let rejected = |out: &str| {
            folder
                .names(out)
                .contains(&"rejects.csv".to_owned())
                .then(|| folder.read(&format!("{out}/rejects.csv")).lines().count())
        };
        assert_eq!(rejected("of-files"), rejected("of-database"), "{}", consortium.display());
    }
}

#[test]
fn a_column_that_the_files_lack_is_not_made_up() {
    let folder = Folder::with(&[
        ("data/patrons.csv", "patron_id\nP1\n"),
        (
            "data/memberships.csv",
            "patron_id,library,subscription,valid_from,valid_until,status\nP1,town,adult,2015-01-01,2016-01-01,deregistered\n",
        ),
        ("data/accounts.csv", "patron_id,library,owed\nP1,town,\n"),
        ("policies/consortium.toml", "[consortium]\nname = \"One\"\n"),
        ("policies/libraries/town.toml", "[library]\ncode = \"town\"\n\n[subscriptions.adult]\n"),
    ]);
    assert_eq!(folder.lapse(&["register", "init", "--from", "data", "all.db"]).code, 0);
    folder.lapse(&["run", "--data", "all.db", "--date", "2026-07-01", "--out", "out"]);
    assert!(folder.read("out/records.csv").contains("kept,accounts-unknown"), "{}", folder.read("out/records.csv"));
}

#[test]
fn every_command_that_takes_data_takes_a_database() {
    let state = super::state::State::of_sample();
    for words in [
        vec!["explain", "P000066", "--data", "patrons.db", "--date", "2022-07-01"],
        vec!["forecast", "--data", "sqlite:patrons.db", "--from", "2022-07-01", "--months", "2"],
        vec!["check", "--data", "patrons.db", "--date", "2022-07-01"],
    ] {
        let ran = state.lapse(&words);
        assert!(matches!(ran.code, 0 | 3), "{words:?}: {}", ran.stderr);
    }
    let policies = crate::program::root().join("policies");
    let policies = policies.to_str().unwrap();
    let ran = state.folder.lapse(&["diff", policies, policies, "--data", "patrons.db", "--date", "2022-07-01"]);
    assert!(matches!(ran.code, 0 | 3), "{}", ran.stderr);
}
