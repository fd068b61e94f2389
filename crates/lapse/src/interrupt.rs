//! Ctrl-C ends the program. A run that it interrupts leaves nothing behind.

use lapse_tables::OutDir;

use crate::terminal;

/// The exit code of a program that Ctrl-C has ended, by the custom of shells.
const INTERRUPTED: i32 = 130;

/// From now on, Ctrl-C removes what this run has written, unless the run is finished, and ends the program.
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
