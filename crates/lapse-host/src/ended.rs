//! How a plugin's process failed to answer, in words that follow the plugin's name.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::description::Refusal;

/// What a plugin's process did instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ended {
    /// It did not answer within its time limit, in seconds, and was killed.
    Late(u64),
    /// It sent something that is not an answer, and was killed.
    Garbled,
    /// A signal ended it.
    Signal(i32),
    /// It exited with this code.
    Exited(i32),
    /// It ended, and the system does not say how.
    Unknown,
}

/// Why a plugin gave no answer that can be used.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The plugin said itself that it cannot.
    Refused(Refusal),
    /// The plugin's process ended or had to be ended.
    Ended(Ended),
}

impl From<ExitStatus> for Ended {
    fn from(status: ExitStatus) -> Ended {
        match (status.signal(), status.code()) {
            (Some(signal), _) => Ended::Signal(signal),
            (None, Some(code)) => Ended::Exited(code),
            (None, None) => Ended::Unknown,
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Ended::Late(1) => write!(f, "did not answer within 1 second"),
            Ended::Late(seconds) => write!(f, "did not answer within {seconds} seconds"),
            Ended::Garbled => write!(f, "spoiled the talk between its process and lapse"),
            Ended::Signal(signal) => match signal_name(signal) {
                Some(name) => write!(f, "crashed ({name})"),
                None => write!(f, "was ended by signal {signal}"),
            },
            Ended::Exited(code) => write!(f, "exited with code {code}, which would have ended lapse"),
            Ended::Unknown => write!(f, "ended"),
        }
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    let names = [
        (Signal::SEGV, "segmentation fault"),
        (Signal::ABORT, "abort"),
        (Signal::BUS, "bus error"),
        (Signal::ILL, "illegal instruction"),
        (Signal::FPE, "arithmetic error"),
        (Signal::KILL, "killed, perhaps for want of memory"),
    ];
    names.into_iter().find(|(known, _)| known.as_raw() == signal).map(|(_, name)| name)
}
