//! The output directory: its files appear together or not at all, files that no run wrote stay untouched, and nothing is
//! written elsewhere.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{POLICIES, RUN, assert_refused, assert_refused_by, good, text};
use crate::program::{Folder, Ran, program};

fn run_to(out: &str) -> [&str; 7] {
    ["run", "--data", "data", "--date", "2022-07-01", "--out", out]
}

/// The run into `out` is refused and touches nothing.
fn refuses(folder: &Folder, out: &str, words: &[&str]) {
    assert_refused_by(folder, |folder| folder.lapse(&run_to(out)), words);
}

/// Everything that the folder holds outside `out`.
fn outside(folder: &Folder, out: &str) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    folder.tree().into_iter().filter(|(path, _)| !path.starts_with(out)).collect()
}

#[test]
fn a_run_writes_in_its_directory_and_nowhere_else() {
    let folder = good();
    let before = folder.tree().into_iter().collect::<Vec<_>>();
    assert_eq!(folder.lapse(RUN).code, 0);
    assert_eq!(outside(&folder, "out"), before);
    assert_eq!(folder.names("out"), ["memberships.csv", "profiles.csv", "records.csv", "summary.json"]);
}

#[test]
fn directories_on_the_way_are_made_and_unmade_when_the_run_stops() {
    let folder = good();
    assert_eq!(folder.lapse(&run_to("a/b/c")).code, 0);
    assert_eq!(folder.names("a/b/c").len(), 4);
    folder.write("data/accounts.csv", "\"");
    refuses(&folder, "d/e/f", &["data/accounts.csv:1:1"]);
    refuses(&folder, "a/e/f", &["data/accounts.csv:1:1"]);
}

#[test]
fn a_foreign_file_is_never_touched_whatever_else_is_there() {
    for foreign in [
        "notes.txt",
        "patrons.csv",
        "memberships.csv",
        "records.xlsx",
        "rejects.ndjson",
        "summary.json",
        ".hidden",
        "summary.json.old",
    ] {
        let folder = good();
        folder.write(&format!("out/{foreign}"), "mine");
        refuses(&folder, "out", &["out: this folder holds", foreign, "which is not the output of an earlier run"]);
    }
    let folder = good();
    folder.write("out/records.csv", "mine");
    folder.write("out/summary.json", "mine");
    refuses(&folder, "out", &["which is not the output of an earlier run"]);
    let folder = good();
    assert_eq!(folder.lapse(RUN).code, 0);
    folder.write("out/notes.txt", "mine");
    refuses(&folder, "out", &["out: this folder holds notes.txt, which is not the output of an earlier run"]);
}

#[test]
fn a_foreign_directory_is_never_touched_even_under_the_name_of_a_table() {
    for name in ["old", "memberships.csv", "summary.json"] {
        let folder = good();
        assert_eq!(folder.lapse(RUN).code, 0);
        let _ = fs::remove_file(folder.path().join("out").join(name));
        folder.write(&format!("out/{name}/letter.txt"), "mine");
        refuses(&folder, "out", &[name, "which is not the output of an earlier run"]);
    }
}

#[test]
fn an_earlier_run_is_replaced_as_a_whole_and_its_rejects_go_where_there_are_none_now() {
    let folder = good();
    folder.write("data/activity.csv", text("activity").to_owned() + "P1,peer,wise,x\n");
    assert_eq!(folder.lapse(RUN).code, 3);
    assert_eq!(folder.names("out").len(), 5);
    folder.write("data/activity.csv", text("activity"));
    assert_eq!(folder.lapse(RUN).code, 0);
    let fresh = good();
    assert_eq!(fresh.lapse(RUN).code, 0);
    assert!(folder.tree() == fresh.tree(), "{:?}", folder.tree().keys());
}

#[test]
fn tables_of_an_earlier_run_in_another_format_go_too() {
    let folder = good();
    assert_eq!(folder.lapse(RUN).code, 0);
    fs::rename(folder.path().join("out/records.csv"), folder.path().join("out/records.parquet")).unwrap();
    assert_eq!(folder.lapse(RUN).code, 0);
    assert_eq!(folder.names("out"), ["memberships.csv", "profiles.csv", "records.csv", "summary.json"]);
}

#[test]
fn what_a_killed_run_left_is_cleared_away() {
    let folder = good();
    folder.write("out/.lapse-unfinished/memberships.csv", "patron_id,libr");
    folder.write("out/.lapse-unfinished/earlier/records.csv", "patron_id,libr");
    assert_eq!(folder.lapse(RUN).code, 0);
    assert_eq!(folder.names("out"), ["memberships.csv", "profiles.csv", "records.csv", "summary.json"]);
}

#[test]
fn an_out_that_is_a_file_stops_the_run() {
    let folder = good();
    folder.write("out", "mine");
    refuses(&folder, "out", &["out: this cannot be written"]);
    refuses(&folder, "out/below", &["out/below: this cannot be written"]);
}

#[test]
fn an_out_that_is_the_data_or_the_policies_stops_the_run() {
    let folder = good();
    for out in ["data", "./data/", "data/../data", "policies", "policies/libraries"] {
        refuses(&folder, out, &["this folder holds", "which is not the output of an earlier run"]);
    }
}

#[test]
fn an_out_that_holds_the_data_and_the_policies_stops_the_run() {
    refuses(&good(), ".", &["this folder holds", "which is not the output of an earlier run"]);
}

#[test]
fn an_out_that_is_a_link_to_the_data_stops_the_run() {
    let folder = good();
    symlink("data", folder.path().join("out")).unwrap();
    refuses(&folder, "out", &["this folder holds", "which is not the output of an earlier run"]);
}

#[test]
fn an_out_that_is_a_link_to_nowhere_stops_the_run() {
    let folder = good();
    symlink("nowhere", folder.path().join("out")).unwrap();
    let ran = folder.lapse(RUN);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(fs::symlink_metadata(folder.path().join("out")).unwrap().is_symlink());
    assert!(!folder.path().join("nowhere").exists());
}

#[test]
fn an_out_inside_the_data_or_the_policies_harms_neither() {
    for out in ["data/out", "policies/out"] {
        let folder = good();
        let before = folder.tree().into_iter().collect::<Vec<_>>();
        assert_eq!(folder.lapse(&run_to(out)).code, 0);
        assert_eq!(outside(&folder, out), before);
        assert_eq!(folder.lapse(&run_to(out)).code, 0, "and the next run finds what it found before");
        assert_eq!(outside(&folder, out), before);
    }
}

#[test]
fn the_output_of_a_run_can_be_no_data_and_stays_when_it_is_named_as_both() {
    let folder = good();
    assert_eq!(folder.lapse(RUN).code, 0);
    let both = ["run", "--data", "out", "--date", "2022-07-01", "--out", "out"];
    assert_refused_by(&folder, |folder| folder.lapse(&both), &["out: there is no table `patrons` in this folder"]);
}

/// Runs the program with a limit of one block on the size of files, which looks to it like a full disk.
fn on_a_full_disk(folder: &Folder, words: &[&str]) -> Ran {
    let limited = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let mut run = Command::new("sh");
    run.args(["-c", limited]).arg(program().get_program()).args(words);
    Ran::from(&run.env("NO_COLOR", "1").current_dir(folder.path()).output().unwrap())
}

/// Policies, and this number of patrons with a membership each.
fn with_patrons(number: usize) -> Folder {
    let folder = Folder::with(POLICIES);
    let (mut patrons, mut memberships) =
        ("patron_id\n".to_owned(), "patron_id,library,subscription,valid_from\n".to_owned());
    for patron in 0..number {
        let _ = writeln!(patrons, "P{patron:06}");
        let _ = writeln!(memberships, "P{patron:06},peer,youth,2015-01-01");
    }
    folder.write("data/patrons.csv", patrons);
    folder.write("data/memberships.csv", memberships);
    folder
}

#[test]
fn a_full_disk_leaves_nothing_of_the_run() {
    // There is more to write than may wait in memory, so that threads which wait for room must hear of the failure too.
    let folder = with_patrons(40_000);
    for threads in ["1", "7"] {
        let run = [RUN, &["--threads", threads]].concat();
        let words = ["out/memberships.csv: this cannot be written (File too large", "nothing was kept of this run"];
        assert_refused_by(&folder, |folder| on_a_full_disk(folder, &run), &words);
    }
}

#[test]
fn a_disk_that_is_full_at_the_very_end_leaves_an_earlier_run_as_it_was() {
    let folder = with_patrons(1);
    assert_eq!(folder.lapse(RUN).code, 0);
    // The tables are small; the summary, which is written last, is not.
    for library in 0..10 {
        let code = format!("library-{library}");
        folder.write(&format!("policies/libraries/{code}.toml"), format!("[library]\ncode = \"{code}\"\n"));
    }
    let words = ["out/summary.json: this cannot be written (File too large", "nothing was kept of this run"];
    assert_refused_by(&folder, |folder| on_a_full_disk(folder, RUN), &words);
}

#[test]
fn a_run_whose_summary_nobody_can_read_is_done_all_the_same() {
    let folder = good();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = program().args(RUN).stderr(writer).current_dir(folder.path()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(folder.names("out").len(), 4);
}

#[test]
fn a_stop_before_the_tables_are_read_makes_no_directory() {
    let folder = good();
    folder.write("policies/libraries/peer.toml", "[library]\n");
    assert_refused(&folder, &["the policies in policies have 1 error"]);
    assert!(!Path::new(&folder.path().join("out")).exists());
}
