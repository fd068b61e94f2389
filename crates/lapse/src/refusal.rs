//! Why the program itself refuses to do something, each with its sentence. The libraries have errors with sentences of
//! their own.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use lapse_policy::{Day, LoadError, count};

/// The program refuses, and wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There are no policies where they were looked for.
    #[error("{error}; name the policy directory with --policies, or begin one with `lapse init`")]
    NoPolicies {
        /// What is not there.
        error: LoadError,
    },
    /// `check` was given a directory without the option that names it.
    #[error("`lapse check` takes no directory by itself; write --policies {}", dir.display())]
    MisplacedPolicies {
        /// The directory.
        dir: PathBuf,
    },
    /// The policies have errors.
    #[error("the policies in {} have {}; `lapse check --policies {}` shows them", policies.display(), errors(*number), policies.display())]
    PolicyErrors {
        /// The policy directory.
        policies: PathBuf,
        /// How many errors there are.
        number: usize,
    },
    /// What comes out depends on plugins, whose code may not run.
    #[error("the policies name the plugin {plugin}, and what comes out depends on it; --plugins runs its code")]
    PluginsNotTrusted {
        /// The first plugin.
        plugin: String,
    },
    /// `register new` would replace a register.
    #[error("{} is there already; move it, or look at it with `lapse register check {}`", path.display(), path.display())]
    RegisterIsThere {
        /// The file.
        path: PathBuf,
    },
    /// The tables of a register would be made.
    #[error(
        "the register says where its tables are, and --from makes tables of lapse's own; name a new file or database instead"
    )]
    TablesOfRegister,
    /// `diff` without data was asked for something about patrons.
    #[error("--date, --report and --plugin-dir are for telling whom the change hits; name the tables as --data")]
    NoDataForDiff,
    /// `diff` was given a file that is not a policy directory.
    #[error("{name} is a file; give a policy directory or a Git revision")]
    FileForPolicy {
        /// What was typed.
        name: String,
    },
    /// `diff` was given a policy with errors.
    #[error("the policies in {name} have {}, so they cannot be compared", errors(*number))]
    CannotCompare {
        /// What was typed.
        name: String,
        /// How many errors there are.
        number: usize,
    },
    /// `diff` was given something that holds no policies.
    #[error("`{name}` is neither a folder nor a Git revision: {why}")]
    NeitherFolderNorRevision {
        /// What was typed.
        name: String,
        /// Why it is not a revision.
        why: NoRevision,
    },
    /// Git cannot give the policies of a revision that it knows.
    #[error(transparent)]
    Git(#[from] GitError),
    /// `forecast` would list letters of runs that it does not look at.
    #[error("letters for more months than are looked at; ask for --months {letters} too")]
    LettersBeyondMonths {
        /// The months for which letters are asked.
        letters: usize,
    },
    /// `init` would write into a directory that people use.
    #[error("{}: this directory has {} in it; name an empty or new directory", dir.display(), found.display())]
    DirectoryInUse {
        /// The directory.
        dir: PathBuf,
        /// The name of something in it.
        found: OsString,
    },
    /// `init` cannot look into the directory.
    #[error("{}: this cannot be read ({error})", dir.display())]
    CannotReadDirectory {
        /// The directory.
        dir: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The page would replace a folder.
    #[error("{}: this is a folder; name a file as --report", path.display())]
    ReportIsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The page would have the name of a table, a list or a policy.
    #[error("{}: the page is HTML; name a file that ends in .html as --report", path.display())]
    ReportEnding {
        /// The file.
        path: PathBuf,
    },
    /// The page would lie among the tables of a run.
    #[error(
        "{}: this lies in the folder of the tables, which holds nothing else; name a file outside {} as --report",
        path.display(),
        out.display()
    )]
    ReportAmongTables {
        /// The file.
        path: PathBuf,
        /// The folder of the tables.
        out: PathBuf,
    },
    /// A run would be compared with a later one.
    #[error("--before {}: this is the output of the run of {date}, which is later than {run}; name that of an earlier run", out.display())]
    BeforeIsLater {
        /// The folder.
        out: PathBuf,
        /// The day of the run in it.
        date: String,
        /// The day of this run.
        run: Day,
    },
    /// A run would be compared with itself, and replace what it is compared with.
    #[error(
        "--before {}: this is the output of the run of {date}, which this run replaces and does not come after; name that of \
         an earlier run, or write to another folder",
        out.display()
    )]
    BeforeIsThisRun {
        /// The folder.
        out: PathBuf,
        /// The day of the run in it.
        date: String,
    },
    /// A result would replace a table that is read.
    #[error("{}: a table of {} has this name; name another file", path.display(), data.display())]
    ResultIsTable {
        /// The file.
        path: PathBuf,
        /// The folder of the tables.
        data: PathBuf,
    },
    /// The files of a run would be read as a table of the data, or replace one.
    #[error(
        "{}: a table of {} is read from here, or would be after this run; name another folder as --out",
        out.display(),
        data.display()
    )]
    OutAmongTables {
        /// The folder for output.
        out: PathBuf,
        /// The folder of the tables, or the register.
        data: PathBuf,
    },
    /// Standard output takes no more, and not because its reader has enough.
    #[error("the result cannot be written to standard output ({0})")]
    NoOutput(io::Error),
    /// Nothing can be watched.
    #[error("files cannot be watched: {0}")]
    CannotWatch(notify::Error),
    /// A folder cannot be watched.
    #[error("{} cannot be watched: {error}", folder.display())]
    CannotWatchFolder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system says.
        error: notify::Error,
    },
    /// The operating system no longer says what changes.
    #[error("files are no longer watched; start again")]
    WatchEnded,
}

/// Why something is not a Git revision with policies.
#[derive(Debug, thiserror::Error)]
pub enum NoRevision {
    /// Git would take it for an option.
    #[error("no revision begins with a hyphen")]
    Hyphen,
    /// The revision has a file at this place.
    #[error("there is a file, not a policy directory")]
    File,
    /// A policy file of the revision is a symbolic link.
    #[error("{path} is a symbolic link; put the file itself there")]
    SymbolicLink {
        /// The file, relative to the policy directory.
        path: String,
    },
    /// Git does not know it.
    #[error(transparent)]
    Git(GitError),
}

/// A Git command that fails.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// Git cannot be started.
    #[error("git cannot be started ({0}); install it, or give folders")]
    NoStart(io::Error),
    /// Git says why, in a line of its own words.
    #[error("{0}")]
    Said(String),
}

fn errors(number: usize) -> String {
    count(number as u64, "error", "errors")
}
