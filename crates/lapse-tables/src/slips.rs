//! What is left of an id or a code without the slips that spreadsheets and people make in it (domain.md, "Rows that belong to
//! nobody" and "Codes").

use std::collections::HashSet;

use foldhash::fast::RandomState;
use lapse_policy::is_unseen;

/// What is left of some ids without their slips: another id nearly is one of them where the same is left of it.
pub(crate) struct LeftOfIds {
    left: HashSet<String, RandomState>,
    /// The last bytes of what is left, which tell most other ids apart from all of them at once.
    ends: [bool; 256],
}

impl LeftOfIds {
    /// What is left of each id, from [`id_without_slips`].
    pub fn new(left: impl IntoIterator<Item = String>) -> LeftOfIds {
        let left: HashSet<String, RandomState> = left.into_iter().collect();
        let mut ends = [false; 256];
        for end in left.iter().filter_map(|left| left.bytes().last()) {
            ends[usize::from(end)] = true;
        }
        LeftOfIds { left, ends }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.left.len()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.left.iter().map(String::as_str)
    }

    /// What is left of an id that nearly is one of these.
    pub fn near(&self, id: &str) -> Option<String> {
        if end_without_slips(id).is_some_and(|end| !self.ends[usize::from(end)]) {
            return None;
        }
        id_without_slips(id).filter(|left| self.left.contains(left))
    }
}

/// What is left of an id without what cannot be seen around it, without capitals and leading zeros; none where nothing is.
pub(crate) fn id_without_slips(id: &str) -> Option<String> {
    let left = id.trim_matches(is_slip).trim_start_matches(|letter| letter == '0' || is_slip(letter));
    (!left.is_empty()).then(|| without_capitals(left))
}

/// A code without what cannot be seen around it, and without capitals.
pub(crate) fn code_without_slips(code: &str) -> String {
    without_capitals(code.trim_matches(is_slip))
}

/// The last byte of what is left of an id that ends with something seen that is ASCII; none of another.
#[inline]
fn end_without_slips(id: &str) -> Option<u8> {
    id.bytes().last().filter(u8::is_ascii_graphic).map(|end| end.to_ascii_lowercase())
}

/// Letters that people take for the same: a final sigma is a sigma, and the sign of Kelvin a k.
fn without_capitals(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).flat_map(|letter| capital(letter).to_lowercase()).collect()
}

/// The capital of a letter, where that is one letter as well.
fn capital(letter: char) -> char {
    let mut capital = letter.to_uppercase();
    capital.next().filter(|_| capital.next().is_none()).unwrap_or(letter)
}

/// White space, and what cannot be seen, such as the byte order mark that is left where files are joined.
fn is_slip(letter: char) -> bool {
    letter.is_whitespace() || is_unseen(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_capitals_and_leading_zeros_are_slips() {
        for (id, left) in [
            ("00123", Some("123")),
            ("00124 ", Some("124")),
            ("\u{a0}P1", Some("p1")),
            ("Élise", Some("élise")),
            ("000", None),
            ("  ", None),
            ("", None),
            ("1 2", Some("1 2")),
            ("0 5", Some("5")),
            (" 00 5", Some("5")),
            ("\u{feff}123", Some("123")),
            ("123\u{2069}", Some("123")),
            ("a1\0", Some("a1")),
            ("\u{200b}a1\u{1c}", Some("a1")),
            ("ΑΣ1", Some("ασ1")),
            ("ας1", Some("ασ1")),
        ] {
            assert_eq!(id_without_slips(id).as_deref(), left, "{id:?}");
            if let (Some(end), Some(left)) = (end_without_slips(id), left) {
                assert_eq!(end, *left.as_bytes().last().unwrap(), "{id:?}");
            }
        }
        assert_eq!(code_without_slips("\u{feff}Peer\u{a0}"), "peer");
        assert_eq!(code_without_slips("0 Peer"), "0 peer", "a zero is part of a code");
    }
}
