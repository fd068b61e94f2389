//! Loads, pins, isolates and calls plugins.
//!
//! The way of a verdict:
//! 1. `binary` reads a plugin's file once and checks its pin against the bytes that are then loaded.
//! 2. `loaded` opens them, makes sure that host and plugin speak the same version of the ABI, and makes instances.
//! 3. Unless the policy trusts it, all of that happens in a process of its own: `child` starts it from this very program and
//!    speaks to it, `serve` answers there. Facts and verdicts lie in memory that both see (`region`).
//! 4. `world` and `batch` write the facts into that memory as the structs of the ABI, with the addresses at which the
//!    plugin sees them, so that nothing is copied or converted on the way.
//! 5. `verdicts` reads what the plugin said and holds it against its grants.
//! 6. [`Host`] does this for every plugin of a policy, in their name order; [`HostRules`] is what the engine asks.
//!
//! `lapse plugin check` tries out a plugin (`conformance`, and in the process that may crash, `trial`); `lapse plugin new`
//! writes one (`template`).
//!
//! Whether a plugin runs in a process of its own or in this one, its facts are written, and its verdicts read, by the same
//! code.

mod batch;
mod binary;
mod caller;
mod child;
mod conformance;
mod host;
mod loaded;
mod named;
mod plugins;
mod protocol;
mod region;
mod rules;
mod serve;
mod spec;
mod template;
mod trial;
mod verdicts;
mod world;

pub use binary::Binary;
pub use conformance::{Report, Step, check};
pub use host::{Loading, Server};
pub use loaded::Description;
pub use plugins::{Plugins, PluginsError, PluginsOn, check_plugins};
pub use rules::HostRules;
pub use serve::serve_if_asked;
pub use spec::{About, Column, Grants, HostError, PluginSpec};
pub use template::{Language, NewPlugin};
