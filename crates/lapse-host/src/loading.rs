//! How plugins are loaded: which program runs the isolated ones, and how many calls may run at once.

use std::io;
use std::path::PathBuf;

/// How to load plugins.
#[derive(Clone, Debug)]
pub struct Loading {
    /// The program to start for the process of an isolated plugin.
    pub server: Server,
    /// How many calls of a plugin may run at once, where the plugin allows several.
    pub threads: usize,
}

/// The program that runs an isolated plugin: one whose `main` calls `serve_if_asked` before anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// The program that is running.
    ThisProgram,
    /// Another program, such as the helper `lapse-plugin-server` that this crate builds.
    Program(PathBuf),
}

impl Loading {
    /// Loading where the running program runs isolated plugins itself.
    pub fn with_this_program(threads: usize) -> Loading {
        Loading { server: Server::ThisProgram, threads }
    }

    /// Loading where another program runs isolated plugins, such as the helper `lapse-plugin-server`.
    pub fn with_program(program: impl Into<PathBuf>, threads: usize) -> Loading {
        Loading { server: Server::Program(program.into()), threads }
    }
}

impl Server {
    /// The file to start.
    pub(crate) fn path(&self) -> io::Result<PathBuf> {
        match self {
            // The file may have been replaced since this program was started; the kernel still has what is running.
            Server::ThisProgram if cfg!(target_os = "linux") => Ok("/proc/self/exe".into()),
            Server::ThisProgram => std::env::current_exe(),
            Server::Program(program) => Ok(program.clone()),
        }
    }
}
