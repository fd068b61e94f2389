//! Policy files -> the policy of a day: layers, amendments, enforcement, where each value came from, diagnostics.
//!
//! The way of a policy, step by step:
//! 1. `source` reads the files of a policy directory.
//! 2. `syntax` makes TOML tables of each, and goes on past what is not TOML.
//! 3. `reader` holds every table and key against the [`schema`], and gives what a file says (`file`).
//! 4. `link` puts libraries into their groups.
//! 5. `enforce` and `effect` look for what contradicts an enforced amendment and for what has no effect.
//! 6. `resolve` tells, on any day, which of all statements about a key holds: [`Policy::on`] and [`Policy::trail`].

mod amendments;
mod day;
mod diagnostics;
mod effect;
mod enforce;
mod file;
mod link;
mod misplaced;
mod model;
mod policy;
mod reader;
mod resolve;
pub mod schema;
mod source;
mod suggest;
mod syntax;
#[cfg(test)]
mod tests;
mod value;

pub use day::{Day, NotADay};
pub use diagnostics::{Diagnostics, Finding, Location, Severity, excerpt};
pub use file::{Amendment, Only};
pub use model::{
    Activity, AssignmentId, Cleanup, Consortium, DayPolicy, Fee, Group, GroupKind, Guards, Holder, Library, Origin,
    Renewal, Retention, Scope, Settings, Sourced, Subscription,
};
pub use policy::{AssignmentView, Loaded, Policy, Setting};
pub use schema::{Key, Layer};
pub use source::LoadError;
pub use suggest::nearest;
