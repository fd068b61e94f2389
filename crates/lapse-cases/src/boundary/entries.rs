//! The boundaries of keeps, ends and narrowings: for each test the values around its bounds, where everything else lets it
//! decide.

use std::collections::BTreeSet;

use lapse_engine::{Term, TestDay, Truth};
use lapse_explain::EntryOfPolicy;
use lapse_policy::{DayPolicy, Entry, FactTest, KeepOf, Library, Narrowed, Subscription, Test, TestedFact};

use super::made_to_fit::Patron;
use super::made_up::{Boundary, MEMBERSHIP, RECORD, RETENTION};
use super::patrons::{enrolled, lapses, source};
use super::values::{Value, Values};
use crate::casefile::Column;
use crate::deciding::path;

/// The boundaries of every keep, end and narrowing that is in force at a library on a day.
pub fn of_entries(of_day: &DayPolicy, library: &str) -> Vec<Boundary> {
    let Some(here) = of_day.library(library) else { return Vec::new() };
    all(here).flat_map(|entry| of_entry(of_day, here, entry)).collect()
}

/// The keeps, ends and narrowings of a library, by their paths.
pub(super) fn all(here: &Library) -> impl Iterator<Item = EntryOfPolicy<'_>> {
    let entries = &here.settings.entries;
    let keeps = entries.keeps.iter().map(EntryOfPolicy::Keep);
    let narrowings = entries.narrowings.iter().map(EntryOfPolicy::Narrowing);
    entries.ends.iter().map(EntryOfPolicy::End).chain(keeps).chain(narrowings)
}

/// What of a patron an entry decides about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// A record that nothing else keeps.
    Record,
    /// A record that only this built-in reason keeps.
    Narrowed(Narrowed),
    /// A membership that lapses if nothing keeps it.
    Lapsing,
    /// A membership that goes on if nothing ends it.
    GoingOn,
    /// What goes with a record that is kept.
    Retention,
}

impl About {
    const fn shows(self) -> &'static [Column] {
        match self {
            About::Record | About::Narrowed(_) => RECORD,
            About::Lapsing | About::GoingOn => MEMBERSHIP,
            About::Retention => RETENTION,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            About::Record | About::Narrowed(_) => "record",
            About::Lapsing | About::GoingOn => "membership",
            About::Retention => "retention",
        }
    }

    fn of(entry: EntryOfPolicy<'_>) -> Vec<About> {
        match entry {
            EntryOfPolicy::End(_) => vec![About::GoingOn],
            EntryOfPolicy::Narrowing(narrowing) => vec![About::Narrowed(narrowing.of)],
            EntryOfPolicy::Keep(keep) => {
                let mut all: Vec<About> = Vec::new();
                for of in &keep.of.value {
                    let about = match of {
                        KeepOf::Record => About::Record,
                        KeepOf::Membership => About::Lapsing,
                        KeepOf::History | KeepOf::Finance => About::Retention,
                    };
                    if !all.contains(&about) {
                        all.push(about);
                    }
                }
                all
            }
        }
    }
}

/// The boundaries of one entry; none where it is not in force.
pub(super) fn of_entry(of_day: &DayPolicy, here: &Library, entry: EntryOfPolicy<'_>) -> Vec<Boundary> {
    if !entry.entry().active.value {
        return Vec::new();
    }
    let all = About::of(entry);
    let mut boundaries: Vec<Boundary> = Vec::new();
    let mut names = BTreeSet::new();
    for &about in &all {
        for mut boundary in (Making { of_day, here, entry, about }).boundaries() {
            if all.len() > 1 {
                boundary.what = format!("{}, {}", about.word(), boundary.what);
            }
            let is_new = !boundaries.iter().any(|other| {
                (other.date, &other.facts, other.shows) == (boundary.date, &boundary.facts, boundary.shows)
            });
            if is_new && names.insert((boundary.date, boundary.what.clone())) {
                boundaries.push(boundary);
            }
        }
    }
    boundaries
}

/// Makes the boundaries of an entry.
#[derive(Clone, Copy)]
struct Making<'a> {
    of_day: &'a DayPolicy,
    here: &'a Library,
    entry: EntryOfPolicy<'a>,
    about: About,
}

impl<'a> Making<'a> {
    fn boundaries(self) -> Vec<Boundary> {
        let Entry { when, unless, only, .. } = self.entry.entry();
        let never_holds = matches!(self.entry, EntryOfPolicy::Narrowing(narrowing) if !narrowing.holds.value);
        let is_about = |one: &&Subscription| one.is_in(only);
        let mut subscriptions = self.here.subscriptions.iter().filter(is_about);
        let lapsing = subscriptions.clone().find(|one| lapses(one));
        let first = subscriptions.next();
        let Some(bearer) = (if self.about == About::Lapsing { lapsing.or(first) } else { first }) else {
            return Vec::new();
        };
        let in_month = self.in_a_month(None);
        let making = Making { of_day: &in_month, ..self };
        let mut boundaries = Vec::new();
        if never_holds || (when.is_empty() && unless.is_empty()) {
            boundaries.push(making.boundary(bearer, "whatever else is so".to_owned(), None, &[]));
        }
        if !never_holds {
            for (is_exception, test) in self.tests() {
                let suffix = if is_exception { ", as an exception" } else { "" };
                if let Test::Months(_) = test.test.value {
                    let other_month = self.in_a_month(Some(test));
                    for of_day in [&in_month, &other_month] {
                        let what = format!("run_month {}{suffix}", of_day.date.month());
                        boundaries.push(Making { of_day, ..self }.boundary(bearer, what, Some(test), &[]));
                    }
                }
                for Value { what, cells, .. } in making.values().of(test) {
                    boundaries.push(making.boundary(bearer, format!("{what}{suffix}"), Some(test), &cells));
                }
            }
        }
        let other = self.here.subscriptions.iter().find(|one| !one.is_in(only));
        boundaries.extend(other.map(|other| making.boundary(other, format!("of {}", other.code), None, &[])));
        boundaries
    }

    /// Each test, with whether it is an exception.
    fn tests(self) -> impl Iterator<Item = (bool, &'a FactTest)> {
        let Entry { when, unless, .. } = self.entry.entry();
        when.iter().map(|test| (false, test)).chain(unless.iter().map(|test| (true, test)))
    }

    fn values(&self) -> Values<'_> {
        Values { of_day: self.of_day, here: self.here, day: TestDay::of(self.of_day) }
    }

    /// The policy on the first run from the day on, a year ahead at the most, in whose month every test lets the entry count; or
    /// all but one, which does not.
    fn in_a_month(self, but: Option<&FactTest>) -> DayPolicy {
        let lets = |date| {
            self.tests().all(|(is_exception, test)| match &test.test.value {
                Test::Months(months) => {
                    let wanted = is_exception == but.is_some_and(|but| std::ptr::eq(but, test));
                    months.contains(&lapse_policy::Day::month(date)) == wanted
                }
                _ => true,
            })
        };
        let mut dates = (0..12).map(|later| self.of_day.date.add_months(later));
        let date = dates.find(|&date| lets(date)).unwrap_or(self.of_day.date);
        DayPolicy { date, ..self.of_day.clone() }
    }

    /// A patron with these values, for whom every other test lets the entry count.
    fn boundary(
        self,
        bearer: &Subscription,
        what: String,
        tried: Option<&FactTest>,
        cells: &[(TestedFact, String)],
    ) -> Boundary {
        let mut patron = self.patron(bearer);
        let values = self.values();
        self.leave_alone(&mut patron, &values);
        for (is_exception, test) in
            self.tests().filter(|(_, test)| !tried.is_some_and(|tried| std::ptr::eq(tried, *test)))
        {
            let wanted = if is_exception { Truth::False } else { Truth::True };
            let value = values.of(test).into_iter().find(|value| value.truth == wanted);
            for (fact, text) in value.iter().flat_map(|value| &value.cells) {
                patron.set(self.of_day, self.here, *fact, text);
            }
        }
        for (fact, text) in cells {
            patron.set(self.of_day, self.here, *fact, text);
        }
        let date = self.of_day.date;
        Boundary { subject: path(self.entry), what, date, facts: patron.facts(), shows: self.about.shows() }
    }

    /// Gives a patron what makes no other keep hold, so that this entry alone shows in the outcome.
    fn leave_alone(self, patron: &mut Patron, values: &Values<'_>) {
        let of = match self.about {
            About::Record | About::Narrowed(_) => KeepOf::Record,
            About::Lapsing | About::GoingOn => KeepOf::Membership,
            About::Retention => return,
        };
        let this = path(self.entry);
        let others = all(self.here).filter(|entry| match entry {
            EntryOfPolicy::Keep(keep) => keep.entry.active.value && keep.of.value.contains(&of),
            EntryOfPolicy::End(_) | EntryOfPolicy::Narrowing(_) => false,
        });
        for Entry { when, unless, .. } in others.filter(|other| path(*other) != this).map(EntryOfPolicy::entry) {
            // Rather an empty cell than a value, so that the patron stays small.
            let value = |test: &FactTest, truth| {
                let fitting = values.of(test).into_iter().filter(|value| value.truth == truth);
                fitting.min_by_key(|value| value.cells.iter().any(|(_, text)| !text.is_empty()))
            };
            let fails = when.iter().find_map(|test| value(test, Truth::False));
            let excepts = || unless.iter().filter_map(|test| value(test, Truth::True)).collect();
            let cells: Vec<Value> = fails.map_or_else(excepts, |fails| vec![fails]);
            // What is empty already needs no account.
            for (fact, text) in cells.iter().flat_map(|value| &value.cells).filter(|(_, text)| !text.is_empty()) {
                patron.set(self.of_day, self.here, *fact, text);
            }
        }
    }

    /// The patron without the facts of the entry.
    fn patron(self, bearer: &Subscription) -> Patron {
        let Making { of_day: DayPolicy { date, .. }, here, about, .. } = self;
        let date = *date;
        let subscription = ("subscription", &*bearer.code);
        let gone = || {
            let until = Term::last_passed(here.settings.cleanup.ended_months.value, date).previous();
            let (from, until) = (enrolled(until), until.to_string());
            let membership = [subscription, ("valid_from", &*from), ("valid_until", &*until), ("status", "cancelled")];
            Patron::with(here, &membership)
        };
        let going_on = || Patron::with(here, &[subscription, ("valid_from", &*enrolled(date))]);
        let long_ago = Term::last_exceeded(bearer.lapse_months.value, date).add_months(-12).to_string();
        let yesterday = date.previous().to_string();
        match about {
            About::Record => gone(),
            About::Narrowed(reason) => {
                let mut patron = gone();
                if let Some((fact, text)) = self.reason(reason) {
                    patron.set(self.of_day, here, TestedFact::BuiltIn(fact), &text);
                }
                patron
            }
            About::Lapsing => {
                let mut patron = going_on();
                patron.active(source(here), &long_ago);
                patron
            }
            About::GoingOn => {
                let mut patron = going_on();
                patron.active(source(here), &yesterday);
                patron
            }
            About::Retention => {
                Patron::with(here, &[subscription, ("valid_from", &*date.to_string())]).and("loan_history", "false")
            }
        }
    }

    /// What makes a built-in reason hold.
    fn reason(self, reason: Narrowed) -> Option<(lapse_policy::BuiltInFact, String)> {
        use lapse_policy::BuiltInFact;
        let yesterday = self.of_day.date.previous().to_string();
        Some(match reason {
            Narrowed::EndedRecently => (BuiltInFact::EndedOn, yesterday),
            Narrowed::Owes => (BuiltInFact::Owed, "0.01".to_owned()),
            Narrowed::Credit => (BuiltInFact::Credit, "0.01".to_owned()),
            Narrowed::Blocked => (BuiltInFact::Blocks, self.here.settings.cleanup.blocks.value.first()?.clone()),
            Narrowed::Items => (BuiltInFact::Items, "1".to_owned()),
            Narrowed::SettledRecently => (BuiltInFact::SettledOn, yesterday),
        })
    }
}
