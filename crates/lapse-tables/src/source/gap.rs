//! What an extract leaves out without being wrong: a table or a column that may be absent, and the file or column that may
//! have been meant by it.

use lapse_policy::nearest;

use crate::Table;
use crate::table::Column;

/// Something that decisions look at and the extract does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A table.
    Table(Table),
    /// A column.
    Column {
        /// The file whose header does not have it.
        file: String,
        /// Which.
        column: &'static str,
        /// What the header has that may have been meant as it.
        near: Option<String>,
    },
    /// A file that is not read, though its name is nearly that of a table's.
    File {
        /// Its name.
        name: String,
        /// The table.
        table: Table,
    },
}

/// The name in a header that is nearly that of a column and not one that the table knows.
pub(super) fn near<'n>(column: &Column, table: Table, names: &'n [impl AsRef<str>]) -> Option<&'n str> {
    let others = names.iter().map(AsRef::as_ref).filter(|name| table.columns().iter().all(|known| known.name != *name));
    nearest(column.name, others)
}
