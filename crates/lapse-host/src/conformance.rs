//! Trying out a plugin on edge cases, for `lapse plugin check`, in a process of its own that may crash without harm. That
//! process reports each step over a socket; how it ends is part of the result.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::description::Description;
use crate::ended::Ended;
use crate::loading::Server;
use crate::protection::Held;
use crate::protocol::{Candidate, Progress, TRY_OUT_PLUGIN, deadline, receive_until, send};
use crate::start::{kill, start, wait};
use crate::start_error::StartError;
use crate::step_error::StepError;

/// There are fewer steps than this.
const MOST_STEPS: usize = 100;

/// How a plugin did.
#[derive(Debug, Default)]
pub struct Report {
    /// What the plugin says it is, where it got as far as that.
    pub description: Option<Description>,
    /// What held the plugin back meanwhile, as it does in a run.
    pub held: Held,
    /// The steps that were tried, in order.
    pub steps: Vec<Step>,
}

/// One thing that was tried.
#[derive(Debug)]
pub struct Step {
    /// What was tried, in words.
    pub name: String,
    /// Whether it went well, or what went wrong.
    pub result: Result<(), StepError>,
}

impl Report {
    /// Whether every step went well.
    pub fn passed(&self) -> bool {
        self.steps.iter().all(|step| step.result.is_ok())
    }
}

/// Why a plugin could not be tried out.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The file is not there.
    #[error("there is no file {}; name the library of the plugin", .0.display())]
    NoFile(PathBuf),
    /// No process can be started for it, or it cannot be waited for.
    #[error("no process can be started to try out {} ({error})", file.display())]
    NoProcess {
        /// The plugin's file.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The program that was started does not try out plugins.
    #[error(transparent)]
    Start(StartError),
}

/// Tries out the plugin in `file`, with a config as JSON and the columns that it asks for, each as `table.column`. Each
/// step may take `timeout`.
pub fn check(
    file: &Path,
    config: &str,
    columns: &[String],
    timeout: Duration,
    server: &Server,
) -> Result<Report, CheckError> {
    if !file.is_file() {
        return Err(CheckError::NoFile(file.to_owned()));
    }
    let no_process = |error| CheckError::NoProcess { file: file.to_owned(), error };
    let started = start(server, TRY_OUT_PLUGIN, &[OsStr::new(file).to_owned()], &[], timeout);
    let (mut process, socket, _printed) = started.map_err(|error| match error {
        StartError::ProgramUnknown(error) | StartError::NoProcess(error) => no_process(error),
        StartError::NoServer { .. }
        | StartError::NotServing { .. }
        | StartError::StartsItself
        | StartError::OtherVersion { .. } => CheckError::Start(error),
    })?;
    let mut report = Report::default();
    // Where the process has ended already, waiting for it below says how.
    let _ = send(&socket, &Candidate { config: config.to_owned(), columns: columns.to_vec() });
    let mut begun: Option<String> = None;
    let last = loop {
        if report.steps.len() > MOST_STEPS {
            kill(&mut process);
            report.steps.push(Step { name: "ends".into(), result: Err(StepError::Ended(Ended::Garbled)) });
            return Ok(report);
        }
        match receive_until(&socket, deadline(timeout)) {
            // It is sent before the library is loaded. Whoever sends it later may be the library.
            Ok(Progress::Confined(held)) => {
                if begun.is_none() && report.steps.is_empty() {
                    report.held = held;
                }
            }
            // Whoever answers may be the library itself.
            Ok(Progress::Described(description)) => {
                report.description = description.check().is_ok().then_some(description);
            }
            Ok(Progress::Begins(name)) => begun = Some(name.to_string()),
            Ok(Progress::Passed) => report.steps.extend(begun.take().map(|name| Step { name, result: Ok(()) })),
            Ok(Progress::Failed(why)) => report.steps.extend(begun.take().map(|name| Step { name, result: Err(why) })),
            Err(error) => break error,
        }
    };
    if matches!(last.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) {
        kill(&mut process);
        let result = Err(StepError::Ended(Ended::Late(timeout.as_secs())));
        report.steps.push(Step { name: begun.unwrap_or_else(|| "starts".into()), result });
        return Ok(report);
    }
    let Some(status) = wait(&mut process, timeout) else {
        kill(&mut process);
        let result = Err(StepError::Ended(Ended::Late(timeout.as_secs())));
        report.steps.push(Step { name: begun.unwrap_or_else(|| "ends without harm".into()), result });
        return Ok(report);
    };
    if begun.is_some() || !status.success() {
        let name = begun.unwrap_or_else(|| "ends without harm".into());
        report.steps.push(Step { name, result: Err(StepError::Ended(status.into())) });
    }
    Ok(report)
}
