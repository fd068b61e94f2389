//! Tables in and out: the four tables of an extract, joined by patron in whatever order their rows come, and the
//! decisions of a run in the promised order.
//!
//! 1. [`Extract::read`] reads the tables, one after the other, each in pieces side by side; a row that cannot be used
//!    becomes a [`Reject`] and holds its patron.
//! 2. [`decide`] hands each patron to the engine, in batches side by side, and writes the rows in order.
//! 3. [`OutDir`] makes the files appear together or not at all.
//!
//! A file for each table of the extract (`patrons`, `memberships`, `activity`, `accounts`) says which columns it has
//! and what makes a row unusable; `csv`, `ndjson` and `parquet` know how a file is cut into
//! fields, and nothing of their meaning.

mod accounts;
mod activity;
mod asked;
mod batches;
mod codes;
mod csv;
mod decide;
mod error;
mod extract;
mod find;
mod format;
mod gaps;
mod header;
mod input;
mod join;
mod memberships;
mod ndjson;
mod ordered;
mod outdir;
mod parallel;
mod parquet;
mod patrons;
mod pieces;
mod progress;
mod records;
mod reject;
mod run;
mod table;
mod text;
mod trace;
mod value;
mod visit;
mod write;

pub use asked::AskedColumn;
pub use error::{Place, TableError};
pub use extract::{Extract, Faults, Rows, Seen};
pub use format::Format;
pub use gaps::{Gap, gaps};
pub use join::Ids;
pub use outdir::{Abandon, OutDir, OutDirError};
pub use progress::{Look, Progress};
pub use reject::Reject;
pub use run::{Extras, Options, PatronFacts, Run, RunError, run};
pub use table::{Column, Table};
pub use trace::{TracedRow, trace};
pub use visit::{PatronBatch, Renumberings, Visit, Work, visit};
pub use write::{Field, Kind, OutColumn, ParquetList, push_csv_field};
