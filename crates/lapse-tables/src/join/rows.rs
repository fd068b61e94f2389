//! Reads the rows of a table and finds the patron of each. Threads read pieces of the table side by side; what they found
//! is put together in the order of the table.

use super::by_patron::{ByPatron, Sorted};
use super::search::{Cursor, Patrons};
use crate::asked::AskedRows;
use crate::assemble;
use crate::codes::{AllCodes, Intern, PieceCodes, Renumberings};
use crate::reject::RowFault;
use crate::source::{self, Counted, RowPlace, TOGETHER, TableSource, Together};
use crate::tables::row::PatronTable;
use crate::{Progress, TableError};

/// A row that cannot be used.
pub(crate) struct FaultyRow {
    pub at: RowPlace,
    /// The index of its patron, where that is known.
    pub patron: Option<usize>,
    pub fault: RowFault,
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
}

/// Reads all rows of a table and finds their patrons. Each row has as many `fields`.
pub(crate) fn read<const N: usize, T: PatronTable<N>>(
    table: &dyn TableSource,
    fields: usize,
    patrons: &Patrons<'_>,
    codes: &mut AllCodes<'_>,
    threads: usize,
    progress: &Progress,
) -> Result<Read<T>, TableError> {
    let (known, by_policies) = (&codes.codes, codes.known());
    let pieces = source::read(T::TABLE, table, threads, progress, |records| {
        read_piece::<N, T>(records, fields, patrons, PieceCodes::new(known, by_policies))
    })?;
    let (mut rows, mut found, mut faulty, mut count, mut telling_nothing) = (Vec::new(), Vec::new(), Vec::new(), 0, 0);
    let mut asked = AskedRows::default();
    for piece in pieces {
        rows.push(piece.rows);
        found.push(piece.codes);
        faulty.extend(piece.faulty);
        count += piece.count;
        telling_nothing += piece.telling_nothing;
        asked.append(piece.asked);
    }
    let renumberings = Renumberings::of(&found, &mut codes.codes);
    let rows = ByPatron::group(threads, &rows, patrons.ids.len(), |piece, row| {
        if !renumberings[piece].are_trivial() {
            row.renumber(&renumberings[piece]);
        }
    });
    Ok(Read { rows, faulty, count, telling_nothing, asked })
}

struct Piece<T> {
    rows: Sorted<T>,
    faulty: Vec<FaultyRow>,
    codes: lapse_engine::Codes,
    count: u64,
    telling_nothing: u64,
    asked: AskedRows,
}

fn read_piece<const N: usize, T: PatronTable<N>>(
    records: &mut Counted<'_, '_>,
    fields: usize,
    patrons: &Patrons<'_>,
    mut codes: PieceCodes<'_>,
) -> Result<Piece<T>, TableError> {
    let mut cursor = Cursor::new(patrons);
    let (mut rows, mut faulty, mut telling_nothing) = (Vec::new(), Vec::new(), 0);
    let mut asked = AskedRows::default();
    let mut together = Together::new(fields);
    let mut found = [None; TOGETHER];
    while records.next(&mut together)? {
        cursor.find_all(together.ids(), &mut found);
        for ((at, fields), &patron) in together.iter().zip(&found) {
            let id = fields[0].as_str();
            let Some(patron) = patron else {
                faulty.push(FaultyRow { at, patron: None, fault: assemble::of_no_patron(id) });
                continue;
            };
            let (of_table, beyond) = fields.split_first_chunk().expect("there are as many fields as columns");
            match T::read(of_table, at, &mut codes) {
                Ok(None) => telling_nothing += 1,
                Ok(Some(row)) => {
                    rows.push((u32::try_from(patron).expect("fewer than four billion patrons"), row));
                    asked.push(at, beyond);
                }
                Err(fault) => faulty.push(FaultyRow { at, patron: Some(patron), fault }),
            }
        }
    }
    let rows = Sorted::of(rows, patrons.ids.len());
    Ok(Piece { rows, faulty, codes: codes.into_new(), count: records.count, telling_nothing, asked })
}
