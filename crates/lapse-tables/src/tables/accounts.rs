//! The table `accounts`: what a library has open with a patron, one row for a patron and library.

use lapse_engine::Account;

use super::row::PatronTable;
use super::value::{is_amount_above_zero, is_count_above_zero, optional_date, required};
use crate::codes::{Intern, Renumberings};
use crate::reject::{Fault, RowFault};
use crate::source::{Field, RowPlace};
use crate::table::{Column, Shape, Table};

/// As in interface.md.
pub(crate) const SHAPE: Shape = Shape {
    name: "accounts",
    columns: &[
        Column::required("patron_id"),
        Column::required("library"),
        Column::optional("owed"),
        Column::optional("credit"),
        Column::optional("blocks"),
        Column::optional("items"),
        Column::optional("settled_on").of_days(),
    ],
    may_be_absent: true,
};

/// An account and where its row stands, for the case that it is a second one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountRow {
    pub account: Account,
    pub at: RowPlace,
}

impl PatronTable<7> for AccountRow {
    const TABLE: Table = Table::Accounts;

    fn read(fields: &[Field<'_>; 7], at: RowPlace, codes: &mut impl Intern) -> Result<Option<AccountRow>, RowFault> {
        let [_, library, owed, credit, blocks, items, settled_on] = fields;
        let library = required(1, library)?;
        let blocks = blocks.as_str();
        let account = Account {
            library: codes.known_library(1, library)?,
            owes: is_amount_above_zero(2, owed, Fault::OwedBelowZero)?,
            has_credit: is_amount_above_zero(3, credit, Fault::CreditBelowZero)?,
            has_items: is_count_above_zero(5, items)?,
            blocks: (!blocks.is_empty()).then(|| codes.blocks(blocks)),
            settled_on: optional_date(6, settled_on)?,
        };
        Ok(Some(AccountRow { account, at }))
    }

    fn renumber(&mut self, to: &Renumberings) {
        to.libraries.apply(&mut self.account.library);
        if let Some(blocks) = &mut self.account.blocks {
            to.blocks.apply(blocks);
        }
    }
}
