//! What a run comes to: counts that add up, so that a run may be done in parts. `notes` says what its maker may not have
//! meant, `concerns` what needs attention in sentences, `json` writes `summary.json`.

mod attention;
mod before;
mod codes;
mod concerns;
mod facts;
mod json;
mod notes;
mod of_run;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use lapse_engine::guards::{self, Consent, Findings, Resting, TableRows, Trip};
use lapse_engine::{Attention, LibraryTally, Oddities, SourceDays, Tally, Told};
use lapse_policy::{Day, DayPolicy, Policy};
use lapse_tables::{Faults, Gap, ReadWhole, Rows, RunError, Seen, Source, Table};

pub use before::{Before, BeforeError, Compared};
pub use codes::CodeRows;
pub use concerns::{Concern, Rejects};
pub use facts::UnknownFacts;
pub use notes::{Note, notes};
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
    /// How many of the rejected rows belong to nobody, in the order of [`Table::ALL`]; all others hold a patron.
    pub of_nobody: [u64; 4],
    /// The tables that are there, in the order of [`Table::ALL`]: those with rows, and others where somebody looked
    /// ([`Summary::with_tables`]).
    pub there: [bool; 4],
    /// How many usable rows name each code.
    pub codes: CodeRows,
    /// What the extract tells about anybody.
    pub told: Told,
    /// What the extract tells of facts, and what keeps hold because something is not known.
    pub facts: UnknownFacts,
    /// What is odd about the data but usable.
    pub faults: Faults,
    /// What is odd about the decisions.
    pub oddities: Oddities,
    /// The outcomes at each library that has any, by code.
    pub libraries: BTreeMap<String, LibraryTally>,
    /// Profiles, in the order of [`lapse_engine::ProfileOutcome`].
    pub profiles: [u64; 2],
    /// Memberships that the policy does not know, by the codes of library and subscription.
    pub no_policy: BTreeMap<(String, String), u64>,
    /// The newest days on which each source that a policy counts told of activity, by its name.
    pub newest: BTreeMap<String, SourceDays>,
    /// The deregistrations that rest on each source, by its name.
    pub resting: BTreeMap<String, Resting>,
    /// The newest day up to the run on which somebody was active or a membership began.
    pub newest_date: Option<Day>,
    /// What the extract leaves out. Finding it takes a look at the files ([`lapse_tables::gaps`]), so that it is none unless
    /// somebody puts it here.
    pub gaps: Vec<Gap>,
    /// Why the tables were read whole, where they were; of several parts the first that was.
    pub read_whole: Option<ReadWhole>,
    /// The earlier run with which the rows are compared; none unless somebody puts it here.
    pub before: Option<Before>,
    /// What a person answered for.
    pub consents: Vec<Consent>,
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
        let mut of_nobody = [0; 4];
        for reject in seen.rejects.iter().filter(|reject| reject.of_nobody) {
            of_nobody[reject.table as usize] += 1;
        }
        let mut resting: BTreeMap<String, Resting> = BTreeMap::new();
        for (&(source, library), &memberships) in &tally.resting {
            let of = resting.entry(codes.sources.text(source).to_owned()).or_default();
            match library {
                None => of.anywhere += memberships,
                Some(library) => *of.at.entry(codes.libraries.text(library).to_owned()).or_default() += memberships,
            }
        }
        Summary {
            of_run: Some(OfRun { policy: policy.fingerprint().to_owned(), day }),
            patrons: seen.patrons as u64,
            rows: seen.rows,
            of_nobody,
            there: seen.rows.map(|rows| rows.read > 0),
            codes: CodeRows::of(seen),
            told: seen.told,
            facts: UnknownFacts::of(seen.told, codes, tally),
            faults: seen.faults,
            oddities: tally.oddities,
            libraries: libraries.map(|(code, tally)| (code.to_owned(), *tally)).collect(),
            profiles: tally.profiles,
            no_policy: no_policy.collect(),
            newest: seen.newest.by_code(codes),
            resting,
            newest_date: seen.newest_date,
            gaps: Vec::new(),
            read_whole: seen.read_whole.clone(),
            before: None,
            consents: Vec::new(),
        }
    }

    /// The same, once it was looked which tables without a row are there.
    pub fn with_tables(mut self, source: &dyn Source) -> Result<Summary, RunError> {
        for (table, there) in Table::ALL.into_iter().zip(&mut self.there) {
            *there = *there || source.table(table, &[])?.is_some();
        }
        Ok(self)
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

    /// What a person should look at, beside the guards: first what is not known of anybody, then rows that tell nothing, then
    /// what is odd.
    pub fn attention(&self, of_day: &DayPolicy) -> Vec<Attention> {
        attention::gather(self, of_day)
    }

    /// Whether some input rows were rejected or some memberships have no policy (exit code 3).
    pub fn is_incomplete(&self) -> bool {
        self.rejected() > 0 || !self.no_policy.is_empty()
    }

    /// The rows that are rejected and hold a patron, in the order of [`Table::ALL`].
    pub fn holding(&self) -> [u64; 4] {
        std::array::from_fn(|table| self.rows[table].rejected - self.of_nobody[table])
    }

    /// The guards that trip by the policy of the run day, and which of them somebody answered for.
    pub fn trips(&self, of_day: &DayPolicy) -> Vec<Trip> {
        let holding = self.holding();
        let of_table = |table: Table| {
            let rows = self.rows[table as usize];
            let of_nobody = match table {
                Table::Memberships | Table::Accounts => Some(self.of_nobody[table as usize]),
                Table::Patrons | Table::Activity => None,
            };
            // A row of patrons without an id is no row of a patron whom the table lacks: it counts with the spoilt ones.
            let rejected = if table == Table::Patrons { rows.rejected } else { holding[table as usize] };
            TableRows { table: table.name(), read: rows.read, of_nobody, rejected }
        };
        let tables = Table::ALL.into_iter().filter(|table| self.there[*table as usize]).map(of_table);
        let before = self.before.as_ref().map(|before| before.against(self)).unwrap_or_default();
        let mut trips = guards::judge(
            of_day,
            &Findings {
                libraries: &self.libraries,
                newest: &self.newest,
                resting: &self.resting,
                newest_date: self.newest_date,
                patrons: self.patrons,
                profiles: self.profiles,
                tables: &tables.collect::<Vec<_>>(),
                before: &before,
            },
        );
        for trip in &mut trips {
            trip.answered = self.consents.iter().any(|consent| consent.answers(trip));
        }
        trips
    }

    /// With which earlier run the rows were compared; none where none was named.
    pub fn compared(&self) -> Option<Compared> {
        self.before.as_ref().map(|before| before.tables(self))
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
        self.of_nobody.iter_mut().zip(other.of_nobody).for_each(|(rows, other)| *rows += other);
        self.there.iter_mut().zip(other.there).for_each(|(there, other)| *there |= other);
        self.codes += &other.codes;
        self.told.activity |= other.told.activity;
        self.told.accounts = self.told.accounts.with(other.told.accounts);
        self.told.facts = self.told.facts.with(other.told.facts);
        self.facts += &other.facts;
        self.faults += other.faults;
        self.oddities += other.oddities;
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
        for (source, of) in &other.resting {
            *self.resting.entry(source.clone()).or_default() += of;
        }
        self.newest_date = self.newest_date.max(other.newest_date);
        for gap in &other.gaps {
            if !self.gaps.contains(gap) {
                self.gaps.push(gap.clone());
            }
        }
        self.read_whole = self.read_whole.take().or_else(|| other.read_whole.clone());
        self.before = self.before.take().or_else(|| other.before.clone());
        for consent in &other.consents {
            if !self.consents.contains(consent) {
                self.consents.push(consent.clone());
            }
        }
        Ok(())
    }
}
