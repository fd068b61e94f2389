//! Ctrl-C while a run waits for its input: nothing of the run is left.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::two_towns;
use crate::program::program;

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_leaves_nothing() {
    let folder = two_towns();
    folder.write("data/memberships.csv", "patron_id,library,subscription,valid_from\n");
    // Nobody writes to this pipe, so the run waits for its patrons.
    let pipe = folder.path().join("data/patrons.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut run = program()
        .args(["run", "--data", "data", "--date", "2022-07-01", "--out", "out"])
        .current_dir(folder.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while folder.names("out").is_empty() {
        assert!(start.elapsed() < Duration::from_mins(1), "the run claims its folder");
        std::thread::sleep(Duration::from_millis(10));
    }
    // The folder is claimed a moment before Ctrl-C is listened for.
    std::thread::sleep(Duration::from_millis(500));
    assert!(Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap().success());
    let ended = loop {
        match run.try_wait().unwrap() {
            Some(status) => break status,
            None if start.elapsed() > Duration::from_secs(90) => {
                run.kill().unwrap();
                panic!("Ctrl-C does not end the run");
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    assert_eq!(ended.code(), Some(130));
    assert!(!folder.path().join("out").exists(), "{:?}", folder.names("out"));
}
