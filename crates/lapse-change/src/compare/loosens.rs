//! Which changes of a setting let more go than before, or let more go unnoticed: fewer columns without which no record is removed,
//! more kinds of block that do not hold, and a guard that trips later (policy.md, "Facts, keeps, ends").

use std::collections::BTreeSet;

use lapse_policy::Key;
use lapse_policy::schema::Table;

/// Whether a setting lets more go with the value `after` than with `before`. A list is written as in a file, or as words with
/// spaces between them.
pub fn loosens(key: Key, before: &str, after: &str) -> bool {
    let list = |text: &str| {
        let words = text.split([' ', ',', '[', ']', '"']).filter(|word| !word.is_empty() && *word != "none");
        words.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let drops = |before: &str, after: &str| !list(before).is_subset(&list(after));
    match key {
        Key::AccountsNeeded => drops(before, after),
        Key::BlocksIgnored | Key::RestingSources => drops(after, before),
        key if key.spec().table == Table::Guards => {
            let number = |text: &str| text.parse::<u32>().ok();
            number(before).zip(number(after)).is_some_and(|(before, after)| after > before)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_that_trips_later_a_column_less_and_a_block_more_loosen() {
        for (key, before, after, expected) in [
            (Key::MaxRemovedPercent, "10", "50", true),
            (Key::MaxRemovedPercent, "10", "5", false),
            (Key::MaxNewestDateDays, "35", "9", false),
            (Key::RestingSources, "legacy", "legacy wise", true),
            (Key::RestingSources, "legacy", "none", false),
            (Key::AccountsNeeded, "blocks credit items owed", "owed", true),
            (Key::AccountsNeeded, "owed", "none", true),
            (Key::AccountsNeeded, "none", "owed", false),
            (Key::AccountsNeeded, "[\"owed\", \"credit\"]", "[ \"credit\" ]", true),
            (Key::BlocksIgnored, "internet", "general internet", true),
            (Key::BlocksIgnored, "internet", "none", false),
            (Key::EndedMonths, "24", "12", false),
        ] {
            assert_eq!(loosens(key, before, after), expected, "{key:?} {before} {after}");
        }
    }
}
