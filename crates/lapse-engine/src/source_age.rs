//! The newest day of activity of each source, over all and for each library: what the guard `max_source_age_days`
//! looks at.

use std::collections::BTreeMap;

use lapse_policy::Day;

use crate::{Activity, Code, Codes, LibraryId, SourceId};

/// The newest day before the run of each source that some policy counts.
#[derive(Clone, Debug)]
pub struct NewestActivity {
    run: Day,
    libraries: usize,
    /// For each source, the newest day over all rows, then that at each library of the policy.
    newest: Vec<Option<Day>>,
}

impl NewestActivity {
    /// Before the first row, for a policy with these numbers of libraries and of sources that some library counts.
    pub fn new(run: Day, libraries: usize, sources: usize) -> NewestActivity {
        NewestActivity { run, libraries, newest: vec![None; sources * (libraries + 1)] }
    }

    /// Takes one row into account.
    pub fn see(&mut self, row: &Activity) {
        if row.last_active >= self.run {
            return;
        }
        let Some(first) = self.first(row.source) else { return };
        let at = row.library.map(LibraryId::index).filter(|&library| library < self.libraries);
        for place in [Some(first), at.map(|library| first + 1 + library)].into_iter().flatten() {
            self.newest[place] = self.newest[place].max(Some(row.last_active));
        }
    }

    /// Takes into account the rows that another part of the same run saw.
    pub fn add_all(&mut self, other: &NewestActivity) {
        for (newest, other) in self.newest.iter_mut().zip(&other.newest) {
            *newest = (*newest).max(*other);
        }
    }

    fn first(&self, source: SourceId) -> Option<usize> {
        let first = source.index() * (self.libraries + 1);
        (first < self.newest.len()).then_some(first)
    }

    /// The same by the codes themselves; a source without a row before the run is left out.
    pub fn by_code(&self, codes: &Codes) -> BTreeMap<String, SourceDays> {
        let sources = self.newest.chunks(self.libraries + 1).enumerate();
        let with_rows = sources.filter_map(|(source, days)| {
            let [anywhere, at @ ..] = days else { return None };
            let at = at
                .iter()
                .enumerate()
                .filter_map(|(library, day)| Some((codes.libraries.text(Code::new(library)).to_owned(), (*day)?)));
            let days = SourceDays { anywhere: Some((*anywhere)?), at: at.collect() };
            Some((codes.sources.text(Code::new(source)).to_owned(), days))
        });
        with_rows.collect()
    }
}

/// The newest days before the run on which a source told of activity. They are by code and not by number, so that those of
/// two parts of a run can be put together whatever order the codes came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceDays {
    /// Over all rows; none where no row is from before the run.
    pub anywhere: Option<Day>,
    /// Over the rows that name a library of the policy, by its code.
    pub at: BTreeMap<String, Day>,
}

impl std::ops::AddAssign<&SourceDays> for SourceDays {
    fn add_assign(&mut self, other: &SourceDays) {
        self.anywhere = self.anywhere.max(other.anywhere);
        for (library, &day) in &other.at {
            let newest = self.at.entry(library.clone()).or_insert(day);
            *newest = day.max(*newest);
        }
    }
}
