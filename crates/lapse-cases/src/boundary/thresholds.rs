//! The thresholds that apply on one day, and the patrons on the day before each, the day itself and the day after.

use lapse_engine::{SubscriptionRules, Term};
use lapse_policy::{Day, DayPolicy, Library, Subscription, count, months as months_text};
use lapse_tables::Table;

use super::made_up::{Boundary, MEMBERSHIP, PROFILE, RECORD, RETENTION};
use super::patrons::{At, lapses, profile, source};
use super::timeline::Known;
use crate::casefile::{Column, Facts};

/// The day before a threshold, the day itself and the day after, with how long ago each is.
fn around(threshold: Day, months: u32) -> [(Day, String); 3] {
    let term = months_text(months);
    [
        (threshold.previous(), format!("a day more than {term}")),
        (threshold, format!("exactly {term}")),
        (threshold.next(), format!("a day less than {term}")),
    ]
}

/// A day, with the one before it and the one after.
fn beside(day: Day) -> [Day; 3] {
    [day.previous(), day, day.next()]
}

/// The settings of a subscription on which its boundaries depend, in words.
pub(super) fn title(subscription: &Subscription) -> String {
    let Subscription { holder, fee, renewal, term_months, lapse_months, grace_days, term_ends, .. } = subscription;
    let mut title = format!(
        "holder {}, fee {}, renewal {}, term {}",
        holder.value,
        fee.value,
        renewal.value,
        months_text(term_months.value)
    );
    if grace_days.value > 0 {
        title = format!("{title}, grace {}", count(grace_days.value.into(), "day", "days"));
    }
    if let Some(ends) = term_ends.value {
        title = format!("{title} to {ends}");
    }
    if lapses(subscription) {
        title = format!("{title}, lapses after {}", months_text(lapse_months.value));
    }
    title
}

/// The boundaries of a subscription on a day.
pub fn of_subscription(here: &Library, subscription: &Subscription, date: Day) -> Vec<Boundary> {
    let at = At { library: &here.code, subscription: &subscription.code };
    let source = source(here);
    let boundary = |what: String, facts: Facts| Boundary {
        subject: subscription.code.clone(),
        what,
        date,
        facts,
        shows: MEMBERSHIP,
    };
    let mut cases = Vec::new();
    if lapses(subscription) {
        let months = subscription.lapse_months.value;
        // It lapses after more than these months, so the first day of activity that keeps it is the one from which exactly
        // these months have passed.
        let threshold = Term::last_exceeded(months, date).next();
        for (last_active, ago) in around(threshold, months) {
            cases.push(boundary(format!("last active {ago} ago"), at.active(last_active, source)));
        }
    }
    for (until, what) in [
        (date.previous(), "its last valid day was yesterday"),
        (date, "its last valid day is today"),
        (date.next(), "its last valid day is tomorrow"),
    ] {
        cases.push(boundary(what.to_owned(), at.until(until, date, source)));
    }
    let rules = SubscriptionRules::from(subscription);
    if rules.grace_days > 0 {
        let last = date.add_days(-rules.grace_days.cast_signed());
        for until in beside(last) {
            let ends = rules.grace_ends(until).map_or_else(|| "never".to_owned(), |ends| format!("on {ends}"));
            cases.push(boundary(format!("its grace ends {ends}"), at.until(until, date, source)));
        }
    }
    if rules.renews() {
        let first = rules.first_end_renewed_by_one_term(date);
        for (until, ago) in around(first, rules.term_months) {
            let ago = if rules.term_ends.is_some() { until.to_string() } else { format!("{ago} ago") };
            cases.push(boundary(format!("its last valid day was {ago}"), at.until(until, date, source)));
        }
        // What ends on the day on which terms end, or a day sooner or later.
        for until in rules.term_ends.and_then(|ends| ends.in_year(date.year() - 1)).into_iter().flat_map(beside) {
            let what = format!("its last valid day was {until}");
            if !cases.iter().any(|case| case.what == what) {
                cases.push(boundary(what, at.until(until, date, source)));
            }
        }
    }
    cases
}

/// The other boundaries of a library on a day: what its records, the profiles of its patrons and activity depend on.
pub fn of_library(of_day: &DayPolicy, library: &str, known: &Known) -> Vec<Boundary> {
    let Some(here) = of_day.library(library) else { return Vec::new() };
    let Some(bearer) = here.subscriptions.first() else { return Vec::new() };
    let date = of_day.date;
    let at = At { library, subscription: &bearer.code };
    let mut cases = Vec::new();
    let mut add = |subject: &str, what: String, facts: Facts, shows: &'static [Column]| {
        cases.push(Boundary { subject: subject.to_owned(), what, date, facts, shows });
    };
    for (from, what) in
        [(date.previous(), "started yesterday"), (date, "starts today"), (date.next(), "starts tomorrow")]
    {
        add("membership", what.to_owned(), at.starting(from), MEMBERSHIP);
    }
    let cleanup = &here.settings.cleanup;
    let months = cleanup.ended_months.value;
    for (first_without, ago) in around(Term::last_passed(months, date), months) {
        let facts = at.cancelled(first_without.previous());
        add("record", format!("without membership for {ago}"), facts, RECORD);
    }
    let gone = at.gone(date, cleanup.ended_months.value);
    let months = cleanup.settled_months.value;
    for (settled_on, ago) in around(Term::last_passed(months, date), months) {
        let account = [("library", library), ("settled_on", &*settled_on.to_string())];
        add("record", format!("costs settled {ago} ago"), gone.clone().with(Table::Accounts, &account), RECORD);
    }
    for kind in &known.blocks {
        let facts = gone.clone().with(Table::Accounts, &[("library", library), ("blocks", kind)]);
        add("record", format!("a block of the kind {kind}"), facts, RECORD);
    }
    if let Some(other) = neighbour(of_day, here) {
        let subscription = other.subscriptions.first().map_or("elsewhere", |subscription| &*subscription.code);
        let facts = gone.clone().with(
            Table::Memberships,
            &[("library", &*other.code), ("subscription", subscription), ("valid_from", &date.to_string())],
        );
        add("record", format!("a valid membership at {}, of the same group", other.code), facts, RECORD);
    }
    let kept = at.starting(date).with(Table::Patrons, &[("loan_history", "false")]);
    add("retention", "a patron who opted out of loan history".to_owned(), kept, RETENTION);
    if here.settings.retention.history_months.value.is_some() {
        add("retention", "a patron who keeps loan history".to_owned(), at.starting(date), RETENTION);
    }
    let months = of_day.consortium.profile_inactive_months.value;
    for (last_active, ago) in around(Term::last_passed(months, date), months) {
        add("profile", format!("inactive for {ago}"), profile(last_active), PROFILE);
    }
    for (what, facts) in activity(of_day, here, known) {
        add("activity", what, facts, MEMBERSHIP);
    }
    cases
}

/// The next library of the same group, whatever its kind.
fn neighbour<'a>(of_day: &'a DayPolicy, here: &Library) -> Option<&'a Library> {
    let in_group = |other: &&Library| other.code != here.code && other.group == here.group;
    here.group.and_then(|_| of_day.libraries.iter().find(in_group))
}

/// Patrons whose last activity is long ago but for activity of yesterday: by each source, and at another library.
fn activity(of_day: &DayPolicy, here: &Library, known: &Known) -> Vec<(String, Facts)> {
    let Some(lapsing) = here.subscriptions.iter().find(|one| lapses(one)) else { return Vec::new() };
    let at = At { library: &here.code, subscription: &lapsing.code };
    let yesterday = of_day.date.previous();
    let long_ago = Term::last_exceeded(lapsing.lapse_months.value, of_day.date).add_months(-12);
    let active =
        |facts: Facts| facts.with(Table::Activity, &[("source", source(here)), ("last_active", &long_ago.to_string())]);
    let by_source = known.sources.iter().map(|source| {
        (format!("{}, active yesterday by {source}", lapsing.code), active(at.active(yesterday, source)))
    });
    let elsewhere = of_day.libraries.iter().find(|other| other.code != here.code).map(|other| {
        let facts = active(at.active_at(&other.code, yesterday, source(here)));
        (format!("{}, active yesterday at {}", lapsing.code, other.code), facts)
    });
    by_source.chain(elsewhere).collect()
}
