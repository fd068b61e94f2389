//! Two policies compared by what they mean, not by what they say: `revision` brings them from folders or from Git,
//! `settings` finds each value that differs and the days for which it does, `plugins` who else has a say, `witness` finds
//! made-up patrons who come out otherwise, `text` and `json` show it.

mod change;
mod describe;
mod json;
mod plugins;
mod settings;
mod witness;

use lapse_policy::{Day, Policy};

pub use settings::value_of;

use crate::ChangeError;
use lapse_policy::provenance::Provenance;
use witness::Witness;

/// What differs between two policies.
pub struct Comparison {
    /// By library, subscription and setting; those of plugins after the others.
    pub differences: Vec<Difference>,
    /// Whether there are any of plugins, whom no witness is tried on.
    pub plugins_differ: bool,
    /// Patrons who come out otherwise.
    pub witnesses: Vec<Witness>,
}

/// A setting that has another value for some days.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The library; none for the consortium, whose settings judge libraries without policy.
    pub library: Option<String>,
    /// Of which subscription.
    pub subscription: Option<String>,
    /// The setting.
    pub setting: String,
    /// Its value in the old policy.
    pub before: Value,
    /// Its value in the new policy.
    pub after: Value,
    /// The first day for which it differs; none where it always did.
    pub from: Option<Day>,
    /// The last day for which it differs; none where it does from then on.
    pub until: Option<Day>,
}

/// A value and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// In words, whatever way the file writes it.
    pub text: String,
    /// Where it was decided; none of what is no key of a file.
    pub by: Option<Provenance>,
}

impl Comparison {
    /// Compares two policies.
    pub fn of(old: &Policy, new: &Policy) -> Result<Comparison, ChangeError> {
        let mut differences = settings::differences(old, new);
        let witnesses = witness::find(old, new, &differences)?;
        let of_plugins = plugins::differences(old, new);
        let plugins_differ = !of_plugins.is_empty();
        differences.extend(of_plugins);
        Ok(Comparison { differences, plugins_differ, witnesses })
    }

    /// The policies mean the same.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }
}
