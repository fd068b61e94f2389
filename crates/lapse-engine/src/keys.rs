//! A short text as two numbers, so that it is compared and hashed at once, where a text of any length takes a call for each;
//! and a table of hashes that has them in itself. Nearly every id and every code is short enough.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;

/// A text of up to 16 bytes, or what stands for a longer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key {
    first: u64,
    last: u64,
    /// Of a text that is longer, [`Key::LONG`].
    length: u8,
}

impl Key {
    const LONG: u8 = u8::MAX;
    /// Of no text.
    const FREE: u8 = Key::LONG - 1;

    /// The key of a text: no other has the same, unless both are long and [`hash`](RandomState) to the same.
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
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.first);
        state.write_u64(self.last);
    }
}

/// Numbers by their keys. What is made of them in the end is known to whoever keeps the texts.
#[derive(Clone, Debug)]
pub struct KeyTable {
    slots: Box<[Slot]>,
}

/// A place for a number: its [`Key`]'s parts side by side, so that both take 24 bytes and not 32.
#[derive(Clone, Copy, Debug)]
struct Slot {
    first: u64,
    last: u64,
    /// Where the place is free, [`Key::FREE`].
    length: u8,
    number: u32,
}

const FREE: Slot = Slot { first: 0, last: 0, length: Key::FREE, number: 0 };

impl KeyTable {
    /// With room for so many: a third stays free, so that searches are short.
    pub fn with_room_for(count: usize) -> KeyTable {
        KeyTable { slots: vec![FREE; count + count / 2 + 1].into_boxed_slice() }
    }

    /// Whether no search would be short any more with another number.
    pub(crate) fn is_full(&self, count: usize) -> bool {
        count + count / 2 >= self.slots.len()
    }

    /// Where the search for a key with this hash starts.
    #[inline]
    pub fn start(&self, hash: u32) -> usize {
        scale(hash, self.slots.len())
    }

    /// Brings the place where a search starts near, before it is needed; gives something that depends on it.
    #[inline]
    pub fn fetch(&self, start: usize) -> u8 {
        self.slots[start].length
    }

    /// The number with `key`, or the place for it. `is_same` tells of a number with the
    /// key of a long text whether the text is the same.
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

    /// Puts a number into the place that its search found.
    pub fn fill(&mut self, place: usize, Key { first, last, length }: Key, number: u32) {
        self.slots[place] = Slot { first, last, length, number };
    }
}

/// A number below `below` for each hash, as even as they are.
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
