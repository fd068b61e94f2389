//! The command line as it is typed. What it means is decided once, at the start of each command.

#![expect(missing_docs, reason = "flattened arguments are described where they are defined")]

mod database;
mod editing;
mod register;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lapse_policy::Day;
use lapse_tables::Bounds;

pub use database::{
    ApplyArgs, DatabaseArgs, LogArgs, LogCommand, PlanArgs, PlanCommand, PurgeArgs, RegisterInitArgs,
    RegisterStatusArgs, ShowPlanArgs, UndoArgs,
};
pub use editing::{
    CasesArgs, DiffArgs, DiffFormat, FmtArgs, ImportArgs, ImportSubscriptionsArgs, ImportWhat, InitArgs, PolicyKind,
    SchemaArgs, TestArgs,
};
pub use register::{RegisterArgs, RegisterCheckArgs, RegisterCommand, RegisterNewArgs};
pub use run::{RunArgs, TableFormat};

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
                            memberships have no policy; 4 done, but a guard trips: look before you act on the run."
    )]
    Run(RunArgs),
    /// Validate every policy file, plugin pins included
    #[command(
        after_help = "Example: lapse check --policies policies --data examples/data --date 2022-07-01\n\nExit codes: 0 no \
                            errors; 1 errors; 2 the policy directory or a table cannot be read."
    )]
    Check(CheckArgs),
    /// The policy as it stands on a day, each value with where it came from
    #[command(after_help = "Example: lapse show deinze youth --date 2022-07-01")]
    Show(ShowArgs),
    /// Why a patron gets these outcomes, and when they change if nobody does anything
    #[command(
        after_help = "Example: lapse explain P000066 --data examples/data --date 2022-07-01\n\ndocs/rules.md has every rule \
                            and every word in plain sentences."
    )]
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
    /// What changes in meaning between two policies, and with data whom the change hits
    #[command(
        after_help = "Example: lapse diff main:policies policies --data examples/data --date 2022-07-01\n\nExit codes: 0 \
                            done; 1 there is a difference (--exit-code); 2 a policy or a table cannot be read; 3 with \
                            --data: done, but some rows were rejected or some memberships have no policy."
    )]
    Diff(DiffArgs),
    /// The runs to come, one after the other, if nobody does anything
    #[command(
        after_help = "Example: lapse forecast --data examples/data --from 2022-06-01 --months 12\n\nExit codes: 0 done; 2 \
                            a policy or a table cannot be read; 3 done, but some rows were rejected or some memberships \
                            have no policy."
    )]
    Forecast(ForecastArgs),
    /// A new policy repository: policies with every key explained, cases, CI, editor configuration
    #[command(after_help = "Example: lapse init our-policies")]
    Init(InitArgs),
    /// Lists of others as changes of policy files
    #[command(after_help = "Example: lapse import subscriptions list.xlsx")]
    Import(ImportArgs),
    /// Policy and case files in canonical layout: the order of tables and keys, blank lines, columns of comments
    #[command(
        after_help = "Example: lapse fmt --check\n\nExit codes: 0 done; 1 with --check, some file would change; 2 \
                            some file cannot be read, and none was changed."
    )]
    Fmt(FmtArgs),
    /// JSON Schema of the policy files, for editors; or the reference page, for people
    #[command(after_help = "Example: lapse schema library > library.json")]
    Schema(SchemaArgs),
    /// Whose export or database this is: a first register for a folder, what a register makes of its files, a new database
    Register(RegisterArgs),
    /// What a run would do in a database, written as a plan that a person can look at before anything is done
    #[command(
        after_help = "Example: lapse plan --data sqlite:patrons.db --date 2022-07-01 --out july.plan\n\nExit codes: 0 done; 2 \
                            nothing was written; 3 done, but some rows were rejected or some memberships have no policy; 4 \
                            done, but a guard trips: look before you apply the plan."
    )]
    Plan(PlanArgs),
    /// Carry a plan out, or go on with it
    #[command(
        after_help = "Example: lapse apply july.plan --data sqlite:patrons.db --consent deinze\n\nExit codes: 0 done; 2 refused, \
                            or stopped by an error: what was done stands, and the same command goes on; 3 done, but for \
                            what has changed since the plan or was refused; 4 done, but something waits for consent."
    )]
    Apply(ApplyArgs),
    /// Put back what a run did
    #[command(
        after_help = "Example: lapse undo 3 --data sqlite:patrons.db --patron P000066\n\nExit codes: 0 done; 2 refused; 3 done, \
                            but something could not be put back."
    )]
    Undo(UndoArgs),
    /// Empty the trash of runs that can no longer be undone: what is gone then is gone
    #[command(after_help = "Example: lapse purge --data sqlite:patrons.db")]
    Purge(PurgeArgs),
    /// What was done in a database: who, what, when, by which line of the policy and whose consent
    #[command(after_help = "Example: lapse log --data sqlite:patrons.db --patron P000066")]
    Log(LogArgs),
    /// Try out a plugin, or begin a new one
    Plugin(PluginCommandArgs),
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

/// Where plugins are.
#[derive(Args, Debug)]
pub struct PluginArgs {
    /// A folder to look for plugins in, after the folder `plugins` of the policy directory; may be said several times
    #[arg(long, value_name = "DIR")]
    pub plugin_dir: Vec<PathBuf>,
}

/// Where plugins are, and whether their code may run.
#[derive(Args, Debug)]
pub struct TrustedPluginArgs {
    #[command(flatten)]
    pub plugins: PluginArgs,

    /// Run the code of the plugins that the policies name; without, nothing of them is run, and only their pins are compared
    #[arg(long = "plugins")]
    pub trusted: bool,
}

/// On which day.
#[derive(Args, Debug)]
pub struct DateArgs {
    /// The day of the run, such as 2022-07-01 [default: the first of this month]
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    pub date: Option<Day>,
}

/// What the tables may hold: which columns are not those whose names they nearly have, and how much is too much.
#[derive(Args, Debug)]
pub struct TableArgs {
    /// A column that is not meant as the one whose name it nearly has; may be given several times
    #[arg(long = "ignore-column", value_name = "NAME")]
    pub ignored: Vec<String>,
    /// How many MB a line, or a value, may have
    #[arg(long, value_name = "MB", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub max_line: u16,
    /// How many times larger than a packed file its rows may be
    #[arg(long, value_name = "TIMES", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_expansion: u32,
}

impl TableArgs {
    /// How much a file may hold.
    pub fn bounds(&self) -> Bounds {
        let (line, expansion) = (usize::from(self.max_line) << 20, self.max_expansion.into());
        Bounds { line, expansion, ..Bounds::default() }
    }
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

impl From<Lang> for lapse_report::Language {
    fn from(lang: Lang) -> lapse_report::Language {
        match lang {
            Lang::En => lapse_report::Language::En,
            Lang::Nl => lapse_report::Language::Nl,
        }
    }
}

/// How many threads.
#[derive(Args, Debug)]
pub struct ThreadArgs {
    /// How many threads work [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    pub threads: Option<u16>,
}

/// `lapse check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Taken only to say that --policies names the directory
    #[arg(hide = true)]
    pub misplaced: Option<PathBuf>,
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Also tell the codes in these tables that the policy does not have: a directory with the tables, or a register of files
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub tables: TableArgs,
    /// The day whose codes those of the tables are held against [default: the first of this month]
    #[arg(long, value_name = "DAY", value_parser = parse_day, requires = "data")]
    pub date: Option<Day>,
    #[command(flatten)]
    pub plugins: TrustedPluginArgs,
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
    /// The directory with the tables patrons, memberships, activity and accounts, or a register of files (.toml)
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub data: PathBuf,
    #[command(flatten)]
    pub tables: TableArgs,
    #[command(flatten)]
    pub policy: PolicyArgs,
    #[command(flatten)]
    pub plugins: PluginArgs,
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

/// `lapse forecast`
#[derive(Args, Debug)]
pub struct ForecastArgs {
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// The directory with the tables patrons, memberships, activity and accounts, or a register of files (.toml)
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub data: PathBuf,
    #[command(flatten)]
    pub tables: TableArgs,
    /// The day of the first run, such as 2022-07-01 [default: the coming run day]
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    pub from: Option<Day>,
    /// How many runs, one each month
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=240))]
    pub months: u16,
    #[arg(
        long,
        value_name = "RATE",
        value_parser = parse_percent,
        help = "What if this share of the active patrons, such as 10%, are active again each month"
    )]
    pub assume_activity: Option<f64>,
    /// The same seed makes the same patrons active
    #[arg(long, value_name = "S", default_value_t = 1, requires = "assume_activity")]
    pub seed: u64,
    /// List the memberships that the next MONTHS runs will deregister, for a mailing
    #[arg(long, value_name = "MONTHS", conflicts_with = "assume_activity", value_parser = clap::value_parser!(u16).range(1..=240))]
    pub letters: Option<u16>,
    #[arg(long, value_name = "FILE", requires = "letters", help = "Where that list goes: .csv, .ndjson or .parquet")]
    pub letters_out: Option<PathBuf>,
    #[command(flatten)]
    pub plugins: PluginArgs,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub threads: ThreadArgs,
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `lapse plugin`
#[derive(Args, Debug)]
#[command(after_help = "Example: lapse plugin check policies/plugins/libsummer_grace.so")]
pub struct PluginCommandArgs {
    /// What to do
    #[command(subcommand)]
    pub command: PluginCommand,
}

/// What to do with a plugin.
#[derive(Subcommand, Debug)]
pub enum PluginCommand {
    /// Load a plugin in a process of its own and try it on edge cases
    #[command(after_help = "Example: lapse plugin check libkeep_column.so --column accounts.open_requests --config \
                            '{\"column\": \"accounts.open_requests\"}'\n\nExit codes: 0 all passed; 1 something failed; \
                            2 the check cannot be made.")]
    Check(PluginCheckArgs),
    /// Write the project of a new plugin: it builds, passes the check and has one test
    #[command(after_help = "Example: lapse plugin new summer-grace --lang c")]
    New(PluginNewArgs),
}

/// `lapse plugin check`
#[derive(Args, Debug)]
pub struct PluginCheckArgs {
    /// The plugin's library
    pub file: PathBuf,
    /// Its config, as JSON
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub config: String,
    /// A column that it asks for, as table.column; may be said several times
    #[arg(long = "column", value_name = "COLUMN")]
    pub columns: Vec<String>,
    /// How long each step may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub timeout: u32,
}

/// `lapse plugin new`
#[derive(Args, Debug)]
pub struct PluginNewArgs {
    /// The name, such as summer-grace; the project gets a folder of this name here
    pub name: String,
    /// The language
    #[arg(long, value_enum, default_value_t = PluginLanguage::Rust)]
    pub lang: PluginLanguage,
    /// Where the source of the SDK lies, for Rust [default: a copy in the project]
    #[arg(long, value_name = "DIR")]
    pub sdk: Option<PathBuf>,
}

/// The language of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PluginLanguage {
    /// With the SDK
    Rust,
    /// With the header
    C,
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

fn parse_threads(text: &str) -> Result<u16, String> {
    let number = text.parse().ok().filter(|number| (1..=1024).contains(number));
    number.ok_or_else(|| "write a whole number from 1 to 1024".to_owned())
}

/// With its sign, so that nobody takes 0.1 for a tenth.
fn parse_percent(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.parse().ok());
    let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "write a percentage from 0% to 100%, such as 10%".to_owned())
}

fn parse_day(text: &str) -> Result<Day, String> {
    let day: Day = text.parse().map_err(|error: lapse_policy::NotADay| error.to_string())?;
    day.since_1900().map_err(|early| early.to_string())
}
