//! Policy files -> the policy of a day: layers, amendments, enforcement, where each value came from, diagnostics.
//!
//! The way of a policy, step by step:
//! 1. `source` reads the files of a policy directory.
//! 2. `syntax` makes TOML tables of each, and goes on past what is not TOML.
//! 3. `reader` holds every table and key against the [`schema`], and gives what a file says (`file`).
//! 4. `link` puts libraries into their groups.
//! 5. `enforce` and `effect` look for what contradicts an enforced amendment and for what has no effect.
//! 6. `plugins` tells which plugins take part at which library.
//! 7. `slips` looks for what reads like a slip of the pen.
//! 8. `resolve` tells, on any day, which of all statements about a key holds: [`Policy::on`] and [`Policy::trail`].
//! 9. [`provenance`] says where a value comes from, as people and programs read it.

mod day;
mod diagnostics;
mod effect;
mod enforce;
mod file;
mod folder;
mod gathered;
mod link;
mod load;
mod load_error;
mod model;
mod names;
mod plugin_words;
mod plugins;
mod policy;
pub mod provenance;
mod reader;
mod resolve;
pub mod schema;
mod slips;
mod source;
mod suggest;
mod syntax;
#[cfg(test)]
mod tests;
mod texts;
mod value;
mod words;

pub use day::{Day, NotADay};
pub use diagnostics::{Diagnostics, Finding, Location, Severity, excerpt};
pub use file::{Amendment, Only};
pub use load::Loaded;
pub use load_error::LoadError;
pub use model::{
    Activity, AssignmentId, Cleanup, Consortium, DayPolicy, Fee, Group, GroupKind, Guards, Library, Origin, Retention,
    Settings, Sourced, Subscription,
};
pub use plugin_words::{Grant, Isolation, PluginColumn, PluginTable};
pub use plugins::Plugin;
pub use policy::{AssignmentView, Policy, Setting};
pub use schema::{Key, Layer};
pub use suggest::nearest;
pub use words::{Holder, Renewal, Scope};
