//! Reads a plan: first once through it, to make sure that it is whole and as it was written, then patron by patron.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::line::{FORM, PlanEnd, PlanHead, PlannedPatron};
use crate::apply_error::ApplyError;
use crate::hexadecimal;

/// No line of a plan is longer than this many bytes.
const LONGEST: u64 = 64 << 20;

/// A plan file that is whole.
#[derive(Debug)]
pub struct PlanFile {
    path: PathBuf,
    /// The file that was read through, whatever has its name since.
    file: File,
    /// Its first line.
    pub head: PlanHead,
    /// What it comes to.
    pub end: PlanEnd,
    /// The hash over it, which is its identity.
    pub hash: String,
}

/// The last line.
#[derive(serde::Deserialize)]
struct Seal {
    sha256: String,
}

impl PlanFile {
    /// Whether a file begins as a plan does.
    pub fn is_plan(path: &Path) -> bool {
        const START: &[u8] = b"{\"lapse_plan\":";
        let mut start = [0; START.len()];
        let read = |start: &mut [u8]| File::open(path)?.read_exact(start);
        path.is_file() && read(&mut start).is_ok() && start == *START
    }

    /// Reads a plan through, and makes sure that it is as it was written.
    pub fn open(path: &Path) -> Result<PlanFile, ApplyError> {
        let damaged =
            |line: u64, problem: &'static str| ApplyError::DamagedPlan { path: path.to_owned(), line, problem };
        let mut lines = Lines::open(path)?;
        let no_plan = "this is no plan; name a file that `lapse plan` wrote";
        let first = lines.next()?.ok_or_else(|| damaged(1, no_plan))?;
        let head: PlanHead = serde_json::from_slice(&first).map_err(|_| damaged(1, no_plan))?;
        if head.lapse_plan != FORM {
            return Err(damaged(1, "this plan was made by another version of lapse; make a new plan"));
        }
        let mut hash = Sha256::new_with_prefix(&first);
        // The last two lines say what it comes to and what its hash is.
        let mut before: Option<Vec<u8>> = None;
        let mut line = 1;
        let cut = "this plan is cut off or was changed; make a new plan";
        loop {
            let next = lines.next()?;
            line += 1;
            let Some(next) = next else { return Err(damaged(line, cut)) };
            if let Ok(Seal { sha256 }) = serde_json::from_slice(&next) {
                let end = before.ok_or_else(|| damaged(line, cut))?;
                hash.update(&end);
                if hexadecimal(&hash.finalize()) != sha256 || lines.next()?.is_some() {
                    return Err(damaged(line, cut));
                }
                let end = serde_json::from_slice(&end).map_err(|_| damaged(line - 1, cut))?;
                let Lines { path, file, .. } = lines;
                return Ok(PlanFile { path, file, head, end, hash: sha256 });
            }
            if let Some(earlier) = before.replace(next) {
                hash.update(&earlier);
            }
        }
    }

    /// The patrons about whom something is done, in the order of the plan, from a number on.
    pub fn patrons(
        &self,
        from: u64,
    ) -> Result<impl Iterator<Item = Result<PlannedPatron, ApplyError>> + '_, ApplyError> {
        let mut lines = Lines::of(&self.path, &self.file)?;
        for _ in 0..=from {
            lines.next()?;
        }
        let mut line = 1 + from;
        let mut left = self.end.with_actions.saturating_sub(from);
        Ok(std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            line += 1;
            let damaged = |_| ApplyError::DamagedPlan {
                path: self.path.clone(),
                line,
                problem: "this line of the plan was changed while it was read; make a new plan",
            };
            let read = lines.next().and_then(|text| serde_json::from_slice(&text.unwrap_or_default()).map_err(damaged));
            Some(read)
        }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The lines of a file, each with its end.
struct Lines {
    path: PathBuf,
    file: File,
    reader: BufReader<FromStart>,
}

/// A file from its start, whoever else reads it.
struct FromStart {
    file: File,
    at: u64,
}

impl std::io::Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Lines {
    fn open(path: &Path) -> Result<Lines, ApplyError> {
        let unreadable = |error| ApplyError::UnreadablePlan { path: path.to_owned(), error };
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(unreadable(std::io::Error::other("it is no file")));
        }
        Lines::of(path, &file)
    }

    fn of(path: &Path, file: &File) -> Result<Lines, ApplyError> {
        let cloned = || file.try_clone().map_err(|error| ApplyError::UnreadablePlan { path: path.to_owned(), error });
        let reader = BufReader::with_capacity(1 << 20, FromStart { file: cloned()?, at: 0 });
        Ok(Lines { path: path.to_owned(), file: cloned()?, reader })
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, ApplyError> {
        let mut line = Vec::new();
        let unreadable = |error| ApplyError::UnreadablePlan { path: self.path.clone(), error };
        (&mut self.reader).take(LONGEST).read_until(b'\n', &mut line).map_err(unreadable)?;
        Ok((!line.is_empty()).then_some(line))
    }
}
