#![doc = include_str!("../README.md")]

mod error;
pub mod import;
pub mod layout;
pub mod schema;
pub mod starter;

pub use error::{
    CellError, CellProblem, ChangeError, EditError, Expected, ImportError, LayoutError, ListError, NoLayout,
};
