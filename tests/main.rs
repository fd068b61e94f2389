//! The program as people use it: outcomes for each library, the command line as it is typed, bad input of every kind.
//! One binary; each module is one of these.

mod commands;
mod fmt;
mod golden;
mod guide;
mod import;
mod init;
mod program;
mod schema;
mod snapshots;
