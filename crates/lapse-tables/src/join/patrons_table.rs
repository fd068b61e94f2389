//! The table `patrons` as it is read, piece by piece: ids, rows and facts, each with its place.

use lapse_engine::Codes;

use super::ids::Ids;
use super::rows::{FaultyRow, Note};
use crate::asked::AskedRows;
use crate::codes::{PieceCodes, Renumberings};
use crate::fact_fields::{Asked, FactFields, FactRows};
use crate::source::{Counted, RowPlace, Together};
use crate::tables::patrons::{self, PatronRow};
use crate::{Table, TableError};

/// The table `patrons`, or a piece of it.
#[derive(Default)]
pub(super) struct PatronsPiece {
    pub ids: Ids,
    pub rows: Vec<PatronRow>,
    /// Where each row stands.
    pub places: Vec<RowPlace>,
    pub faulty: Vec<FaultyRow>,
    pub count: u64,
    pub asked: AskedRows,
    pub facts: FactRows,
}

impl PatronsPiece {
    /// Reads a piece, with the codes that it is the first to name.
    pub fn read(
        records: &mut Counted<'_, '_>,
        fields: usize,
        asked: &Asked,
        mut codes: PieceCodes<'_>,
        note: Note<'_>,
    ) -> Result<(PatronsPiece, Codes), TableError> {
        let mut piece = PatronsPiece::default();
        let (texts, facts) = (asked.texts_of(Table::Patrons), asked.facts(Table::Patrons));
        let mut values = Vec::new();
        let mut together = Together::new(fields);
        while records.next(&mut together)? {
            for (at, fields) in together.iter() {
                let (of_table, beyond) = fields.split_first_chunk().expect("there are as many fields as columns");
                let (mut row, mut fault) = match patrons::read(of_table) {
                    Ok(read) => read,
                    Err(fault) => {
                        FaultyRow { at, patron: None, fault }.keep(&mut piece.faulty, note)?;
                        continue;
                    }
                };
                values.clear();
                if let Err(found) = facts.read(fields, &mut codes, &mut values) {
                    row.held = true;
                    fault.get_or_insert(found);
                }
                piece.asked.push(at, &beyond[..texts]);
                piece.facts.push(at, &values);
                piece.ids.push(fields[0].as_str());
                piece.rows.push(row);
                piece.places.push(at);
                // The row itself says that its patron is held; where it stands among all patrons is not known yet.
                if let Some(fault) = fault {
                    FaultyRow { at, patron: None, fault }.keep(&mut piece.faulty, note)?;
                }
            }
        }
        piece.count = records.count;
        Ok((piece, codes.into_new()))
    }

    /// Puts all pieces together, in their order.
    pub fn of(pieces: Vec<(PatronsPiece, Codes)>, facts: &FactFields, renumberings: &[Renumberings]) -> PatronsPiece {
        let ids = Ids::of(pieces.iter().map(|(piece, _)| &piece.ids));
        let mut all = PatronsPiece { ids, ..PatronsPiece::default() };
        all.rows.reserve_exact(all.ids.len());
        all.places.reserve_exact(all.ids.len());
        for ((piece, _), to) in pieces.into_iter().zip(renumberings) {
            all.rows.extend(piece.rows);
            all.places.extend(piece.places);
            all.faulty.extend(piece.faulty);
            all.count += piece.count;
            all.asked.append(piece.asked);
            all.facts.append(piece.facts, facts, to);
        }
        all
    }
}

/// The patrons without those at the indexes `left_out`, which ascend.
pub(super) fn without(
    ids: &Ids,
    rows: &[PatronRow],
    places: &[RowPlace],
    left_out: &[usize],
) -> (Ids, Vec<PatronRow>, Vec<RowPlace>) {
    let mut kept = (Ids::default(), Vec::new(), Vec::new());
    for index in (0..ids.len()).filter(|index| left_out.binary_search(index).is_err()) {
        kept.0.push(ids.get(index));
        kept.1.push(rows[index]);
        kept.2.push(places[index]);
    }
    kept
}
