//! The helper that runs isolated plugins for programs that cannot do it themselves, such as a script of another language
//! that uses `lapse` as a library. A host starts it; see `lapse_host::Server::Program`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lapse_host::serve_if_asked().unwrap_or_else(|| {
        eprintln!(
            "lapse-plugin-server runs plugins for a program that loads them; there is no need to start it yourself"
        );
        ExitCode::from(2)
    })
}
