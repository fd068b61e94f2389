//! Lists of names in a sentence.

/// How many names people read in one list.
const MOST_NAMES: usize = 12;

/// Names for a sentence, of which the last are only counted where there are many.
pub fn few(names: &[String]) -> String {
    match names.split_at_checked(MOST_NAMES) {
        Some((shown, rest)) if !rest.is_empty() => format!("{} and {} more", shown.join(", "), rest.len()),
        Some(_) | None => names.join(", "),
    }
}
