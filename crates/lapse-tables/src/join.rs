//! The join by patron: the ids of the patrons, finding the patron of a row, and the rows of each patron together.
//! Rows in the patrons' order are joined by looking one patron ahead; a hash table is made only when they are not.

use std::borrow::Cow;
use std::sync::OnceLock;

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use crate::codes::{PieceCodes, Renumberings};
use crate::csv::Broken;
use crate::input::TableFile;
use crate::reject::{Fault, RowFault};
use crate::{Table, csv};

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

    /// Reads a row that starts at byte `at`; the columns are in the table's order.
    fn read(fields: &[Cow<'_, str>; N], at: usize, codes: &mut PieceCodes<'_>) -> Result<Self, RowFault>;

    /// Gives the row's codes the numbers that everybody uses.
    fn renumber(&mut self, to: &Renumberings);
}

/// A row that cannot be used, at a byte of its file.
pub(crate) struct FaultyRow {
    pub at: usize,
    /// Where it is known.
    pub patron: Option<usize>,
    pub fault: RowFault,
}

/// What a file holds.
pub(crate) struct Read<T> {
    /// The usable rows of each piece, each with its patron.
    pub pieces: Vec<Vec<(u32, T)>>,
    /// In the order of the file.
    pub faulty: Vec<FaultyRow>,
    /// Usable or not.
    pub rows: u64,
}

/// Reads all rows of a table and finds their patrons.
pub(crate) fn read<const N: usize, T: PatronTable<N>>(
    file: &TableFile,
    patrons: &Patrons<'_>,
    codes: &mut lapse_engine::Codes,
    threads: usize,
) -> Result<Read<T>, crate::TableError> {
    let known = &*codes;
    let pieces = file.read(threads, |records, start| read_piece::<N, T>(records, start, patrons, known))?;
    let (mut rows, mut found, mut faulty, mut count) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for piece in pieces {
        rows.push(piece.rows);
        found.push(piece.codes);
        faulty.extend(piece.faulty);
        count += piece.count;
    }
    for (rows, renumberings) in rows.iter_mut().zip(Renumberings::of(&found, codes)) {
        if !renumberings.are_trivial() {
            for (_, row) in rows {
                row.renumber(&renumberings);
            }
        }
    }
    Ok(Read { pieces: rows, faulty, rows: count })
}

struct Piece<T> {
    rows: Vec<(u32, T)>,
    faulty: Vec<FaultyRow>,
    codes: lapse_engine::Codes,
    count: u64,
}

fn read_piece<const N: usize, T: PatronTable<N>>(
    mut records: csv::Records<'_>,
    start: usize,
    patrons: &Patrons<'_>,
    known: &lapse_engine::Codes,
) -> Result<Piece<T>, Broken> {
    let mut codes = PieceCodes::new(known);
    let mut cursor = Cursor { patrons, at: 0, patience: PATIENCE };
    let (mut rows, mut faulty, mut count) = (Vec::new(), Vec::new(), 0);
    let mut fields = [const { Cow::Borrowed("") }; N];
    while let Some(at) = records.next(&mut fields)? {
        let at = start + at;
        count += 1;
        let id = fields[0].as_ref();
        let Some(patron) = cursor.find(id) else {
            let fault = if id.is_empty() { Fault::Empty } else { Fault::UnknownPatron };
            faulty.push(FaultyRow { at, patron: None, fault: RowFault::new(0, id, fault) });
            continue;
        };
        match T::read(&fields, at, &mut codes) {
            Ok(row) => rows.push((u32::try_from(patron).expect("fewer than four billion patrons"), row)),
            Err(fault) => faulty.push(FaultyRow { at, patron: Some(patron), fault }),
        }
    }
    Ok(Piece { rows, faulty, codes: codes.into_new(), count })
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
