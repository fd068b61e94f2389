//! Ctrl-C: a run that is interrupted leaves nothing behind.

use lapse_tables::OutDir;

use crate::terminal;

/// The exit code of a program that Ctrl-C ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// From here on Ctrl-C removes what this run has written, unless it is finished, and ends the program.
pub fn leaves_nothing(out: &OutDir) {
    let abandon = out.abandon();
    let handler = move || {
        abandon.abandon(|| {
            terminal::say("\ninterrupted: nothing was kept of this run\n");
            std::process::exit(INTERRUPTED)
        });
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        terminal::warn(&format!("Ctrl-C will leave an unfinished folder behind ({error})"));
    }
}
