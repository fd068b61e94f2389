//! The command line as it is typed. What it means is decided once, at the start of each command.

#![expect(missing_docs, reason = "flattened arguments are described where they are defined")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lapse_policy::Day;

/// Patron lifecycle policies for library consortia.
#[derive(Parser, Debug)]
#[command(
    name = "lapse",
    bin_name = "lapse",
    version,
    about,
    long_about = "Decides, on the first of each month, which memberships go on, which patrons lapse, and which records may \
                  be archived or deleted: by layered, dated policies in TOML, with an explanation for each decision.",
    after_help = "Example: lapse run --policies policies --data examples/data --date 2022-07-01 --out out",
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// The customer run and the cleanup: every decision, written as tables
    #[command(
        after_help = "Example: lapse run --policies policies --data examples/data --date 2022-07-01 --out out\n\n\
                            Exit codes: 0 done; 2 nothing was written; 3 done, but some rows were rejected or some \
                            memberships have no policy."
    )]
    Run(RunArgs),
    /// Validate every policy file
    #[command(
        after_help = "Example: lapse check --policies policies\n\nExit codes: 0 no errors; 1 errors; 2 the policy \
                            directory cannot be read."
    )]
    Check(CheckArgs),
    /// The policy as it stands on a day, each value with where it came from
    #[command(after_help = "Example: lapse show deinze youth --date 2022-07-01")]
    Show(ShowArgs),
    /// Why a patron gets these outcomes, and when they change if nobody does anything
    #[command(after_help = "Example: lapse explain P000042 --data examples/data --date 2022-07-01")]
    Explain(ExplainArgs),
    /// A plausible data set for a policy directory, to try things on
    #[command(after_help = "Example: lapse sample --patrons 10000 --seed 7 --date 2022-07-01 --out sample-data")]
    Sample(SampleArgs),
    /// Run case files, and say which rules no case exercises
    #[command(
        after_help = "Example: lapse test --min-coverage 90 --junit results.xml\n\nExit codes: 0 all as expected; \
                            1 a case failed, or too little is covered; 2 a case file cannot be read."
    )]
    Test(TestArgs),
    /// Write the boundary cases that a library's policy implies, as a case file
    #[command(
        after_help = "Example: lapse cases deinze\n\nExit codes: 0 written, or current; 1 not current (--check); 2 \
                            nothing was written."
    )]
    Cases(CasesArgs),
    /// What changes in meaning between two policies, with made-up patrons who come out otherwise
    #[command(
        after_help = "Example: lapse diff main:policies policies --format markdown\n\nExit codes: 0 done; 1 there is a \
                            difference (--exit-code); 2 a policy cannot be read."
    )]
    Diff(DiffArgs),
    /// A script that completes commands and options in a shell
    #[command(after_help = "Example: lapse completions bash > /etc/bash_completion.d/lapse")]
    Completions(CompletionsArgs),
    /// The manual page
    #[command(after_help = "Example: lapse man > lapse.1")]
    Man,
}

/// Where the policies are.
#[derive(Args, Debug)]
pub struct PolicyArgs {
    /// The policy directory
    #[arg(long, value_name = "DIR", default_value = "policies")]
    pub policies: PathBuf,
}

/// On which day.
#[derive(Args, Debug)]
pub struct DateArgs {
    /// The day of the run, such as 2022-07-01 [default: the first of this month]
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    pub date: Option<Day>,
}

/// `lapse run`
#[derive(Args, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// The directory with the tables patrons, memberships, activity and accounts
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    #[command(flatten)]
    pub day: DateArgs,
    /// Where the decisions go: a new or empty directory, or that of an earlier run
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Leave out rows of what stays as it is: valid, expired and kept
    #[arg(long)]
    pub changes_only: bool,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub threads: ThreadArgs,
}

/// A page for people beside the tables.
#[derive(Args, Debug)]
pub struct ReportArgs {
    #[arg(
        long,
        value_name = "FILE.html",
        help = "Also write a page for people: one HTML file, which needs no network"
    )]
    pub report: Option<PathBuf>,
    /// The language of that page
    #[arg(long, value_enum, default_value_t = Lang::En, requires = "report")]
    pub lang: Lang,
    /// Name in that page the patrons whose outcome changes something
    #[arg(long, requires = "report")]
    pub with_patrons: bool,
}

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English
    En,
    /// Dutch
    Nl,
}

/// How many threads.
#[derive(Args, Debug)]
pub struct ThreadArgs {
    /// How many threads work [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// `lapse check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `lapse show`
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The code of a library
    pub library: String,
    /// The code of one of its subscriptions; without it, all of them
    pub subscription: Option<String>,
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub day: DateArgs,
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `lapse explain`
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The id of the patron
    pub patron: String,
    /// The directory with the tables patrons, memberships, activity and accounts
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub day: DateArgs,
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `lapse sample`
#[derive(Args, Debug)]
pub struct SampleArgs {
    /// How many patrons
    #[arg(long, value_name = "N")]
    pub patrons: u32,
    /// The same seed gives the same data
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Where the tables go: a new or empty directory
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub day: DateArgs,
}

/// `lapse test`
#[derive(Args, Debug)]
pub struct TestArgs {
    /// Case files or folders of them [default: tests/cases beside the policies and within]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub policy: PolicyArgs,
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

/// `lapse completions`
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Which shell
    pub shell: clap_complete::Shell,
}

/// How a result is printed.
#[derive(Args, Debug)]
pub struct FormatArgs {
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

fn parse_day(text: &str) -> Result<Day, String> {
    text.parse().map_err(|error: lapse_policy::NotADay| error.to_string())
}
