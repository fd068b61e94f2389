//! The runs to come: what each brings to each library, amendments on their way, letters that can be sent.

use lapse_policy::Day;

use super::{Attention, Head, Library};

/// `lapse forecast`: the runs to come.
#[derive(Clone, Debug)]
pub struct ForecastReport {
    /// Of what.
    pub head: Head,
    /// The days of the runs, each after the one before.
    pub runs: Vec<Day>,
    /// What comes to each library.
    pub libraries: Vec<LibraryForecast>,
    /// What comes to each category of subscription; none: subscriptions that the policy does not know.
    pub categories: Vec<(Option<String>, Course)>,
    /// Profiles that each run deletes.
    pub profiles_deleted: Vec<u64>,
    /// The amendments that take force in that time.
    pub amendments: Vec<AmendmentMark>,
    /// The percentage of active patrons who are assumed to be active again each month; none: nobody does anything.
    pub assumed_activity: Option<f64>,
    /// The letters that can be sent; none unless they are asked for.
    pub letters: Option<Letters>,
    /// What to look at.
    pub attention: Vec<Attention>,
}

impl ForecastReport {
    /// All libraries together.
    pub fn total(&self) -> Course {
        let mut total = Course { active_before: 0, months: vec![MonthCounts::default(); self.runs.len()] };
        for LibraryForecast { course, .. } in &self.libraries {
            total.active_before += course.active_before;
            total.months.iter_mut().zip(&course.months).for_each(|(total, month)| *total += *month);
        }
        total
    }
}

/// What comes to a library.
#[derive(Clone, Debug)]
pub struct LibraryForecast {
    /// Where.
    pub library: Library,
    /// Run by run.
    pub course: Course,
    /// The letters to send.
    pub letters: u64,
}

/// What run after run brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Memberships that are active before the first of them.
    pub active_before: u64,
    /// One for each run.
    pub months: Vec<MonthCounts>,
}

impl Course {
    /// Memberships that are active after the last run.
    pub fn active_after(&self) -> u64 {
        self.months.last().map_or(self.active_before, |month| month.active)
    }

    /// A count over all runs.
    pub fn sum(&self, of: impl Fn(&MonthCounts) -> u64) -> u64 {
        self.months.iter().map(of).sum()
    }
}

/// What one run brings.
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
}

impl std::ops::AddAssign for MonthCounts {
    fn add_assign(&mut self, other: MonthCounts) {
        self.active += other.active;
        self.deregistered += other.deregistered;
        self.expired += other.expired;
        self.archived += other.archived;
        self.deleted += other.deleted;
    }
}

/// An amendment that takes force while the forecast runs.
#[derive(Clone, Debug)]
pub struct AmendmentMark {
    /// Its first day.
    pub from: Day,
    /// Why, as its file says.
    pub reason: String,
    /// The file.
    pub file: String,
}

/// Letters to patrons who will be deregistered.
#[derive(Clone, Debug)]
pub struct Letters {
    /// Within so many months.
    pub months: u32,
    /// To whom; none unless patrons are asked for.
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
