//! Rows that cannot be used, as every real extract has a few. Most come beside a patron's good rows, so that nothing but
//! the rejection changes what the patron shows.

use lapse_tables::Table;
use lapse_tables::Table::{Accounts, Activity, Memberships};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRow {
    /// The patron's day of birth is this.
    BirthDate(&'static str),
    /// Whether the patron keeps loan history is said by this word.
    LoanHistory(&'static str),
    /// The patron's row comes twice.
    SecondPatron,
    /// The account of the patron and library comes twice.
    SecondAccount,
    /// A further row of the table, with this after `patron_id,library,`.
    Further(Table, &'static str),
    /// The same, of a patron that `patrons` does not have; it holds nobody.
    OfNobody(Table, &'static str),
}

/// One of each kind that people have seen.
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
