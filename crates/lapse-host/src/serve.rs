//! The other side of a plugin's process: it loads one library, makes one instance, and judges batches for as long as the
//! host asks. It is the only part of this crate that acts for a whole process.

#![expect(unsafe_code, reason = "takes over what the host hands down")]

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, getpid, kill_process};

use crate::confine::{self, Role};
use crate::library::{Instance, PluginLibrary};
use crate::protocol::{Candidate, Progress, RUN_PLUGIN, Reply, Request, Serving, TRY_OUT_PLUGIN, receive, send};
use crate::region::Region;
use crate::try_out;

/// Runs a plugin where a host started this program for that, until the host ends; `main` then returns the exit code that
/// this gives. None where the program was started for anything else.
///
/// A program that loads isolated plugins with [`crate::Server::ThisProgram`] calls this first in its `main`:
///
/// ```
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     if let Some(code) = lapse_host::serve_if_asked() {
///         return code;
///     }
///     // What the program does when a person starts it.
///     ExitCode::SUCCESS
/// }
/// ```
pub fn serve_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next()?;
    let served = if first == RUN_PLUGIN {
        serve(arguments)
    } else if first == TRY_OUT_PLUGIN {
        try_out(arguments)
    } else {
        return None;
    };
    // The host sees what goes wrong here by how the process ends.
    Some(served.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS))
}

/// Tries out a plugin in this process, for [`crate::check`].
fn try_out(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let mut next = || arguments.next().ok_or(io::ErrorKind::InvalidInput);
    let socket = UnixStream::from(inherited(&next()?)?);
    let file = next()?;
    // Before there is another thread, which would go free; the host within reads the file.
    let mut held = confine::files(&[Path::new(&file)]);
    end_with_the_host(&socket)?;
    send(&socket, &Serving::this_version())?;
    let Candidate { config, columns } = receive(&socket)?;
    confine::calls(Role::Trial, &mut held);
    send(&socket, &Progress::Confined(held))?;
    try_out::run(Path::new(&file), &config, &columns, &mut |progress| send(&socket, progress))
}

fn serve(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let mut next = || arguments.next().ok_or(io::ErrorKind::InvalidInput);
    let socket = UnixStream::from(inherited(&next()?)?);
    let memory = inherited(&next()?)?;
    let library = next()?;
    let mut held = confine::files(&[]);
    end_with_the_host(&socket)?;
    let region = Region::attach(memory)?;
    send(&socket, &Serving::this_version())?;
    confine::calls(Role::Judge, &mut held);
    let library = match PluginLibrary::open(Path::new(&library)) {
        Ok(library) => library,
        Err(error) => return send(&socket, &Reply::Unusable(error)),
    };
    send(&socket, &Reply::Ready { description: library.description.clone(), address: region.address() })?;
    let mut instance: Option<Instance> = None;
    loop {
        let reply = match receive(&socket)? {
            Request::Create { config, columns } => match library.create(&config, &columns) {
                Ok(made) => Reply::Created { parallel: instance.insert(made).parallel },
                Err(refusal) => Reply::Refused(refusal),
            },
            Request::Decide { batch, verdicts } => {
                let instance = instance.as_ref().ok_or(io::ErrorKind::InvalidInput)?;
                match instance.judge(region.address(), batch, verdicts) {
                    Ok(()) => Reply::Decided,
                    Err(refusal) => Reply::Refused(refusal),
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
    // SAFETY: the host opened it for this process, which has just begun, so that nothing else in here has it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Ends this process when the host ends, however the host does that and whatever the plugin is doing at that moment.
fn end_with_the_host(socket: &UnixStream) -> io::Result<()> {
    let socket = socket.try_clone()?;
    std::thread::Builder::new().name("host-watch".into()).spawn(move || {
        loop {
            // Where no event is asked for, the system reports only that the other end was closed.
            let mut watched = [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::empty())];
            if poll(&mut watched, None).is_ok() && watched[0].revents().contains(PollFlags::HUP) {
                let _ = kill_process(getpid(), Signal::KILL);
            }
        }
    })?;
    Ok(())
}
