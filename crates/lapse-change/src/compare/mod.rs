//! Two policies compared by what they mean, not by how their files are written: `settings` finds each value that differs and
//! the days for which it does, `plugins` finds the plugins that differ, `witness` finds made-up patrons whose outcome differs,
//! and `json` writes all of it for programs.

mod change;
mod describe;
mod filled;
mod json;
mod loosens;
mod plugins;
mod settings;
mod witness;

use lapse_policy::schema::Table;
use lapse_policy::{Day, Policy};

pub use loosens::{ThatLoosen, entries_that_loosen, loosens};
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
    /// The table and the name of the keep, end or narrowing that it belongs to, where it belongs to one.
    pub entry: Option<(Table, String)>,
    /// Its value in the old policy.
    pub before: Value,
    /// Its value in the new policy.
    pub after: Value,
    /// The first day on which the setting differs; none where it differs since the first day of the calendar.
    pub from: Option<Day>,
    /// The last day on which the setting differs; none where it differs to the last day of the calendar.
    pub until: Option<Day>,
    /// Whether the new policy may let more go by it: a narrowing, an end or a keep of which the tests do not show otherwise, a
    /// release, or a guard that trips later and the like.
    pub loosens: bool,
}

/// The same difference at several libraries or subscriptions.
pub struct Same<'a> {
    /// The first of them.
    pub first: &'a Difference,
    /// The codes of the libraries and subscriptions.
    pub places: Vec<String>,
}

impl Difference {
    /// Who wrote the values: `before` and `after`, or `both` where they have the same author.
    pub fn written_by(&self) -> Vec<(&'static str, String)> {
        let by = |value: &Value| value.by.as_ref().map(ToString::to_string);
        match (by(&self.before), by(&self.after)) {
            (Some(before), Some(after)) if before == after => vec![("both", after)],
            (before, after) => {
                before.map(|by| ("before", by)).into_iter().chain(after.map(|by| ("after", by))).collect()
            }
        }
    }

    /// The days on which the setting differs, in words.
    pub fn days(&self) -> String {
        let day = |day: Day| day.to_string();
        match (self.from.map(day), self.until.map(day)) {
            (None, None) => "on every day".to_owned(),
            (Some(from), None) => format!("from {from} on"),
            (None, Some(until)) => format!("until {until}"),
            (Some(from), Some(until)) if from == until => format!("on {from}"),
            (Some(from), Some(until)) => format!("from {from} until {until}"),
        }
    }

    /// The library, or the subscription there, in codes.
    fn place(&self) -> String {
        let library = self.library.as_deref().unwrap_or("consortium");
        self.subscription.as_ref().map_or_else(|| library.to_owned(), |code| format!("{library} {code}"))
    }

    fn says_the_same(&self, other: &Difference) -> bool {
        (&self.setting, &self.before, &self.after, self.from, self.until, self.loosens)
            == (&other.setting, &other.before, &other.after, other.from, other.until, other.loosens)
    }
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

    /// The differences, where those that are the same in several places stand together.
    pub fn gathered(&self) -> Vec<Same<'_>> {
        let mut all: Vec<Same<'_>> = Vec::new();
        for difference in &self.differences {
            let place = difference.place();
            match all.iter_mut().find(|same| same.first.says_the_same(difference)) {
                Some(same) => same.places.push(place),
                None => all.push(Same { first: difference, places: vec![place] }),
            }
        }
        all
    }

    /// Whether the policies mean the same.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }
}
