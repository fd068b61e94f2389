//! The program: it reads the command line, does the command, and ends with an exit code.

use std::process::ExitCode;

use clap::Parser;
use lapse::cli::{Cli, Command};
use lapse::{commands, interrupt, terminal};

fn main() -> ExitCode {
    // A plugin runs in a process of its own, which is this program, started by itself.
    if let Some(code) = lapse::serve_if_asked() {
        return code;
    }
    interrupt::leave_ignored();
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Run(args) => commands::run::run(args),
        Command::Check(args) => commands::check::run(args),
        Command::Show(args) => commands::show::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Sample(args) => commands::sample::run(args),
        Command::Cases(args) => commands::cases::run(args),
        Command::Test(args) => commands::test::run(args),
        Command::Diff(args) => commands::diff::run(args),
        Command::Forecast(args) => commands::forecast::run(args),
        Command::Init(args) => commands::init::run(args),
        Command::Import(args) => commands::import::run(args),
        Command::Fmt(args) => commands::fmt::run(args),
        Command::Schema(args) => commands::schema::run(args),
        Command::Register(args) => commands::register::run(args),
        Command::Plan(args) => commands::plan::run(args),
        Command::Apply(args) => commands::apply::run(args),
        Command::Undo(args) => commands::undo::run(args),
        Command::Purge(args) => commands::purge::run(args),
        Command::Log(args) => commands::log::run(args),
        Command::Plugin(args) => commands::plugin::run(args),
        Command::Completions(args) => commands::completions::run(args),
        Command::Man => commands::man::run(),
    };
    match done {
        Ok(done) => done.into(),
        Err(failure) => terminal::fail(&failure),
    }
}
