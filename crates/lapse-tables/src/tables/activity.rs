//! The table `activity`: when a patron last did something, by library and source.

use lapse_engine::Activity;

use super::row::PatronTable;
use super::value::{date, looks_empty, required};
use crate::codes::{Intern, Renumberings};
use crate::reject::RowFault;
use crate::source::{Field, RowPlace};
use crate::table::{Column, Shape, Table};

/// As in interface.md.
pub(crate) const SHAPE: Shape = Shape {
    name: "activity",
    columns: &[
        Column::required("patron_id"),
        Column::optional("library"),
        Column::required("source"),
        Column::required("last_active").of_days(),
    ],
    may_be_absent: true,
};

impl PatronTable<4> for Activity {
    const TABLE: Table = Table::Activity;

    /// A date that looks like an empty one is no activity.
    fn read(fields: &[Field<'_>; 4], _: RowPlace, codes: &mut impl Intern) -> Result<Option<Activity>, RowFault> {
        let [_, library, source, last_active] = fields;
        let library = match library.as_str() {
            "" => None,
            library => Some(codes.known_library(1, library)?),
        };
        let source = codes.known_source(2, required(2, source)?)?;
        let last_active = date(3, last_active)?;
        Ok((!looks_empty(last_active)).then_some(Activity { library, source, last_active }))
    }

    fn renumber(&mut self, to: &Renumberings) {
        if let Some(library) = &mut self.library {
            to.libraries.apply(library);
        }
        to.sources.apply(&mut self.source);
    }
}
