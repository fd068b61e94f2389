//! What a test does where the machine lacks something that it needs: it says so, and fails in CI, where nothing may be left
//! out unseen.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Says why a test cannot run on this machine. With `CI=true` in the environment the test fails instead.
pub fn cannot_run(why: &str) {
    assert!(env::var_os("CI").is_none_or(|value| value != "true"), "this test cannot run here: {why}");
    println!("this test did not run: {why}");
}

/// Runs a command and gives what it printed. Gives nothing where its program is not on this machine.
pub fn output_of(command: &mut Command) -> Option<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.output().map_err(|error| cannot_run(&format!("`{name}` cannot be started ({error})"))).ok()
}

/// Finds the program of the browser for the tests of pages.
///
/// `LAPSE_BROWSER` may name it. Where that variable is set and empty, the tests of pages are left out on purpose, in CI
/// too.
pub fn browser() -> Option<PathBuf> {
    const USUAL: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let Some(named) = env::var_os("LAPSE_BROWSER") else {
        let found = USUAL.iter().map(PathBuf::from).find(|path| path.exists());
        if found.is_none() {
            cannot_run("there is no Chromium; install it, or set LAPSE_BROWSER to the path of its program");
        }
        return found;
    };
    if named.is_empty() {
        println!("this test did not run: LAPSE_BROWSER is empty");
        return None;
    }
    Some(named.into())
}
