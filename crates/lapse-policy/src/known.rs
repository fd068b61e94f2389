//! What the files of a policy name on any day: the sources that count somewhere, and the subscriptions of a library. Whoever
//! meets another name can tell it from one that only does not hold today.

use std::collections::BTreeSet;

use crate::Day;
use crate::policy::Policy;
use crate::resolve::default;
use crate::schema::Key;
use crate::value::Value;

impl Policy {
    /// The sources that some file names for some day, those that facts name, and those that count where no file names any;
    /// sorted.
    pub fn known_sources(&self) -> BTreeSet<&str> {
        let said = self
            .assignments
            .iter()
            .filter(|assignment| matches!(assignment.target.key, Key::Sources | Key::FactSources));
        let lists = said.map(|assignment| &assignment.value).chain(default(Key::Sources));
        let texts = lists.filter_map(|value| match value {
            Value::Texts(texts) => Some(texts),
            _ => None,
        });
        texts.flatten().map(String::as_str).collect()
    }

    /// The subscriptions that a library has on some day, sorted by code; none where the policy has no such library.
    pub fn known_subscriptions(&self, library: &str) -> Option<Vec<&str>> {
        let library = self.links.libraries.iter().find(|known| known.code == library)?;
        let named = self.named(&self.library_stack(library, Day::MIN));
        Some(named.into_iter().map(|code| self.codes.name(code)).collect())
    }
}
