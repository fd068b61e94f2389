//! A hash table for texts, most of which are short: nearly every id and every code has at most 16 bytes. Such a text is
//! packed into two numbers, its [`Key`]. Comparing and hashing two numbers takes a few instructions, where a text of
//! any length takes a function call, and the table holds the keys themselves, so that a search reads no other memory.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;

/// A text of up to 16 bytes packed into two numbers, or the hash and the length of a longer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key {
    first: u64,
    last: u64,
    /// The number of bytes, or [`Key::LONG`] for a text of more than 16.
    length: u8,
}

impl Key {
    const LONG: u8 = u8::MAX;
    /// The length in a slot of the table that holds no key.
    const FREE: u8 = Key::LONG - 1;

    /// The key of a text. Two different texts have the same key only where both are longer than 16 bytes, equally long,
    /// and hash to the same number.
    #[inline]
    pub fn of(text: &str, hasher: &RandomState) -> Key {
        Key::of_short(text).unwrap_or_else(|| Key {
            first: hasher.hash_one(text),
            last: text.len() as u64,
            length: Key::LONG,
        })
    }

    #[inline]
    fn of_short(text: &str) -> Option<Key> {
        let bytes = text.as_bytes();
        // The first bytes and the last ones overlap and cover the text, so that with the length they determine it.
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
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.first);
        state.write_u64(self.last);
    }
}

/// Finds the number that belongs to a key. The table does not hold the texts: its owner keeps them, and says what a
/// number stands for.
#[derive(Clone, Debug)]
pub struct KeyTable {
    slots: Box<[Slot]>,
}

/// A place for a number. The parts of its [`Key`] stand side by side with it, so that a slot takes 24 bytes and not 32.
#[derive(Clone, Copy, Debug)]
struct Slot {
    first: u64,
    last: u64,
    /// As in [`Key`], or [`Key::FREE`] where the slot is free.
    length: u8,
    number: u32,
}

const FREE: Slot = Slot { first: 0, last: 0, length: Key::FREE, number: 0 };

impl KeyTable {
    /// An empty table for `count` keys. A third of its slots will stay free, so that searches are short.
    pub fn with_room_for(count: usize) -> KeyTable {
        KeyTable { slots: vec![FREE; count + count / 2 + 1].into_boxed_slice() }
    }

    /// Whether a table that holds `count` keys needs more room, so that searches stay short.
    pub(crate) fn is_full(&self, count: usize) -> bool {
        count + count / 2 >= self.slots.len()
    }

    /// The slot at which the search for a key with this hash starts.
    #[inline]
    pub fn start(&self, hash: u32) -> usize {
        scale(hash, self.slots.len())
    }

    /// Loads the slot at which a search starts into the processor's cache ahead of the search. The result depends on
    /// the slot, so that a caller who uses it keeps the compiler from leaving the load out.
    #[inline]
    pub fn fetch(&self, start: usize) -> u8 {
        self.slots[start].length
    }

    /// The number that belongs to `key`, or as the error the free slot for it. Long texts can share a key, so for a
    /// number with the key of a long text `is_same` tells whether its text is the one that is looked for.
    #[inline]
    pub fn search(&self, start: usize, key: Key, is_same: impl Fn(u32) -> bool) -> Result<u32, usize> {
        let mut at = start;
        loop {
            let Slot { first, last, length, number } = self.slots[at];
            if length == Key::FREE {
                return Err(at);
            }
            if (Key { first, last, length }) == key && (length != Key::LONG || is_same(number)) {
                return Ok(number);
            }
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
    }

    /// Puts a number into the free slot that the search for its key found.
    pub fn fill(&mut self, place: usize, Key { first, last, length }: Key, number: u32) {
        self.slots[place] = Slot { first, last, length, number };
    }
}

/// Maps a hash to a number below `below`, spread as evenly as the hashes are.
#[inline]
pub fn scale(hash: u32, below: usize) -> usize {
    ((u64::from(hash) * below as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_of_other_lengths_differ_though_their_bytes_are_the_same() {
        let keys: Vec<Key> = (0..=16).map(|length| Key::of_short(&"a".repeat(length)).unwrap()).collect();
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|other| other == key), Some(index));
        }
        assert_eq!(Key::of_short(&"a".repeat(17)), None);
    }

    #[test]
    fn long_texts_are_told_apart_by_themselves() {
        let mut table = KeyTable { slots: Box::new([FREE; 2]) };
        let key = Key { first: 7, last: 20, length: Key::LONG };
        table.fill(0, key, 4);
        assert_eq!([true, false].map(|same| table.search(0, key, |_| same)), [Ok(4), Err(1)]);
    }

    #[test]
    fn a_search_goes_on_at_the_start() {
        let key = |first| Key { first, last: 0, length: 1 };
        let mut table = KeyTable { slots: Box::new([FREE; 3]) };
        table.fill(0, key(1), 5);
        table.fill(2, key(2), 6);
        assert_eq!([1, 3].map(|first| table.search(2, key(first), |_| false)), [Ok(5), Err(1)]);
    }

    proptest! {
        #[test]
        fn short_texts_have_the_same_key_only_if_they_are_the_same(one in "[abé]{0,9}", other in "[abé]{0,9}") {
            if let (Some(key), Some(of_other)) = (Key::of_short(&one), Key::of_short(&other)) {
                prop_assert_eq!(key == of_other, one == other);
            }
        }

        #[test]
        fn a_byte_that_differs_makes_another_key(text in "[ -~]{1,16}", at in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
            let mut other = text.clone().into_bytes();
            other[at.index(text.len())] = byte;
            let other = String::from_utf8(other).unwrap();
            prop_assert_eq!(Key::of_short(&text) == Key::of_short(&other), text == other);
        }
    }
}
