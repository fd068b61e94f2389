#![doc = include_str!("../README.md")]
//!
//! 1. `read` makes a [`Register`] of a register file and tells each mistake with its place; `read_dialect` knows the keys that
//!    say how files are written (`dialect`, `form`).
//! 2. `source` opens the files of a table (`body`), `fit` finds their columns and brings values into the form of the tables, and
//!    `pieces` hands out rows, so that threads share the work.
//! 3. `formats` cuts each kind of file into fields.
//! 4. A register of a database says how each action is done and undone there (`actions`); `database` reaches databases of each kind,
//!    and [`Database`] is one that is open: a source of rows, like files.
//! 5. [`make()`] writes a plan (`plan`), [`Applying`] carries it out (`apply`), [`Undoing`] puts it back and [`purge()`] forgets it. What was
//!    done is kept in the database (`journal`), and told from there (`told`).
//! 6. [`Sample`] shows the first rows as lapse understands them, [`whole_columns`] finds columns in another form, and [`Draft`] is
//!    a first register for a folder.

mod actions;
mod apply;
mod apply_error;
mod body;
mod cache;
mod check;
mod database;
mod dialect;
mod draft;
mod error;
mod fill;
mod fit;
mod form;
mod formats;
mod journal;
mod open_part;
mod opened;
mod part_error;
mod pieces;
mod plan;
mod purge;
mod read;
mod read_dialect;
mod read_value;
mod register;
mod register_file;
mod rows;
mod sample;
mod source;
mod told;
mod undo;
mod whole_columns;

pub use actions::{ActionKind, DatabaseRegister};
pub use apply::{Applied, Applying, LeftOut, Settled, settle};
pub use apply_error::ApplyError;
pub use check::{CannotDo, Checked};
pub use database::{Address, DatabaseError, Kind};
pub use dialect::{Dialect, Encoding};
pub use draft::Draft;
pub use error::RegisterError;
pub use fill::fill;
pub use form::DateForm;
pub use journal::{LogEntry, Outcome, Verified, who_runs_this};
pub use opened::{Database, Purpose, initialise};
pub use plan::{Counts, Making, PlanEnd, PlanFile, PlanHead, PlanTrip, Planned, PlannedPatron, Waiting, make, waiting};
pub use purge::{Purged, purge};
pub use register::Register;
pub use register_file::RegisterFile;
pub use sample::{Sample, SampleTable};
pub use told::{EntryTold, RunTold, Status};
pub use undo::{Undoable, Undoing, Undone};
pub use whole_columns::{OtherForm, WholeColumn, whole_columns};

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
