#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! The way of a verdict:
//! 1. `from_policy` finds the file of a plugin that a policy names. `binary` reads the file once and compares its bytes, which
//!    are then loaded, with the pin.
//! 2. `library` loads them, makes sure that the host and the plugin speak the same version of the ABI, and makes instances.
//! 3. Unless the policy trusts the plugin, that happens in a process of its own: `start` starts a program that serves,
//!    `process` speaks to it, and `serve` answers there. Facts and verdicts lie in memory that both see (`region`).
//! 4. `libraries` and `batch` write the facts into that memory as the structs of the ABI, with the addresses at which the
//!    plugin sees them, so that nothing is copied or converted on the way.
//! 5. `verdicts` reads what the plugin said and compares it with its grants.
//! 6. `host` has every plugin of a policy, in the order of their names; [`HostRules`] is what the engine asks.
//!
//! `conformance` and, in the process that may crash, `try_out` are behind `lapse plugin check`; `template` is behind `lapse
//! plugin new`.
//!
//! The same code writes the facts and reads the verdicts, whether a plugin runs in a process of its own or in this one.

mod batch;
mod binary;
mod caller;
mod confine;
mod conformance;
mod description;
mod ended;
mod from_policy;
mod host;
mod judge_error;
mod libraries;
mod library;
mod library_error;
mod linked;
mod load_error;
mod loading;
mod made_up;
mod made_up_policy;
mod numbers;
mod plugins;
mod pool;
mod printed;
mod process;
mod protection;
mod protocol;
mod region;
mod rules;
mod said;
mod serve;
mod spec;
mod start;
mod start_error;
mod starter;
mod step_error;
mod template;
mod try_out;
mod verdicts;
mod writer;

pub use conformance::{CheckError, Report, Step, check};
pub use description::Description;
pub use ended::Ended;
pub use judge_error::{JudgeError, Whom};
pub use library_error::LibraryError;
pub use load_error::{LoadError, PluginError, PluginKey};
pub use loading::{Loading, Server};
pub use plugins::{Plugins, PluginsError, PluginsOn, asked_columns, check_plugins};
pub use protection::{Held, Protection};
pub use rules::HostRules;
pub use said::Said;
pub use serve::serve_if_asked;
pub use spec::{Column, Grants, PluginSpec};
pub use start_error::StartError;
pub use step_error::StepError;
pub use template::{Language, NewPlugin, NewPluginError};
pub use verdicts::Breach;

/// The example in the README of the SDK, which a copy of the SDK in a plugin's project does not have.
#[cfg(doctest)]
#[doc = include_str!("../../lapse-plugin/README.md")]
struct ReadmeOfTheSdk;
