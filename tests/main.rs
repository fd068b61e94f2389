//! The program as people use it: outcomes for each library, the command line as it is typed, bad input of every kind.
//! One binary; each module is one of these.

mod commands;
mod golden;
mod misbehaving;
mod plugin_files;
mod plugin_projects;
mod plugins;
mod program;
mod snapshots;
