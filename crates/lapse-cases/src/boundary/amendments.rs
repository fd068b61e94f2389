//! The boundaries around the date of an amendment: a patron for whom the change matters, in a run on the day before it, on
//! the day itself and on the day after.

use lapse_engine::Term;
use lapse_policy::{Day, DayPolicy, Library, months as months_text};
use lapse_tables::Table;

use super::made_up::{Boundary, MEMBERSHIP, PROFILE, RECORD, RETENTION};
use super::patrons::{At, lapses, profile, renews, source};
use super::timeline::subscription;
use crate::casefile::{Column, Facts};

/// One patron on three runs.
pub(super) fn three_runs(
    change: Day,
    subject: &str,
    what: &str,
    facts: &Facts,
    shows: &'static [Column],
) -> impl Iterator<Item = Boundary> {
    let runs = [
        (change.previous(), "the day before the change"),
        (change, "the day of the change"),
        (change.next(), "the day after the change"),
    ];
    runs.map(|(date, when)| Boundary {
        subject: subject.to_owned(),
        what: format!("{when}, {what}"),
        date,
        facts: facts.clone(),
        shows,
    })
    .into_iter()
}

/// What changes for a subscription of a library between two days; the change is on the second.
pub(super) fn of_subscription(before: &DayPolicy, after: &DayPolicy, library: &str, code: &str) -> Vec<Boundary> {
    let change = after.date;
    let sides = [before, after].map(|of_day| subscription(of_day, library, code));
    let sides = || sides.iter().flatten();
    let Some(here) = after.library(library) else { return Vec::new() };
    let at = At { library, subscription: code };
    let mut cases = Vec::new();
    if let Some(months) = sides().filter(|one| lapses(one)).map(|one| one.lapse_months.value).min() {
        let last_active = Term::last_exceeded(months, change.previous());
        let what = format!("inactive for more than {}", months_text(months));
        cases.extend(three_runs(change, code, &what, &at.active(last_active, source(here)), MEMBERSHIP));
    }
    let renewal: Vec<_> = sides()
        .map(|one| {
            let ends = (one.grace_days.value, one.term_ends.value);
            (renews(one), one.term_months.value, one.fee.value.is_free(), ends)
        })
        .collect();
    if renewal.windows(2).any(|two| two[0] != two[1]) || renewal.len() == 1 {
        let until = change.previous().previous();
        let facts = at.until(until, change, source(here));
        cases.extend(three_runs(change, code, &format!("past its end on {until}"), &facts, MEMBERSHIP));
    }
    cases
}

/// What changes for the records, profiles and activity of a library.
pub(super) fn of_library(before: &DayPolicy, after: &DayPolicy, library: &str) -> Vec<Boundary> {
    let change = after.date;
    let (Some(was), Some(is)) = (before.library(library), after.library(library)) else { return Vec::new() };
    let Some(bearer) = is.subscriptions.first() else { return Vec::new() };
    let at = At { library, subscription: &bearer.code };
    let (old, new) = (&was.settings, &is.settings);
    let mut cases = Vec::new();
    // The shorter of two terms: so long ago that it has passed on each of the three days.
    let shorter = |old: u32, new: u32| (old != new).then(|| old.min(new));
    let passed = |months| Term::last_passed(months, change.previous());
    if let Some(months) = shorter(old.cleanup.ended_months.value, new.cleanup.ended_months.value) {
        let what = format!("without membership for {}", months_text(months));
        let facts = at.cancelled(passed(months).previous());
        cases.extend(three_runs(change, "record", &what, &facts, RECORD));
    }
    // The longer of two terms: the membership's end keeps the record on none of the three days.
    let longer = old.cleanup.ended_months.value.max(new.cleanup.ended_months.value);
    let gone = at.gone(change.previous(), longer);
    if let Some(months) = shorter(old.cleanup.settled_months.value, new.cleanup.settled_months.value) {
        let account = [("library", library), ("settled_on", &*passed(months).to_string())];
        let facts = gone.clone().with(Table::Accounts, &account);
        cases.extend(three_runs(
            change,
            "record",
            &format!("costs settled {} ago", months_text(months)),
            &facts,
            RECORD,
        ));
    }
    for kind in only_one_has(&old.cleanup.blocks.value, &new.cleanup.blocks.value) {
        let facts = gone.clone().with(Table::Accounts, &[("library", library), ("blocks", kind)]);
        cases.extend(three_runs(change, "record", &format!("a block of the kind {kind}"), &facts, RECORD));
    }
    if old.retention.history_months.value != new.retention.history_months.value {
        let what = "a patron who keeps loan history";
        cases.extend(three_runs(change, "retention", what, &at.starting(change), RETENTION));
    }
    if (old.retention.pseudonymise.value, old.retention.finance_months.value)
        != (new.retention.pseudonymise.value, new.retention.finance_months.value)
    {
        let facts = at.starting(change).with(Table::Patrons, &[("loan_history", "false")]);
        cases.extend(three_runs(change, "retention", "a patron who opted out of loan history", &facts, RETENTION));
    }
    let months = [before, after].map(|of_day| of_day.consortium.profile_inactive_months.value);
    if let Some(months) = shorter(months[0], months[1]) {
        let what = format!("inactive for {}", months_text(months));
        cases.extend(three_runs(change, "profile", &what, &profile(passed(months)), PROFILE));
    }
    cases.extend(activity(change, was, is));
    cases
}

/// Patrons who lapse on one side of the change only, since their latest activity counts on the other.
fn activity(change: Day, was: &Library, is: &Library) -> Vec<Boundary> {
    let Some(lapsing) = is.subscriptions.iter().find(|one| lapses(one)) else { return Vec::new() };
    let at = At { library: &is.code, subscription: &lapsing.code };
    let lately = change.previous().previous();
    let long_ago = Term::last_exceeded(lapsing.lapse_months.value, change.previous()).previous().to_string();
    let both =
        was.settings.activity.sources.value.iter().find(|source| is.settings.activity.sources.value.contains(source));
    let mut cases = Vec::new();
    for source in only_one_has(&was.settings.activity.sources.value, &is.settings.activity.sources.value) {
        let mut facts = at.active(lately, source);
        if let Some(both) = both {
            facts = facts.with(Table::Activity, &[("source", both), ("last_active", &long_ago)]);
        }
        let what = format!("{}, active lately by {source}", lapsing.code);
        cases.extend(three_runs(change, "activity", &what, &facts, MEMBERSHIP));
    }
    if was.settings.activity.scope.value != is.settings.activity.scope.value {
        let facts = at
            .active_at("elsewhere", lately, source(is))
            .with(Table::Activity, &[("source", source(is)), ("last_active", &long_ago)]);
        let what = format!("{}, active lately at another library", lapsing.code);
        cases.extend(three_runs(change, "activity", &what, &facts, MEMBERSHIP));
    }
    cases
}

fn only_one_has<'a>(one: &'a [String], other: &'a [String]) -> impl Iterator<Item = &'a str> {
    let missing = |these: &'a [String], those: &'a [String]| these.iter().filter(move |word| !those.contains(word));
    missing(one, other).chain(missing(other, one)).map(|word| &**word)
}
