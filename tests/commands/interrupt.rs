//! A run that waits for its input is told to end: by Ctrl-C, by a request to end, or by a terminal that is closed. Nothing
//! of the run is left.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::two_towns;
use crate::program::{Folder, program};

/// A run into `out` that waits for its patrons, since nobody writes to their pipe, and has claimed its folder.
fn waiting(folder: &Folder, start: &mut Command) -> Child {
    folder.write("data/memberships.csv", "patron_id,library,subscription,valid_from\n");
    let pipe = folder.path().join("data/patrons.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let run = start.current_dir(folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while !folder.path().join(".out.lapse-unfinished/new").exists() {
        assert!(began.elapsed() < Duration::from_mins(1), "the run claims its folder");
        std::thread::sleep(Duration::from_millis(10));
    }
    // The folder is claimed a moment before signals are listened for.
    std::thread::sleep(Duration::from_millis(500));
    run
}

const RUN: [&str; 7] = ["run", "--data", "data", "--date", "2022-07-01", "--out", "out"];

fn signal(run: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &run.id().to_string()]).status().unwrap().success());
}

/// The exit code, once the program has ended.
fn ended(run: &mut Child) -> Option<i32> {
    let began = Instant::now();
    loop {
        match run.try_wait().unwrap() {
            Some(status) => return status.code(),
            None if began.elapsed() > Duration::from_secs(90) => {
                run.kill().unwrap();
                panic!("the signal does not end the run");
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

#[test]
fn a_run_that_is_interrupted_leaves_nothing() {
    for word in ["-INT", "-TERM", "-HUP"] {
        let folder = two_towns();
        let mut run = waiting(&folder, program().args(RUN));
        signal(&run, word);
        assert_eq!(ended(&mut run), Some(130), "{word}");
        assert_eq!(folder.names("."), ["data", "policies"], "{word}");
    }
}

#[test]
fn a_run_under_nohup_goes_on_when_the_terminal_is_closed() {
    let folder = two_towns();
    let mut shell = Command::new("sh");
    // The shell ignores the signal, and becomes the program.
    shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(program().get_program()).args(RUN).process_group(0);
    let mut run = waiting(&folder, &mut shell);
    signal(&run, "-HUP");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(run.try_wait().unwrap(), None);
    signal(&run, "-TERM");
    assert_eq!(ended(&mut run), Some(130));
    assert_eq!(folder.names("."), ["data", "policies"]);
}
