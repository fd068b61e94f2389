//! `lapse completions`: a script that completes commands and options in a shell.

use std::io::Write;

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::{Done, Failure};

/// Prints the script for a shell.
pub fn run(args: &CompletionsArgs) -> Result<Done, Failure> {
    // The script is made in memory first, because the generator does not report a broken pipe.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "lapse", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Done::Well)
}
