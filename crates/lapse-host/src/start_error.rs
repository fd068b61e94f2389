//! Why no process runs or tries out a plugin, with the facts. The sentence of each error stands here.

use std::io;

use crate::ended::Ended;

/// Why no process runs or tries out a plugin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The running program does not know its own file, and so cannot be started once more.
    #[error("the program cannot find itself to start a process ({0})")]
    ProgramUnknown(io::Error),
    /// The system does not start the process, or does not make the socket to speak to it.
    #[error("no process can be started for it ({0}); check the limits on processes and memory")]
    NoProcess(io::Error),
    /// The program that the caller named cannot be started.
    #[error("the program {program} cannot be started to run it ({error}); name the program lapse-plugin-server")]
    NoServer {
        /// The program.
        program: String,
        /// What the system says.
        error: io::Error,
    },
    /// The program was started to run the plugin, and did something else.
    #[error(
        "the program {program} does not run plugins: it {}; let its `main` call `serve_if_asked` before anything else, or \
         name the program lapse-plugin-server",
        did_instead(*ended)
    )]
    NotServing {
        /// The program.
        program: String,
        /// How it ended.
        ended: Ended,
    },
    /// The running program was itself started to run a plugin, does not do that, and would start itself over and over.
    #[error(
        "this program was started to run a plugin and does not; let its `main` call `serve_if_asked` before anything else, or \
         name the program lapse-plugin-server"
    )]
    StartsItself,
    /// The program runs plugins for hosts of another version of this crate.
    #[error(
        "the program {program} runs plugins for version {theirs} of lapse-host, and this is version {}; take both from the \
         same release",
        env!("CARGO_PKG_VERSION")
    )]
    OtherVersion {
        /// The program.
        program: String,
        /// The version that it says it has.
        theirs: String,
    },
}

fn did_instead(ended: Ended) -> String {
    match ended {
        Ended::Exited(code) => format!("exited with code {code}"),
        Ended::Garbled => "sent something else than was expected".to_owned(),
        Ended::Late(_) | Ended::Signal(_) | Ended::Unknown => ended.to_string(),
    }
}
