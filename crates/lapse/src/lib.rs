//! The `lapse` program, apart from `main`: one command line, and what people see of it. The work is done by the other crates.
//!
//! 1. [`cli`] is the command line as it is typed.
//! 2. [`commands`] has a file for each command: it turns what was typed into what is meant, calls a library, and says how it
//!    ended.
//! 3. `text` makes text of what the libraries give as data, and [`terminal`] prints it; `files` writes files.
//! 4. `data` is what `--data` names; `exit` says how a command can end, and `refusal` why the program itself refuses to do something.

pub mod cli;
pub mod commands;
mod data;
mod exit;
mod files;
pub mod interrupt;
mod layout;
mod progress;
mod refusal;
mod report;
mod revision;
pub mod terminal;
mod text;
mod watch;

pub use exit::{Done, Failure};
pub use lapse_host::serve_if_asked;
