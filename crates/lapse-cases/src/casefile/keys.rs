//! The keys of a case file, in the order in which it is laid out.

use lapse_tables::Table;

/// What a case file may say at its top, in the order in which it is laid out.
pub const FILE_KEYS: [&str; 3] = ["library", "date", "case"];

/// What a case may say, in that order.
pub fn case_keys() -> impl Iterator<Item = &'static str> + Clone {
    let rows = [Table::Memberships, Table::Activity, Table::Accounts].map(Table::name);
    ["name", "library", "date"].into_iter().chain(columns(Table::Patrons)).chain(rows).chain(["bad_input", "expect"])
}

/// What a row of a table may say, in that order: its columns but for the patron, who is the case.
pub fn columns(table: Table) -> impl Iterator<Item = &'static str> + Clone {
    table.columns()[1..].iter().map(|column| column.name)
}
