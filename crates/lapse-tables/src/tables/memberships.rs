//! The table `memberships`: each patron's own instances of subscriptions, with dates.

use lapse_engine::{Membership, Status};

use crate::codes::{PieceCodes, Renumberings};
use crate::join::PatronTable;
use crate::records::{Field, RowPlace};
use crate::reject::{Fault, RowFault};
use crate::table::{Column, Table};
use crate::value::{date, optional_date, required};

/// As in interface.md.
pub(crate) const COLUMNS: [Column; 6] = [
    Column::required("patron_id"),
    Column::required("library"),
    Column::required("subscription"),
    Column::required("valid_from").of_days(),
    Column::optional("valid_until").of_days(),
    Column::optional("status"),
];

impl PatronTable<6> for Membership {
    const TABLE: Table = Table::Memberships;

    fn read(fields: &[Field<'_>; 6], _: RowPlace, codes: &mut PieceCodes<'_>) -> Result<Membership, RowFault> {
        let [_, library, subscription, valid_from, valid_until, status] = fields;
        let library = required(1, library)?;
        let subscription = required(2, subscription)?;
        let valid_from = date(3, valid_from)?;
        let until = optional_date(4, valid_until)?;
        if until.is_some_and(|until| until < valid_from) {
            return Err(RowFault::new(4, &valid_until.clone().into_text(), Fault::EndsBeforeItStarts));
        }
        Ok(Membership {
            library: codes.libraries.intern(library),
            subscription: codes.subscriptions.intern(subscription),
            valid_from,
            valid_until: until,
            status: read_status(5, status.as_str())?,
        })
    }

    fn renumber(&mut self, to: &Renumberings) {
        to.libraries.apply(&mut self.library);
        to.subscriptions.apply(&mut self.subscription);
    }
}

fn read_status(column: usize, value: &str) -> Result<Status, RowFault> {
    if value.is_empty() {
        return Ok(Status::Active);
    }
    Status::ALL
        .into_iter()
        .find(|status| status.as_str() == value)
        .ok_or_else(|| RowFault::new(column, value, Fault::NotAStatus))
}
