//! The command lines for registers: files with columns of their own.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{RegisterInitArgs, RegisterStatusArgs};

/// `lapse register`
#[derive(Args, Debug)]
#[command(after_help = "Example: lapse register new exports")]
pub struct RegisterArgs {
    /// What to do
    #[command(subcommand)]
    pub command: RegisterCommand,
}

/// What to do with a register.
#[derive(Subcommand, Debug)]
pub enum RegisterCommand {
    /// Look at the exports in a folder and write a register for them, with a comment where a person must decide
    #[command(after_help = "Example: lapse register new exports")]
    New(RegisterNewArgs),
    /// Read the first 1,000 rows of each table and show them as lapse understands them
    #[command(after_help = "Example: lapse register check exports/register.toml\n\nOf a database, it prepares every \
                            statement and does none.\n\nExit codes: 0 all rows can be used, or all statements done; 1 a \
                            statement cannot be done; 2 the register, a file or the database cannot be read; 3 some rows \
                            cannot be used.")]
    Check(RegisterCheckArgs),
    /// Make lapse's own tables in a database, or bring them up to date
    #[command(after_help = "Example: lapse register init --from examples/data patrons.db")]
    Init(RegisterInitArgs),
    /// Who works in a database now, and which runs it has seen
    #[command(after_help = "Example: lapse register status patrons.db")]
    Status(RegisterStatusArgs),
}

/// `lapse register new`
#[derive(Args, Debug)]
pub struct RegisterNewArgs {
    /// The folder with the exports
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// `lapse register check`
#[derive(Args, Debug)]
pub struct RegisterCheckArgs {
    /// The register file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}
