//! The table `patrons`: who there is. A row that has an id makes its patron known, whatever else is wrong with it.

use lapse_policy::Day;

use super::value::{optional_birth_date, optional_date, required};
use crate::reject::{Fault, RowFault};
use crate::source::Field;
use crate::table::{Column, Shape};

/// As in interface.md.
pub(crate) const SHAPE: Shape = Shape {
    name: "patrons",
    columns: &[
        Column::required("patron_id"),
        Column::optional("birth_date").of_days(),
        Column::optional("profile_last_active").of_days(),
        Column::optional("loan_history"),
    ],
    may_be_absent: false,
};

/// What the table says about a patron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PatronRow {
    pub held: bool,
    pub birth_date: Option<Day>,
    pub profile_last_active: Option<Day>,
    pub keeps_history: bool,
}

/// Reads a row, which cannot be used without an id. A bad value is taken as empty, holds the patron, and the first one is
/// told.
pub(crate) fn read(fields: &[Field<'_>; 4]) -> Result<(PatronRow, Option<RowFault>), RowFault> {
    let [id, birth_date, profile_last_active, loan_history] = fields;
    required(0, id)?;
    let mut fault = None;
    let mut or_empty = |value: Result<Option<Day>, RowFault>| match value {
        Ok(value) => value,
        Err(found) => {
            fault.get_or_insert(found);
            None
        }
    };
    let birth_date = or_empty(optional_birth_date(1, birth_date));
    let profile_last_active = or_empty(optional_date(2, profile_last_active));
    let keeps_history = match loan_history.as_str() {
        "" | "true" => true,
        "false" => false,
        other => {
            fault.get_or_insert_with(|| RowFault::new(3, other, Fault::NotABoolean));
            true
        }
    };
    Ok((PatronRow { held: fault.is_some(), birth_date, profile_last_active, keeps_history }, fault))
}
