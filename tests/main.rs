//! The program as people use it: outcomes for each library, the command line as it is typed, bad input of every kind.
//! One binary; each module is one of these.

mod bad_input;
mod boundary_cases;
mod browser;
mod case_files;
mod commands;
mod comparison;
mod golden;
mod program;
mod report;
mod sample;
mod snapshots;
mod tables;
