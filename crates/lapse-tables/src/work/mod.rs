//! Work on patrons: over tables that share an ascending order segment by segment, over others after reading all of them.

pub(crate) mod batches;
pub(crate) mod contract;
mod decide;
pub(crate) mod run;
pub(crate) mod visit;
