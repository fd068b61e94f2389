//! `lapse plugin check`: a plugin tried out on edge cases, in a process that may crash without harm. What that process
//! begins, passes and fails it tells over a socket; how it ends is part of the result.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::child::{ended, spawn};
use crate::host::Loading;
use crate::loaded::Description;
use crate::protocol::{receive, send};

/// The first argument with which the program is started to try out a plugin.
pub(crate) const TRIAL: &str = "lapse-plugin-trial";

/// How a plugin did.
#[derive(Debug, Default)]
pub struct Report {
    /// What it says of itself, where it came so far.
    pub description: Option<Description>,
    /// What was tried, in order.
    pub steps: Vec<Step>,
}

/// Something that was tried.
#[derive(Debug)]
pub struct Step {
    /// What.
    pub name: String,
    /// Whether it went well, or what went wrong.
    pub result: Result<(), String>,
}

impl Report {
    /// Nothing went wrong.
    pub fn passed(&self) -> bool {
        self.steps.iter().all(|step| step.result.is_ok())
    }
}

/// What the trial's process gets to know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub config: String,
    pub columns: Vec<String>,
}

/// What the trial's process tells.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    Described(Description),
    Begins(String),
    Passed,
    Failed(String),
}

/// Tries out the plugin in `file`, with a config as JSON and the columns that it asks for; each step may take `timeout`.
pub fn check(
    file: &Path,
    config: &str,
    columns: &[String],
    timeout: Duration,
    loading: &Loading,
) -> io::Result<Report> {
    let (mut process, socket) = spawn(&loading.server.path()?, TRIAL, &[OsStr::new(file).to_owned()], &[])?;
    socket.set_read_timeout(Some(timeout))?;
    let mut report = Report::default();
    // When the process has ended already, how it ended is told below.
    let _ = send(&socket, &Candidate { config: config.to_owned(), columns: columns.to_vec() });
    let mut begun: Option<String> = None;
    let last = loop {
        match receive(&socket) {
            Ok(Told::Described(description)) => report.description = Some(description),
            Ok(Told::Begins(name)) => begun = Some(name),
            Ok(Told::Passed) => report.steps.extend(begun.take().map(|name| Step { name, result: Ok(()) })),
            Ok(Told::Failed(why)) => report.steps.extend(begun.take().map(|name| Step { name, result: Err(why) })),
            Err(error) => break error,
        }
    };
    if matches!(last.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) {
        process.kill()?;
        process.wait()?;
        let result = Err(format!("it did not answer within {} seconds", timeout.as_secs()));
        report.steps.push(Step { name: begun.unwrap_or_else(|| "starts".into()), result });
        return Ok(report);
    }
    let status = process.wait()?;
    if begun.is_some() || !status.success() {
        let name = begun.unwrap_or_else(|| "ends without harm".into());
        report.steps.push(Step { name, result: Err(format!("it {}", ended(status))) });
    }
    Ok(report)
}
