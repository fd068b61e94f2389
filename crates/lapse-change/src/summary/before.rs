//! The rows of an earlier run, read from its summary.json, with which those of this run are compared: an extract that was cut
//! short looks like one of a smaller library.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use lapse_engine::guards::{RowsBefore, RowsOf, TOO_FEW_BEFORE};
use lapse_policy::Day;
use lapse_tables::Table;
use serde_json::Value;
use thiserror::Error;

use super::Summary;

/// What an earlier run counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// The run date, as its summary writes it.
    pub date: String,
    /// The rows of each table, in the order of [`Table::ALL`].
    rows: [u64; 4],
    /// The usable rows of each library in each table.
    libraries: BTreeMap<String, [u64; 4]>,
    /// The usable rows of activity of each source.
    sources: BTreeMap<String, u64>,
}

/// With which run rows were compared, and which of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The date of the earlier run.
    pub date: String,
    /// Whether any table had enough rows then.
    pub any: bool,
    /// The tables that had too few, fewer than [`lapse_engine::guards::TOO_FEW_BEFORE`].
    pub too_few: Vec<&'static str>,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Compared { date, any, too_few } = self;
        let too_few = too_few.join(", ");
        match (any, too_few.is_empty()) {
            (true, true) => write!(f, "The rows were compared with those of the run of {date}."),
            (true, false) => write!(
                f,
                "The rows were compared with those of the run of {date}, but for tables that were too small to compare, with \
                 fewer than {TOO_FEW_BEFORE} rows then: {too_few}."
            ),
            (false, _) => write!(
                f,
                "No rows were compared with those of the run of {date}: the tables were too small to compare, with fewer than \
                 {TOO_FEW_BEFORE} rows then."
            ),
        }
    }
}

/// An earlier run cannot be compared.
#[derive(Debug, Error)]
pub enum BeforeError {
    /// Its summary cannot be read.
    #[error("cannot read {}: {error}; --before names the output directory of an earlier run", path.display())]
    CannotRead {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The file is something else.
    #[error("{} is not the summary of a run; --before names the output directory of an earlier run", path.display())]
    NotASummary {
        /// The file.
        path: PathBuf,
    },
}

impl Before {
    /// The run whose output directory this is.
    pub fn read(out: &Path) -> Result<Before, BeforeError> {
        let path = out.join("summary.json");
        let text = lapse_policy::read_small_text(&path)
            .map_err(|error| BeforeError::CannotRead { path: path.clone(), error })?;
        Before::of(&text).ok_or(BeforeError::NotASummary { path })
    }

    /// What a summary says; none where anything of it is not as a run writes it, since a count that is passed over would leave
    /// rows uncompared without a word.
    pub fn of(text: &str) -> Option<Before> {
        let summary: Value = serde_json::from_str(text).ok()?;
        let date: Day = summary["date"].as_str()?.parse().ok()?;
        let mut rows = [0; 4];
        for (table, rows) in Table::ALL.iter().zip(&mut rows) {
            *rows = summary["rows"][table.name()]["read"].as_u64()?;
        }
        let counts = |of: &Value| -> Option<BTreeMap<String, u64>> {
            of.as_object()?.iter().map(|(code, rows)| Some((code.clone(), rows.as_u64()?))).collect()
        };
        let library = |(code, of): (&String, &Value)| {
            let of = counts(of)?;
            Some((code.clone(), Table::ALL.map(|table| of.get(table.name()).copied().unwrap_or(0))))
        };
        Some(Before {
            date: date.to_string(),
            rows,
            libraries: summary["codes"]["libraries"].as_object()?.iter().map(library).collect::<Option<_>>()?,
            sources: counts(&summary["codes"]["sources"])?,
        })
    }

    /// Which tables had enough rows to be compared with those of a run now.
    pub(super) fn tables(&self, now: &Summary) -> Compared {
        let of_tables = self.against(now).into_iter().filter(|rows| rows.of == RowsOf::Table && rows.before > 0);
        let (enough, too_few): (Vec<_>, Vec<_>) = of_tables.partition(RowsBefore::can_be_compared);
        Compared {
            date: self.date.clone(),
            any: !enough.is_empty(),
            too_few: too_few.into_iter().map(|rows| rows.table).collect(),
        }
    }

    /// All rows that were counted then, beside those of a run now: of each table, then of its libraries and sources.
    pub(super) fn against(&self, now: &Summary) -> Vec<RowsBefore> {
        let mut all = Vec::new();
        for table in Table::ALL {
            let at = table as usize;
            let mut add = |of, before, now| all.push(RowsBefore { table: table.name(), of, before, now });
            add(RowsOf::Table, self.rows[at], now.rows[at].read);
            for (library, rows) in &self.libraries {
                let now = now.codes.libraries.get(library).map_or(0, |rows| rows[at]);
                add(RowsOf::Library(library.clone()), rows[at], now);
            }
            if table == Table::Activity {
                for (source, &rows) in &self.sources {
                    let now = now.codes.sources.get(source).copied().unwrap_or(0);
                    add(RowsOf::Source(source.clone()), rows, now);
                }
            }
        }
        all
    }
}
