//! The `lapse` program: one module a command, the command line in [`cli`], what people see in [`terminal`].

pub mod cli;
pub mod commands;
mod compare;
mod exit;
mod files;
mod forecast;
mod impact;
mod interrupt;
mod layout;
mod progress;
mod refusal;
mod report;
pub mod terminal;
mod text;
mod watch;

pub use exit::{Done, Failure};
pub use lapse_host::serve_if_asked;
