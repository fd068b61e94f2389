//! The steps of a run over tables:
//!
//! 1. A [`Source`] has the tables, in pieces that are read side by side; [`source`] says what it keeps to.
//! 2. Rows find their patrons: over sorted files segment by segment, over all others after an [`Extract`] was read. A row that
//!    cannot be used becomes a [`Reject`] and holds its patron.
//! 3. [`drive`] hands each patron to some [`Work`], such as that of [`run()`], which asks the engine and writes rows in order.
//! 4. [`OutDir`] makes the files appear together or not at all; [`files`] does so beside files of other people.
//!
//! A file for each table of the extract in `tables` says which columns it has and what makes a row unusable; those of
//! `source` know where rows come from and how each format is cut into fields, and nothing of their meaning.
#![doc = include_str!("../README.md")]

mod asked;
mod assemble;
mod bounds;
mod codes;
mod contained;
mod error;
mod fact_fields;
pub mod files;
mod foreknown;
mod format;
mod join;
mod known;
mod nearly;
mod noted;
mod ordered;
mod outdir;
mod parallel;
mod patron_rows;
mod progress;
mod read_whole;
mod reject;
mod room;
mod seen;
mod slips;
pub mod source;
mod table;
mod tables;
mod trace;
mod work;
mod write;

pub use asked::AskedColumn;
pub use bounds::Bounds;
pub use codes::Renumberings;
pub use contained::contained;
pub use error::{Place, Problem, TableError};
pub use foreknown::column_slips;
pub use format::{Format, UnknownEnding};
pub use join::{Extract, Ids};
pub use known::{CodeSlips, Known};
pub use nearly::{patrons_nearly, who_nearly_have};
pub use outdir::{Abandon, OutDir, OutDirError, OutFile, WhoWrites};
pub use patron_rows::PatronRows;
pub use progress::{Look, Progress};
pub use read_whole::{ReadWhole, WholeCause};
pub use reject::Reject;
pub use seen::{Faults, RowCounts, Rows, Seen};
pub use source::{Folder, Gap, Memory, Source, gaps};
pub use table::{Column, Shape, Table};
pub use trace::{TracedRow, trace, trace_with};
pub use work::contract::{Extras, Options, Output, PatronBatch, PatronFacts, Run, RunError, Visit, Work};
pub use work::drive::{drive, visit};
pub use work::run::{Decided, run, run_in_memory};
pub use write::{Field, Kind, OutColumn, RowFile, output_schemas, push_csv_field};
