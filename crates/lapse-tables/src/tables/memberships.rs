//! The table `memberships`: each patron's own instances of subscriptions, with dates.

use lapse_engine::{Membership, Status};

use super::row::PatronTable;
use super::value::{date, optional_date, required};
use crate::codes::{Intern, Renumberings};
use crate::reject::{Fault, RowFault};
use crate::source::{Field, RowPlace};
use crate::table::{Column, Shape, Table};

/// As in interface.md.
pub(crate) const SHAPE: Shape = Shape {
    name: "memberships",
    columns: &[
        Column::required("patron_id"),
        Column::required("library"),
        Column::required("subscription"),
        Column::required("valid_from").of_days(),
        Column::optional("valid_until").of_days(),
        Column::optional("status"),
    ],
    may_be_absent: false,
};

impl PatronTable<6> for Membership {
    const TABLE: Table = Table::Memberships;

    fn read(fields: &[Field<'_>; 6], _: RowPlace, codes: &mut impl Intern) -> Result<Option<Membership>, RowFault> {
        let [_, library, subscription, valid_from, valid_until, status] = fields;
        let library = codes.known_library(1, required(1, library)?)?;
        let subscription = codes.known_subscription(2, library, required(2, subscription)?)?;
        let valid_from = date(3, valid_from)?;
        let until = optional_date(4, valid_until)?;
        let status = read_status(5, status.as_str())?;
        // The columns come first, each by itself, and then what two of them say together.
        if until.is_some_and(|until| until < valid_from) {
            return Err(RowFault::new(4, &valid_until.clone().into_text(), Fault::EndsBeforeItStarts));
        }
        Ok(Some(Membership { library, subscription, valid_from, valid_until: until, status }))
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

/// A membership and where its row stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedMembership {
    pub membership: Membership,
    pub at: RowPlace,
}

impl PatronTable<6> for PlacedMembership {
    const TABLE: Table = Table::Memberships;

    fn read(
        fields: &[Field<'_>; 6],
        at: RowPlace,
        codes: &mut impl Intern,
    ) -> Result<Option<PlacedMembership>, RowFault> {
        let membership = Membership::read(fields, at, codes)?;
        Ok(membership.map(|membership| PlacedMembership { membership, at }))
    }

    fn renumber(&mut self, to: &Renumberings) {
        self.membership.renumber(to);
    }
}

#[cfg(test)]
mod tests {
    use lapse_policy::Day;

    use super::*;
    use crate::Known;
    use crate::codes::AllCodes;

    #[test]
    fn dates_that_contradict_each_other_were_told_before_a_status_that_there_is_not() {
        let known = Known::of(Day::MAX, []);
        let read = |status: &'static str| {
            let fields = ["p1", "l0", "y", "2020-01-01", "2019-01-01", status].map(|text| Field::Text(text.into()));
            let fault =
                Membership::read(&fields, RowPlace { part: 0, line: 2 }, &mut AllCodes::new(&known)).unwrap_err();
            (fault.column, fault.fault.clone())
        };
        assert_eq!(read("Active"), (5, Fault::NotAStatus));
        assert_eq!(read("active"), (4, Fault::EndsBeforeItStarts));
    }
}
