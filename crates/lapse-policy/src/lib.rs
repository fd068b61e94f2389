//! Policy files -> the policy of a day: layers, amendments, enforcement, where each value came from, diagnostics.

mod day;

pub use day::{Day, NotADay};
