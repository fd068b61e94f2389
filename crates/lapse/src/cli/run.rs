//! The command line of `lapse run`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{DateArgs, PluginArgs, PolicyArgs, ReportArgs, TableArgs, ThreadArgs};

/// `lapse run`
#[derive(Args, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// The directory with the tables patrons, memberships, activity and accounts, or a register of files (.toml)
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub data: PathBuf,
    #[command(flatten)]
    pub tables: TableArgs,
    #[command(flatten)]
    pub day: DateArgs,
    /// Where the decisions go: a new or empty directory, or that of an earlier run
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How the decisions are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = TableFormat::Csv)]
    pub format: TableFormat,
    /// Leave out valid, expired and kept rows, so also the retention cut-offs of kept records
    #[arg(long)]
    pub changes_only: bool,
    #[arg(
        long,
        value_name = "DIR",
        help = "The output directory of an earlier run, with whose rows those of this run are compared"
    )]
    pub before: Option<PathBuf>,
    #[arg(
        long,
        value_name = "WHO[:GUARD]",
        help = "Answer for guards that trip, once you have looked: those of a library, of the whole data (consortium), or all; \
                may be said several times"
    )]
    pub consent: Vec<String>,
    #[command(flatten)]
    pub plugins: PluginArgs,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub threads: ThreadArgs,
}

/// How tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// Text with commas, as every spreadsheet reads it
    Csv,
    /// One JSON object a line
    Ndjson,
    /// Columns with types, for databases
    Parquet,
}

impl From<TableFormat> for lapse_tables::Format {
    fn from(format: TableFormat) -> lapse_tables::Format {
        match format {
            TableFormat::Csv => lapse_tables::Format::Csv,
            TableFormat::Ndjson => lapse_tables::Format::Ndjson,
            TableFormat::Parquet => lapse_tables::Format::Parquet,
        }
    }
}
