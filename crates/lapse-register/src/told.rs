//! What was done in a database: its runs, the entries of its log, and whether the log is whole.

use crate::apply_error::ApplyError;
use crate::database::{Statement, Values};
use crate::journal::{Log, LogEntry, Row, Runs, Verified, pseudonym};
use crate::opened::Database;

/// A run, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunTold {
    /// Its number.
    pub run: u64,
    /// The day of the run.
    pub date: String,
    /// When it began.
    pub began: String,
    /// When it was put back as a whole.
    pub undone: Option<String>,
    /// When its trash was emptied.
    pub purged: Option<String>,
    /// How many of its actions were done, and not put back.
    pub stands: u64,
    /// Whether the end of the plan was reached, as far as consent allowed.
    pub ended: bool,
}

/// An entry of the log, with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryTold {
    /// Its number.
    pub number: u64,
    /// What it says; none where it cannot be read.
    pub entry: Option<LogEntry>,
    /// Whom it is about, where that is still known.
    pub patron: Option<String>,
}

/// Who works in a database now, and the state of lapse's tables there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The identity of the database.
    pub identity: String,
    /// Its runs, the first one first.
    pub runs: Vec<RunTold>,
    /// Who works there, since when, and when they were last heard of.
    pub holder: Option<(String, String, String)>,
    /// The hash of the last batch of the log.
    pub log_head: String,
}

impl Database {
    /// Who works there now, and what was done.
    pub fn status(&self) -> Result<Status, ApplyError> {
        let identity = self.identity()?;
        let prefix = self.register.prefix();
        let runs = self.runs_told()?;
        let mut connection = self.shared.get();
        let lease = format!("select holder, since, heartbeat from {prefix}lapse_lease");
        let found = connection.query(&Statement::parse(&lease), &Values::new())?;
        let holder = found.rows.first().map(|row| {
            let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
            (text(0), text(1), text(2))
        });
        let log_head = Log { prefix: &prefix }.head(&mut **connection)?.hash;
        Ok(Status { identity, runs, holder, log_head })
    }

    /// The runs, the first one first.
    pub fn runs_told(&self) -> Result<Vec<RunTold>, ApplyError> {
        self.identity()?;
        let prefix = self.register.prefix();
        let runs = Runs { prefix: &prefix };
        let mut connection = self.shared.get();
        let count = format!("select count(*) as number from {prefix}lapse_before where run = $run and undone is null");
        let count = Statement::parse(&count);
        let mut told = Vec::new();
        for run in runs.all(&mut **connection)? {
            let values = Values::from([("run".to_owned(), run.run.into())]);
            let stands = connection.query(&count, &values)?;
            let passes = runs.passes(&mut **connection, run.run)?;
            told.push(RunTold {
                run: run.run,
                date: run.run_date,
                began: run.began,
                undone: run.undone,
                purged: run.purged,
                stands: stands.first().and_then(|number| number.parse().ok()).unwrap_or_default(),
                ended: passes.last().is_some_and(|pass| pass.ended),
            });
        }
        Ok(told)
    }

    /// Hands each entry of the log to `each`, in order, until it says false: all, those of a run, those about a patron.
    pub fn entries(
        &self,
        run: Option<u64>,
        patron: Option<&str>,
        each: &mut dyn FnMut(EntryTold) -> bool,
    ) -> Result<(), ApplyError> {
        self.identity()?;
        let prefix = self.register.prefix();
        let (log, runs) = (Log { prefix: &prefix }, Runs { prefix: &prefix });
        let all = runs.all(&mut **self.shared.get())?;
        let name = format!("select patron_id from {prefix}lapse_ids where run = $run and pseudonym = $pseudonym");
        let name = Statement::parse(&name);
        // A patron has another pseudonym in each run.
        let asked: Vec<(Option<u64>, Option<String>)> = match patron {
            None => vec![(run, None)],
            Some(patron) => all
                .iter()
                .filter(|of| run.is_none_or(|run| run == of.run))
                .filter_map(|of| Some((Some(of.run), Some(pseudonym(of.secret.as_deref()?, patron)))))
                .collect(),
        };
        for (run, pseudonym) in asked {
            let mut after = 0;
            loop {
                let entries = log.entries(&mut **self.shared.get(), after, run, pseudonym.as_deref())?;
                let Some(last) = entries.last() else { break };
                after = last.entry;
                for Row { entry: number, content, .. } in entries {
                    let entry: Option<LogEntry> = serde_json::from_str(&content).ok();
                    let mut patron = patron.map(str::to_owned);
                    if let Some(LogEntry { run, patron: Some(of), .. }) = &entry
                        && patron.is_none()
                    {
                        let values = Values::from([
                            ("run".to_owned(), (*run).into()),
                            ("pseudonym".to_owned(), of.as_str().into()),
                        ]);
                        patron = self.shared.get().query(&name, &values)?.first().map(str::to_owned);
                    }
                    if !each(EntryTold { number, entry, patron }) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Looks through the whole log.
    pub fn verify_log(&self) -> Result<Verified, ApplyError> {
        self.identity()?;
        let prefix = self.register.prefix();
        Ok(Log { prefix: &prefix }.verify(&mut **self.shared.get())?)
    }
}
