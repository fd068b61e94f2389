//! The program: the command line in, one command done, an exit code out.

use std::process::ExitCode;

use clap::Parser;
use lapse::cli::{Cli, Command};
use lapse::{commands, terminal};

fn main() -> ExitCode {
    // A plugin's process is this program, started by itself.
    if let Some(code) = lapse::serve_if_asked() {
        return code;
    }
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Run(args) => commands::run::run(args),
        Command::Check(args) => commands::check::run(args),
        Command::Show(args) => commands::show::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Plugin(args) => commands::plugin::run(args),
        Command::Completions(args) => commands::completions::run(args),
        Command::Man => commands::man::run(),
    };
    match done {
        Ok(done) => done.into(),
        Err(failure) => terminal::fail(&failure),
    }
}
