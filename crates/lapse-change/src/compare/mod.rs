//! Two policies compared by what they mean, not by how their files are written: `settings` finds each value that differs and
//! the days for which it does, `plugins` finds the plugins that differ, `witness` finds made-up patrons whose outcome differs,
//! and `json` writes all of it for programs.

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
    /// The differences by library, subscription and setting; those of plugins come after the others.
    pub differences: Vec<Difference>,
    /// Whether some of the differences are of plugins. Witnesses are tried without plugins.
    pub plugins_differ: bool,
    /// Made-up patrons whose outcome differs.
    pub witnesses: Vec<Witness>,
}

/// A setting that has another value for some days.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The library; none for the consortium, whose settings also decide at libraries that the policy does not know.
    pub library: Option<String>,
    /// The subscription; none where the setting belongs to the library or the consortium.
    pub subscription: Option<String>,
    /// The setting.
    pub setting: String,
    /// Its value in the old policy.
    pub before: Value,
    /// Its value in the new policy.
    pub after: Value,
    /// The first day on which the setting differs; none where it differs since the first day of the calendar.
    pub from: Option<Day>,
    /// The last day on which the setting differs; none where it differs to the last day of the calendar.
    pub until: Option<Day>,
}

/// A value and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The value in words, which do not depend on how a file writes it.
    pub text: String,
    /// Where the value was decided; none where it is not a key of a file.
    pub by: Option<Provenance>,
}

impl Comparison {
    /// Compares two policies over all days.
    pub fn of(old: &Policy, new: &Policy) -> Result<Comparison, ChangeError> {
        let mut differences = settings::differences(old, new);
        let witnesses = witness::find(old, new, &differences)?;
        let of_plugins = plugins::differences(old, new);
        let plugins_differ = !of_plugins.is_empty();
        differences.extend(of_plugins);
        Ok(Comparison { differences, plugins_differ, witnesses })
    }

    /// Whether the policies mean the same.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }
}
