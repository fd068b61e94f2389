//! Work on patrons: one driver hands them to a run, to a comparison, to a forecast or to whatever else somebody does with
//! all of them.

pub(crate) mod contract;
pub(crate) mod decide;
pub(crate) mod drive;
pub(crate) mod in_order;
pub(crate) mod run;
pub(crate) mod steps;
mod whole;
