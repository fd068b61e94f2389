//! A plugin's process as the host sees it: started from the host's own program, asked over a socket, given a time limit,
//! and outlived, however it ends.

#![expect(unsafe_code, reason = "hands open files down to a new process")]

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::io::{FdFlags, fcntl_setfd};

use crate::binary::Binary;
use crate::loaded::{Description, Told};
use crate::protocol::{Reply, Request, receive, send};
use crate::region::Region;
use crate::serve::ARGUMENT;

/// How long a process may take to end its instance once it was asked to.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A plugin's process.
#[derive(Debug)]
pub(crate) struct Child {
    process: std::process::Child,
    socket: UnixStream,
    timeout: Duration,
    /// Where the shared memory begins in that process.
    pub address: u64,
}

/// Why a plugin gave no answer that can be used.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// It said so itself.
    Told(Told),
    /// It ended, or took too long: what it did, to follow its name.
    Ended(String),
}

impl Child {
    /// Starts `program` to be the process of a plugin, which sees `region`.
    pub fn start(
        program: &Path,
        binary: &Binary,
        region: &Region,
        timeout: Duration,
    ) -> Result<(Child, Description), String> {
        let arguments = [region.file().as_raw_fd().to_string().into(), binary.path().into_os_string()];
        let spawned = spawn(program, ARGUMENT, &arguments, &[region.file(), binary.inherited()]);
        let (process, socket) = spawned.map_err(|error| {
            format!("no process can be started for it ({error}); check the limits on processes and memory")
        })?;
        let mut child = Child { process, socket, timeout, address: 0 };
        match child.answer() {
            Ok(Reply::Ready { description, address }) => {
                child.address = address;
                Ok((child, description))
            }
            Ok(Reply::Unusable(sentence)) => Err(sentence),
            Ok(Reply::Created { .. } | Reply::Decided | Reply::Refused(_)) => Err(child.nonsense()),
            Err(what) => Err(format!("{what} while it was loaded")),
        }
    }

    /// Makes the instance; gives whether its calls may run in parallel.
    pub fn create(&mut self, config: &str, columns: &[String]) -> Result<bool, Stopped> {
        match self.ask(&Request::Create { config: config.to_owned(), columns: columns.to_vec() })? {
            Reply::Created { parallel } => Ok(parallel),
            Reply::Refused(told) => Err(Stopped::Told(told)),
            Reply::Ready { .. } | Reply::Unusable(_) | Reply::Decided => Err(Stopped::Ended(self.nonsense())),
        }
    }

    /// Has the plugin judge what lies in the shared memory.
    pub fn decide(&mut self, batch: usize, verdicts: usize) -> Result<(), Stopped> {
        match self.ask(&Request::Decide { batch, verdicts })? {
            Reply::Decided => Ok(()),
            Reply::Refused(told) => Err(Stopped::Told(told)),
            Reply::Ready { .. } | Reply::Unusable(_) | Reply::Created { .. } => Err(Stopped::Ended(self.nonsense())),
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Reply, Stopped> {
        // When the process has ended, reading says so with more to tell.
        let _ = send(&self.socket, request);
        self.answer().map_err(Stopped::Ended)
    }

    /// Waits for an answer, within the time limit. The error is what the process did instead.
    fn answer(&mut self) -> Result<Reply, String> {
        let received = self.socket.set_read_timeout(Some(self.timeout)).and_then(|()| receive(&self.socket));
        match received {
            Ok(reply) => Ok(reply),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                self.kill();
                let seconds = self.timeout.as_secs();
                Err(format!("did not answer within {seconds} {}", if seconds == 1 { "second" } else { "seconds" }))
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(self.nonsense()),
            Err(_) => Err(self.how_it_ended()),
        }
    }

    fn nonsense(&mut self) -> String {
        self.kill();
        "spoiled the talk between its process and lapse".into()
    }

    /// The socket is closed, so the process has ended or is about to.
    fn how_it_ended(&mut self) -> String {
        match self.wait(LAST_WORDS) {
            Some(status) => ended(status),
            None => self.nonsense(),
        }
    }

    fn wait(&mut self, at_most: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + at_most;
        loop {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn kill(&mut self) {
        // It may have ended by itself meanwhile.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts `program` with a first argument that makes it what [`crate::serve_if_asked`] has for it, a socket to speak to it,
/// and files that it inherits.
pub(crate) fn spawn(
    program: &Path,
    argument: &str,
    arguments: &[OsString],
    inherited: &[BorrowedFd<'_>],
) -> io::Result<(std::process::Child, UnixStream)> {
    let (socket, theirs) = UnixStream::pair()?;
    let mut command = Command::new(program);
    command.arg(argument).arg(theirs.as_raw_fd().to_string()).args(arguments);
    // What a plugin prints must not get into a result.
    command.stdin(Stdio::null()).stdout(Stdio::from(io::stderr()));
    let inherited: Vec<i32> = inherited.iter().chain([&theirs.as_fd()]).map(AsRawFd::as_raw_fd).collect();
    // SAFETY: between fork and exec it makes system calls only; the files stay open until `spawn` returns.
    unsafe {
        command.pre_exec(move || {
            for &file in &inherited {
                fcntl_setfd(BorrowedFd::borrow_raw(file), FdFlags::empty())?;
            }
            Ok(())
        });
    }
    Ok((command.spawn()?, socket))
}

impl Drop for Child {
    /// The instance ends before the program does, unless it takes its time.
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(Some(_))) {
            return;
        }
        if send(&self.socket, &Request::End).is_err() || self.wait(LAST_WORDS.min(self.timeout)).is_none() {
            self.kill();
        }
    }
}

/// How a process ended, to follow the plugin's name.
pub(crate) fn ended(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => match signal_name(signal) {
            Some(name) => format!("crashed ({name})"),
            None => format!("was ended by signal {signal}"),
        },
        (None, Some(code)) => format!("exited with code {code}, which would have ended lapse"),
        (None, None) => "ended".into(),
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    use rustix::process::Signal;
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
