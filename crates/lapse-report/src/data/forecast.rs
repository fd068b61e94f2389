//! The runs to come: what each of them changes at each library, the amendments that take force in that time, and the letters
//! that can be sent before.

use lapse_engine::guards::Trip;
use lapse_policy::Day;

use super::{Attention, Head, Library};

/// `lapse forecast`: the runs to come.
#[derive(Clone, Debug)]
pub struct ForecastReport {
    /// What the page says of itself.
    pub head: Head,
    /// The days of the runs, each after the one before.
    pub runs: Vec<Day>,
    /// What the runs change at each library.
    pub libraries: Vec<LibraryForecast>,
    /// What the runs change in each category of subscription; the category is none for subscriptions that the policy does not
    /// know.
    pub categories: Vec<(Option<String>, RunCounts)>,
    /// The number of profiles that each run deletes.
    pub profiles_deleted: Vec<u64>,
    /// The amendments that take force in that time.
    pub amendments: Vec<AmendmentMark>,
    /// The percentage of active patrons who are assumed to be active again each month; none where nobody is.
    pub assumed_activity: Option<f64>,
    /// The letters that can be sent; none unless they are asked for.
    pub letters: Option<Letters>,
    /// The guards that trip in the first run.
    pub trips: Vec<Trip>,
    /// What a person should look at.
    pub attention: Vec<Attention>,
}

impl ForecastReport {
    /// The runs at all libraries together.
    pub fn total(&self) -> RunCounts {
        let mut total = RunCounts { active_before: 0, months: vec![MonthCounts::default(); self.runs.len()] };
        for LibraryForecast { counts, .. } in &self.libraries {
            total.active_before += counts.active_before;
            total.months.iter_mut().zip(&counts.months).for_each(|(total, month)| *total += *month);
        }
        total
    }
}

/// What the runs change at a library.
#[derive(Clone, Debug)]
pub struct LibraryForecast {
    /// The library.
    pub library: Library,
    /// The counts, run by run.
    pub counts: RunCounts,
    /// The number of letters to send.
    pub letters: u64,
}

/// What the runs change, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// The memberships that are active before the first run.
    pub active_before: u64,
    /// The counts of each run.
    pub months: Vec<MonthCounts>,
}

impl RunCounts {
    /// Memberships that are active after the last run.
    pub fn active_after(&self) -> u64 {
        self.months.last().map_or(self.active_before, |month| month.active)
    }

    /// A count over all runs.
    pub fn sum(&self, of: impl Fn(&MonthCounts) -> u64) -> u64 {
        self.months.iter().map(of).sum()
    }
}

/// What one run changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonthCounts {
    /// Memberships that are active after it.
    pub active: u64,
    /// Memberships that it deregisters.
    pub deregistered: u64,
    /// Memberships that have ended by themselves since the run before.
    pub expired: u64,
    /// Records that it archives; a category leaves them at 0.
    pub archived: u64,
    /// Records that it deletes; a category leaves them at 0.
    pub deleted: u64,
    /// Records that it makes anonymous; a category leaves them at 0.
    pub anonymised: u64,
    /// All records that a person has to look at after it; a category leaves them at 0.
    pub review: u64,
}

impl std::ops::AddAssign for MonthCounts {
    fn add_assign(&mut self, other: MonthCounts) {
        self.active += other.active;
        self.deregistered += other.deregistered;
        self.expired += other.expired;
        self.archived += other.archived;
        self.deleted += other.deleted;
        self.anonymised += other.anonymised;
        self.review += other.review;
    }
}

/// An amendment that takes force while the forecast runs.
#[derive(Clone, Debug)]
pub struct AmendmentMark {
    /// Its first day.
    pub from: Day,
    /// The reason, as its file gives it.
    pub reason: String,
    /// The file.
    pub file: String,
}

/// Letters to patrons who will be deregistered.
#[derive(Clone, Debug)]
pub struct Letters {
    /// The number of months within which the runs deregister.
    pub months: u32,
    /// The patrons to write to; none unless patrons are asked for.
    pub patrons: Option<Vec<Letter>>,
}

/// A letter to a patron.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The patron's id.
    pub patron: String,
    /// The code of the library.
    pub library: String,
    /// The code of the subscription.
    pub subscription: String,
    /// The run that will deregister it.
    pub on: Day,
}
