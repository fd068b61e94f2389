//! Why a plugin did not judge a batch, with the plugin and the patrons. The sentence of each error stands here.

use std::fmt;

use crate::ended::Ended;
use crate::load_error::LoadError;
use crate::said::Said;
use crate::verdicts::Breach;

/// A plugin that did not judge a batch as it should.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// A further instance, for calls in parallel, could not be made.
    #[error("the plugin {plugin}: {why}")]
    NoInstance {
        /// The name that the policy gives the plugin.
        plugin: String,
        /// What is wrong.
        why: LoadError,
    },
    /// The facts about the patrons do not fit into the memory that is shared with a plugin.
    #[error("the plugin {plugin} cannot judge {whom}, whose facts are too large to hand over")]
    TooLarge {
        /// The name that the policy gives the plugin.
        plugin: String,
        /// Whom it was asked about.
        whom: Whom,
    },
    /// The plugin's process ended or had to be ended.
    #[error("the plugin {plugin} {ended} on {whom}; tell its author, or take it out of the policy")]
    Ended {
        /// The name that the policy gives the plugin.
        plugin: String,
        /// What the process did.
        ended: Ended,
        /// Whom it was asked about.
        whom: Whom,
    },
    /// The plugin says itself that it cannot judge them.
    #[error("the plugin {plugin} failed on {whom}: {text}; tell its author, or take it out of the policy")]
    Failed {
        /// The name that the policy gives the plugin.
        plugin: String,
        /// The plugin's own sentence.
        text: Said,
        /// Whom it was asked about.
        whom: Whom,
    },
    /// The plugin did something that it must not do.
    #[error("the plugin {plugin} {breach} (on {whom}); correct the policy, or tell its author")]
    NotAllowed {
        /// The name that the policy gives the plugin.
        plugin: String,
        /// What it did.
        breach: Breach,
        /// Whom it was asked about.
        whom: Whom,
    },
}

/// The patrons whom a plugin was asked about, by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Nobody: the batch has no patrons.
    Nobody,
    /// One patron.
    Patron(String),
    /// Every patron from the first to the last.
    Patrons {
        /// The first.
        first: String,
        /// The last.
        last: String,
    },
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Whom::Nobody => write!(f, "a batch without patrons"),
            Whom::Patron(id) => write!(f, "patron {id}"),
            Whom::Patrons { first, last } => write!(f, "the batch from patron {first} to patron {last}"),
        }
    }
}
