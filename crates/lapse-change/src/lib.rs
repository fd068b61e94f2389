//! What a run comes to, as values that other programs can use, add up and write.
//!
//! A [`Summary`] counts what a run read and decided. Summaries of parts of a run, such as the partitions of an extract,
//! add up to that of the whole; the guards and the notes are judged on the sum. [`attention`] says what a person should
//! look at, for JSON.
#![doc = include_str!("../README.md")]

pub mod attention;
mod summary;

pub use summary::Summary;
