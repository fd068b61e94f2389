//! `lapse man`: the manual page.

use clap::CommandFactory;

use crate::cli::Cli;
use crate::{Done, Failure};

/// Prints the manual page of the program and, after it, those of its commands.
pub fn run() -> Result<Done, Failure> {
    let mut command = Cli::command();
    command.build();
    let mut stdout = std::io::stdout();
    clap_mangen::Man::new(command.clone()).render(&mut stdout)?;
    for subcommand in command.get_subcommands() {
        let name = format!("lapse-{}", subcommand.get_name());
        clap_mangen::Man::new(subcommand.clone()).title(name).render(&mut stdout)?;
    }
    Ok(Done::Well)
}
