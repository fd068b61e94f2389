//! The command lines of those who edit policies: test, cases, diff, init, import, fmt, schema.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{DateArgs, PluginArgs, PolicyArgs, ReportArgs, TableArgs, ThreadArgs, TrustedPluginArgs};

/// `lapse test`
#[derive(Args, Debug)]
pub struct TestArgs {
    /// Case files or folders of them [default: tests/cases beside the policies and within]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub plugins: TrustedPluginArgs,
    /// Only cases with this text in their name; nothing is said about coverage then
    #[arg(long, value_name = "TEXT", conflicts_with = "min_coverage")]
    pub filter: Option<String>,
    #[arg(long, value_name = "FILE", help = "Write the results as JUnit XML, for continuous integration")]
    pub junit: Option<PathBuf>,
    /// Run again each time that a policy or case file is saved
    #[arg(long)]
    pub watch: bool,
    /// Fail where the cases exercise less than this
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub min_coverage: Option<u8>,
}

/// `lapse cases`
#[derive(Args, Debug)]
pub struct CasesArgs {
    /// The code of a library
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub library: Option<String>,
    /// Every library
    #[arg(long)]
    pub all: bool,
    /// Write nothing; fail where a file is not what would be written
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub plugins: TrustedPluginArgs,
    /// Another file than tests/cases/LIBRARY.boundary.toml beside the policies
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    pub out: Option<PathBuf>,
}

/// `lapse diff`
#[derive(Args, Debug)]
pub struct DiffArgs {
    /// A policy directory, a Git revision, or REV:path
    #[arg(value_name = "OLD")]
    pub old: String,
    /// What to compare it with: the same
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Where the policies lie in a revision that is given without a path
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Also tell whom it hits: the directory with the tables patrons, memberships, activity and accounts, or a register of files
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub tables: TableArgs,
    #[command(flatten)]
    pub day: DateArgs,
    #[arg(
        long,
        value_name = "FILE",
        requires = "data",
        help = "Write the patrons who come out otherwise, with both outcomes and the line that decides: .csv, .ndjson or .parquet"
    )]
    pub moves: Option<PathBuf>,
    #[command(flatten)]
    pub plugins: PluginArgs,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub threads: ThreadArgs,
    /// For people, for a comment on a change, or for programs
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
    /// Exit with 1 where there is a difference
    #[arg(long)]
    pub exit_code: bool,
}

/// How a comparison is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Text,
    /// For a comment on a change
    Markdown,
    /// For programs
    Json,
}

/// `lapse init`
#[derive(Args, Debug)]
pub struct InitArgs {
    /// A directory that is new or empty
    pub dir: PathBuf,
}

/// `lapse import`
#[derive(Args, Debug)]
pub struct ImportArgs {
    #[command(subcommand)]
    pub what: ImportWhat,
}

/// What is imported.
#[derive(Subcommand, Debug)]
pub enum ImportWhat {
    /// The consortium's list: one row for each library and subscription, with what holds now and from a date on
    #[command(
        after_help = "Example: lapse import subscriptions list.xlsx --write\n\nWithout --write it only shows what would change. \
                      Headers are in English (library, subscription, holder, category, fee, renewal now, renewal from, lapse \
                      now, lapse from, from, reason) or Dutch (bibliotheek, abonnement, houder, categorie, lidgeld, verlenging \
                      nu, verlenging vanaf, termijn nu, termijn vanaf, vanaf, reden); a date may stand in the header \
                      (verlenging vanaf 1/7/2022). Exit codes: 0 done; 2 some cell makes no sense, and nothing was written."
    )]
    Subscriptions(ImportSubscriptionsArgs),
}

/// `lapse import subscriptions`
#[derive(Args, Debug)]
pub struct ImportSubscriptionsArgs {
    /// A workbook (.xlsx, its first sheet) or a list (.csv)
    pub file: PathBuf,
    #[arg(
        long,
        value_name = "MAP.toml",
        help = "A TOML file with other headers in [columns], and in [values] what holds for every row"
    )]
    pub columns: Option<PathBuf>,
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Write the changes
    #[arg(long)]
    pub write: bool,
}

/// `lapse fmt`
#[derive(Args, Debug)]
pub struct FmtArgs {
    /// Files, or directories with policy or case files below [default: the policy directory and its case files]
    pub paths: Vec<PathBuf>,
    /// Change nothing; list the files that would change, and exit with 1 if there are any
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub policy: PolicyArgs,
}

/// `lapse schema`
#[derive(Args, Debug)]
#[group(multiple = false)]
pub struct SchemaArgs {
    /// The kind of policy file; without it, all three in one object
    pub kind: Option<PolicyKind>,
    /// Write the schemas of all three kinds into this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the reference page of every key, as Markdown
    #[arg(long)]
    pub reference: bool,
}

/// A kind of policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyKind {
    /// `consortium.toml`
    Consortium,
    /// A file in `groups/`
    Group,
    /// A file in `libraries/`
    Library,
}
