//! Case files (interface.md, "Case files"): made-up patrons with what is expected to happen to them, written by the
//! people who edit policies.
//!
//! 1. `find` knows where the files lie.
//! 2. `file` reads one, with the help of `reader`, which holds every key against the columns of the tables (`keys`);
//!    `mistake` is what it tells of a key or a value that does not belong.
//!    `further` are the columns beyond the contract.
//! 3. `case` is one case: `facts` are the patron's rows, and `expect` is what the case expects.
//! 4. `write` writes facts as the lines of a case.

mod case;
mod case_text;
mod expect;
mod facts;
mod file;
mod find;
mod further;
mod keys;
mod reader;
mod write;

pub use case::Case;
pub use case_text::CaseText;
pub use expect::{Column, Expectation, NONE, Wanted};
pub use facts::{Cell, Facts, Row, Written};
pub use file::CaseFile;
pub use find::{collect, find, folders};
pub use further::{FurtherColumn, FurtherColumns};
pub use keys::{FILE_KEYS, case_keys, columns};
pub use write::quoted;
