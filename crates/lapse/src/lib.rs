//! The `lapse` program: one module a command, the command line in [`cli`], what people see in [`terminal`].

mod attention;
mod boundary;
mod casefile;
pub mod cli;
pub mod commands;
mod compare;
mod coverage;
mod exit;
mod files;
mod forecast;
mod impact;
mod import;
mod interrupt;
mod junit;
mod layout;
mod progress;
mod report;
mod rowfile;
mod sample;
mod schema;
mod starter;
mod summary;
pub mod terminal;
mod text;
mod trial;
mod watch;

pub use exit::{Done, Failure};
pub use lapse_host::serve_if_asked;
