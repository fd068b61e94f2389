//! Policy files -> the policy of a day: layers, amendments, enforcement, where each value came from, diagnostics.

mod day;
mod model;

pub use day::{Day, NotADay};
pub use model::{
    Activity, AssignmentId, Cleanup, Consortium, DayPolicy, Fee, Group, GroupKind, Guards, Holder, Library, Origin,
    Renewal, Retention, Scope, Settings, Sourced, Subscription,
};
