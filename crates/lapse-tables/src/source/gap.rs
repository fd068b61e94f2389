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

/// The name in a header that is nearly that of a column, and neither one that the table knows nor one that is `ignored`.
pub(super) fn near<'n>(
    column: &Column,
    table: Table,
    names: &'n [impl AsRef<str>],
    ignored: &[String],
) -> Option<&'n str> {
    let is_known = |name: &str| table.columns().iter().any(|known| known.name == name);
    let is_ignored = |name: &str| ignored.iter().any(|ignored| ignored == name);
    nearest(column.name, names.iter().map(AsRef::as_ref).filter(|name| !is_known(name) && !is_ignored(name)))
}
