//! What the host and a plugin's process say to each other over a socket: how the process is started, and which messages
//! follow. The messages are few and small, because facts and verdicts lie in shared memory. Each is its length and then JSON.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::description::{Description, Refusal};
use crate::library_error::LibraryError;
use crate::protection::Held;
use crate::said::Said;
use crate::step_error::StepError;

/// The first argument of a program that is started to run a plugin for a host.
pub(crate) const RUN_PLUGIN: &str = "lapse-plugin-process";
/// The first argument of a program that is started to try out a plugin.
pub(crate) const TRY_OUT_PLUGIN: &str = "lapse-plugin-trial";

/// The first message from a process that was started with one of these arguments: it is that, for a host of this version.
/// A program that was not made to run plugins does not send it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Serving {
    pub version: String,
}

impl Serving {
    pub fn this_version() -> Serving {
        Serving { version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// From the host to a process that runs a plugin.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Make the instance.
    Create { config: String, columns: Vec<String> },
    /// Judge the batch that lies at a byte of the shared memory, with its verdicts at another.
    Decide { batch: usize, verdicts: usize },
    /// End the instance and the process.
    End,
}

/// From a process that runs a plugin to the host.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// The library is loaded, and the shared memory begins at this address.
    Ready { description: Description, address: u64 },
    /// The library cannot be used.
    Unusable(LibraryError),
    /// The instance is made.
    Created { parallel: bool },
    /// The batch is judged.
    Decided,
    /// The plugin says that it cannot.
    Refused(Refusal),
}

/// What a process that tries out a plugin is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub config: String,
    pub columns: Vec<String>,
}

/// From a process that tries out a plugin. A step that begins and then neither passes nor fails ended the process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Progress {
    Confined(Held),
    Described(Description),
    Begins(Said),
    Passed,
    Failed(StepError),
}

/// No message is longer than this. The longest holds a config, which is a table that people write.
const LONGEST: u32 = 16 << 20;

/// Sends a message.
pub(crate) fn send(mut to: impl Write, message: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_vec(message)?;
    let length =
        u32::try_from(json.len()).ok().filter(|&length| length <= LONGEST).ok_or(io::ErrorKind::InvalidInput)?;
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(json);
    to.write_all(&bytes)
}

/// The moment after a time from now.
pub(crate) fn deadline(timeout: Duration) -> Instant {
    /// Nobody waits longer, and every clock gets so far.
    const YEAR: Duration = Duration::from_hours(365 * 24);
    Instant::now() + timeout.min(YEAR)
}

/// Waits for a message until a moment, however slowly it comes.
pub(crate) fn receive_until<M: DeserializeOwned>(from: &UnixStream, until: Instant) -> io::Result<M> {
    receive(Until { from, until })
}

/// A socket that is read until a moment.
struct Until<'s> {
    from: &'s UnixStream,
    until: Instant,
}

impl Read for Until<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.from.set_read_timeout(Some(left))?;
        self.from.read(buffer)
    }
}

/// Waits for a message.
pub(crate) fn receive<M: DeserializeOwned>(mut from: impl Read) -> io::Result<M> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut json = vec![0; length as usize];
    from.read_exact(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}
