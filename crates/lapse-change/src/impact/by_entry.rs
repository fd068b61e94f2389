//! The key of a keep, an end or a narrowing behind a move: the first that the two policies say otherwise of at a library.

use std::collections::BTreeMap;

use lapse_policy::provenance::{Provenance, provenance};
use lapse_policy::{DayPolicy, Key, Origin};

use super::Side;
use super::decided::Decided;
use crate::entries::{EntryKey, said};

/// What a policy says of an entry at a library, by key, with where it says so.
type Keys = BTreeMap<EntryKey, (String, Origin)>;

/// What decides where an entry does, which the tables write as `keep/NAME` or `end/NAME`: the first of its keys that differs
/// between the policies at a library. None where they say the same of it.
pub(super) fn entry(sides: &[Side<'_>; 2], library: &str, word: &str) -> Option<Decided> {
    let (what, name) = word.split_once('/')?;
    let table = if what == "end" { "ends" } else { "keeps" };
    differing(sides, library, |key| key.table().as_str() == table && key.entry == name)
}

/// What decides where only the keys of some entries can.
pub(super) fn differing(sides: &[Side<'_>; 2], library: &str, is_meant: impl Fn(&EntryKey) -> bool) -> Option<Decided> {
    let [old, new] = sides.each_ref().map(|side| keys_at(side.of_day, library, &is_meant));
    // The reason says why, and changes nothing.
    let is_reason = |key: &EntryKey| matches!(key.key, Key::KeepReason | Key::EndReason);
    let value = |keys: &Keys, key: &EntryKey| keys.get(key).map_or(key.unsaid().to_owned(), |(text, _)| text.clone());
    let mut all: Vec<&EntryKey> = new.keys().chain(old.keys()).filter(|key| !is_reason(key)).collect();
    all.sort_by_key(|key| (!new.contains_key(*key), *key));
    let key = all.into_iter().find(|key| value(&old, key) != value(&new, key))?;
    let by = |side: &Side<'_>, origin| -> Provenance { provenance(side.policy, origin, key.setting()) };
    let setting = format!("{} = {}", key.path(), value(&new, key));
    Some(match (new.get(key), old.get(key)) {
        (Some((_, origin)), _) => Decided { setting, by: by(&sides[1], *origin).to_string() },
        (None, Some((_, origin))) => Decided { setting, by: format!("no longer said by {}", by(&sides[0], *origin)) },
        (None, None) => return None,
    })
}

/// What a policy says at a library of the entries that are meant; a library that it does not have is judged by the consortium.
fn keys_at(of_day: &DayPolicy, library: &str, is_meant: impl Fn(&EntryKey) -> bool) -> Keys {
    let keys = said(&of_day.settings_at(library).entries, &of_day.facts).into_iter().flat_map(|said| said.keys);
    keys.filter(|(key, _)| is_meant(key)).map(|(key, value)| (key, (value.value, value.origin))).collect()
}
