//! What is noted of the rows while they are read, whoever they are about: how many there are of each code, the days that say
//! how old an extract is, and what is odd but usable.

use lapse_engine::{Account, Activity, LibraryId, Membership, NewestActivity, SourceId, SubscriptionId};
use lapse_policy::Day;

use crate::codes::Renumberings;
use crate::tables::patrons::PatronRow;
use crate::tables::value::looks_empty;
use crate::{Faults, Known, RowCounts, Table};

/// What one thread noted so far.
pub(crate) struct Noted {
    run: Day,
    pub newest: NewestActivity,
    /// The newest day up to the run on which somebody was active or a membership began.
    pub newest_date: Option<Day>,
    pub faults: Faults,
    pub counts: RowCounts,
}

impl Noted {
    /// Nothing yet, for a run by these policies.
    pub fn new(known: &Known) -> Noted {
        let run = known.run();
        let codes = known.codes();
        Noted {
            run,
            newest: NewestActivity::new(run, codes.libraries.len(), codes.sources.len()),
            newest_date: None,
            faults: Faults::default(),
            counts: RowCounts::default(),
        }
    }

    /// Notes a row of patrons.
    #[inline]
    pub fn patron(&mut self, row: &PatronRow) {
        let after_run = row.profile_last_active.is_some_and(|day| day > self.run);
        self.faults.profiles_after_run += u64::from(after_run);
    }

    /// Notes a membership.
    #[inline]
    pub fn membership(&mut self, row: &Membership) {
        count(&mut self.counts.libraries[Table::Memberships as usize], row.library.index());
        count(&mut self.counts.subscriptions, row.subscription.index());
        self.faults.starts_that_look_empty += u64::from(looks_empty(row.valid_from));
        self.date(row.valid_from);
    }

    /// Notes a row of activity.
    #[inline]
    pub fn activity(&mut self, row: &Activity) {
        if let Some(library) = row.library {
            count(&mut self.counts.libraries[Table::Activity as usize], library.index());
        }
        count(&mut self.counts.sources, row.source.index());
        self.newest.see(row);
        self.faults.activity_after_run += u64::from(row.last_active > self.run);
        self.date(row.last_active);
    }

    /// Notes an account.
    #[inline]
    pub fn account(&mut self, row: &Account) {
        count(&mut self.counts.libraries[Table::Accounts as usize], row.library.index());
        self.faults.settled_after_run += u64::from(row.settled_on.is_some_and(|day| day > self.run));
        if let Some(blocks) = row.blocks {
            *self.counts.blocks.entry((row.library, blocks)).or_default() += 1;
        }
    }

    #[inline]
    fn date(&mut self, day: Day) {
        if day <= self.run {
            self.newest_date = self.newest_date.max(Some(day));
        }
    }

    /// Adds what another thread noted, whose codes are these here.
    pub fn add(&mut self, other: &Noted, to: &Renumberings) {
        self.newest.add_all(&other.newest);
        self.newest_date = self.newest_date.max(other.newest_date);
        self.faults += other.faults;
        let RowCounts { libraries, subscriptions, sources, blocks } = &other.counts;
        for (counts, others) in self.counts.libraries.iter_mut().zip(libraries) {
            add_all(counts, others, |number| to.library(LibraryId::new(number)).index());
        }
        let subscription = |number| to.subscription(SubscriptionId::new(number)).index();
        add_all(&mut self.counts.subscriptions, subscriptions, subscription);
        add_all(&mut self.counts.sources, sources, |number| to.sources.of_code(SourceId::new(number)).index());
        for (&(library, cell), rows) in blocks {
            *self.counts.blocks.entry((to.library(library), to.blocks.of_code(cell))).or_default() += rows;
        }
    }
}

#[inline]
fn count(counts: &mut Vec<u64>, number: usize) {
    match counts.get_mut(number) {
        Some(count) => *count += 1,
        None => add(counts, number, 1),
    }
}

#[cold]
fn add(counts: &mut Vec<u64>, number: usize, rows: u64) {
    if number >= counts.len() {
        counts.resize(number + 1, 0);
    }
    counts[number] += rows;
}

fn add_all(counts: &mut Vec<u64>, others: &[u64], to: impl Fn(usize) -> usize) {
    for (number, &rows) in others.iter().enumerate().filter(|&(_, &rows)| rows > 0) {
        add(counts, to(number), rows);
    }
}
