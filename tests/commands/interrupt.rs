//! A run that waits for its input is told to end: by Ctrl-C, by a request to end, or by a terminal that is closed. Nothing
//! of the run is left.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::two_towns;
use crate::program::{Folder, program};

/// A run into `out` that waits for its patrons, since nobody writes to their pipe, and has claimed its folder.
fn waiting(folder: &Folder, start: &mut Command) -> Child {
    waiting_once(folder, start, ".out.lapse-unfinished/new")
}

/// The same, as soon as there is this file or folder.
fn waiting_once(folder: &Folder, start: &mut Command, there: &str) -> Child {
    folder.write("data/memberships.csv", "patron_id,library,subscription,valid_from\n");
    make_pipe(folder, "data/patrons.csv");
    let run = start.current_dir(folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while !folder.path().join(there).exists() {
        assert!(began.elapsed() < Duration::from_mins(1), "the run claims its folder");
        std::thread::sleep(Duration::from_millis(10));
    }
    run
}

fn make_pipe(folder: &Folder, name: &str) {
    assert!(Command::new("mkfifo").arg(folder.path().join(name)).status().unwrap().success());
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
fn a_run_that_was_interrupted_while_it_claimed_its_folder_left_the_lock() {
    for word in ["-INT", "-TERM", "-HUP"] {
        let folder = two_towns();
        std::fs::create_dir(folder.path().join(".out.lapse-unfinished")).unwrap();
        // Who has the lock says so in this file, and waits until somebody reads it.
        make_pipe(&folder, ".out.lapse-unfinished/writer");
        let mut run = waiting_once(&folder, program().args(RUN), ".out.lapse-unfinished/lock");
        signal(&run, word);
        // A program that has ended already says nothing.
        let reader = ["20", "cat", ".out.lapse-unfinished/writer"];
        Command::new("timeout").args(reader).current_dir(folder.path()).stdout(Stdio::null()).status().unwrap();
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
