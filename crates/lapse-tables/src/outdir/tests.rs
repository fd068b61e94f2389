//! Output appears as a whole or not at all, and what people put into the folder is left alone.

use super::*;

/// The files under `dir`, with what they hold.
fn files(dir: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.file_name().unwrap().to_str().unwrap().into(), fs::read_to_string(path).unwrap()));
        }
    }
    found.sort();
    found
}

fn write(out: &OutDir, names: &[&str], text: &str) {
    for name in names {
        let mut file = out.create(name).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
}

const RUN: [&str; 4] = ["memberships.csv", "profiles.csv", "records.csv", SUMMARY];

fn finished(dir: &Path, names: &[&str], text: &str) {
    let out = OutDir::claim(dir).unwrap();
    write(&out, names, text);
    out.finish().unwrap();
}

fn with_text(names: &[&str], text: &str) -> Vec<(String, String)> {
    names.iter().map(|&name| (name.to_owned(), text.to_owned())).collect()
}

#[test]
fn files_appear_when_the_run_is_finished_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let out = OutDir::claim(dir.path()).unwrap();
    write(&out, &RUN, "new");
    assert!(RUN.iter().all(|name| !dir.path().join(name).exists()));
    out.finish().unwrap();
    assert_eq!(files(dir.path()), with_text(&RUN, "new"));
    assert!(!dir.path().join(ASIDE).exists());
}

#[test]
fn a_run_that_is_not_finished_leaves_nothing_not_even_the_folders_that_it_made() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b");
    let out = OutDir::claim(&deep).unwrap();
    write(&out, &RUN, "new");
    drop(out);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn files_other_than_a_runs_need_an_empty_folder() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let claim = || OutDir::claim_empty(&data, ".unfinished");
    let write_two = |text| {
        let out = claim().unwrap();
        write(&out, &["patrons.csv", "memberships.csv"], text);
        out
    };
    drop(write_two("left out"));
    assert!(!data.exists());
    fs::create_dir_all(data.join(".unfinished")).unwrap();
    fs::write(data.join(".unfinished/patrons.csv"), "of somebody who was killed").unwrap();
    write_two("new").finish().unwrap();
    assert_eq!(files(&data), with_text(&["memberships.csv", "patrons.csv"], "new"));
    assert!(matches!(claim().unwrap_err(), OutDirError::Occupied { dir, .. } if dir == data));
    assert_eq!(files(&data), with_text(&["memberships.csv", "patrons.csv"], "new"));
}

#[test]
fn a_folder_that_it_made_stays_where_somebody_else_put_something_into_it() {
    let dir = tempfile::tempdir().unwrap();
    let out = OutDir::claim(&dir.path().join("a/b")).unwrap();
    fs::write(dir.path().join("a/letter.txt"), "mine").unwrap();
    drop(out);
    assert_eq!(files(dir.path()), with_text(&["letter.txt"], "mine"));
    assert!(!dir.path().join("a/b").exists());
}

#[test]
fn an_earlier_run_stands_until_the_next_is_finished_and_then_goes_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let first = ["memberships.ndjson", "profiles.parquet", "records.csv", REJECTS, SUMMARY];
    finished(dir.path(), &first, "old");
    let out = OutDir::claim(dir.path()).unwrap();
    write(&out, &RUN, "new");
    drop(out);
    assert_eq!(files(dir.path()), with_text(&first, "old"));
    finished(dir.path(), &RUN, "new");
    assert_eq!(files(dir.path()), with_text(&RUN, "new"));
}

#[test]
fn a_finish_that_fails_leaves_the_earlier_run() {
    let dir = tempfile::tempdir().unwrap();
    finished(dir.path(), &RUN, "old");
    let out = OutDir::claim(dir.path()).unwrap();
    write(&out, &RUN, "new");
    // Where the earlier run's files would step aside there is a file.
    fs::write(dir.path().join(ASIDE).join("earlier"), "").unwrap();
    let error = out.finish().unwrap_err().to_string();
    assert!(error.contains("cannot be written") && error.contains("nothing was kept of this run"), "{error}");
    assert_eq!(files(dir.path()), with_text(&RUN, "old"));
}

#[test]
fn a_file_by_a_runs_names_is_foreign_without_all_that_a_run_leaves() {
    let left_out = (0..RUN.len()).map(|index| [&RUN[..index], &RUN[index + 1..]].concat());
    for names in left_out.chain([vec![SUMMARY], vec![REJECTS], vec!["records.csv"]]) {
        let dir = tempfile::tempdir().unwrap();
        for name in &names {
            fs::write(dir.path().join(name), "mine").unwrap();
        }
        let error = OutDir::claim(dir.path()).unwrap_err();
        assert!(matches!(error, OutDirError::Occupied { .. }), "{names:?}: {error}");
        assert_eq!(files(dir.path()), with_text(&names, "mine"));
    }
}

#[test]
fn what_is_foreign_is_named() {
    let dir = tempfile::tempdir().unwrap();
    finished(dir.path(), &RUN, "old");
    for name in ["patrons.csv", "memberships", "memberships.xlsx", "rejects.parquet", "Records.csv", ".git"] {
        let path = dir.path().join(name);
        fs::write(&path, "mine").unwrap();
        let error = OutDir::claim(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("holds {name}, which is not the output of an earlier run")), "{error}");
        fs::remove_file(path).unwrap();
    }
    assert_eq!(files(dir.path()), with_text(&RUN, "old"));
}

#[test]
fn a_folder_is_foreign_whatever_its_name() {
    let dir = tempfile::tempdir().unwrap();
    finished(dir.path(), &RUN, "old");
    fs::create_dir(dir.path().join(REJECTS)).unwrap();
    fs::write(dir.path().join(REJECTS).join("letter.txt"), "mine").unwrap();
    assert!(matches!(OutDir::claim(dir.path()), Err(OutDirError::Occupied { found, .. }) if found == *REJECTS));
    assert!(dir.path().join(REJECTS).join("letter.txt").exists());
}

#[test]
fn what_a_killed_run_left_is_no_hindrance() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(ASIDE).join("earlier")).unwrap();
    fs::write(dir.path().join(ASIDE).join("earlier/records.csv"), "half").unwrap();
    fs::write(dir.path().join("memberships.csv"), "half").unwrap();
    finished(dir.path(), &RUN, "new");
    assert_eq!(files(dir.path()), with_text(&RUN, "new"));
}
