//! What is written where others look, or write too: two runs into one folder, a run that is killed at any moment, and who
//! may read what is written.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::with_data;
use crate::program::{Folder, Ran, program};

const FILES: [&str; 4] = ["memberships.csv", "profiles.csv", "records.csv", "summary.json"];

fn run_on<'a>(date: &'a str, out: &'a str) -> [&'a str; 7] {
    ["run", "--data", "data", "--date", date, "--out", out]
}

fn start(folder: &Folder, words: &[&str]) -> Child {
    let mut program = program();
    program.args(words).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::piped());
    program.spawn().unwrap()
}

/// What lies in `out`.
fn content(folder: &Folder, out: &str) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    folder.tree().into_iter().filter(|(path, _)| path.starts_with(out) && path != Path::new(out)).collect()
}

/// The content of `out` after a run on this day.
fn after_run_on(folder: &Folder, date: &str) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let ran = folder.lapse(&run_on(date, "out"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    content(folder, "out")
}

#[test]
fn two_runs_into_one_out_never_mix_their_files() {
    let folder = with_data();
    let one = after_run_on(&folder, "2022-07-01");
    let other = after_run_on(&folder, "2023-07-01");
    assert_ne!(one, other);
    for round in 0..30 {
        if round % 3 == 0 {
            fs::remove_dir_all(folder.path().join("out")).unwrap();
        }
        let runs = ["2022-07-01", "2023-07-01"].map(|date| start(&folder, &run_on(date, "out")));
        let ran: Vec<Ran> =
            runs.map(|run| Ran::from(&Output { stdout: Vec::new(), ..run.wait_with_output().unwrap() })).into();
        assert!(ran.iter().any(|ran| ran.code == 0), "{ran:?}");
        for refusal in ran.iter().filter(|ran| ran.code != 0) {
            assert_eq!(refusal.code, 2, "{refusal:?}");
            let said = refusal.stderr.lines().last().unwrap();
            assert!(said.contains("out: ") && said.contains(" writing to this folder"), "{said}");
        }
        let now = content(&folder, "out");
        assert!(now == one || now == other, "{:?}", now.keys());
        assert_eq!(folder.names("."), ["data", "out", "policies"]);
    }
}

#[test]
fn the_second_run_says_who_is_writing_and_touches_nothing() {
    let folder = with_data();
    let pipe = folder.path().join("waits/patrons.csv");
    folder.write("waits/memberships.csv", folder.read("data/memberships.csv"));
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut first = start(&folder, &["run", "--data", "waits", "--date", "2022-07-01", "--out", "out"]);
    let began = Instant::now();
    while !folder.path().join(".out.lapse-unfinished/new").exists() {
        assert!(began.elapsed() < Duration::from_mins(1), "the run claims its folder");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    let before: Vec<PathBuf> = folder.tree().into_keys().collect();
    let sample = ["sample", "--patrons", "5", "--date", "2022-07-01", "--out", "out"];
    for words in [&run_on("2022-07-01", "out")[..], &run_on("2022-07-01", "data/../out/"), &sample] {
        let second = folder.lapse(words);
        assert_eq!(second.code, 2, "{second:?}");
        let says = format!(": process {} has been writing to this folder since 20", first.id());
        let said = second.stderr.lines().last().unwrap();
        assert!(said.contains(&says) && said.contains(" UTC; wait until it ends, or name another folder"), "{said}");
        assert_eq!(folder.tree().into_keys().collect::<Vec<_>>(), before);
    }
    // When the first is killed, its lock is gone with it.
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(folder.lapse(&run_on("2022-07-01", "out")).code, 0);
    assert_eq!(folder.names("out"), FILES);
    assert!(!folder.path().join(".out.lapse-unfinished").exists());
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_one_output_whole() {
    let folder = with_data();
    let one = after_run_on(&folder, "2022-07-01");
    let began = Instant::now();
    let other = after_run_on(&folder, "2023-07-01");
    let whole_run = began.elapsed();
    let bad = ["run", "--data", "bad", "--date", "2022-07-01", "--out", "out"];
    folder.write("bad/patrons.csv", "patron_id,patron_id\n");
    folder.write("bad/memberships.csv", "patron_id,library,subscription,valid_from\n");
    for moment in 0..40 {
        let date = ["2022-07-01", "2023-07-01"][moment % 2];
        let mut run = start(&folder, &run_on(date, "out"));
        std::thread::sleep(whole_run * u32::try_from(moment).unwrap() / 36);
        run.kill().unwrap();
        run.wait().unwrap();
        let now = content(&folder, "out");
        assert!(now == one || now == other, "{moment}: {:?}", now.keys());
        // A later run that fails loses nothing of it.
        let failed = folder.lapse(&bad);
        assert_eq!(failed.code, 2, "{}", failed.stderr);
        assert_eq!(content(&folder, "out"), now, "{moment}");
    }
    assert_eq!(folder.lapse(&run_on("2022-07-01", "out")).code, 0);
    assert_eq!(folder.names("."), ["bad", "data", "out", "policies"]);
}

#[test]
fn a_run_into_the_current_folder_fills_the_folder_itself() {
    let folder = with_data();
    fs::create_dir(folder.path().join("out")).unwrap();
    let number = || fs::metadata(folder.path().join("out")).unwrap().ino();
    let before = number();
    for _ in 0..2 {
        let words = ["run", "--policies", "../policies", "--data", "../data", "--date", "2022-07-01", "--out", "."];
        let output = program().args(words).current_dir(folder.path().join("out")).output().unwrap();
        assert_eq!(Ran::from(&output).code, 0);
        assert_eq!(folder.names("out"), FILES);
        assert_eq!(number(), before);
    }
    assert_eq!(folder.names("."), ["data", "out", "policies"]);
}

fn mode(folder: &Folder, name: &str) -> u32 {
    fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777
}

#[test]
fn personal_data_is_read_by_its_owner_alone() {
    let folder = with_data();
    folder.write("data/memberships.csv", folder.read("data/memberships.csv") + "P9,peer,youth,soon,,\n");
    for format in ["csv", "ndjson", "parquet"] {
        let out = format!("deep/{format}");
        let words = [&run_on("2022-07-01", &out)[..], &["--format", format]].concat();
        assert_eq!(folder.lapse(&words).code, 3);
        assert_eq!(mode(&folder, &out), 0o700);
        let names = folder.names(&out);
        assert!(names.contains(&"rejects.csv".to_owned()) && names.len() == 5, "{names:?}");
        for name in names {
            assert_eq!(mode(&folder, &format!("{out}/{name}")), 0o600, "{name}");
        }
    }
    assert_eq!(mode(&folder, "deep"), 0o700);

    let sample = ["sample", "--patrons", "5", "--date", "2022-07-01", "--out", "sample"];
    assert_eq!(folder.lapse(&sample).code, 0);
    assert_eq!([mode(&folder, "sample"), mode(&folder, "sample/patrons.csv")], [0o700, 0o600]);

    // A file with patrons that others could read so far is for its owner alone now; a page without patrons is for all.
    folder.write("lists/moves.csv", "");
    for path in ["lists", "lists/moves.csv"] {
        fs::set_permissions(folder.path().join(path), Permissions::from_mode(0o755)).unwrap();
    }
    let diff = ["diff", "policies", "policies", "--data", "data", "--date", "2022-07-01"];
    let lists = ["--moves", "lists/moves.csv", "--report", "page.html"];
    assert_eq!(folder.lapse(&[&diff[..], &lists].concat()).code, 0);
    assert_eq!(["lists", "lists/moves.csv", "page.html"].map(|path| mode(&folder, path)), [0o755, 0o600, 0o644]);
    let forecast = ["forecast", "--data", "data", "--from", "2022-07-01", "--months", "2"];
    let lists = ["--letters", "1", "--letters-out", "made/letters.csv", "--report", "made/page.html", "--with-patrons"];
    assert_eq!(folder.lapse(&[&forecast[..], &lists].concat()).code, 3);
    assert_eq!(["made", "made/letters.csv", "made/page.html"].map(|path| mode(&folder, path)), [0o700, 0o600, 0o600]);
    let report = [&run_on("2022-07-01", "out")[..], &["--report", "run.html", "--with-patrons"]].concat();
    assert_eq!(folder.lapse(&report).code, 3);
    assert_eq!(mode(&folder, "run.html"), 0o600);
}

#[test]
fn two_writers_of_one_file_leave_one_whole_file() {
    let folder = with_data();
    let words = |months| {
        let letters = ["--months", "12", "--letters", months, "--letters-out", "letters.csv"];
        [&["forecast", "--policies", "policies", "--data", "data", "--from", "2022-07-01"][..], &letters].concat()
    };
    let wholes = ["1", "12"].map(|months| {
        assert_eq!(folder.lapse(&words(months)).code, 0);
        folder.read("letters.csv")
    });
    for _ in 0..10 {
        let runs = ["1", "12"].map(|months| start(&folder, &words(months)));
        for run in runs {
            assert_eq!(run.wait_with_output().unwrap().status.code(), Some(0));
        }
        assert!(wholes.contains(&folder.read("letters.csv")));
        assert_eq!(folder.names("."), ["data", "letters.csv", "policies"]);
    }
}

/// A comparison of two policies with data.
const DIFF: [&str; 7] = ["diff", "policies", "new", "--data", "data", "--date", "2022-07-01"];

/// Three patrons, and two policies.
fn with_two_policies() -> Folder {
    let folder = with_data();
    for (path, text) in folder.tree() {
        if let (Ok(within), Some(text)) = (path.strip_prefix("policies"), text) {
            folder.write(&format!("new/{}", within.display()), text);
        }
    }
    let peer = folder.read("new/libraries/peer.toml");
    folder.write("new/libraries/peer.toml", peer.replace("lapse_months = 60", "lapse_months = 24"));
    folder
}

#[test]
fn a_result_that_was_named_by_a_link_replaced_the_link() {
    let folder = with_two_policies();
    fs::create_dir(folder.path().join("far")).unwrap();
    for (link, words) in [
        ("page.html", &[&run_on("2022-07-01", "out")[..], &["--report", "page.html"]].concat()),
        ("moves.csv", &[&DIFF[..], &["--moves", "moves.csv"]].concat()),
    ] {
        let target = format!("far/{link}");
        symlink(&target, folder.path().join(link)).unwrap();
        // At first there is no such file, then there is one.
        for earlier in [None, Some("earlier")] {
            if let Some(earlier) = earlier {
                folder.write(&target, earlier);
            }
            let ran = folder.lapse(words);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            assert!(fs::symlink_metadata(folder.path().join(link)).unwrap().is_symlink(), "{link}");
            assert!(folder.read(&target).len() > 40, "{link}");
        }
        assert_eq!(folder.names("far").iter().filter(|name| **name == *link).count(), 1);
    }
}

#[test]
fn a_page_went_among_the_tables_or_over_a_policy_by_a_link() {
    let folder = with_data();
    assert_eq!(folder.lapse(&run_on("2022-07-01", "out")).code, 0);
    for (target, words) in [("out/page.html", "out"), ("policies/consortium.toml", "page.html")] {
        let _ = fs::remove_file(folder.path().join("page.html"));
        symlink(target, folder.path().join("page.html")).unwrap();
        let before = folder.tree();
        let ran = folder.lapse(&[&run_on("2022-07-01", "out")[..], &["--report", "page.html"]].concat());
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
        assert!(folder.tree() == before);
    }
}

#[test]
fn a_pipe_that_moves_were_to_go_into_was_replaced_by_a_file() {
    let folder = with_two_policies();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink("pipe", folder.path().join("moves.csv")).unwrap();
    let mut reader = Command::new("timeout");
    let reader = reader.args(["60", "cat", "pipe"]).current_dir(folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let ran = folder.lapse(&[&DIFF[..], &["--moves", "moves.csv"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let read = String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap();
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(folder.names("."), ["data", "moves.csv", "new", "pipe", "policies"]);
    assert_eq!(folder.lapse(&[&DIFF[..], &["--moves", "file.csv"]].concat()).code, 0);
    assert_eq!(read, folder.read("file.csv"));
}

#[cfg(target_os = "linux")]
#[test]
fn tables_stood_though_the_page_could_not_be_sent() {
    let folder = with_data();
    symlink("/dev/full", folder.path().join("page.html")).unwrap();
    let before = folder.tree();
    let ran = folder.lapse(&[&run_on("2022-07-01", "out")[..], &["--report", "page.html"]].concat());
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("page.html: this cannot be written (no space left on device)"), "{}", ran.stderr);
    assert!(folder.tree() == before);
}

#[test]
fn the_next_run_read_the_output_as_a_table() {
    for out in ["data/accounts", "data/accounts.csv", "data/accounts.csv/below"] {
        let folder = with_data();
        let _ = fs::remove_file(folder.path().join("data/accounts.csv"));
        let before = folder.tree();
        let ran = folder.lapse(&run_on("2022-07-01", out));
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        let sentence =
            format!("{out}: a table of data is read from here, or would be after this run; name another folder");
        assert!(ran.stderr.contains(&sentence), "{}", ran.stderr);
        assert!(folder.tree() == before, "{out}");
    }
}

#[test]
fn a_run_replaced_a_table_that_it_had_read_by_a_link() {
    let folder = with_data();
    assert_eq!(folder.lapse(&run_on("2022-07-01", "out")).code, 0);
    fs::rename(folder.path().join("data/memberships.csv"), folder.path().join("out/memberships.csv")).unwrap();
    symlink("../out/memberships.csv", folder.path().join("data/memberships.csv")).unwrap();
    let before = folder.tree();
    let ran = folder.lapse(&run_on("2022-07-01", "out"));
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("out: a table of data is read from here"), "{}", ran.stderr);
    assert!(folder.tree() == before);
}
