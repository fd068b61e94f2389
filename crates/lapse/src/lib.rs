//! The `lapse` program: one module a command, the command line in [`cli`], what people see in [`terminal`].

mod boundary;
mod casefile;
pub mod cli;
pub mod commands;
mod compare;
mod coverage;
mod exit;
mod explain;
mod junit;
mod output;
mod provenance;
mod report;
mod runs;
mod sample;
mod summary;
pub mod terminal;
mod trial;
mod watch;

pub use exit::{Done, Failure};
