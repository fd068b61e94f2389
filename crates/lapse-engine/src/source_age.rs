//! The newest day of activity of each source, over all and for each library: what the guard `max_source_age_days`
//! looks at.

use lapse_policy::Day;

use crate::{Activity, LibraryId, SourceId};

/// The newest day before the run of each source that some policy counts.
#[derive(Clone, Debug)]
pub struct NewestActivity {
    run: Day,
    libraries: usize,
    /// For each source: over all rows, then at each library of the policy.
    newest: Vec<Option<Day>>,
}

impl NewestActivity {
    /// None yet; the policy has so many libraries and counts so many sources.
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

    /// Takes into account what another part of the same run saw.
    pub fn add_all(&mut self, other: &NewestActivity) {
        for (newest, other) in self.newest.iter_mut().zip(&other.newest) {
            *newest = (*newest).max(*other);
        }
    }

    fn first(&self, source: SourceId) -> Option<usize> {
        let first = source.index() * (self.libraries + 1);
        (first < self.newest.len()).then_some(first)
    }

    /// The newest day of `source` before the run, anywhere; none where there is no such row.
    pub fn anywhere(&self, source: SourceId) -> Option<Day> {
        self.newest[self.first(source)?]
    }

    /// The same at one library of the policy.
    pub fn at(&self, source: SourceId, library: LibraryId) -> Option<Day> {
        self.newest[self.first(source)? + 1 + library.index()]
    }
}
