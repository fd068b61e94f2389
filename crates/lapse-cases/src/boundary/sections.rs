//! The boundary cases of a library in the order of its file: for each period the thresholds that hold in it, then what
//! changes on its first day.

use std::collections::BTreeSet;

use lapse_policy::{Day, DayPolicy, Library, Settings, Subscription};

use super::made_up::Boundary;
use super::timeline::{Known, Period, Timeline, find, subscription};
use super::{amendments, thresholds};

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
                section.cases.extend(thresholds::of_subscription(here, one, period.of_day.date));
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
        section.cases.extend(thresholds::of_library(period.of_day, library, known));
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
