//! Output appears as a whole or not at all, and what people put into the folder is left alone.

use std::fs;

use super::names::{ASIDE, SUMMARY};
use super::*;

mod trouble;

const REJECTS: &str = "rejects.csv";

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

/// With the unfinished files in the folder, as in one that another file system is mounted at.
fn claim_within(path: &Path) -> Result<OutDir, OutDirError> {
    OutDir::claim_for(path, Holds::AnEarlierRun, |path| {
        let out = fs::canonicalize(path)?;
        Ok(Place { works: vec![out.join(ASIDE)], out })
    })
}

/// What lies beside a folder, but for what it holds.
fn beside(dir: &Path) -> Vec<PathBuf> {
    let name = format!(".{}{ASIDE}", dir.file_name().unwrap().to_str().unwrap());
    let path = dir.parent().unwrap().join(name);
    if path.exists() { vec![path] } else { Vec::new() }
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
    let claim = || OutDir::claim_empty(&data);
    let write_two = |text| {
        let out = claim().unwrap();
        write(&out, &["patrons.csv", "memberships.csv"], text);
        out
    };
    drop(write_two("left out"));
    assert!(!data.exists());
    fs::create_dir_all(data.join(ASIDE)).unwrap();
    fs::write(data.join(ASIDE).join("patrons.csv"), "of somebody who was killed").unwrap();
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
    let out = claim_within(dir.path()).unwrap();
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

#[test]
fn two_runs_into_one_folder_do_not_mix() {
    let dir = tempfile::tempdir().unwrap();
    finished(dir.path(), &RUN, "old");
    for claim in [|path: &Path| OutDir::claim(path), claim_within] {
        let first = claim(dir.path()).unwrap();
        let error = claim(dir.path()).unwrap_err();
        let says = format!(": process {} has been writing to this folder since 20", std::process::id());
        assert!(error.to_string().contains(&says), "{error}");
        assert!(matches!(error, OutDirError::Taken { writer: Some(_), .. }));
        // Nor does a data set go there, by another name.
        assert!(matches!(
            OutDir::claim_empty(&dir.path().join(".")),
            Err(OutDirError::Occupied { .. } | OutDirError::Taken { .. })
        ));
        write(&first, &RUN, "new");
        first.finish().unwrap();
        assert_eq!(files(dir.path()), with_text(&RUN, "new"));
        assert_eq!(beside(dir.path()), Vec::<PathBuf>::new());
    }
}

#[test]
fn who_writes_within_the_folder_has_it_against_those_who_write_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let first = claim_within(dir.path()).unwrap();
    assert!(matches!(OutDir::claim(dir.path()), Err(OutDirError::Taken { writer: Some(_), .. })));
    drop(first);
    assert!(OutDir::claim(dir.path()).is_ok());
    assert_eq!(beside(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_lock_is_gone_with_its_program_and_the_folder_with_the_lock() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    // A program that was killed leaves the file, and nobody has the lock.
    fs::create_dir(dir.path().join(".out.lapse-unfinished")).unwrap();
    fs::write(dir.path().join(".out.lapse-unfinished/lock"), "").unwrap();
    fs::write(dir.path().join(".out.lapse-unfinished/writer"), "1 0\n").unwrap();
    fs::create_dir(dir.path().join(".out.lapse-unfinished/new")).unwrap();
    fs::write(dir.path().join(".out.lapse-unfinished/new/records.csv"), "half").unwrap();
    finished(&out, &RUN, "new");
    assert_eq!(files(dir.path()), with_text(&RUN, "new"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_moment_is_told_in_utc() {
    let since = |seconds| WhoWrites { process: 1, seconds }.since();
    assert_eq!(since(0), "1970-01-01 00:00:00 UTC");
    assert_eq!(since(1_656_667_845), "2022-07-01 09:30:45 UTC");
    assert_eq!(since(u64::MAX), "9999-12-31 07:00:15 UTC");
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_output() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b");
    finished(&deep, &RUN, "new");
    assert_eq!([mode(&deep), mode(&dir.path().join("a"))], [0o700, 0o700]);
    // A folder that was there keeps its mode.
    for claim in [|path: &Path| OutDir::claim(path), claim_within] {
        fs::set_permissions(&deep, fs::Permissions::from_mode(0o2750)).unwrap();
        let out = claim(&deep).unwrap();
        write(&out, &RUN, "newer");
        out.finish().unwrap();
        assert_eq!(mode(&deep), 0o2750);
        assert!(RUN.iter().all(|name| mode(&deep.join(name)) == 0o600));
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_the_folder_stays_a_link() {
    let dir = tempfile::tempdir().unwrap();
    let [real, link] = ["real", "link"].map(|name| dir.path().join(name));
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink("real", &link).unwrap();
    finished(&link, &RUN, "old");
    finished(&link, &RUN, "new");
    assert!(link.is_symlink());
    assert_eq!(files(&real), with_text(&RUN, "new"));
    std::os::unix::fs::symlink("nowhere", dir.path().join("dangling")).unwrap();
    assert!(matches!(OutDir::claim(&dir.path().join("dangling")), Err(OutDirError::Io { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
}

#[test]
fn a_file_that_somebody_puts_in_during_the_run_stays() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    finished(&out, &RUN, "old");
    let run = OutDir::claim(&out).unwrap();
    write(&run, &RUN, "new");
    fs::write(out.join("letter.txt"), "mine").unwrap();
    run.finish().unwrap();
    let mut expected = with_text(&RUN, "new");
    expected.insert(0, ("letter.txt".into(), "mine".into()));
    assert_eq!(files(&out), expected);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
