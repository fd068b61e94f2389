#![doc = include_str!("../README.md")]
//!
//! # The way of a policy
//!
//! Loading ([`Policy::load`], [`Policy::from_texts`]; `load` takes these steps in this order):
//! 1. `folder` or `texts` gathers the files; `names` knows which files a policy has, and `gathered` makes texts of their
//!    bytes (`source`), with the help of `encoding` where they are not UTF-8.
//! 2. `syntax` makes TOML tables of each text, and goes on past what is not TOML.
//! 3. `reader` compares every table and key with the [`schema`], has `value` read the values, and gives what the file says
//!    (`file`).
//! 4. `link` puts libraries into their groups.
//! 5. `enforce` finds what contradicts an enforced amendment.
//! 6. `effect` finds what has no effect, `slips` what looks misspelt, `alike` what looks the same,
//!    and `blocks` what the two lists of kinds of block leave open.
//! 7. `diagnostics` shows whatever these steps found.
//!
//! Asking ([`Policy`]):
//! - `resolve` tells which of all statements about a key holds on a day: [`Policy::on`] gives the values (`model`),
//!   [`Policy::trail`] every statement.
//! - [`provenance`] tells where a value comes from, as people and programs read it.
//! - `known` tells which sources and subscriptions there are on any day.
//! - `plugins` tells which plugins take part at which library ([`Policy::plugins`]).

mod alike;
mod blocks;
mod day;
mod diagnostics;
mod effect;
mod encoding;
mod enforce;
mod file;
mod folder;
mod gathered;
mod known;
mod link;
mod load;
mod load_error;
mod mistake;
mod model;
mod names;
mod numbers;
mod plugin_words;
mod plugins;
mod policy;
pub mod provenance;
mod reader;
mod resolve;
pub mod schema;
mod shown;
mod slips;
mod source;
mod suggest;
mod syntax;
#[cfg(test)]
mod tests;
mod texts;
mod value;
mod words;

pub use day::{Before1900, Day, NotADay};
pub use diagnostics::{Diagnostics, Finding, Location, Severity, excerpt};
pub use file::{Amendment, Only};
pub use load::Loaded;
pub use load_error::LoadError;
pub use mistake::Mistake;
pub use model::{
    Activity, AssignmentId, Cleanup, Consortium, DayPolicy, Fee, Group, GroupKind, Guards, Library, Origin, Retention,
    Settings, Sourced, Subscription, WholeGuards,
};
pub use names::is_policy_file;
pub use numbers::{count, months, thousands};
pub use plugin_words::{Grant, Isolation, PluginColumn, PluginTable};
pub use plugins::Plugin;
pub use policy::{AssignmentView, Policy, Setting};
pub use schema::{Key, Layer};
pub use shown::{cut, is_unseen, page_shown, shown};
pub use suggest::{is_slip, nearest};
pub use value::{as_key, file_stem, folded, is_code};
pub use words::{Holder, Renewal, Scope};
