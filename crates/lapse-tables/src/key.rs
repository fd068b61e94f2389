//! A short text as two numbers, so that it is compared and hashed at once, where a text of any length takes a call for each.
//! Nearly every id and every code is short enough.

use std::hash::{Hash, Hasher};

/// A text of up to 16 bytes, or what stands for a longer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Key {
    pub first: u64,
    pub last: u64,
    /// Of a text that is longer, [`Key::LONG`].
    pub length: u8,
}

impl Key {
    const LONG: u8 = u8::MAX;
    /// Of the empty text.
    pub const EMPTY: Key = Key { first: 0, last: 0, length: 0 };

    /// The key of a text that is short enough: no other text has the same.
    #[inline]
    pub fn of(text: &str) -> Option<Key> {
        let bytes = text.as_bytes();
        // The first bytes and the last ones overlap; with the length they tell all.
        let (first, last) = match bytes.len() {
            0 => (0, 0),
            length @ 1..4 => (bytes[0].into(), u64::from(bytes[length / 2]) << 8 | u64::from(bytes[length - 1])),
            4..8 => (u32::from_le_bytes(*bytes.first_chunk()?).into(), u32::from_le_bytes(*bytes.last_chunk()?).into()),
            8..=16 => (u64::from_le_bytes(*bytes.first_chunk()?), u64::from_le_bytes(*bytes.last_chunk()?)),
            _ => return None,
        };
        #[expect(clippy::cast_possible_truncation, reason = "at most 16")]
        let length = bytes.len() as u8;
        Some(Key { first, last, length })
    }

    /// What stands for a text of any length, by its hash if it is long: others may have the same.
    #[inline]
    pub fn or_hash(text: &str, hash: impl FnOnce(&str) -> u64) -> Key {
        Key::of(text).unwrap_or_else(|| Key { first: hash(text), last: text.len() as u64, length: Key::LONG })
    }

    /// Whether no other text can have the same.
    pub fn is_exact(self) -> bool {
        self.length != Key::LONG
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.first);
        state.write_u64(self.last);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_of_other_lengths_differ_though_their_bytes_are_the_same() {
        let keys: Vec<Key> = (0..=16).map(|length| Key::of(&"a".repeat(length)).unwrap()).collect();
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|other| other == key), Some(index));
        }
        assert_eq!(keys[0], Key::EMPTY);
        assert_eq!(Key::of(&"a".repeat(17)), None);
    }

    proptest! {
        #[test]
        fn short_texts_have_the_same_key_only_if_they_are_the_same(one in "[abé]{0,9}", other in "[abé]{0,9}") {
            if let (Some(key), Some(of_other)) = (Key::of(&one), Key::of(&other)) {
                prop_assert_eq!(key == of_other, one == other);
            }
        }

        #[test]
        fn a_byte_that_differs_makes_another_key(text in "[ -~]{1,16}", at in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
            let mut other = text.clone().into_bytes();
            other[at.index(text.len())] = byte;
            let other = String::from_utf8(other).unwrap();
            prop_assert_eq!(Key::of(&text) == Key::of(&other), text == other);
        }
    }
}
