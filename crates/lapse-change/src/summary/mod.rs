//! What a run comes to: counts that add up, so that a run may be done in parts. `notes` says what its maker may not have
//! meant, `json` writes `summary.json`.

mod json;
mod notes;
mod of_run;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use lapse_engine::guards::{self, Trip};
use lapse_engine::{Attention, LibraryTally, SourceDays, Tally};
use lapse_policy::{Day, DayPolicy, Policy};
use lapse_tables::{Faults, Gap, ReadWhole, Rows, Seen, Table};

pub use notes::Note;
pub use of_run::{OfRun, OtherRun};

/// What was read and decided in a run, or in a part of one. A patron belongs to one part, with all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Which run it is of; none for a sum without a part yet.
    pub of_run: Option<OfRun>,
    /// How many patrons there are.
    pub patrons: u64,
    /// How many rows were read and rejected, in the order of [`Table::ALL`].
    pub rows: [Rows; 4],
    /// What is odd about the data but usable.
    pub faults: Faults,
    /// The outcomes at each library that has any, by code.
    pub libraries: BTreeMap<String, LibraryTally>,
    /// Profiles, in the order of [`lapse_engine::ProfileOutcome`].
    pub profiles: [u64; 2],
    /// Memberships that the policy does not know, by the codes of library and subscription.
    pub no_policy: BTreeMap<(String, String), u64>,
    /// The newest days on which each source that a policy counts told of activity, by its name.
    pub newest: BTreeMap<String, SourceDays>,
    /// Every source of activity that the policy or a row names.
    pub sources: BTreeSet<String>,
    /// Every kind of block that an account has.
    pub block_kinds: BTreeSet<String>,
    /// What the extract leaves out. Finding it takes a look at the files ([`lapse_tables::gaps`]), so that it is none unless
    /// somebody puts it here.
    pub gaps: Vec<Gap>,
    /// Why the tables were read whole, where they were; of several parts the first that was.
    pub read_whole: Option<ReadWhole>,
}

impl Summary {
    /// What was read in a run by a policy on a day, and what was decided about it with the same codes.
    pub fn of(policy: &Policy, day: Day, seen: &Seen, tally: &Tally) -> Summary {
        let codes = &seen.codes;
        let libraries = codes.libraries.texts().zip(&tally.libraries);
        let libraries = libraries.filter(|(_, tally)| **tally != LibraryTally::default());
        let no_policy = tally.unknown.iter().map(|(&(library, subscription), &memberships)| {
            let [library, subscription] = [codes.libraries.text(library), codes.subscriptions.text(subscription)];
            ((library.to_owned(), subscription.to_owned()), memberships)
        });
        let block_kinds = codes.blocks.texts().flat_map(|cell| cell.split('|'));
        Summary {
            of_run: Some(OfRun { policy: policy.fingerprint().to_owned(), day }),
            patrons: seen.patrons as u64,
            rows: seen.rows,
            faults: seen.faults,
            libraries: libraries.map(|(code, tally)| (code.to_owned(), *tally)).collect(),
            profiles: tally.profiles,
            no_policy: no_policy.collect(),
            newest: seen.newest.by_code(codes),
            sources: codes.sources.texts().map(str::to_owned).collect(),
            block_kinds: block_kinds.filter(|kind| !kind.is_empty()).map(str::to_owned).collect(),
            gaps: Vec::new(),
            read_whole: seen.read_whole.clone(),
        }
    }

    /// The libraries of the policy, then others that the tables name, each with its counts.
    pub fn libraries<'a>(&'a self, of_day: &'a DayPolicy) -> impl Iterator<Item = (&'a str, LibraryTally)> {
        let of_policy = of_day.libraries.iter().map(|library| {
            let code = library.code.as_str();
            (code, self.libraries.get(code).copied().unwrap_or_default())
        });
        let known: BTreeSet<&str> = of_day.libraries.iter().map(|library| &*library.code).collect();
        let others = self.libraries.iter().filter(move |(code, _)| !known.contains(code.as_str()));
        of_policy.chain(others.map(|(code, tally)| (code.as_str(), *tally)))
    }

    /// All libraries together.
    pub fn total(&self) -> LibraryTally {
        let mut total = LibraryTally::default();
        for tally in self.libraries.values() {
            total += *tally;
        }
        total
    }

    /// How many rows could not be used.
    pub fn rejected(&self) -> u64 {
        self.rows.iter().map(|rows| rows.rejected).sum()
    }

    /// Memberships without policy by library and subscription, the most frequent first.
    pub fn no_policy(&self) -> Vec<(&str, &str, u64)> {
        let counts = self.no_policy.iter();
        let mut counts: Vec<_> =
            counts.map(|((library, subscription), &count)| (&**library, &**subscription, count)).collect();
        counts.sort_by_key(|&(library, subscription, count)| (Reverse(count), library, subscription));
        counts
    }

    /// What a person should look at, beside the guards.
    pub fn attention(&self) -> Vec<Attention> {
        let rejected = Table::ALL.iter().zip(self.rows).filter(|(_, rows)| rows.rejected > 0);
        let rejected =
            rejected.map(|(table, rows)| Attention::Rejected { table: table.name().to_owned(), rows: rows.rejected });
        let no_policy = self.no_policy().into_iter().map(|(library, subscription, memberships)| Attention::NoPolicy {
            library: library.to_owned(),
            subscription: subscription.to_owned(),
            memberships,
        });
        let Faults { activity_after_run, profiles_after_run } = self.faults;
        let activity = (activity_after_run > 0).then_some(Attention::ActivityAfterRun(activity_after_run));
        let profiles = (profiles_after_run > 0).then_some(Attention::ProfilesAfterRun(profiles_after_run));
        rejected.chain(no_policy).chain(activity).chain(profiles).collect()
    }

    /// Whether some input rows were rejected or some memberships have no policy (exit code 3).
    pub fn is_incomplete(&self) -> bool {
        self.rejected() > 0 || !self.no_policy.is_empty()
    }

    /// The guards that trip by the policy of the run day.
    pub fn trips(&self, of_day: &DayPolicy) -> Vec<Trip> {
        guards::judge(of_day, &self.libraries, &self.newest)
    }

    /// Adds another part of the same run: other patrons, on the same day, by the same policy. The sum stays as it is where
    /// the part is of another run.
    pub fn add_part(&mut self, other: &Summary) -> Result<(), OtherRun> {
        match (&self.of_run, &other.of_run) {
            (Some(sum), Some(part)) if sum != part => {
                return Err(OtherRun { sum: sum.clone(), part: part.clone() });
            }
            (Some(_), _) => {}
            (None, part) => self.of_run.clone_from(part),
        }
        self.patrons += other.patrons;
        for (rows, other) in self.rows.iter_mut().zip(other.rows) {
            rows.read += other.read;
            rows.rejected += other.rejected;
        }
        self.faults += other.faults;
        for (library, tally) in &other.libraries {
            *self.libraries.entry(library.clone()).or_default() += *tally;
        }
        self.profiles.iter_mut().zip(other.profiles).for_each(|(count, other)| *count += other);
        for (codes, count) in &other.no_policy {
            *self.no_policy.entry(codes.clone()).or_default() += count;
        }
        for (source, days) in &other.newest {
            *self.newest.entry(source.clone()).or_default() += days;
        }
        self.sources.extend(other.sources.iter().cloned());
        self.block_kinds.extend(other.block_kinds.iter().cloned());
        for gap in &other.gaps {
            if !self.gaps.contains(gap) {
                self.gaps.push(gap.clone());
            }
        }
        self.read_whole = self.read_whole.take().or_else(|| other.read_whole.clone());
        Ok(())
    }
}
