//! `lapse test --watch`: it runs again each time that a file is saved.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::case_files::{YOUTH, with_cases};
use crate::program::{Folder, program};

/// How long to wait for a line: far longer than a run takes.
const LONG: Duration = Duration::from_mins(2);

/// The program while it watches, and the lines that it prints. It ends with the test, whether that passes or fails.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(folder: &Folder) -> Watching {
        let mut child = program()
            .args(["test", "--watch"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let (send, lines) = channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Watching { child, lines }
    }

    /// Waits for a line with this text.
    fn until(&self, text: &str) {
        loop {
            let line = self.lines.recv_timeout(LONG).unwrap_or_else(|_| panic!("`{text}` did not come"));
            if line.contains(text) {
                return;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_watch_runs_again_when_a_file_is_saved() {
    let folder = with_cases(YOUTH);
    let watching = Watching::start(&folder);
    watching.until("all as expected");
    watching.until("Waiting");
    folder.write("tests/cases/peer.toml", YOUTH.replace("\"renewed\"", "\"expired\""));
    watching.until("1 failed");
    watching.until("Waiting");
    folder.write("policies/libraries/peer.toml", "[library]\n");
    watching.until("1 error");
}
