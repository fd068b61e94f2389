//! One file for each command. It turns what was typed into what is meant, does it, and says how it ended.

pub mod apply;
pub mod cases;
pub mod check;
pub mod completions;
pub mod diff;
pub mod explain;
pub mod fmt;
pub mod forecast;
pub mod import;
pub mod init;
mod load;
pub mod log;
pub mod man;
pub mod plan;
pub mod plugin;
pub mod purge;
pub mod register;
pub mod run;
pub mod sample;
pub mod schema;
pub mod show;
pub mod test;
pub mod undo;
