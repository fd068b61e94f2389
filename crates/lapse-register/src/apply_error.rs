//! Why a plan cannot be made, applied or undone, each with its sentence.

use std::path::PathBuf;

use thiserror::Error;

use lapse_tables::{Problem, RunError, TableError};

use crate::database::{Address, DatabaseError};

/// A plan cannot be made, applied or undone.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// The database says no.
    #[error("{0}")]
    Database(#[from] DatabaseError),
    /// The tables cannot be read.
    #[error("{0}")]
    Table(#[from] lapse_tables::TableError),
    /// The patrons cannot be read or decided about.
    #[error("{0}")]
    Run(#[from] lapse_tables::RunError),
    /// `--data` is no database.
    #[error("{} is no database, and only in a database a run can act; {}", .0.display(), instead(.0))]
    NoDatabase(PathBuf),
    /// The database has none of lapse's own tables.
    #[error("{place} has no tables of lapse's own yet; `lapse register init {place}` makes them")]
    NotInitialised {
        /// Which database.
        place: String,
    },
    /// Lapse's own tables are of an earlier version.
    #[error(
        "lapse's own tables in {place} are of an earlier version; `lapse register init {place}` brings them up to date"
    )]
    Outdated {
        /// Which database.
        place: String,
    },
    /// Lapse's own tables are of a later version.
    #[error("lapse's own tables in {place} are of a later lapse; use that one, or a newer one")]
    TooNew {
        /// Which database.
        place: String,
    },
    /// A table would be made that is there already.
    #[error("{place} has a table `{table}` already; leave --from out, or name a new database")]
    TableIsThere {
        /// Which database.
        place: Address,
        /// The table.
        table: &'static str,
    },
    /// The database is not of the version that the register is for.
    #[error("{place} is not the database that the register {name} is for: its `marker` gives no row")]
    OtherDatabase {
        /// Which database.
        place: Address,
        /// The register.
        name: String,
    },
    /// Another command changes the database.
    #[error(
        "{holder} works in this database since {since} (last heard of at {heartbeat}); wait until it is done, or two minutes if it was stopped"
    )]
    SomebodyWorks {
        /// Who.
        holder: String,
        /// Since when.
        since: String,
        /// When it last said so.
        heartbeat: String,
    },
    /// Another command took over, because this one was not heard of for two minutes.
    #[error(
        "another command took over, because this one was not heard of for two minutes; what was done stands, and the same command goes on with it"
    )]
    LeaseLost,
    /// A plan file cannot be read.
    #[error("{}: this cannot be read ({error}); name a plan that `lapse plan` wrote", path.display())]
    UnreadablePlan {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// A plan file is not one, or not whole.
    #[error("{}:{line}: {problem}", path.display())]
    DamagedPlan {
        /// The file.
        path: PathBuf,
        /// Where.
        line: u64,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// A plan of another policy.
    #[error(
        "this plan was made by another policy ({plan:.12}) than the one in use now ({policy:.12}); make a new plan"
    )]
    OtherPolicy {
        /// The policy of the plan.
        plan: String,
        /// The policy now.
        policy: String,
    },
    /// A plan of another register.
    #[error("this plan was made for another register or other columns; make a new plan")]
    OtherRegister,
    /// A plan of another database.
    #[error("this plan was made in another database ({plan}); name that one as --data, or make a new plan")]
    OtherPlace {
        /// The database of the plan.
        plan: String,
    },
    /// A plan that is too old.
    #[error("this plan is {days} days old, and one of more than {limit} days is not applied; make a new plan")]
    OldPlan {
        /// Its age.
        days: i64,
        /// How old it may be.
        limit: u32,
    },
    /// A plan that was wholly applied.
    #[error("this plan was applied as run {run}, and nothing is left to do of it; make a new plan")]
    Applied {
        /// The number of its run.
        run: u64,
    },
    /// A plan whose run was undone.
    #[error("this plan was applied as run {run}, which was undone at {at}; make a new plan")]
    WasUndone {
        /// The number of its run.
        run: u64,
        /// When.
        at: String,
    },
    /// A plan whose run was purged.
    #[error("this plan was applied as run {run}, whose trash was emptied at {at}; make a new plan")]
    WasPurged {
        /// The number of its run.
        run: u64,
        /// When.
        at: String,
    },
    /// There is no such run.
    #[error("there is no run {run} in this database; `lapse log` lists the runs that there are")]
    NoRun {
        /// Its number.
        run: u64,
    },
    /// A run that lies too far back.
    #[error("run {run} is {days} days old, and can be undone for {limit} days")]
    TooLateToUndo {
        /// Its number.
        run: u64,
        /// Its age.
        days: i64,
        /// How long a run can be undone.
        limit: u32,
    },
    /// The plan would replace something that is no plan.
    #[error("{}: this is there already, and is no plan; name a new file as --out", .0.display())]
    NotReplaced(PathBuf),
    /// The log has lost what it had when the plan was made.
    #[error("the log of {place} no longer has what it had when this plan was made; `lapse log verify` says more")]
    LogCutOff {
        /// Which database.
        place: Address,
    },
    /// Nothing that was asked for is there.
    #[error("{0}")]
    Nothing(String),
    /// The plan cannot be written.
    #[error("{}: this cannot be written ({error})", path.display())]
    CannotWrite {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers ({0})")]
    NoRandom(getrandom::Error),
}

impl ApplyError {
    /// Whether the same may succeed when it is tried again, also where it came up while rows were read.
    pub(crate) fn is_passing(&self) -> bool {
        let of_table = |error: &TableError| match &error.problem {
            Problem::Source(source) => source.downcast_ref::<DatabaseError>().is_some_and(DatabaseError::is_passing),
            _ => false,
        };
        match self {
            ApplyError::Database(error) => error.is_passing(),
            ApplyError::Table(error) | ApplyError::Run(RunError::Table(error)) => of_table(error),
            _ => false,
        }
    }

    /// That there is nothing about a patron, or at a library.
    pub fn nothing(what: &str, patron: Option<&str>, library: Option<&str>) -> ApplyError {
        let patron = patron.map(|id| format!(" about the patron `{id}`")).unwrap_or_default();
        let library = library.map(|code| format!(" at the library `{code}`")).unwrap_or_default();
        ApplyError::Nothing(format!("{what}{patron}{library}; look at how it is written"))
    }
}

/// What to do where a database was expected.
fn instead(path: &std::path::Path) -> String {
    match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        Err(error) => format!("it cannot be read ({error})"),
        Ok(_) if path.is_dir() => {
            format!("`lapse register init --from {} patrons.db` makes one of its tables", path.display())
        }
        Ok(_) => "it is another kind of file".to_owned(),
    }
}
