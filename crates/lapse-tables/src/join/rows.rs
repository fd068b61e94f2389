//! Reads the rows of a table and finds the patron of each. Threads read pieces of the table side by side; what they found
//! is put together in the order of the table.

use std::path::Path;
use std::sync::Arc;

use super::by_patron::{ByPatron, Sorted};
use super::search::{Cursor, Patrons};
use crate::asked::AskedRows;
use crate::assemble;
use crate::codes::{AllCodes, Intern, PieceCodes, Renumberings};
use crate::fact_fields::{Asked, FactRows};
use crate::reject::RowFault;
use crate::room::{First, Room};
use crate::source::{self, Counted, RowPlace, TOGETHER, TableSource, Together};
use crate::tables::row::PatronTable;
use crate::{Progress, Table, TableError};

/// A row that cannot be used.
pub(crate) struct FaultyRow {
    pub at: RowPlace,
    /// The index of its patron, where that is known.
    pub patron: Option<usize>,
    pub fault: RowFault,
}

/// Notes a row before it is kept; an error where there is no room for it.
pub(crate) type Note<'a> = &'a (dyn Fn(&FaultyRow) -> Result<(), TableError> + Sync);

impl FaultyRow {
    /// Keeps the row among others, once it is noted.
    pub fn keep(self, among: &mut Vec<FaultyRow>, note: Note<'_>) -> Result<(), TableError> {
        note(&self)?;
        among.push(self);
        Ok(())
    }

    /// Notes the row, which is of a table with these parts in a folder; `asked` are the columns beyond those of the table.
    pub fn note(
        &self,
        room: &Room,
        table: Table,
        asked: &Asked,
        parts: &[Arc<str>],
        folder: &Path,
    ) -> Result<(), TableError> {
        let at = (self.at.part as usize, u64::from(self.at.line));
        let first = || First {
            at,
            file: parts[at.0].to_string(),
            column: asked.column(table, self.fault.column),
            problem: self.fault.fault.problem(),
        };
        let has_room = room.note(table, at, self.fault.value.len(), first);
        if has_room { Ok(()) } else { Err(room.full(table, folder, |(_, line)| line)) }
    }
}

/// What was read of a table.
pub(crate) struct Read<T> {
    /// The rows that can be used.
    pub rows: ByPatron<T>,
    /// The rows that cannot be used, in the order of the table.
    pub faulty: Vec<FaultyRow>,
    /// The number of rows, whether they can be used or not.
    pub count: u64,
    /// How many of them can be read and tell nothing.
    pub telling_nothing: u64,
    /// What was asked for beyond the contract.
    pub asked: AskedRows,
    /// The facts of the rows that can be used.
    pub facts: FactRows,
}

/// Reads all rows of a table, with what is asked of them, and finds their patrons. Each row has as many `fields`, and is noted
/// where it cannot be used.
pub(crate) fn read<const N: usize, T: PatronTable<N>>(
    (table, fields): (&dyn TableSource, usize),
    of_asked: &Asked,
    patrons: &Patrons<'_>,
    codes: &mut AllCodes<'_>,
    threads: usize,
    progress: &Progress,
    note: Note<'_>,
) -> Result<Read<T>, TableError> {
    let (known, by_policies) = (&codes.codes, codes.known());
    let pieces = source::read(T::TABLE, table, threads, progress, |records| {
        read_piece::<N, T>(records, fields, of_asked, patrons, PieceCodes::new(known, by_policies), note)
    })?;
    let (mut rows, mut found, mut faulty, mut count, mut telling_nothing) = (Vec::new(), Vec::new(), Vec::new(), 0, 0);
    let (mut asked, mut facts) = (AskedRows::default(), Vec::new());
    for piece in pieces {
        rows.push(piece.rows);
        found.push(piece.codes);
        faulty.extend(piece.faulty);
        count += piece.count;
        telling_nothing += piece.telling_nothing;
        asked.append(piece.asked);
        facts.push(piece.facts);
    }
    let renumberings = Renumberings::of(&found, &mut codes.codes);
    let rows = ByPatron::group(threads, &rows, patrons.ids.len(), |piece, row| {
        if !renumberings[piece].are_trivial() {
            row.renumber(&renumberings[piece]);
        }
    });
    let mut all_facts = FactRows::default();
    for (of_piece, to) in facts.into_iter().zip(&renumberings) {
        all_facts.append(of_piece, of_asked.facts(T::TABLE), to);
    }
    Ok(Read { rows, faulty, count, telling_nothing, asked, facts: all_facts })
}

struct Piece<T> {
    rows: Sorted<T>,
    faulty: Vec<FaultyRow>,
    codes: lapse_engine::Codes,
    count: u64,
    telling_nothing: u64,
    asked: AskedRows,
    facts: FactRows,
}

fn read_piece<const N: usize, T: PatronTable<N>>(
    records: &mut Counted<'_, '_>,
    fields: usize,
    of_asked: &Asked,
    patrons: &Patrons<'_>,
    mut codes: PieceCodes<'_>,
    note: Note<'_>,
) -> Result<Piece<T>, TableError> {
    let mut cursor = Cursor::new(patrons);
    let (mut rows, mut faulty, mut telling_nothing) = (Vec::new(), Vec::new(), 0);
    let (mut asked, mut facts, mut values) = (AskedRows::default(), FactRows::default(), Vec::new());
    let (texts, of_facts) = (of_asked.texts_of(T::TABLE), of_asked.facts(T::TABLE));
    let mut together = Together::new(fields);
    let mut found = [None; TOGETHER];
    while records.next(&mut together)? {
        cursor.find_all(together.ids(), &mut found);
        for ((at, fields), &patron) in together.iter().zip(&found) {
            let id = fields[0].as_str();
            let Some(patron) = patron else {
                FaultyRow { at, patron: None, fault: assemble::of_no_patron(id) }.keep(&mut faulty, note)?;
                continue;
            };
            let (of_table, beyond) = fields.split_first_chunk().expect("there are as many fields as columns");
            values.clear();
            let read = T::read(of_table, at, &mut codes).and_then(|row| {
                if !of_facts.is_empty() {
                    of_facts.read(fields, &mut codes, &mut values)?;
                }
                Ok(row)
            });
            match read {
                Ok(None) => telling_nothing += 1,
                Ok(Some(row)) => {
                    rows.push((u32::try_from(patron).expect("fewer than four billion patrons"), row));
                    asked.push(at, &beyond[..texts]);
                    facts.push(at, &values);
                }
                Err(fault) => FaultyRow { at, patron: Some(patron), fault }.keep(&mut faulty, note)?,
            }
        }
    }
    let rows = Sorted::of(rows, patrons.ids.len());
    Ok(Piece { rows, faulty, codes: codes.into_new(), count: records.count, telling_nothing, asked, facts })
}
