//! What the host and a plugin's process say to each other over a socket. Few and small: facts and verdicts lie in shared
//! memory. Each message is its length and then JSON.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::loaded::{Description, Told};

/// From the host.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Make the instance.
    Create { config: String, columns: Vec<String> },
    /// Judge the batch that lies at a byte of the shared memory, with its verdicts at another.
    Decide { batch: usize, verdicts: usize },
    /// End the instance and the process.
    End,
}

/// From the plugin's process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// The library is loaded, and the shared memory begins at this address.
    Ready { description: Description, address: u64 },
    /// The library cannot be used. A sentence.
    Unusable(String),
    /// The instance is made.
    Created { parallel: bool },
    /// The batch is judged.
    Decided,
    /// The plugin says that it cannot.
    Refused(Told),
}

/// A message is never longer: a config is a table that people write.
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
