//! The join by patron: the ids of the patrons, finding the patron of a row, and the rows of each patron together.
//! Rows in the patrons' order are joined by looking one patron ahead; a hash table is made only when they are not.

use std::borrow::Cow;
use std::sync::OnceLock;

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use crate::asked::AskedRows;
use crate::codes::{PieceCodes, Renumberings};
use crate::input::TableInput;
use crate::records::{Broken, Records, RowPlace};
use crate::reject::{Fault, RowFault};
use crate::{Progress, Table};

/// How many patrons a row may skip and still count as being in the patrons' order.
const AHEAD: usize = 8;
/// How often one piece of a table may look through all patrons before the table counts as being in no order.
const PATIENCE: u32 = 3;

/// The ids of all patrons, in the order of their table.
#[derive(Default)]
pub struct Ids {
    text: String,
    ends: Vec<usize>,
}

impl Ids {
    pub(crate) fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    pub(crate) fn append(&mut self, other: &Ids) {
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    /// How many patrons there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no patron.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id of the patron at `index`.
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    /// Every id, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Whether each id is greater than the one before, so that none can stand twice.
    pub(crate) fn are_ascending(&self) -> bool {
        (1..self.len()).all(|index| self.get(index - 1) < self.get(index))
    }
}

/// Finds patrons by id.
pub(crate) struct Patrons<'a> {
    pub ids: &'a Ids,
    hashed: OnceLock<Hashed>,
}

/// The patrons by the hash of their id.
pub(crate) struct Hashed {
    hasher: DefaultHashBuilder,
    table: HashTable<u32>,
}

impl Hashed {
    /// Of all `ids`; `second` gets the index of each id that stands there for a second time.
    pub fn new(ids: &Ids, mut second: impl FnMut(usize)) -> Hashed {
        let hasher = DefaultHashBuilder::default();
        let mut table = HashTable::with_capacity(ids.len());
        let hash = |index: &u32| hasher.hash_one(ids.get(*index as usize));
        for (index, id) in ids.iter().enumerate() {
            match table.entry(hasher.hash_one(id), |&other| ids.get(other as usize) == id, hash) {
                hashbrown::hash_table::Entry::Occupied(_) => second(index),
                hashbrown::hash_table::Entry::Vacant(place) => {
                    place.insert(u32::try_from(index).expect("fewer than four billion patrons"));
                }
            }
        }
        Hashed { hasher, table }
    }

    pub fn find(&self, ids: &Ids, id: &str) -> Option<usize> {
        self.table.find(self.hasher.hash_one(id), |&index| ids.get(index as usize) == id).map(|&index| index as usize)
    }
}

impl<'a> Patrons<'a> {
    pub fn new(ids: &'a Ids, hashed: Option<Hashed>) -> Patrons<'a> {
        let cell = OnceLock::new();
        if let Some(hashed) = hashed {
            cell.get_or_init(|| hashed);
        }
        Patrons { ids, hashed: cell }
    }

    fn hashed(&self) -> &Hashed {
        self.hashed.get_or_init(|| Hashed::new(self.ids, |_| {}))
    }
}

/// Finds the patrons of rows that follow each other.
struct Cursor<'a> {
    patrons: &'a Patrons<'a>,
    /// The patron of the row before.
    at: usize,
    patience: u32,
}

impl Cursor<'_> {
    fn find(&mut self, id: &str) -> Option<usize> {
        let ids = self.patrons.ids;
        let end = ids.len().min(self.at + if self.patience > 0 { AHEAD } else { 2 });
        let found = (self.at..end).find(|&index| ids.get(index) == id).or_else(|| {
            if self.patience > 0 {
                self.patience -= 1;
                (end..ids.len()).find(|&index| ids.get(index) == id).or_else(|| self.patrons.hashed().find(ids, id))
            } else {
                self.patrons.hashed().find(ids, id)
            }
        })?;
        self.at = found;
        Some(found)
    }
}

/// A table whose rows belong to patrons: `N` columns, of which the first is `patron_id`.
pub(crate) trait PatronTable<const N: usize>: Copy + Send + Sync {
    const TABLE: Table;

    /// Reads the row at a place; the columns are in the table's order.
    fn read(fields: &[Cow<'_, str>; N], at: RowPlace, codes: &mut PieceCodes<'_>) -> Result<Self, RowFault>;

    /// Gives the row's codes the numbers that everybody uses.
    fn renumber(&mut self, to: &Renumberings);
}

/// A row that cannot be used.
pub(crate) struct FaultyRow {
    pub at: RowPlace,
    /// Where it is known.
    pub patron: Option<usize>,
    pub fault: RowFault,
}

/// What a table holds.
pub(crate) struct Read<T> {
    /// The usable rows of each piece, each with its patron.
    pub pieces: Vec<Vec<(u32, T)>>,
    /// In the order of the table.
    pub faulty: Vec<FaultyRow>,
    /// Usable or not.
    pub rows: u64,
    /// What was asked for beyond the contract.
    pub asked: AskedRows,
}

/// Reads all rows of a table and finds their patrons.
pub(crate) fn read<const N: usize, T: PatronTable<N>>(
    input: &TableInput,
    patrons: &Patrons<'_>,
    codes: &mut lapse_engine::Codes,
    threads: usize,
    progress: &Progress,
) -> Result<Read<T>, crate::TableError> {
    let known = &*codes;
    let fields = input.fields();
    let pieces = input.read(threads, progress, |records| read_piece::<N, T>(records, fields, patrons, known))?;
    let (mut rows, mut found, mut faulty, mut count) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let mut asked = AskedRows::default();
    for piece in pieces {
        rows.push(piece.rows);
        found.push(piece.codes);
        faulty.extend(piece.faulty);
        count += piece.count;
        asked.append(piece.asked);
    }
    for (rows, renumberings) in rows.iter_mut().zip(Renumberings::of(&found, codes)) {
        if !renumberings.are_trivial() {
            for (_, row) in rows {
                row.renumber(&renumberings);
            }
        }
    }
    Ok(Read { pieces: rows, faulty, rows: count, asked })
}

struct Piece<T> {
    rows: Vec<(u32, T)>,
    faulty: Vec<FaultyRow>,
    codes: lapse_engine::Codes,
    count: u64,
    asked: AskedRows,
}

fn read_piece<const N: usize, T: PatronTable<N>>(
    records: &mut Records<'_>,
    fields: usize,
    patrons: &Patrons<'_>,
    known: &lapse_engine::Codes,
) -> Result<Piece<T>, Broken> {
    let mut codes = PieceCodes::new(known);
    let mut cursor = Cursor { patrons, at: 0, patience: PATIENCE };
    let (mut rows, mut faulty) = (Vec::new(), Vec::new());
    let mut asked = AskedRows::default();
    let mut fields = vec![Cow::Borrowed(""); fields];
    while let Some(at) = records.next(&mut fields)? {
        let id = fields[0].as_ref();
        let Some(patron) = cursor.find(id) else {
            let fault = if id.is_empty() { Fault::Empty } else { Fault::UnknownPatron };
            faulty.push(FaultyRow { at, patron: None, fault: RowFault::new(0, id, fault) });
            continue;
        };
        let (of_table, beyond) = fields.split_first_chunk().expect("there are as many fields as columns");
        match T::read(of_table, at, &mut codes) {
            Ok(row) => {
                rows.push((u32::try_from(patron).expect("fewer than four billion patrons"), row));
                asked.push(at, beyond);
            }
            Err(fault) => faulty.push(FaultyRow { at, patron: Some(patron), fault }),
        }
    }
    Ok(Piece { rows, faulty, codes: codes.into_new(), count: records.count, asked })
}

/// The rows of each patron together, in the order of their file.
pub(crate) struct ByPatron<T> {
    rows: Vec<T>,
    /// Where the rows of each patron start; one more at the end.
    starts: Vec<usize>,
}

impl<T: Copy> ByPatron<T> {
    /// Groups rows by their patron, one of `patrons`.
    pub fn group(pieces: &[Vec<(u32, T)>], patrons: usize) -> ByPatron<T> {
        let all = || pieces.iter().flatten();
        let mut starts = vec![0; patrons + 1];
        all().for_each(|&(patron, _)| starts[patron as usize + 1] += 1);
        for patron in 0..patrons {
            starts[patron + 1] += starts[patron];
        }
        let in_order = all().is_sorted_by_key(|&(patron, _)| patron);
        let mut rows: Vec<T> = all().map(|&(_, row)| row).collect();
        if !in_order {
            let mut next = starts.clone();
            for &(patron, row) in all() {
                let place = &mut next[patron as usize];
                rows[*place] = row;
                *place += 1;
            }
        }
        ByPatron { rows, starts }
    }

    /// No rows for any of `patrons`.
    pub fn none(patrons: usize) -> ByPatron<T> {
        ByPatron { rows: Vec::new(), starts: vec![0; patrons + 1] }
    }

    pub fn of(&self, patron: usize) -> &[T] {
        &self.rows[self.starts[patron]..self.starts[patron + 1]]
    }

    /// The place of the first row of a patron among all.
    pub fn first(&self, patron: usize) -> usize {
        self.starts[patron]
    }

    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    pub fn patrons(&self) -> usize {
        self.starts.len() - 1
    }

    /// The same with each row made into something else, or left out.
    pub fn filter_map<U: Copy>(&self, mut make: impl FnMut(usize, &T) -> Option<U>) -> ByPatron<U> {
        let mut rows = Vec::with_capacity(self.rows.len());
        let mut starts = Vec::with_capacity(self.starts.len());
        for patron in 0..self.patrons() {
            starts.push(rows.len());
            rows.extend(self.of(patron).iter().filter_map(|row| make(patron, row)));
        }
        starts.push(rows.len());
        ByPatron { rows, starts }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{hash_set, vec};
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    fn ids(texts: &[&str]) -> Ids {
        let mut ids = Ids::default();
        for text in texts {
            ids.push(text);
        }
        ids
    }

    fn cursor<'a>(patrons: &'a Patrons<'a>) -> Cursor<'a> {
        Cursor { patrons, at: 0, patience: PATIENCE }
    }

    #[test]
    fn ids_are_kept_apart_though_their_text_stands_together() {
        let mut all = ids(&["a", "", "bc"]);
        all.append(&ids(&["b", "é"]));
        assert_eq!(all.iter().collect::<Vec<_>>(), ["a", "", "bc", "b", "é"]);
        assert_eq!((all.len(), all.get(1), all.get(4)), (5, "", "é"));
    }

    #[test]
    fn ids_ascend_only_where_none_can_stand_twice() {
        assert!(ids(&[]).are_ascending());
        assert!(ids(&["a", "ab", "b"]).are_ascending());
        assert!(!ids(&["a", "a"]).are_ascending());
        assert!(!ids(&["b", "a"]).are_ascending());
        assert!(!ids(&["P9", "P10"]).are_ascending());
    }

    #[test]
    fn every_id_after_its_first_time_is_a_second_one() {
        let mut second = Vec::new();
        let all = ids(&["a", "b", "a", "c", "a", "c"]);
        let hashed = Hashed::new(&all, |index| second.push(index));
        assert_eq!(second, [2, 4, 5]);
        assert_eq!(["a", "b", "c", "d"].map(|id| hashed.find(&all, id)), [Some(0), Some(1), Some(3), None]);
    }

    #[test]
    fn rows_in_the_patrons_order_need_no_table_of_hashes() {
        let texts: Vec<String> = (0..100).map(|number| format!("P{number}")).collect();
        let all = ids(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let patrons = Patrons::new(&all, None);
        let mut cursor = cursor(&patrons);
        for (index, id) in texts.iter().enumerate().filter(|(index, _)| index % 7 != 3) {
            assert_eq!([cursor.find(id), cursor.find(id)], [Some(index); 2]);
        }
        assert!(patrons.hashed.get().is_none());
    }

    #[test]
    fn a_row_of_nobody_does_not_lose_the_place() {
        let all = ids(&["a", "b", "c"]);
        let patrons = Patrons::new(&all, None);
        let mut cursor = cursor(&patrons);
        let found = ["b", "x", "b", "", "c", "y", "z", "c", "a"].map(|id| cursor.find(id));
        assert_eq!(found, [Some(1), None, Some(1), None, Some(2), None, None, Some(2), Some(0)]);
    }

    #[test]
    fn nobody_is_found_where_there_are_no_patrons() {
        let all = ids(&[]);
        let patrons = Patrons::new(&all, None);
        assert_eq!(cursor(&patrons).find("a"), None);
    }

    #[test]
    fn rows_of_a_patron_stand_together_in_the_order_of_the_file() {
        let pieces = [vec![(2, 'a'), (0, 'b')], vec![], vec![(2, 'c'), (0, 'd'), (2, 'e')]];
        let grouped = ByPatron::group(&pieces, 4);
        assert_eq!(
            (0..4).map(|patron| grouped.of(patron)).collect::<Vec<_>>(),
            [&['b', 'd'][..], &[], &['a', 'c', 'e'], &[]]
        );
        let kept = grouped.filter_map(|patron, &row| (row != 'c').then_some((patron, row)));
        assert_eq!([kept.of(0), kept.of(2)], [&[(0, 'b'), (0, 'd')], &[(2, 'a'), (2, 'e')]]);
        assert_eq!((kept.of(1), kept.of(3), kept.patrons()), (&[][..], &[][..], 4));
    }

    #[test]
    fn no_rows_are_no_rows_for_each_patron() {
        let none = ByPatron::<char>::none(2);
        assert_eq!((none.patrons(), none.of(0), none.of(1), none.rows()), (2, &[][..], &[][..], &[][..]));
    }

    proptest! {
        #[test]
        fn each_row_finds_its_patron_whatever_the_order(
            known in hash_set("[ab]{0,4}", 1..40), rows in vec(any::<Index>(), 0..80), strangers in vec("[abc]{0,4}", 0..20),
            sorted in any::<bool>(),
        ) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let all = ids(&known);
            let patrons = Patrons::new(&all, None);
            let mut cursor = cursor(&patrons);
            let mut rows: Vec<usize> = rows.iter().map(|row| row.index(known.len())).collect();
            if sorted {
                rows.sort_unstable();
            }
            let of_strangers = strangers.iter().map(String::as_str).map(Some).chain(std::iter::repeat(None));
            for (&row, stranger) in rows.iter().zip(of_strangers) {
                prop_assert_eq!(cursor.find(known[row]), Some(row));
                if let Some(id) = stranger {
                    prop_assert_eq!(cursor.find(id), known.iter().position(|&other| other == id));
                }
            }
        }
    }
}
