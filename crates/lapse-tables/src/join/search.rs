//! Finds the patron of a row. While the rows of a table come in the order of the patrons, the next patron is found by
//! looking ahead from the one before. Only when they come in another order are they looked up in a table of hashes. That is
//! done for many rows at once, so that the processor fetches the memory for all of them at the same time.

use std::cmp::Ordering;
use std::hash::BuildHasher;
use std::hint::black_box;
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use lapse_engine::keys::{Key, KeyTable, scale};

use super::ids::Ids;
use crate::parallel::map;
use crate::source::TOGETHER;

/// Where ids do not ascend, a row that skips fewer patrons than this still counts as being in their order.
const AHEAD: usize = 8;
/// After this many rows that are out of the patrons' order, a piece counts as being in no order.
const PATIENCE: u32 = 3;

/// Finds patrons by id.
pub(crate) struct Patrons<'a> {
    pub ids: &'a Ids,
    threads: usize,
    ascending: bool,
    hashed: OnceLock<Hashed>,
}

impl<'a> Patrons<'a> {
    /// Makes ready to find patrons with these ids. `hashed` is their table of hashes, where it was made before.
    pub fn new(ids: &'a Ids, hashed: Option<Hashed>, threads: usize) -> Patrons<'a> {
        let ascending = hashed.is_none() && ids.are_ascending();
        let cell = OnceLock::new();
        if let Some(hashed) = hashed {
            cell.get_or_init(|| hashed);
        }
        Patrons { ids, threads, ascending, hashed: cell }
    }

    fn by_hash(&self) -> &Hashed {
        self.hashed.get_or_init(|| Hashed::new(self.ids, self.threads).0)
    }
}

/// The table of hashes of the ids. It has a part for each thread that fills it; the hash of an id says in which part it is.
pub(crate) struct Hashed {
    hasher: RandomState,
    parts: Vec<KeyTable>,
}

/// The place in the table of hashes at which the search for an id begins.
#[derive(Clone, Copy)]
struct Start {
    key: Key,
    part: usize,
    place: usize,
}

impl Hashed {
    /// Makes the table of all `ids`. With it come the indexes of the ids that are equal to an earlier one, in their order.
    pub fn new(ids: &Ids, threads: usize) -> (Hashed, Vec<usize>) {
        let hasher = RandomState::default();
        let threads = threads.max(1);
        let parts: Vec<usize> = (0..threads).collect();
        let (parts, second): (Vec<_>, Vec<_>) =
            map(threads, &parts, |&part| Hashed::part(ids, &hasher, part, threads)).into_iter().unzip();
        let mut second = second.concat();
        second.sort_unstable();
        (Hashed { hasher, parts }, second)
    }

    /// Makes the part of the table with this number, out of `parts`. With it come the indexes of the ids that are equal to
    /// an earlier one.
    fn part(ids: &Ids, hasher: &RandomState, part: usize, parts: usize) -> (KeyTable, Vec<usize>) {
        let of_part = || {
            let keys = ids.iter().map(|id| Key::of(id, hasher)).enumerate();
            keys.map(|(index, key)| (index, key, share(hasher, key, parts))).filter(|&(_, _, share)| share.0 == part)
        };
        let mut table = KeyTable::with_room_for(of_part().count());
        let mut second = Vec::new();
        for (index, key, (_, rest)) in of_part() {
            match table.search(table.start(rest), key, |other| ids.get(other as usize) == ids.get(index)) {
                Ok(_) => second.push(index),
                Err(place) => {
                    table.fill(place, key, u32::try_from(index).expect("fewer than four billion patrons"));
                }
            }
        }
        (table, second)
    }

    pub fn find(&self, ids: &Ids, id: &str) -> Option<usize> {
        self.find_from(ids, id, self.start(id))
    }

    /// Finds many patrons. Before any search goes on, the memory that each of them needs first is fetched.
    fn find_all<'r>(&self, ids: &Ids, wanted: impl Iterator<Item = &'r str> + Clone, found: &mut [Option<usize>]) {
        let starts = wanted.clone().map(|id| self.start(id));
        let mut started = [None; TOGETHER];
        let mut fetched = 0;
        for (start, started) in starts.zip(&mut started) {
            fetched ^= self.parts[start.part].fetch(start.place);
            *started = Some(start);
        }
        black_box(fetched);
        for ((id, start), found) in wanted.zip(started.into_iter().flatten()).zip(found) {
            *found = self.find_from(ids, id, start);
        }
    }

    #[inline]
    fn start(&self, id: &str) -> Start {
        let key = Key::of(id, &self.hasher);
        let (part, rest) = share(&self.hasher, key, self.parts.len());
        Start { key, part, place: self.parts[part].start(rest) }
    }

    #[inline]
    fn find_from(&self, ids: &Ids, id: &str, Start { key, part, place }: Start) -> Option<usize> {
        let found = self.parts[part].search(place, key, |other| ids.get(other as usize) == id);
        found.ok().map(|patron| patron as usize)
    }
}

/// Says which of `parts` a key belongs to, and gives the bits of its hash that say where in there.
#[inline]
fn share(hasher: &RandomState, key: Key, parts: usize) -> (usize, u32) {
    let hash = hasher.hash_one(key);
    #[expect(clippy::cast_possible_truncation, reason = "both halves of the hash are wanted")]
    let (high, low) = ((hash >> 32) as u32, hash as u32);
    (scale(high, parts), low)
}

/// Finds the patrons of rows that follow each other.
pub(super) struct Cursor<'a> {
    patrons: &'a Patrons<'a>,
    /// The index of the patron of the row before.
    at: usize,
    patience: u32,
}

impl<'a> Cursor<'a> {
    pub fn new(patrons: &'a Patrons<'a>) -> Cursor<'a> {
        Cursor { patrons, at: 0, patience: PATIENCE }
    }

    /// Finds the patrons of up to [`TOGETHER`] rows.
    pub fn find_all<'r>(&mut self, wanted: impl Iterator<Item = &'r str> + Clone, found: &mut [Option<usize>]) {
        if self.patience == 0 {
            self.patrons.by_hash().find_all(self.patrons.ids, wanted, found);
            return;
        }
        for (id, found) in wanted.zip(found) {
            *found = self.find(id);
        }
    }

    fn find(&mut self, id: &str) -> Option<usize> {
        let found = if self.patience == 0 {
            self.patrons.by_hash().find(self.patrons.ids, id)
        } else if self.patrons.ascending {
            self.find_ascending(id)
        } else {
            self.find_ahead(id)
        }?;
        self.at = found;
        Some(found)
    }

    /// Looks ahead in steps that grow until it comes to an id that is not less than `id`, and searches between the last two
    /// that it looked at. Where `id` is less than that of the present patron, it searches among the patrons before.
    fn find_ascending(&mut self, id: &str) -> Option<usize> {
        let ids = self.patrons.ids;
        if self.at == ids.len() {
            return None;
        }
        let within = match ids.get(self.at).cmp(id) {
            Ordering::Equal => return Some(self.at),
            Ordering::Less => {
                let (mut start, mut end, mut step) = (self.at + 1, self.at + 1, 1);
                while end < ids.len() && ids.get(end) < id {
                    start = end + 1;
                    end += step;
                    step *= 2;
                }
                start..ids.len().min(end + 1)
            }
            Ordering::Greater => {
                self.patience -= 1;
                0..self.at
            }
        };
        let (mut start, mut end) = (within.start, within.end);
        while start < end {
            let middle = start.midpoint(end);
            match ids.get(middle).cmp(id) {
                Ordering::Equal => return Some(middle),
                Ordering::Less => start = middle + 1,
                Ordering::Greater => end = middle,
            }
        }
        None
    }

    fn find_ahead(&mut self, id: &str) -> Option<usize> {
        let ids = self.patrons.ids;
        let mut ahead = self.at..ids.len().min(self.at + AHEAD);
        ahead.find(|&index| ids.get(index) == id).or_else(|| {
            self.patience -= 1;
            self.patrons.by_hash().find(ids, id)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{hash_set, vec};
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::super::ids::ids;
    use super::*;

    fn patrons(ids: &Ids) -> Patrons<'_> {
        Patrons::new(ids, None, 2)
    }

    /// Looks for each id by itself, then for all together, which must find the same.
    fn find(patrons: &Patrons<'_>, wanted: &[&str]) -> Vec<Option<usize>> {
        let mut cursor = Cursor::new(patrons);
        let found: Vec<Option<usize>> = wanted.iter().map(|id| cursor.find(id)).collect();
        let mut cursor = Cursor::new(patrons);
        for (wanted, found) in wanted.chunks(TOGETHER).zip(found.chunks(TOGETHER)) {
            let mut together = [None; TOGETHER];
            cursor.find_all(wanted.iter().copied(), &mut together);
            assert_eq!(&together[..wanted.len()], found);
        }
        found
    }

    #[test]
    fn every_id_after_its_first_time_is_a_second_one() {
        for threads in [0, 1, 2, 5] {
            let long = "a long one, which has no key of its own";
            let all = ids(&["a", "b", "a", "c", "a", long, "c", long]);
            let (hashed, second) = Hashed::new(&all, threads);
            assert_eq!(second, [2, 4, 6, 7]);
            let found = ["a", "b", "c", "d", "", long, "another long one"].map(|id| hashed.find(&all, id));
            assert_eq!(found, [Some(0), Some(1), Some(3), None, None, Some(5), None]);
        }
    }

    #[test]
    fn rows_in_the_patrons_order_need_no_table_of_hashes() {
        let texts: Vec<String> = (100..300).map(|number| format!("P{number}")).collect();
        let all = ids(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let patrons = patrons(&all);
        let mut wanted = Vec::new();
        // The rows skip patrons, some belong to no patron, and the first is that of a patron in the middle.
        for (index, id) in texts.iter().enumerate().skip(50).filter(|(index, _)| index % 7 < 3 && index % 50 < 20) {
            wanted.extend([(&**id, Some(index)), (id, Some(index)), ("P150x", None)]);
        }
        wanted.sort_unstable();
        let (wanted, expected): (Vec<&str>, Vec<Option<usize>>) = wanted.into_iter().unzip();
        assert_eq!(find(&patrons, &wanted), expected);
        assert!(patrons.hashed.get().is_none());
    }

    #[test]
    fn a_row_of_nobody_does_not_lose_the_place() {
        for all in [ids(&["a", "b", "c"]), ids(&["b", "a", "c"])] {
            let place = |id| all.iter().position(|other| other == id);
            let wanted = ["b", "x", "b", "", "c", "y", "z", "c", "a"];
            assert_eq!(find(&patrons(&all), &wanted), wanted.map(place));
        }
    }

    #[test]
    fn nobody_is_found_where_there_are_no_patrons() {
        assert_eq!(find(&patrons(&ids(&[])), &["a", "b", "a", "c", "d"]), [None; 5]);
    }

    proptest! {
        #[test]
        fn each_row_finds_its_patron_whatever_the_order(
            known in hash_set("[ab]{1,4}|[ab]{15,18}", 1..40), rows in vec(any::<Index>(), 0..80),
            others in vec("[abc]{0,4}", 0..20), sorted in any::<bool>(), ascending in any::<bool>(),
        ) {
            let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
            if ascending {
                known.sort_unstable();
            }
            let all = ids(&known);
            let mut rows: Vec<usize> = rows.iter().map(|row| row.index(known.len())).collect();
            if sorted {
                rows.sort_unstable();
            }
            let of_others = others.iter().map(String::as_str).map(Some).chain(std::iter::repeat(None));
            let wanted: Vec<&str> =
                rows.iter().zip(of_others).flat_map(|(&row, other)| [Some(known[row]), other]).flatten().collect();
            let expected: Vec<Option<usize>> =
                wanted.iter().map(|id| known.iter().position(|other| other == id)).collect();
            prop_assert_eq!(find(&patrons(&all), &wanted), expected);
        }
    }
}
