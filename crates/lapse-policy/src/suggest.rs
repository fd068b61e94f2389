//! The nearest name to a misspelt one.

/// The name that a person who wrote `word` most likely meant, if one is near enough: at most a third of its letters
/// differ, counting two swapped letters once, and never all of them.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.trim().to_lowercase().chars().map(|c| if c == '-' { '_' } else { c }).collect();
    names
        .map(|name| {
            let lower = name.to_lowercase().replace('-', "_");
            let longest = lower.chars().count().max(word.chars().count());
            let limit = (longest / 3).max(1).min(longest.saturating_sub(1));
            (strsim::damerau_levenshtein(&word, &lower), limit, name)
        })
        .filter(|(distance, limit, _)| distance <= limit)
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, name)| name)
}

/// Whether two names differ by one slip at the most: by case, white space, one letter more, less or other, or two letters
/// swapped.
pub fn is_slip(name: &str, other: &str) -> bool {
    let plain = |name: &str| name.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_lowercase();
    strsim::osa_distance(&plain(name), &plain(other)) <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["lapse_months", "term_months", "fee"];

    #[test]
    fn a_slip_finds_its_name() {
        for word in ["lapse_month", "lapse-months", "LAPSE_MONTHS", "lapes_months"] {
            assert_eq!(nearest(word, NAMES.into_iter()), Some("lapse_months"), "{word}");
        }
        assert_eq!(nearest("fe", NAMES.into_iter()), Some("fee"));
    }

    #[test]
    fn one_slip_is_one_letter_or_two_swapped_whatever_the_case_and_white_space() {
        for name in ["owde", "Owed ", "OWED", "owedd", "oed", "0wed", "o wed"] {
            assert!(is_slip(name, "owed"), "{name}");
        }
        for name in ["owes_it", "wode", "note", "debt"] {
            assert!(!is_slip(name, "owed"), "{name}");
        }
    }

    #[test]
    fn another_word_finds_none() {
        for word in ["colour", "x", ""] {
            assert_eq!(nearest(word, NAMES.into_iter()), None, "{word}");
        }
        assert_eq!(nearest("b", ["a"].into_iter()), None, "a code of one letter is near no other");
    }
}
