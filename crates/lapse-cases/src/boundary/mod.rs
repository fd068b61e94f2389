//! The boundary cases that a policy implies: for each threshold that applies on a day, made-up patrons on the day before
//! it, the day itself and the day after; and around each amendment's date, one patron on three runs. `patrons` makes
//! them, `thresholds` and `amendments` know which there are, `file` writes them as a case file.

mod amendments;
mod file;
mod patrons;
mod thresholds;

use std::collections::BTreeSet;

use lapse_policy::{Day, DayPolicy, Library, Policy, Settings, Subscription};

pub use file::{HEADER, texts};
pub use thresholds::{of_library, of_subscription};

use crate::casefile::{Column, Facts};
use crate::coverage::days;

/// Where a policy never changes, any day shows what holds; this one has a leap day behind it.
pub const ANY_DAY: Day = Day::new(2024, 1, 1).expect("a day of the calendar");

/// A made-up patron at a boundary.
#[derive(Clone, Debug)]
pub struct Boundary {
    /// The subscription, or what of the library.
    pub subject: String,
    /// What is special about the patron, to follow the subject.
    pub what: String,
    /// The day of the run.
    pub date: Day,
    /// The patron.
    pub facts: Facts,
    /// What the outcome shows in.
    pub shows: &'static [Column],
}

/// What the outcome of a membership shows in.
const MEMBERSHIP: &[Column] = &[Column::Membership, Column::MembershipReason, Column::ValidUntil];
/// What the outcome of a record shows in.
const RECORD: &[Column] = &[Column::Record, Column::RecordReasons];
/// What the outcome of a profile shows in.
const PROFILE: &[Column] = &[Column::Profile, Column::ProfileReasons];
/// What the retention of a record shows in.
const RETENTION: &[Column] = &[Column::PseudonymiseBefore, Column::PurgeFinanceBefore];

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
            let libraries = of_day.libraries.iter().map(|library| &library.settings);
            for settings in libraries.chain([&of_day.consortium.settings]) {
                self.sources.extend(settings.activity.sources.value.iter().cloned());
                self.blocks.extend(settings.cleanup.blocks.value.iter().cloned());
            }
        }
    }
}

/// All that a policy ever says: what holds from its first day and from each day on which it changes.
pub struct Timeline {
    /// On each of those days, and on one that stands for all before it.
    days: Vec<(DayPolicy, DayPolicy)>,
    /// What holds on [`ANY_DAY`], for what never changes.
    any: DayPolicy,
}

impl Timeline {
    /// Resolves the policy on all of these days.
    pub fn of(policy: &Policy) -> Timeline {
        let both = |day: Day| (policy.on(day), policy.on(ANY_DAY.min(day.previous())));
        Timeline { days: days(policy).into_iter().map(both).collect(), any: policy.on(ANY_DAY) }
    }

    /// The policy on the first day of all and on every day on which it changes.
    pub fn days(&self) -> impl Iterator<Item = &DayPolicy> {
        self.days.iter().map(|(of_day, _)| of_day)
    }

    /// Cuts all time where `value` changes.
    fn periods<T: PartialEq>(&self, value: impl Fn(&DayPolicy) -> Option<T>) -> Vec<Period<'_, Option<T>>> {
        let mut periods: Vec<Period<'_, Option<T>>> = Vec::new();
        for (of_day, before) in &self.days {
            let value = value(of_day);
            match periods.last_mut() {
                Some(last) if last.value == value => {}
                Some(last) => {
                    if last.from.is_none() {
                        last.of_day = before;
                    }
                    periods.push(Period { from: Some(of_day.date), of_day, value });
                }
                None => periods.push(Period { from: None, of_day: &self.any, value }),
            }
        }
        periods
    }
}

/// A stretch of days on which something does not change, and the policy on one of them.
struct Period<'a, T> {
    /// The first day; none where it has no beginning.
    from: Option<Day>,
    /// The day that stands for it: its first or, where it has no beginning, [`ANY_DAY`], or its last where that is sooner.
    /// So a later change leaves the cases from before it as they were.
    of_day: &'a DayPolicy,
    /// What does not change.
    value: T,
}

/// The boundary cases of a library, in the order of the file; none where the policy never has it.
pub fn cases(timeline: &Timeline, known: &Known, library: &str) -> Vec<Section> {
    let here = timeline.days().filter_map(|of_day| find(of_day, library));
    let codes: BTreeSet<&str> = here.flat_map(|here| &here.subscriptions).map(|one| &*one.code).collect();
    let mut sections = Vec::new();
    for code in codes {
        let periods = timeline.periods(|of_day| subscription(of_day, library, code).map(terms));
        for (index, period) in periods.iter().enumerate() {
            let mut section = Section::new(code, period);
            let here = subscription(period.of_day, library, code).zip(find(period.of_day, library));
            if let Some((one, here)) = here {
                section.title = thresholds::title(one);
                section.cases.extend(of_subscription(here, one, period.of_day.date));
            }
            if index > 0 {
                let before = periods[index - 1].of_day;
                section.cases.extend(amendments::of_subscription(before, period.of_day, library, code));
            }
            sections.extend(section.filled());
        }
    }
    let periods = timeline.periods(|of_day| find(of_day, library).map(|here| settings(of_day, here)));
    for (index, period) in periods.iter().enumerate() {
        let mut section = Section::new("library", period);
        section.cases.extend(of_library(period.of_day, library, known));
        if index > 0 {
            section.cases.extend(amendments::of_library(periods[index - 1].of_day, period.of_day, library));
        }
        sections.extend(section.filled());
    }
    sections
}

/// Cases that belong together.
pub struct Section {
    /// What they are about.
    pub subject: String,
    /// From which day on it holds; none where it has no beginning.
    pub from: Option<Day>,
    /// What holds, in words.
    pub title: String,
    /// In order.
    pub cases: Vec<Boundary>,
}

impl Section {
    fn new<T>(subject: &str, period: &Period<'_, T>) -> Section {
        Section { subject: subject.to_owned(), from: period.from, title: String::new(), cases: Vec::new() }
    }

    fn filled(self) -> Option<Section> {
        (!self.cases.is_empty()).then_some(self)
    }
}

/// The library with this code.
pub fn find<'a>(of_day: &'a DayPolicy, library: &str) -> Option<&'a Library> {
    of_day.libraries.iter().find(|other| other.code == library)
}

/// The subscription with this code at a library.
pub fn subscription<'a>(of_day: &'a DayPolicy, library: &str, code: &str) -> Option<&'a Subscription> {
    find(of_day, library)?.subscriptions.iter().find(|other| other.code == code)
}

/// What a subscription's boundaries depend on.
fn terms(subscription: &Subscription) -> impl PartialEq + use<> {
    let Subscription { code: _, name: _, category: _, holder, fee, renewal, term_months, lapse_months } = subscription;
    (holder.value, fee.value, renewal.value, term_months.value, lapse_months.value)
}

/// What the other boundaries of a library depend on.
fn settings(of_day: &DayPolicy, library: &Library) -> impl PartialEq + use<> {
    let Settings { activity, cleanup, retention, guards: _ } = &library.settings;
    (
        (activity.sources.value.clone(), activity.scope.value),
        (cleanup.ended_months.value, cleanup.settled_months.value, cleanup.blocks.value.clone()),
        (retention.pseudonymise_days.value, retention.finance_months.value),
        of_day.consortium.profile_inactive_months.value,
    )
}
