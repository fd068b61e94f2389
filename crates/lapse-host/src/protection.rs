//! What holds a plugin's process back, in words, and whether it does on this machine.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A way in which a plugin's process is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protection {
    /// It gets no new rights, such as those of a program that runs as somebody else.
    NewRights,
    /// It reads no files but the system's libraries, and writes none (Landlock).
    Files,
    /// It has no network (Landlock, and the system calls).
    Network,
    /// It makes only the system calls that judging needs (seccomp).
    SystemCalls,
    /// Its memory, processes and processor time have limits.
    Limits,
}

impl Protection {
    /// All of them.
    pub const ALL: [Protection; 5] =
        [Protection::NewRights, Protection::Files, Protection::Network, Protection::SystemCalls, Protection::Limits];
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protection::NewRights => "it gets no new rights",
            Protection::Files => "it reads no files but the system's libraries, and writes none",
            Protection::Network => "it has no network",
            Protection::SystemCalls => "it makes only the system calls that judging needs, and starts no process",
            Protection::Limits => "its memory, its processes and its processor time have limits",
        })
    }
}

/// The protections that hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held(pub Vec<Protection>);

impl Held {
    /// Those that do not hold on this machine.
    pub fn lacking(&self) -> impl Iterator<Item = Protection> {
        Protection::ALL.into_iter().filter(|protection| !self.0.contains(protection))
    }
}
