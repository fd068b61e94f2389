//! The plugin's own process: it loads one library, makes one instance, and judges batches for as long as the host asks.

#![expect(unsafe_code, reason = "takes over what the host hands down")]

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, setrlimit};

use crate::conformance::{Candidate, TRIAL};
use crate::loaded::{Instance, Loaded};
use crate::protocol::{Reply, Request, receive, send};
use crate::region::Region;
use crate::trial;

/// The first argument with which the host starts its own program to be a plugin's process.
pub(crate) const ARGUMENT: &str = "lapse-plugin-process";

/// Where this program was started by a host to be a plugin's process, it is that until the host has enough; the program
/// then ends with what this gives. To be called first in `main`. None: it was started by a person.
pub fn serve_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next()?;
    let served = if first == ARGUMENT {
        serve(arguments)
    } else if first == TRIAL {
        try_out(arguments)
    } else {
        return None;
    };
    // What goes wrong here the host sees by the end of the process.
    Some(served.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS))
}

/// Tries out a plugin in this process ([`crate::conformance`]).
fn try_out(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let mut next = || arguments.next().ok_or(io::ErrorKind::InvalidInput);
    let socket = UnixStream::from(inherited(&next()?)?);
    let file = next()?;
    end_with_the_host(&socket)?;
    let Candidate { config, columns } = receive(&socket)?;
    trial::run(Path::new(&file), &config, &columns, &mut |told| send(&socket, told))
}

fn serve(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let mut next = || arguments.next().ok_or(io::ErrorKind::InvalidInput);
    let socket = UnixStream::from(inherited(&next()?)?);
    let memory = inherited(&next()?)?;
    let library = next()?;
    // A crash must not leave a dump of patrons' data on the disk.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    end_with_the_host(&socket)?;
    let region = Region::attach(memory)?;
    let loaded = match Loaded::open(Path::new(&library)) {
        Ok(loaded) => loaded,
        Err(sentence) => return send(&socket, &Reply::Unusable(sentence)),
    };
    send(&socket, &Reply::Ready { description: loaded.description.clone(), address: region.address() })?;
    let mut instance: Option<Instance> = None;
    loop {
        let reply = match receive(&socket)? {
            Request::Create { config, columns } => match loaded.create(&config, &columns) {
                Ok(made) => Reply::Created { parallel: instance.insert(made).parallel },
                Err(told) => Reply::Refused(told),
            },
            Request::Decide { batch, verdicts } => {
                let instance = instance.as_ref().ok_or(io::ErrorKind::InvalidInput)?;
                match instance.judge(region.address(), batch, verdicts) {
                    Ok(()) => Reply::Decided,
                    Err(told) => Reply::Refused(told),
                }
            }
            Request::End => return Ok(()),
        };
        send(&socket, &reply)?;
    }
}

/// A file that the host left open for this process.
fn inherited(number: &OsString) -> io::Result<OwnedFd> {
    let number: RawFd = number.to_str().and_then(|text| text.parse().ok()).ok_or(io::ErrorKind::InvalidInput)?;
    // SAFETY: the host opened it for this process, which has just begun, so that nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Ends this process when the host does, however that ends and whatever the plugin is doing.
fn end_with_the_host(socket: &UnixStream) -> io::Result<()> {
    let socket = socket.try_clone()?;
    std::thread::Builder::new().name("host-watch".into()).spawn(move || {
        loop {
            // Without events asked for, only the other end's closing is told.
            let mut watched = [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::empty())];
            if poll(&mut watched, None).is_ok() && watched[0].revents().contains(PollFlags::HUP) {
                let _ = kill_process(getpid(), Signal::KILL);
            }
        }
    })?;
    Ok(())
}
