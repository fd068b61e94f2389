//! The `lapse` program: one module a command, the command line in [`cli`], what people see in [`terminal`].

pub mod cli;
pub mod commands;
mod exit;
mod explain;
mod files;
mod import;
mod layout;
mod provenance;
mod schema;
mod starter;
mod summary;
pub mod terminal;

pub use exit::{Done, Failure};
