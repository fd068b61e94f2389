//! Makes a plan: reads everything in one snapshot, decides, and writes the file, which appears whole or not at all.

use std::fs::File;
use std::io::{BufWriter, Seek as _, Write};
use std::path::Path;

use lapse_engine::Tally;
use lapse_policy::{DayPolicy, Policy};
use lapse_tables::{AskedColumn, Extras, Known, OutDirError, Output, Progress, Seen, drive};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::decide::{Lines, Planning};
use super::line::{FORM, PlanEnd, PlanHead, PlanTrip};
use super::reader::PlanFile;
use crate::apply_error::ApplyError;
use crate::hexadecimal;
use crate::journal::{Log, now_exactly};
use crate::opened::Database;

/// By what and how a plan is made.
pub struct Making<'a> {
    /// What says where the plan is applied and by which policy, as it is typed.
    pub typed: &'a str,
    /// The policy over all days.
    pub policy: &'a Policy,
    /// The policy on the day of the run.
    pub of_day: &'a DayPolicy,
    /// Its plugins.
    pub extras: Option<&'a dyn Extras>,
    /// How many threads work.
    pub threads: usize,
    /// Gets to know how far it is.
    pub progress: &'a Progress,
}

/// Makes a plan of what a run would do in a database, and writes it to a file that only its owner may read. `judge` gives the
/// guards that trip and the summary, by what was read and decided, and `begun` gets to know the name that the file has until it is whole.
pub fn make<E: From<ApplyError>>(
    database: &Database,
    path: &Path,
    making: &Making<'_>,
    begun: impl FnOnce(&Path),
    judge: impl FnOnce(&Seen, &Tally) -> Result<(Vec<PlanTrip>, serde_json::Value), E>,
) -> Result<(PlanHead, PlanEnd), E> {
    let Making { typed, policy, of_day, extras, threads, progress } = *making;
    if path.exists() && !PlanFile::is_plan(path) {
        return Err(ApplyError::NotReplaced(path.to_owned()).into());
    }
    let register = database.register();
    let prefix = register.prefix();
    let identity = database.identity()?;
    let log_head = Log { prefix: &prefix }.head(&mut **database.shared.get()).map_err(ApplyError::from)?.hash;
    let head = PlanHead {
        lapse_plan: FORM,
        run: of_day.date.to_string(),
        planned_at: now_exactly(),
        policy: policy.fingerprint().to_owned(),
        register: register.name().to_owned(),
        register_fingerprint: register.fingerprint().to_owned(),
        database: register.address().to_string(),
        identity,
        log_head,
        typed: typed.to_owned(),
        asked: extras.map_or(&[][..], |extras| extras.columns()).iter().map(named).collect(),
    };
    let cannot_write = |error| ApplyError::CannotWrite { path: path.to_owned(), error };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(cannot_write)?;
    // Only the owner may read a file that is made so.
    let file = tempfile::Builder::new().prefix(".lapse-plan-").tempfile_in(folder).map_err(cannot_write)?;
    begun(file.path());
    let mut writer = PlanWriter::new(&file).map_err(cannot_write)?;
    writer.line(&head).map_err(cannot_write)?;
    let start = writer.position().map_err(cannot_write)?;
    writer.start = start;

    let work = Planning { policy, of_day, extras, register };
    let visit = drive(database, &Known::by(of_day), threads, progress, &work, &mut writer).map_err(ApplyError::from)?;
    let mut tally = Tally::default();
    for (planner, to) in &visit.workers {
        let planned = &planner.tally;
        tally.add_all_as(planned, |code| to.library(code), |code| to.subscription(code), |code| to.source(code));
    }
    let (guards, summary) = judge(&visit.seen, &tally)?;
    let end = PlanEnd { guards, summary, undo_days: register.undo_days(), ..std::mem::take(&mut writer.end) };
    writer.line(&end).map_err(cannot_write)?;
    writer.finish().map_err(cannot_write)?;
    persist(file, path).map_err(cannot_write)?;
    Ok((head, end))
}

fn named(column: &AskedColumn) -> (String, String) {
    (column.table.name().to_owned(), column.name.clone())
}

fn persist(mut file: NamedTempFile, path: &Path) -> std::io::Result<()> {
    file.flush()?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Writes the lines of a plan, and a hash over them as the last one.
struct PlanWriter {
    file: BufWriter<File>,
    hash: Sha256,
    /// Where the lines of patrons begin, and the hash up to there.
    start: u64,
    at_start: Sha256,
    end: PlanEnd,
}

impl PlanWriter {
    fn new(file: &NamedTempFile) -> std::io::Result<PlanWriter> {
        let file = BufWriter::with_capacity(1 << 20, file.as_file().try_clone()?);
        Ok(PlanWriter { file, hash: Sha256::new(), start: 0, at_start: Sha256::new(), end: PlanEnd::default() })
    }

    fn line(&mut self, line: &impl serde::Serialize) -> std::io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.write(&text)
    }

    fn write(&mut self, text: &[u8]) -> std::io::Result<()> {
        self.hash.update(text);
        self.file.write_all(text)
    }

    /// The place behind what was written so far, to which a plan that starts again goes back.
    fn position(&mut self) -> std::io::Result<u64> {
        self.at_start = self.hash.clone();
        self.file.stream_position()
    }

    fn finish(&mut self) -> std::io::Result<()> {
        let hash = hexadecimal(&self.hash.clone().finalize());
        writeln!(self.file, "{{\"sha256\":\"{hash}\"}}")?;
        self.file.flush()
    }
}

impl Output for PlanWriter {
    type Rows = Lines;

    fn empty(&self) -> Lines {
        Lines::default()
    }

    fn take(&mut self, rows: &mut Lines) -> Result<(), OutDirError> {
        self.write(&rows.text).map_err(|error| OutDirError::Io { path: None, error })?;
        rows.text.clear();
        self.end.add(std::mem::take(&mut rows.end));
        Ok(())
    }

    fn start_again(&mut self) -> Result<(), OutDirError> {
        let again = |writer: &mut PlanWriter| {
            writer.file.flush()?;
            writer.file.get_ref().set_len(writer.start)?;
            writer.file.seek(std::io::SeekFrom::Start(writer.start)).map(drop)
        };
        again(self).map_err(|error| OutDirError::Io { path: None, error })?;
        self.hash = self.at_start.clone();
        self.end = PlanEnd::default();
        Ok(())
    }
}
