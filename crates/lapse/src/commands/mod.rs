//! One file a command. Each turns what was typed into what is meant, does it, and says how it ended.

pub mod check;
pub mod completions;
pub mod explain;
mod load;
pub mod man;
pub mod plugin;
pub mod run;
pub mod show;
