//! The command lines for what a run does in a database: plans, applying and undoing them, and what was done.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{DateArgs, PluginArgs, PolicyArgs, ReportArgs, TableArgs, ThreadArgs};

/// Which database.
#[derive(Args, Debug)]
pub struct DatabaseArgs {
    /// The database, such as sqlite:patrons.db or postgres://…, or its register (.toml)
    #[arg(long, value_name = "DATABASE|FILE.toml")]
    pub data: PathBuf,
}

/// `lapse plan`
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct PlanArgs {
    /// To look at a plan instead
    #[command(subcommand)]
    pub show: Option<PlanCommand>,
    /// The database, such as sqlite:patrons.db or postgres://…, or its register (.toml)
    #[arg(long, value_name = "DATABASE|FILE.toml", required = true)]
    pub data: Option<PathBuf>,
    /// The file that the plan goes to; only its owner may read it
    #[arg(long, value_name = "PLAN", required = true)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub tables: TableArgs,
    #[command(flatten)]
    pub day: DateArgs,
    #[command(flatten)]
    pub plugins: PluginArgs,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub threads: ThreadArgs,
}

/// What else can be done with a plan.
#[derive(Subcommand, Debug)]
pub enum PlanCommand {
    /// What a plan does, in all, or about a patron or at a library
    #[command(after_help = "Example: lapse plan show july.plan --library deinze")]
    Show(ShowPlanArgs),
}

/// `lapse plan show`
#[derive(Args, Debug)]
pub struct ShowPlanArgs {
    /// The plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// List what is done about this patron
    #[arg(long, value_name = "ID")]
    pub patron: Option<String>,
    /// List what is done at this library
    #[arg(long, value_name = "LIBRARY")]
    pub library: Option<String>,
}

/// `lapse apply`
#[derive(Args, Debug)]
pub struct ApplyArgs {
    /// The plan
    #[arg(value_name = "PLAN", required_unless_present = "reconcile")]
    pub plan: Option<PathBuf>,
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[arg(
        long,
        value_name = "WHO[:GUARD]",
        help = "Answer for guards that trip, once you have looked: those of a library, of the whole data (consortium), or all; \
                may be said several times"
    )]
    pub consent: Vec<String>,
    /// Also do what cannot be undone
    #[arg(long)]
    pub irreversible: bool,
    /// How many patrons are changed in one transaction
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub batch: u32,
    /// Wait so many milliseconds between two batches, to spare a system in use
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub pause_ms: u64,
    /// Show what the first batch would do, statement by statement, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Find out what became of actions that were handed to another program, and do nothing else
    #[arg(long, conflicts_with_all = ["plan", "dry_run"])]
    pub reconcile: bool,
}

/// `lapse undo`
#[derive(Args, Debug)]
pub struct UndoArgs {
    /// The number of the run
    #[arg(value_name = "RUN")]
    pub run: u64,
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Put back what was done about this patron alone
    #[arg(long, value_name = "ID")]
    pub patron: Option<String>,
    /// Put back what was done at this library alone
    #[arg(long, value_name = "LIBRARY")]
    pub library: Option<String>,
}

/// `lapse purge`
#[derive(Args, Debug)]
pub struct PurgeArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// `lapse log`
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct LogArgs {
    /// To make sure that the log is whole instead
    #[command(subcommand)]
    pub verify: Option<LogCommand>,
    /// The database, such as sqlite:patrons.db or postgres://…, or its register (.toml)
    #[arg(long, value_name = "DATABASE|FILE.toml", required = true)]
    pub data: Option<PathBuf>,
    /// What was done about this patron
    #[arg(long, value_name = "ID")]
    pub patron: Option<String>,
    /// What this run did
    #[arg(long, value_name = "N")]
    pub run: Option<u64>,
}

/// What else can be done with a log.
#[derive(Subcommand, Debug)]
pub enum LogCommand {
    /// Make sure that nothing in the log was changed or cut off
    #[command(
        after_help = "Example: lapse log verify --data sqlite:patrons.db\n\nExit codes: 0 whole; 1 changed or cut off."
    )]
    Verify(DatabaseArgs),
}

/// `lapse register init`
#[derive(Args, Debug)]
pub struct RegisterInitArgs {
    /// The database: a file for SQLite, postgres://…, mysql://…, or its register (.toml)
    #[arg(value_name = "DATABASE")]
    pub database: PathBuf,
    /// Also make the four tables, filled from these: a directory with the tables, a register of files, or another database
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub from: Option<PathBuf>,
}

/// `lapse register status`
#[derive(Args, Debug)]
pub struct RegisterStatusArgs {
    /// The database, or its register (.toml)
    #[arg(value_name = "DATABASE")]
    pub database: PathBuf,
}
