//! The `lapse` program: one module a command, the command line in [`cli`], what people see in [`terminal`].

pub mod cli;
pub mod commands;
mod exit;
mod explain;
mod plugins;
mod provenance;
mod summary;
pub mod terminal;

pub use exit::{Done, Failure};
pub use lapse_host::serve_if_asked;
