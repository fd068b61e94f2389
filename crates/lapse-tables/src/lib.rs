//! Tables in and out: the four tables of an extract, joined by patron in whatever order their rows come, and the
//! decisions of a run in the promised order.
//!
//! 1. [`Extract::read`] reads the tables, one after the other, each in pieces side by side; a row that cannot be used
//!    becomes a [`Reject`] and holds its patron.
//! 2. [`run()`] hands each patron to the engine, in batches side by side, and writes the rows in order.
//! 3. [`OutDir`] makes the files appear together or not at all.
//!
//! A file for each table of the extract in `tables` says which columns it has and what makes a row unusable; those of
//! `source` know where rows come from and how each format is cut into fields, and nothing of their meaning.

mod asked;
mod codes;
mod error;
mod format;
mod join;
mod ordered;
mod outdir;
mod parallel;
mod progress;
mod reject;
mod seen;
mod source;
mod table;
mod tables;
mod trace;
mod work;
mod write;

pub use asked::AskedColumn;
pub use codes::Renumberings;
pub use error::{Place, Problem, TableError};
pub use format::{Format, UnknownEnding};
pub use join::{Extract, Ids};
pub use outdir::{Abandon, OutDir, OutDirError};
pub use progress::{Look, Progress};
pub use reject::Reject;
pub use seen::{Faults, Rows, Seen};
pub use source::gaps::{Gap, gaps};
pub use table::{Column, Shape, Table};
pub use trace::{TracedRow, trace};
pub use work::contract::{Extras, Options, PatronBatch, PatronFacts, Run, RunError, Visit, Work};
pub use work::run::run;
pub use work::visit::visit;
pub use write::{Field, Kind, OutColumn, RowFile, push_csv_field};
