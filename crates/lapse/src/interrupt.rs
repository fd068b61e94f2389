//! Ctrl-C ends the program, as do a request to end (SIGTERM) and a terminal that is closed (SIGHUP). What it was writing
//! leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use lapse_tables::{Abandon, OutDir};

use crate::terminal;

/// The exit code of a program that Ctrl-C has ended, by the custom of shells.
const INTERRUPTED: i32 = 130;

/// What is being written.
static UNFINISHED: Mutex<Unfinished> = Mutex::new(Unfinished { out: None, files: Vec::new() });
static LISTENING: Once = Once::new();
/// The work is done in batches, and ends between two of them.
static IN_BATCHES: AtomicBool = AtomicBool::new(false);
/// It should end.
static ENDS: AtomicBool = AtomicBool::new(false);

struct Unfinished {
    out: Option<Abandon>,
    /// Files by names that they keep until they get their place.
    files: Vec<PathBuf>,
}

/// While there is one, Ctrl-C waits: something is made that nobody would remove if the program ended now.
pub struct Waits(MutexGuard<'static, Unfinished>);

/// From now on, Ctrl-C ends the program, once what is returned has been told what was made, or is dropped.
pub fn waits() -> Waits {
    listen();
    Waits(unfinished())
}

impl Waits {
    /// From now on, Ctrl-C removes what was written to this folder, unless it is finished, and ends the program.
    pub fn leaves_nothing(mut self, out: &OutDir) {
        self.0.out = Some(out.abandon());
    }

    /// From now on, Ctrl-C removes this file, which has another name once it is finished, and ends the program.
    pub fn removes(mut self, file: &Path) {
        self.0.files.push(file.to_owned());
    }
}

/// From now on, Ctrl-C lets the batch at hand end; said once more, it ends the program at once, and the database undoes the
/// batch. What is returned says whether to go on.
pub fn ends_between_batches() -> impl Fn() -> bool {
    listen();
    IN_BATCHES.store(true, Ordering::SeqCst);
    || !ENDS.load(Ordering::SeqCst)
}

fn unfinished() -> MutexGuard<'static, Unfinished> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen() {
    LISTENING.call_once(|| {
        if let Err(error) = ctrlc::set_handler(end) {
            terminal::warn(&format!("Ctrl-C will leave an unfinished folder behind ({error})"));
        }
    });
}

fn end() {
    if IN_BATCHES.load(Ordering::SeqCst) && !ENDS.swap(true, Ordering::SeqCst) {
        terminal::say("\nthis ends when the batch at hand is done\n");
        return;
    }
    let unfinished = unfinished();
    for file in &unfinished.files {
        // One that is finished has no longer this name.
        let _ = fs::remove_file(file);
    }
    let Some(abandon) = &unfinished.out else { std::process::exit(INTERRUPTED) };
    abandon.abandon(|finished| {
        terminal::say(if finished {
            "\ninterrupted: the output was complete by then, and stands\n"
        } else {
            "\ninterrupted: nothing was kept of this run\n"
        });
        std::process::exit(INTERRUPTED)
    });
}

/// A signal that was ignored when the program began goes on to be: `nohup` ignores that the terminal is closed. This must
/// come before other threads begin.
pub fn leave_ignored() {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::signal::{SigSet, Signal};
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        let mut blocked = SigSet::empty();
        for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM] {
            if ignored >> (signal as u32 - 1) & 1 == 1 {
                blocked.add(signal);
            }
        }
        if let Err(error) = blocked.thread_block() {
            terminal::warn(&format!("signals that were ignored will end the program ({error})"));
        }
    }
}
