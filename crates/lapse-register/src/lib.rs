#![doc = include_str!("../README.md")]
//!
//! 1. `read` makes a [`Register`] of a register file and tells each mistake with its place; `read_dialect` knows the keys that
//!    say how files are written (`dialect`, `form`).
//! 2. `source` opens the files of a table (`body`), `fit` finds their columns and brings values into the form of the tables, and
//!    `pieces` hands out rows, so that threads share the work.
//! 3. `formats` cuts each kind of file into fields.
//! 4. [`Sample`] shows the first rows as lapse understands them, [`whole_columns`] finds columns in another form, and [`Draft`] is
//!    a first register for a folder.

mod body;
mod cache;
mod dialect;
mod draft;
mod error;
mod fit;
mod form;
mod formats;
mod open_part;
mod part_error;
mod pieces;
mod read;
mod read_dialect;
mod read_value;
mod register;
mod rows;
mod sample;
mod source;
mod whole_columns;

pub use dialect::{Dialect, Encoding};
pub use draft::Draft;
pub use error::RegisterError;
pub use form::DateForm;
pub use register::Register;
pub use sample::{Sample, SampleTable};
pub use whole_columns::{OtherForm, WholeColumn, whole_columns};
