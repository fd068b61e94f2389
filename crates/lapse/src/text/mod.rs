//! What libraries give as data, as text for a terminal.

pub mod coverage;
pub mod story;
