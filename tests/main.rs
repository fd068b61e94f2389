//! The program as people use it: outcomes for each library, the command line as it is typed, bad input of every kind.
//! All tests are in one binary, with a module for each subject.

mod able;
mod attacks;
mod bad_input;
mod boundary_cases;
mod browser;
mod case_files;
mod commands;
mod comparison;
mod convert;
mod databases;
mod edges;
mod fmt;
mod formats;
mod golden;
mod guards;
mod guide;
mod house;
mod impact;
mod import;
mod init;
mod keeps;
mod links;
mod misbehaving;
mod plugin_cases;
mod plugin_files;
mod plugin_projects;
mod plugins;
mod program;
mod published;
mod raw_cells;
mod readme;
#[cfg(unix)]
mod recipes;
mod registers;
mod report;
mod rules_page;
mod sample;
mod schema;
mod snapshots;
mod spaces;
#[cfg(unix)]
mod story;
mod tables;
mod watch;
