//! What a policy says over all time: the days on which it changes, the periods between them, and the words that its
//! libraries use on some day.

use std::collections::BTreeSet;

use lapse_policy::{Day, DayPolicy, Policy, Subscription};

/// The day of a run for what never changes, where any day would do; the years before this one have a leap day.
pub const ANY_DAY: Day = Day::new(2024, 1, 1).expect("a day of the calendar");

/// The first day of the calendar, and every day on which an amendment begins.
pub fn days(policy: &Policy) -> Vec<Day> {
    std::iter::once(Day::MIN).chain(policy.change_days()).collect()
}

/// Words that libraries use, of which one may hold where another does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Every source of activity that some library counts on some day.
    pub sources: BTreeSet<String>,
    /// Every kind of block that holds a record at some library on some day.
    pub blocks: BTreeSet<String>,
}

impl Known {
    /// Adds the words of a policy on some days.
    pub fn add<'a>(&mut self, days: impl Iterator<Item = &'a DayPolicy>) {
        for of_day in days {
            for settings in of_day.all_settings() {
                self.sources.extend(settings.activity.sources.value.iter().cloned());
                self.blocks.extend(settings.cleanup.blocks.value.iter().cloned());
            }
        }
    }
}

/// The policy on its first day and on each day on which it changes.
pub struct Timeline {
    /// On each of those days.
    days: Vec<DayPolicy>,
    /// On the day before each of them, where that lies before [`ANY_DAY`].
    before: Vec<Option<DayPolicy>>,
    /// What holds on [`ANY_DAY`], for what never changes.
    any: DayPolicy,
}

impl Timeline {
    /// Resolves the policy on each day on which it changes.
    pub fn of(policy: &Policy) -> Timeline {
        let days: Vec<DayPolicy> = days(policy).into_iter().map(|day| policy.on(day)).collect();
        let day_before = |of_day: &DayPolicy| Some(of_day.date.previous()).filter(|&day| day < ANY_DAY);
        let before = days.iter().map(|of_day| day_before(of_day).map(|day| on(&days, day))).collect();
        Timeline { any: on(&days, ANY_DAY), before, days }
    }

    /// The policy on the first day of all and on every day on which it changes.
    pub fn days(&self) -> impl Iterator<Item = &DayPolicy> {
        self.days.iter()
    }

    /// The periods between the days on which `value` changes.
    pub(super) fn periods<T: PartialEq>(&self, value: impl Fn(&DayPolicy) -> Option<T>) -> Vec<Period<'_, Option<T>>> {
        let mut periods: Vec<Period<'_, Option<T>>> = Vec::new();
        for (of_day, before) in self.days.iter().zip(&self.before) {
            let value = value(of_day);
            match periods.last_mut() {
                Some(last) if last.value == value => {}
                Some(last) => {
                    if last.from.is_none() {
                        last.of_day = before.as_ref().unwrap_or(&self.any);
                    }
                    periods.push(Period { from: Some(of_day.date), of_day, value });
                }
                None => periods.push(Period { from: None, of_day: &self.any, value }),
            }
        }
        periods
    }
}

/// The policy on a day, from what it is on the days on which it changes: it stays the same in between.
fn on(changes: &[DayPolicy], day: Day) -> DayPolicy {
    let begun = changes.partition_point(|of_day| of_day.date <= day);
    DayPolicy { date: day, ..changes[begun - 1].clone() }
}

/// A period in which something does not change, and the policy on one of its days.
pub(super) struct Period<'a, T> {
    /// The first day; none where it has no beginning.
    pub from: Option<Day>,
    /// The policy on the day that stands for the period. That is its first day or, where it has no beginning, [`ANY_DAY`], or
    /// its last day where that is sooner. So a later change leaves the cases from before it as they were.
    pub of_day: &'a DayPolicy,
    /// What does not change.
    pub value: T,
}

/// The subscription with this code at a library.
pub fn subscription<'a>(of_day: &'a DayPolicy, library: &str, code: &str) -> Option<&'a Subscription> {
    of_day.library(library)?.subscriptions.iter().find(|other| other.code == code)
}
