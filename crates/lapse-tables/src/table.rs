//! The four tables of an extract, and what can be said of each; what it is for each of them is in the files of `tables`.

/// A table of an extract. The order here is the order of `rejects.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// One row a patron.
    Patrons,
    /// One row a membership.
    Memberships,
    /// One row a patron, library and source, or several.
    Activity,
    /// One row a patron and library.
    Accounts,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// As the header has it.
    pub name: &'static str,
    /// The column must be there, and every row must have a value in it.
    pub required: bool,
    /// Its values are days.
    pub of_days: bool,
}

impl Column {
    pub(crate) const fn required(name: &'static str) -> Column {
        Column { name, required: true, of_days: false }
    }

    pub(crate) const fn optional(name: &'static str) -> Column {
        Column { name, required: false, of_days: false }
    }

    /// The same with days for values.
    pub(crate) const fn of_days(self) -> Column {
        Column { of_days: true, ..self }
    }
}

/// What makes one table another than the others.
#[derive(Debug)]
pub struct Shape {
    /// The name of its file, without the ending.
    pub name: &'static str,
    /// The columns that it may have; `patron_id` is the first of each.
    pub columns: &'static [Column],
    /// An extract may leave it out.
    pub may_be_absent: bool,
}

impl Table {
    /// Every table.
    pub const ALL: [Table; 4] = [Table::Patrons, Table::Memberships, Table::Activity, Table::Accounts];
}
