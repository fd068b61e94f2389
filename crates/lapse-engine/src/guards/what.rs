//! What a guard finds, as facts and as a sentence. The key of the guard is the one that policy files and `--consent` use.

use std::fmt;

use lapse_policy::Day;

/// The guards of policy.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// The memberships that a run deregisters.
    Deregistered,
    /// The records that a run archives or deletes.
    Removed,
    /// The age of the newest row of a source.
    SourceAge,
    /// The age of the whole extract.
    NewestDate,
    /// The rows that belong to nobody.
    Unmatched,
    /// The rows that are rejected for another cause.
    Rejected,
    /// The profiles that a run deletes.
    Profiles,
    /// A table without a row. It has no limit, and is always on.
    EmptyTable,
    /// The rows that an earlier run had and this one lacks.
    RowsFallen,
}

impl Guard {
    /// Every guard.
    pub const ALL: [Guard; 9] = [
        Guard::Deregistered,
        Guard::Removed,
        Guard::SourceAge,
        Guard::NewestDate,
        Guard::Unmatched,
        Guard::Rejected,
        Guard::Profiles,
        Guard::EmptyTable,
        Guard::RowsFallen,
    ];

    /// The key of `[guards]` in the policy files; of the guard without a limit, a name like one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Guard::Deregistered => "max_deregistered_percent",
            Guard::Removed => "max_removed_percent",
            Guard::SourceAge => "max_source_age_days",
            Guard::NewestDate => "max_newest_date_days",
            Guard::Unmatched => "max_unmatched_percent",
            Guard::Rejected => "max_rejected_percent",
            Guard::Profiles => "max_profiles_percent",
            Guard::EmptyTable => "empty_table",
            Guard::RowsFallen => "max_rows_fallen_percent",
        }
    }
}

/// What a guard found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// [`Guard::Deregistered`]
    Deregistered {
        /// Memberships that the run deregisters.
        deregistered: u64,
        /// Memberships that were valid before it.
        valid_before: u64,
    },
    /// [`Guard::Removed`]
    Removed {
        /// Records that the run archives or deletes.
        removed: u64,
        /// Records in all.
        records: u64,
    },
    /// [`Guard::SourceAge`]
    SourceAge {
        /// The source.
        source: String,
        /// Its newest day before the run; none where it has no row before the run.
        newest: Option<Day>,
        /// The days from then to the run.
        days: Option<i64>,
        /// The memberships that are deregistered though their patrons ever had activity of this source.
        rests: u64,
    },
    /// [`Guard::NewestDate`]
    NewestDate {
        /// The newest day up to the run on which somebody was active or a membership began.
        newest: Day,
        /// The days from then to the run.
        days: i64,
    },
    /// [`Guard::Unmatched`]
    Unmatched {
        /// The table.
        table: &'static str,
        /// Its rows that belong to nobody.
        rows: u64,
        /// All its rows.
        of: u64,
    },
    /// [`Guard::Rejected`]
    Rejected {
        /// The table.
        table: &'static str,
        /// Its rows that are rejected for another cause than that they belong to nobody.
        rows: u64,
        /// All its rows.
        of: u64,
    },
    /// [`Guard::Profiles`]
    Profiles {
        /// Profiles that the run deletes.
        deleted: u64,
        /// Profiles in all.
        profiles: u64,
    },
    /// [`Guard::EmptyTable`]
    EmptyTable {
        /// The table.
        table: &'static str,
        /// The patrons that there are all the same.
        patrons: u64,
    },
    /// [`Guard::RowsFallen`]
    RowsFallen(RowsBefore),
}

/// Fewer rows than this in the earlier run say nothing by their fall.
pub const TOO_FEW_BEFORE: u64 = 100;

/// The rows of a table, or of a part of it, in an earlier run and in this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsBefore {
    /// The table.
    pub table: &'static str,
    /// Which of its rows.
    pub of: RowsOf,
    /// How many there were in the earlier run.
    pub before: u64,
    /// How many there are now.
    pub now: u64,
}

impl RowsBefore {
    /// Whether there were enough rows in the earlier run to judge by.
    pub fn can_be_compared(&self) -> bool {
        self.before >= TOO_FEW_BEFORE
    }
}

/// Some rows of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowsOf {
    /// All of them.
    Table,
    /// Those of a library.
    Library(String),
    /// Those of a source of activity.
    Source(String),
}

impl What {
    /// The guard.
    pub fn guard(&self) -> Guard {
        match self {
            What::Deregistered { .. } => Guard::Deregistered,
            What::Removed { .. } => Guard::Removed,
            What::SourceAge { .. } => Guard::SourceAge,
            What::NewestDate { .. } => Guard::NewestDate,
            What::Unmatched { .. } => Guard::Unmatched,
            What::Rejected { .. } => Guard::Rejected,
            What::Profiles { .. } => Guard::Profiles,
            What::EmptyTable { .. } => Guard::EmptyTable,
            What::RowsFallen(_) => Guard::RowsFallen,
        }
    }

    /// The source or the table that it is about, where it is about one. What one guard finds about the same one has the same
    /// cause.
    pub fn subject(&self) -> Option<Subject<'_>> {
        match self {
            What::Deregistered { .. } | What::Removed { .. } | What::NewestDate { .. } | What::Profiles { .. } => None,
            What::SourceAge { source, .. } => Some(Subject::Source(source)),
            What::RowsFallen(RowsBefore { table, .. })
            | What::Unmatched { table, .. }
            | What::Rejected { table, .. }
            | What::EmptyTable { table, .. } => Some(Subject::Table(table)),
        }
    }
}

/// What a guard is about beside libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A source of activity.
    Source(&'a str),
    /// A table.
    Table(&'static str),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Deregistered { deregistered, valid_before } => write!(
                f,
                "{deregistered} of {valid_before} memberships would be deregistered ({})",
                percent(*deregistered, *valid_before)
            ),
            What::Removed { removed, records } => {
                write!(
                    f,
                    "{removed} of {records} records would be archived or deleted ({})",
                    percent(*removed, *records)
                )
            }
            What::SourceAge { source, newest: Some(newest), days: Some(days), rests } => write!(
                f,
                "the newest activity from `{source}` is of {newest}, {days} days before the run, and {}",
                resting(*rests)
            ),
            What::SourceAge { source, rests, .. } => {
                write!(f, "there is no activity from `{source}` before the run, and {}", resting(*rests))
            }
            What::NewestDate { newest, days } => {
                write!(f, "the newest date in activity and valid_from is {newest}, {days} days before the run")
            }
            What::Unmatched { table, rows, of } => {
                write!(f, "{rows} of {of} rows of {table} belong to no patron ({})", percent(*rows, *of))
            }
            What::Rejected { table, rows, of } => {
                write!(f, "{rows} of {of} rows of {table} were rejected ({})", percent(*rows, *of))
            }
            What::Profiles { deleted, profiles } => {
                write!(f, "{deleted} of {profiles} profiles would be deleted ({})", percent(*deleted, *profiles))
            }
            What::EmptyTable { table, patrons } => {
                write!(f, "the table {table} is there without a row, and there are {patrons} patrons")
            }
            What::RowsFallen(RowsBefore { table, of, before, now }) => {
                let fewer = percent(before - now, *before);
                match of {
                    RowsOf::Table => write!(f, "{table} has {now} rows and had {before}, {fewer} fewer"),
                    RowsOf::Library(code) => {
                        write!(f, "{table} has {now} rows of {code} and had {before}, {fewer} fewer")
                    }
                    RowsOf::Source(name) => {
                        write!(f, "{table} has {now} rows of `{name}` and had {before}, {fewer} fewer")
                    }
                }
            }
        }
    }
}

fn resting(rests: u64) -> String {
    match rests {
        1 => "1 deregistration rests on it".to_owned(),
        _ => format!("{rests} deregistrations rest on it"),
    }
}

/// Such as `12.3%`, rounded down, so that what exceeds a limit never looks like less than it is.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1000 / u128::from(whole.max(1));
    format!("{}.{}%", tenths / 10, tenths % 10)
}
