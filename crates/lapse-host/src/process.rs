//! A plugin's process as the host sees it: started from a program that serves, asked over a socket, given a time limit, and
//! outlived by the host however it ends.

use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::binary::Binary;
use crate::description::Description;
use crate::ended::{Ended, Stopped};
use crate::load_error::LoadError;
use crate::loading::Server;
use crate::printed::Printed;
use crate::protocol::{RUN_PLUGIN, Reply, Request, deadline, receive_until, send};
use crate::region::Region;
use crate::start::{LAST_WORDS, instead_of_answering, kill, start, wait};

/// A process that runs a plugin.
#[derive(Debug)]
pub(crate) struct PluginProcess {
    process: Child,
    socket: UnixStream,
    timeout: Duration,
    /// The address in that process at which the shared memory begins.
    pub address: u64,
    /// Passed on to the end once the process has ended.
    _printed: Printed,
}

impl PluginProcess {
    /// Starts a process for a plugin, which sees `region`.
    pub fn start(
        server: &Server,
        binary: &Binary,
        region: &Region,
        timeout: Duration,
    ) -> Result<(PluginProcess, Description), LoadError> {
        let arguments = [region.file().as_raw_fd().to_string().into(), binary.path().into_os_string()];
        let inherited = [region.file(), binary.inherited()];
        let (process, socket, printed) = start(server, RUN_PLUGIN, &arguments, &inherited, timeout)?;
        let mut started = PluginProcess { process, socket, timeout, address: 0, _printed: printed };
        let until = deadline(timeout);
        match started.answer(until).map_err(LoadError::EndedWhileLoaded)? {
            Reply::Ready { description, address } => {
                description.check()?;
                if address.checked_add(Region::len() as u64).is_none() {
                    return Err(LoadError::EndedWhileLoaded(started.garbled()));
                }
                started.address = address;
                Ok((started, description))
            }
            Reply::Unusable(error) => Err(error.into()),
            Reply::Created { .. } | Reply::Decided | Reply::Refused(_) => {
                Err(LoadError::EndedWhileLoaded(started.garbled()))
            }
        }
    }

    /// Makes the instance; gives whether its calls may run in parallel.
    pub fn create(&mut self, config: &str, columns: &[String]) -> Result<bool, Stopped> {
        match self.ask(&Request::Create { config: config.to_owned(), columns: columns.to_vec() })? {
            Reply::Created { parallel } => Ok(parallel),
            Reply::Refused(refusal) => Err(Stopped::Refused(refusal)),
            Reply::Ready { .. } | Reply::Unusable(_) | Reply::Decided => Err(Stopped::Ended(self.garbled())),
        }
    }

    /// Has the plugin judge what lies in the shared memory.
    pub fn decide(&mut self, batch: usize, verdicts: usize) -> Result<(), Stopped> {
        match self.ask(&Request::Decide { batch, verdicts })? {
            Reply::Decided => Ok(()),
            Reply::Refused(refusal) => Err(Stopped::Refused(refusal)),
            Reply::Ready { .. } | Reply::Unusable(_) | Reply::Created { .. } => Err(Stopped::Ended(self.garbled())),
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Reply, Stopped> {
        let until = deadline(self.timeout);
        // Where the process has ended, reading fails as well and says more.
        let _ = self.socket.set_write_timeout(Some(self.timeout)).and_then(|()| send(&self.socket, request));
        self.answer(until).map_err(Stopped::Ended)
    }

    /// Waits for an answer until a moment. The error is what the process did instead.
    fn answer(&mut self, until: Instant) -> Result<Reply, Ended> {
        receive_until(&self.socket, until)
            .map_err(|error| instead_of_answering(&mut self.process, &error, self.timeout))
    }

    /// Ends a process that gave an answer to another question.
    fn garbled(&mut self) -> Ended {
        kill(&mut self.process);
        Ended::Garbled
    }
}

impl Drop for PluginProcess {
    /// Lets the instance end before the host's program does, unless that takes too long.
    fn drop(&mut self) {
        if wait(&mut self.process, Duration::ZERO).is_some() {
            return;
        }
        let at_most = LAST_WORDS.min(self.timeout);
        if send(&self.socket, &Request::End).is_err() || wait(&mut self.process, at_most).is_none() {
            kill(&mut self.process);
        }
    }
}
