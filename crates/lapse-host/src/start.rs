//! Starting a program to run or try out a plugin: with a socket to speak to it, and the certainty that it serves this host.

#![expect(unsafe_code, reason = "hands open files down to a new process")]

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::ended::Ended;
use crate::loading::Server;
use crate::printed::Printed;
use crate::protocol::{RUN_PLUGIN, Serving, TRY_OUT_PLUGIN, deadline, receive_until};
use crate::start_error::StartError;
use crate::starter;

/// How long a process may take to end after its socket was closed or it was asked to end.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(2);

/// Starts the program with a first argument that makes it what `serve_if_asked` has for it, and with files that
/// it inherits. It has `timeout` to say that it serves this host, and for each later answer.
pub(crate) fn start(
    server: &Server,
    argument: &str,
    arguments: &[OsString],
    inherited: &[BorrowedFd<'_>],
    timeout: Duration,
) -> Result<(Child, UnixStream, Printed), StartError> {
    if std::env::args_os().nth(1).is_some_and(|first| first == RUN_PLUGIN || first == TRY_OUT_PLUGIN) {
        return Err(StartError::StartsItself);
    }
    let program = server.path().map_err(StartError::ProgramUnknown)?;
    let (mut process, socket, printed) =
        spawn(&program, argument, arguments, inherited).map_err(|error| match server {
            Server::ThisProgram => StartError::NoProcess(error),
            Server::Program(program) => StartError::NoServer { program: program.display().to_string(), error },
        })?;
    let answer = receive_until::<Serving>(&socket, deadline(timeout));
    let program = || match server {
        Server::ThisProgram => std::env::current_exe().unwrap_or(program).display().to_string(),
        Server::Program(program) => program.display().to_string(),
    };
    match answer {
        Ok(Serving { version }) if version == env!("CARGO_PKG_VERSION") => Ok((process, socket, printed)),
        Ok(Serving { version }) => {
            kill(&mut process);
            Err(StartError::OtherVersion { program: program(), theirs: version })
        }
        Err(error) => {
            let ended = instead_of_answering(&mut process, &error, timeout);
            Err(StartError::NotServing { program: program(), ended })
        }
    }
}

fn spawn(
    program: &Path,
    argument: &str,
    arguments: &[OsString],
    inherited: &[BorrowedFd<'_>],
) -> io::Result<(Child, UnixStream, Printed)> {
    let (socket, theirs) = UnixStream::pair()?;
    let (printed, theirs_to_print) = io::pipe()?;
    let mut command = Command::new(program);
    command.arg(argument).arg(theirs.as_raw_fd().to_string()).args(arguments);
    // What a plugin prints must not get into a result. Passwords stand in the environment, and a plugin needs none of it.
    command.stdin(Stdio::null()).stdout(theirs_to_print.try_clone()?).stderr(theirs_to_print);
    command.env_clear().process_group(0);
    let inherited: Vec<i32> = inherited.iter().chain([&theirs.as_fd()]).map(AsRawFd::as_raw_fd).collect();
    // SAFETY: between fork and exec it makes system calls only; the files stay open until `spawn` returns.
    unsafe {
        command.pre_exec(move || {
            end_with_this_process()?;
            close_others();
            for &file in &inherited {
                fcntl_setfd(BorrowedFd::borrow_raw(file), FdFlags::empty())?;
            }
            Ok(())
        });
    }
    Ok((starter::start(command)?, socket, Printed::pass_on(printed)?))
}

/// Has the system end this process when the thread that started it ends.
#[cfg(target_os = "linux")]
fn end_with_this_process() -> io::Result<()> {
    use rustix::process::set_parent_process_death_signal;
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

#[cfg(not(target_os = "linux"))]
fn end_with_this_process() -> io::Result<()> {
    Ok(())
}

/// Has every open file but the first three be closed when the program starts, also those that another part of the host's
/// program opened without saying so.
#[cfg(target_os = "linux")]
fn close_others() {
    const FIRST: libc::c_int = 3;
    /// Where the system cannot do it for all at once: no program of ours opens more.
    const MOST: libc::c_int = 4096;
    let (from, to) = (FIRST.unsigned_abs(), libc::c_uint::MAX);
    // SAFETY: a system call that changes a flag of open files and no memory.
    let done = unsafe { libc::syscall(libc::SYS_close_range, from, to, libc::CLOSE_RANGE_CLOEXEC) };
    if done != 0 {
        for file in FIRST..MOST {
            // SAFETY: as above; a number that no file has is refused.
            unsafe { libc::fcntl(file, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn close_others() {}

/// What a process did, of which no message came because of this error. It has ended after this.
pub(crate) fn instead_of_answering(process: &mut Child, error: &io::Error, timeout: Duration) -> Ended {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            kill(process);
            Ended::Late(timeout.as_secs())
        }
        io::ErrorKind::InvalidData => {
            kill(process);
            Ended::Garbled
        }
        // The socket is closed, so the process has ended or is about to.
        _ => {
            let status = wait(process, LAST_WORDS);
            if status.is_none() {
                kill(process);
            }
            status.map_or(Ended::Garbled, Ended::from)
        }
    }
}

/// Waits for a process to end by itself, and ends those that it started and left behind.
pub(crate) fn wait(process: &mut Child, at_most: Duration) -> Option<ExitStatus> {
    let until = deadline(at_most);
    loop {
        if has_ended(process) {
            return process.wait().ok();
        }
        if Instant::now() >= until {
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether a process has ended. Until somebody waits for it, nobody else has its number, so its group can be ended by that.
fn has_ended(process: &mut Child) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match group(process).map(|number| waitid(WaitId::Pid(number), options)) {
        Some(Ok(None)) => false,
        Some(Ok(Some(_))) => {
            end_group(process);
            true
        }
        // It was waited for before.
        Some(Err(_)) | None => true,
    }
}

/// Ends a process, unless it has ended by itself meanwhile, and those that it started.
pub(crate) fn kill(process: &mut Child) {
    if !has_ended(process) {
        end_group(process);
        let _ = process.kill();
    }
    let _ = process.wait();
}

/// Ends a process and those that it started.
fn end_group(process: &Child) {
    if let Some(group) = group(process) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// The number of a process, which is that of its group as well.
fn group(process: &Child) -> Option<Pid> {
    i32::try_from(process.id()).ok().and_then(Pid::from_raw)
}
