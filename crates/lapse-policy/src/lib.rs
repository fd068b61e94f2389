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
//! 5. `release` finds whom an amendment lets go, `enforce` what contradicts an enforced amendment, and `judge` what does not
//!    fit together once all files are merged.
//! 6. `effect` finds what has no effect, `slips` what looks misspelt, `alike` what looks the same,
//!    and `blocks` what the two lists of kinds of block leave open.
//! 7. `diagnostics` shows whatever these steps found.
//!
//! Asking ([`Policy`]):
//! - `resolve` tells which of all statements about a key holds on a day: [`Policy::on`] gives the values (`model`),
//!   [`Policy::trail`] every statement. `merge` puts keeps and ends together from their keys.
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
mod entries;
mod facts;
mod file;
mod folder;
mod gathered;
mod implies;
mod judge;
mod known;
mod link;
mod load;
mod load_error;
mod merge;
mod mistake;
mod model;
mod names;
mod numbers;
mod plugin_words;
mod plugins;
mod policy;
pub mod provenance;
mod reader;
mod release;
mod resolve;
pub mod schema;
mod shown;
mod slips;
mod small_file;
mod source;
mod sourced;
mod suggest;
mod syntax;
#[cfg(test)]
mod tests;
mod texts;
mod value;
mod words;

pub use day::{Before1900, Day, ENGLISH_MONTHS, NotADay};
pub use diagnostics::{Diagnostics, Finding, Location, Severity, excerpt};
pub use entries::{
    DateTest, Entries, Entry, EntryOnly, Fact, FactSource, FactTest, Keep, MOST_FACTS, MonthDay, Narrowing, NumberTest,
    Span, Test, TestedFact,
};
pub use file::{Amendment, Only};
pub use load::Loaded;
pub use load_error::LoadError;
pub use merge::EntryKeys;
pub use mistake::Mistake;
pub use model::{
    Activity, Cleanup, Consortium, DayPolicy, Fee, Group, GroupKind, Guards, Library, Retention, Settings,
    Subscription, WholeGuards,
};
pub use names::is_policy_file;
pub use numbers::{count, months, thousands};
pub use plugin_words::{Grant, Isolation, PluginColumn, PluginTable};
pub use plugins::Plugin;
pub use policy::{AssignmentView, Policy, Setting};
pub use release::ReleaseView;
pub use schema::{Key, Layer};
pub use shown::{cut, is_unseen, page_shown, shown};
pub use small_file::{read_small_file, read_small_text};
pub use sourced::{AssignmentId, Origin, Sourced};
pub use suggest::{is_slip, nearest};
pub use value::{CONDITIONS, as_key, file_stem, folded, is_code};
pub use words::{
    BuiltInFact, EmptyCell, FactKind, FactTable, Holder, KeepOf, Narrowed, Removal, Renewal, Round, Scope,
};
