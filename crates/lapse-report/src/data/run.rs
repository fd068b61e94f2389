//! A run: the outcomes at each library, the guards that trip, and the patrons from whom it takes something away.

use lapse_engine::guards::Trip;
use lapse_engine::{LibraryTally, RecordOutcome};
use lapse_policy::Day;

use super::{Attention, Head, Library};

/// The result of `lapse run`.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// What the page says of itself.
    pub head: Head,
    /// How many patrons there are.
    pub patrons: u64,
    /// The outcomes at each library.
    pub libraries: Vec<(Library, LibraryTally)>,
    /// The profiles with each outcome, in the order of [`lapse_engine::ProfileOutcome`].
    pub profiles: [u64; 2],
    /// The guards that trip.
    pub trips: Vec<Trip>,
    /// What else a person should look at.
    pub attention: Vec<Attention>,
    /// The patrons who are held for a rejected row, and those of them without a record.
    pub held: [u64; 2],
    /// What the extract leaves out.
    pub missing: Vec<Missing>,
    /// The earlier run with which the rows were compared; none where there is none.
    pub compared: Option<Compared>,
    /// The patrons whose outcome changes something; none unless they are asked for.
    pub changes: Option<Vec<Change>>,
}

impl RunReport {
    /// The outcomes at all libraries together.
    pub fn total(&self) -> LibraryTally {
        let mut total = LibraryTally::default();
        self.libraries.iter().for_each(|(_, tally)| total += *tally);
        total
    }
}

/// Something that an extract leaves out without being wrong, though its maker may not have meant that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A table is not there.
    Table(&'static str),
    /// A file does not have a column, but one that may be meant as it.
    NearColumn {
        /// The file.
        file: String,
        /// The column that it does not have.
        column: &'static str,
        /// The one that it has.
        near: String,
    },
    /// A file does not have these columns.
    Columns {
        /// The file.
        file: String,
        /// The columns.
        columns: Vec<&'static str>,
    },
    /// A file is not read, though its name is nearly that of a table's.
    UnreadFile {
        /// The name of the file.
        name: String,
        /// The table.
        table: &'static str,
    },
}

/// The earlier run with which rows were compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Its date.
    pub date: String,
    /// Whether any table had enough rows then.
    pub any: bool,
    /// The tables that had too few.
    pub too_few: Vec<&'static str>,
    /// With fewer rows than this a table has too few.
    pub fewer_than: u64,
}

/// What a run takes away from a patron, or gives a person to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The patron's id.
    pub patron: String,
    /// The code of the library.
    pub library: String,
    /// What is taken away.
    pub what: Changed,
}

/// What a run takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A membership is deregistered.
    Deregistered {
        /// The code of the subscription.
        subscription: String,
        /// The last activity that was compared.
        last_activity: Option<Day>,
    },
    /// The record has another outcome than that it is kept.
    Record(RecordOutcome),
}
