//! What a run may do in a database, and how: by SQL, by a work list for the system's own tool, or by a program of the site.
//! `action` has the kinds, `own` what lapse does in tables of its own, `database_register` all that a register of a database says, and
//! `read_database` reads its file.

mod action;
mod database_register;
mod own;
mod read_database;

pub use action::ActionKind;
pub(crate) use action::{Action, Does, RowsChanged, Undo};
pub use database_register::DatabaseRegister;
pub(crate) use own::own_register;
pub(crate) use read_database::{is_of_database, read_database};
