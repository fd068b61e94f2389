//! The consortia of `tests/golden`: what `lapse run` writes of each is what its folder expects, row by row.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::program::{Folder, program, root};

/// The folders of the consortia, in order.
pub fn consortia() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("tests/golden")).unwrap();
    let mut consortia: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    consortia.sort();
    assert_eq!(consortia.len(), 16);
    consortia
}

#[test]
fn golden_consortia_come_out_as_expected() {
    for consortium in consortia() {
        let out = Folder::new();
        let date = std::fs::read_to_string(consortium.join("date")).unwrap();
        let ran = program()
            .args(["run", "--date", date.trim(), "--policies"])
            .arg(consortium.join("policies"))
            .arg("--data")
            .arg(consortium.join("data"))
            .arg("--out")
            .arg(out.path())
            .output()
            .unwrap();
        assert!(matches!(ran.status.code(), Some(0 | 3 | 4)), "{}", String::from_utf8_lossy(&ran.stderr));
        for table in ["memberships", "records", "profiles"] {
            let name = format!("{table}.csv");
            let expected = rows(&consortium.join("expected").join(&name));
            let got = rows(&out.path().join(&name));
            for (line, (expected, got)) in expected.iter().zip(&got).enumerate() {
                assert_eq!(expected, got, "{} {name}, row {line}", consortium.display());
            }
            assert_eq!(expected.len(), got.len(), "{} {name}", consortium.display());
        }
        let rejects = |path: &Path| -> BTreeSet<Vec<String>> {
            if !path.exists() {
                return BTreeSet::new();
            }
            rows(path).into_iter().map(|row| row[..3].to_vec()).collect()
        };
        assert_eq!(rejects(&consortium.join("expected/rejects.csv")), rejects(&out.path().join("rejects.csv")));
    }
}

/// The fields of a CSV file, its header among them.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}
