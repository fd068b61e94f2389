//! How rows become a patron: what holds whether the tables are sorted or not, each rule stated once. The walk over sorted
//! tables and the join of all others both call these.

use std::collections::HashSet;
use std::sync::Arc;

use lapse_engine::{Account, Activity, Facts, LibraryId, Membership, Patron, Told};

use crate::fact_fields::Asked;
use crate::reject::{Fault, FaultyValue, RowFault};
use crate::source::RowPlace;
use crate::tables::patrons::PatronRow;
use crate::{Reject, Table};

/// Rejects the row at a place of a table that comes in these `parts`. Its patron, where it is known, is held.
#[cold]
pub(crate) fn reject(
    table: Table,
    asked: &Asked,
    parts: &[Arc<str>],
    at: RowPlace,
    fault: RowFault,
    patron: Option<&mut PatronRow>,
) -> Reject {
    if let Some(patron) = patron {
        patron.held = true;
    }
    let of_nobody = fault.is_of_nobody();
    let FaultyValue { column, value, fault } = fault.take();
    Reject {
        table,
        file: parts[at.part as usize].clone(),
        line: at.line.into(),
        column: asked.column(table, column),
        of_nobody,
        value,
        problem: fault.problem(),
        near: fault.near().cloned(),
    }
}

/// A row whose patron is not known: it has no id, or one that the table `patrons` does not have.
pub(crate) fn of_no_patron(id: &str) -> RowFault {
    RowFault::new(0, id, if id.is_empty() { Fault::Empty } else { Fault::UnknownPatron })
}

/// A second row in `patrons` with the id of an earlier one, which stands. Nothing else that may be wrong with the second
/// matters, because it is not used.
pub(crate) fn second_patron(id: &str) -> RowFault {
    RowFault::new(0, id, Fault::SecondPatron)
}

/// A second account of a patron at a library, of which the first one stands.
pub(crate) fn second_account(library: &str) -> RowFault {
    RowFault::new(1, library, Fault::SecondAccount)
}

/// The libraries at which the patron at hand has accounts so far.
#[derive(Default)]
pub(crate) struct AccountLibraries {
    few: Vec<LibraryId>,
    /// In place of the list, once it is long.
    many: HashSet<LibraryId>,
}

/// A list of more libraries than this is slower than a table of hashes.
const FEW: usize = 16;

impl AccountLibraries {
    /// The rows to come are those of another patron.
    pub fn clear(&mut self) {
        self.few.clear();
        self.many.clear();
    }

    /// Whether this is the patron's first account at a library, of those that were told since the last [`Self::clear`].
    pub fn is_first(&mut self, library: LibraryId) -> bool {
        if self.few.contains(&library) || self.many.contains(&library) {
            return false;
        }
        if self.few.len() < FEW {
            self.few.push(library);
        } else {
            self.many.insert(library);
        }
        true
    }
}

/// A patron, of what the extract tells about anybody, the row in `patrons` and the usable rows of the other tables, each in the order of its table.
#[inline]
pub(crate) fn patron<'a>(
    told: Told,
    row: &PatronRow,
    memberships: &'a [Membership],
    activity: &'a [Activity],
    accounts: &'a [Account],
    facts: Facts<'a>,
) -> Patron<'a> {
    let PatronRow { held, birth_date, profile_last_active, keeps_history } = *row;
    Patron { held, told, birth_date, profile_last_active, keeps_history, memberships, activity, accounts, facts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_first_once_however_many_there_are() {
        let mut libraries = AccountLibraries::default();
        for _ in 0..2 {
            libraries.clear();
            assert!((0..100).all(|library| libraries.is_first(LibraryId::new(library))));
            assert!((0..100).all(|library| !libraries.is_first(LibraryId::new(library))));
        }
    }
}
