//! Rows that cannot be used, as every real extract has a few. Most come beside a patron's good rows, so that the
//! rejection alone changes what happens to the patron.

use lapse_tables::Table;
use lapse_tables::Table::{Accounts, Activity, Memberships};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRow {
    /// The patron's `birth_date` is this text.
    BirthDate(&'static str),
    /// The patron's `loan_history` is this word.
    LoanHistory(&'static str),
    /// The patron's row comes twice.
    SecondPatron,
    /// The account of the patron and library comes twice.
    SecondAccount,
    /// The table has a further row of the patron, with this text after `patron_id,library,`.
    Further(Table, &'static str),
    /// The same for somebody who is not in `patrons`, so that the rejected row holds nobody.
    OfNobody(Table, &'static str),
}

/// One of each kind that libraries have met in their extracts.
pub const BAD_ROWS: [BadRow; 12] = [
    BadRow::BirthDate("1987-02-30"),
    BadRow::LoanHistory("ja"),
    BadRow::SecondPatron,
    BadRow::Further(Memberships, "adult,2021-13-01,,active"),
    BadRow::Further(Memberships, "adult,2021-02-01,2020-01-31,active"),
    BadRow::Further(Memberships, "adult,2021-02-01,2022-01-31,suspended"),
    BadRow::Further(Activity, "wise,31/12/2021"),
    BadRow::Further(Activity, ",2021-12-31"),
    BadRow::OfNobody(Activity, "wise,2021-12-31"),
    BadRow::Further(Accounts, "-3.50,0.00,,0,"),
    BadRow::Further(Accounts, "0.00,0.00,,two,"),
    BadRow::SecondAccount,
];
