//! The boundary cases of a library in the order of its file: for each period the thresholds that hold in it, then what
//! changes on its first day.

use std::collections::BTreeSet;

use lapse_explain::EntryOfPolicy;
use lapse_policy::{Day, DayPolicy, Library, Settings, Subscription};

use super::made_up::Boundary;
use super::timeline::{Known, Period, Timeline, subscription};
use super::{amendments, entries, thresholds};
use crate::deciding::path;

/// The boundary cases of a library, in the order of the file; none where the policy never has it.
pub fn cases(timeline: &Timeline, known: &Known, library: &str) -> Vec<Section> {
    let here = timeline.days().filter_map(|of_day| of_day.library(library));
    let codes: BTreeSet<&str> = here.flat_map(|here| &here.subscriptions).map(|one| &*one.code).collect();
    let mut sections = Vec::new();
    for code in codes {
        let periods = timeline.periods(|of_day| subscription(of_day, library, code).map(terms));
        for (index, period) in periods.iter().enumerate() {
            let mut section = Section::new(code, period);
            let here = subscription(period.of_day, library, code).zip(period.of_day.library(library));
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
    let here = timeline.days().filter_map(|of_day| of_day.library(library));
    let named: BTreeSet<String> = here.flat_map(entries::all).map(path).collect();
    for name in named {
        sections.extend(of_entry(timeline, library, &name));
    }
    let periods = timeline.periods(|of_day| of_day.library(library).map(|here| settings(of_day, here)));
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

/// The cases of a keep, an end or a narrowing: around its bounds in each period, and one patron around each change.
fn of_entry(timeline: &Timeline, library: &str, name: &str) -> Vec<Section> {
    let periods = timeline.periods(|of_day| entry(of_day.library(library)?, name).map(said));
    let boundaries = |period: &Period<'_, _>| {
        let here = period.of_day.library(library);
        let entry = here.and_then(|here| Some((here, entry(here, name)?)));
        entry.map(|(here, entry)| entries::of_entry(period.of_day, here, entry)).unwrap_or_default()
    };
    let mut sections = Vec::new();
    for (index, period) in periods.iter().enumerate() {
        let mut section = Section::new(name, period);
        section.cases = boundaries(period);
        if let Some(here) = period.of_day.library(library)
            && let Some(entry) = entry(here, name)
        {
            section.title.clone_from(&entry.entry().reason.value);
        }
        if index > 0
            && let Some(change) = period.from
        {
            let shown = section.cases.first().cloned().or_else(|| boundaries(&periods[index - 1]).into_iter().next());
            if let Some(Boundary { subject, what, facts, shows, .. }) = shown {
                section.cases.extend(amendments::three_runs(change, &subject, &what, &facts, shows));
            }
        }
        sections.extend(section.filled());
    }
    sections
}

/// The keep, end or narrowing with this path at a library.
fn entry<'a>(here: &'a Library, name: &str) -> Option<EntryOfPolicy<'a>> {
    entries::all(here).find(|entry| path(*entry) == name)
}

/// What the boundaries of an entry depend on.
fn said(entry: EntryOfPolicy<'_>) -> impl PartialEq + use<> {
    let of = match entry {
        EntryOfPolicy::Keep(keep) => keep.of.value.clone(),
        EntryOfPolicy::End(_) | EntryOfPolicy::Narrowing(_) => Vec::new(),
    };
    let holds = !matches!(entry, EntryOfPolicy::Narrowing(narrowing) if !narrowing.holds.value);
    (entry.entry().clone(), of, holds)
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
    let Subscription {
        code: _,
        name: _,
        category: _,
        holder,
        fee,
        renewal,
        term_months,
        lapse_months,
        grace_days,
        term_ends,
    } = subscription;
    (holder.value, fee.value, renewal.value, term_months.value, lapse_months.value, grace_days.value, term_ends.value)
}

/// What the other boundaries of a library depend on.
fn settings(of_day: &DayPolicy, library: &Library) -> impl PartialEq + use<> {
    let Settings { activity, cleanup, retention, guards: _, entries: _ } = &library.settings;
    (
        (activity.sources.value.clone(), activity.scope.value),
        (cleanup.ended_months.value, cleanup.settled_months.value, cleanup.blocks.value.clone()),
        (retention.pseudonymise.value, retention.history_months.value, retention.finance_months.value),
        of_day.consortium.profile_inactive_months.value,
    )
}
