//! Witnesses: made-up patrons, the smallest whose outcome differs under the new policy. The patrons at the thresholds of both
//! policies are tried on both, on a day of each period for which a setting differs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use lapse_engine::{Decisions, last_run, next_run};
use lapse_host::Plugins;
use lapse_policy::schema::Table;
use lapse_policy::{Day, DayPolicy, Policy};

use super::Difference;
use super::change::Change;
use super::describe::{HERE, sentence};
use super::filled::filled;
use super::settings::pieces;
use crate::ChangeError;
use crate::few;
use lapse_cases::boundary::{self, Boundary, Known, Timeline, subscription};
use lapse_cases::casefile::Facts;
use lapse_cases::{Outcomes, Trial};

/// A made-up patron whose outcome differs between the policies.
#[derive(Clone, Debug)]
pub struct Witness {
    /// The codes of the libraries at which the outcome of such a patron differs.
    pub libraries: Vec<String>,
    /// The subscription whose settings differ; none where another setting of the library does.
    pub subscription: Option<String>,
    /// The day of the run.
    pub date: Day,
    /// The patron, at the first of the libraries.
    pub facts: Facts,
    /// The outcomes under the old policy.
    pub before: Outcomes,
    /// The outcomes under the new policy.
    pub after: Outcomes,
    /// What happens, in words.
    pub sentence: String,
}

/// The library, or the subscription there, whose settings differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    library: String,
    subscription: Option<String>,
    /// The table and the name of the keep, end or narrowing that differs.
    entry: Option<(Table, String)>,
}

/// A patron to try for a subject. Of the days on which a difference shows, the one with the least `preference` is the best.
struct Candidate {
    subject: Subject,
    preference: usize,
    boundary: Boundary,
}

/// A patron whose outcome differs, with the day.
struct Found {
    /// The least rank wins: the preferred day, then the fewest facts, then the latest day among the facts, which is the
    /// nearest to the threshold that moved.
    rank: (usize, usize, Reverse<Option<String>>),
    date: Day,
    facts: Facts,
    before: Outcomes,
    after: Outcomes,
}

/// The smallest witness of each change, for each subscription and the rest of each library.
pub(super) fn find(old: &Policy, new: &Policy, differences: &[Difference]) -> Result<Vec<Witness>, ChangeError> {
    // A policy does not say what its plugins decide, and a revision may not have their files.
    let plugins = Plugins::none();
    let mut all: BTreeMap<(Subject, Change), Vec<Found>> = BTreeMap::new();
    for (day, candidates) in candidates(old, new, differences) {
        let patrons = || candidates.iter().map(|candidate| &candidate.boundary.facts);
        let [before, after] = [Trial::new(old, &plugins, day, patrons())?, Trial::new(new, &plugins, day, patrons())?];
        let unusable: Vec<usize> = before.unusable.iter().chain(&after.unusable).map(|row| row.patron).collect();
        for (index, candidate) in candidates.iter().enumerate().filter(|(index, _)| !unusable.contains(index)) {
            let [before, after] = [before.decide(index)?, after.decide(index)?];
            let change = Change::of(&before, &after).filter(|change| change.shows_in(candidate.boundary.shows));
            let Some(change) = change else { continue };
            let facts = candidate.boundary.facts.clone();
            let rank = (candidate.preference, facts.size(), Reverse(facts.latest_day().map(str::to_owned)));
            let found = Found { rank, date: day, facts, before, after };
            all.entry((candidate.subject.clone(), change)).or_default().push(found);
        }
    }
    let mut witnesses: Vec<Witness> = Vec::new();
    for ((subject, change), found) in all {
        let Some((found, told)) = best(old, new, &subject, change, found)? else { continue };
        let same = |other: &&mut Witness| other.subscription == subject.subscription && other.sentence == told;
        if let Some(other) = witnesses.iter_mut().find(same) {
            other.libraries.push(subject.library);
            continue;
        }
        let Found { date, facts, before, after, .. } = found;
        let libraries = vec![subject.library];
        witnesses.push(Witness {
            libraries,
            subscription: subject.subscription,
            date,
            facts,
            before,
            after,
            sentence: told,
        });
    }
    for witness in &mut witnesses {
        let names: Vec<String> = witness.libraries.iter().map(|code| name(old, new, witness.date, code)).collect();
        witness.sentence = witness.sentence.replace(HERE, &names[0]);
        if !names[1..].is_empty() {
            witness.sentence = format!("{} Likewise at {}.", witness.sentence, few(&names[1..]));
        }
    }
    Ok(witnesses)
}

fn name(old: &Policy, new: &Policy, day: Day, code: &str) -> String {
    let of = |policy: &Policy| {
        let here = policy.on_for(day, |other| other == code).libraries.pop();
        here.map(|library| library.name.value)
    };
    of(new).or_else(|| of(old)).unwrap_or_else(|| code.to_owned())
}

/// The best of the patrons for whom the policies come to something else, and the sentence about it; none where that is true
/// of no patron.
fn best(
    old: &Policy,
    new: &Policy,
    subject: &Subject,
    change: Change,
    mut found: Vec<Found>,
) -> Result<Option<(Found, String)>, ChangeError> {
    // The sort is stable, so of equal ranks the first stays the first.
    found.sort_by(|one, other| one.rank.cmp(&other.rank));
    for found in found {
        if let Some(told) = tell(old, new, subject, change, &found)? {
            return Ok(Some((found, told)));
        }
    }
    Ok(None)
}

/// What happens to the patron; none where both policies take away the same in the same run, which need not be that of the
/// day on which the outcomes differ.
fn tell(
    old: &Policy,
    new: &Policy,
    subject: &Subject,
    change: Change,
    found: &Found,
) -> Result<Option<String>, ChangeError> {
    let lost = match change.loss() {
        Some(loss) => Some((first_run(old, found, loss)?, first_run(new, found, loss)?)),
        None => None,
    };
    if lost.is_some_and(|(before, after)| before == after) {
        return Ok(None);
    }
    Ok(Some(sentence(&found.facts, &subject.library, found.date, change, [&found.before, &found.after], lost)))
}

/// The first run at which something is taken away from the patron. The runs count from the first after the latest fact on,
/// for a run before the day on which the outcomes differ may already take it away.
fn first_run(policy: &Policy, found: &Found, loss: fn(&Decisions) -> bool) -> Result<Option<Day>, ChangeError> {
    let latest: Option<Day> = found.facts.latest_day().and_then(|day| day.parse().ok());
    let start = latest.map_or(found.date, |latest| {
        let run_day = policy.on_for(latest, |_| false).consortium.run_day.value;
        next_run(latest, run_day).min(found.date)
    });
    Ok(Trial::alone(policy, &Plugins::none(), start, &found.facts)?.first_run(0, loss)?)
}

/// The patrons to try on each day.
fn candidates(old: &Policy, new: &Policy, differences: &[Difference]) -> BTreeMap<Day, Vec<Candidate>> {
    let mut known = Known::default();
    known.add(Timeline::of(old).days());
    known.add(Timeline::of(new).days());
    let mut policies: BTreeMap<Day, [DayPolicy; 2]> = BTreeMap::new();
    let mut all: BTreeMap<Day, Vec<Candidate>> = BTreeMap::new();
    let mut tried: BTreeSet<(Day, Subject)> = BTreeSet::new();
    let pieces = pieces(old, new);
    for difference in differences {
        for (preference, day) in days(difference, &pieces, old).into_iter().enumerate() {
            let both = policies.entry(day).or_insert_with(|| [old.on(day), new.on(day)]);
            for subject in subjects(difference, both) {
                if !tried.insert((day, subject.clone())) {
                    continue;
                }
                let whole = both.iter().any(|of_day| of_day.library(&subject.library).is_none());
                let patrons = both.iter().flat_map(|of_day| boundaries(of_day, &subject, whole, &known));
                for boundary in patrons {
                    // A test of the month of the run is tried in the month that it names.
                    let candidates = all.entry(boundary.date).or_default();
                    candidates.push(Candidate { subject: subject.clone(), preference, boundary });
                }
            }
        }
    }
    all
}

/// A day of each period for which a setting differs. The first of them is preferred: it is in the period in which the
/// difference begins, or in the last period where it never began.
fn days(difference: &Difference, pieces: &[Day], policy: &Policy) -> Vec<Day> {
    let mut days: Vec<Day> = pieces
        .iter()
        .enumerate()
        .filter(|(_, start)| difference.from.is_none_or(|from| from <= **start))
        .filter(|(_, start)| difference.until.is_none_or(|until| **start <= until))
        .map(|(index, &start)| {
            let end = pieces.get(index + 1).map(|next| next.previous());
            run_day(start, end, policy.on_for(start, |_| false).consortium.run_day.value)
        })
        .collect();
    if difference.from.is_none() {
        days.reverse();
    }
    days
}

/// A day of the customer run in a period, or the first day of the period where it has no run.
fn run_day(start: Day, end: Option<Day>, run_day: u32) -> Day {
    let first_from = |day: Day| next_run(day.previous(), run_day);
    if start > Day::MIN {
        let first = first_from(start);
        return if first >= start && end.is_none_or(|end| first <= end) { first } else { start };
    }
    end.map_or_else(|| first_from(boundary::ANY_DAY), |end| last_run(end, run_day))
}

/// The libraries and subscriptions that a difference may concern.
fn subjects(difference: &Difference, both: &[DayPolicy; 2]) -> Vec<Subject> {
    let subject = |library: &str, subscription: Option<&str>| Subject {
        library: library.to_owned(),
        subscription: subscription.map(str::to_owned),
        entry: difference.entry.clone(),
    };
    match (&difference.library, &difference.subscription) {
        (Some(here), Some(code)) => vec![subject(here, Some(code))],
        (Some(here), None) => vec![subject(here, None)],
        // A setting of the consortium is about profiles, which any library shows.
        // What an entry says everywhere is a difference of each library too.
        (None, _) if difference.entry.is_some() => Vec::new(),
        (None, _) => both[1].libraries.first().map(|first| subject(&first.code, None)).into_iter().collect(),
    }
}

/// The patrons to try for a subject; where only one policy has the library (`whole`), those of all its subscriptions.
fn boundaries(of_day: &DayPolicy, subject: &Subject, whole: bool, known: &Known) -> Vec<Boundary> {
    let Some(here) = of_day.library(&subject.library) else { return Vec::new() };
    if let Some((table, name)) = &subject.entry {
        let path = format!("{}.{name}", table.as_str());
        let mut all = boundary::of_entries(of_day, &subject.library);
        all.retain(|boundary| boundary.subject == path);
        let known = |boundary: &Boundary| Boundary { facts: filled(&boundary.facts, of_day), ..boundary.clone() };
        let all_known: Vec<Boundary> = all.iter().map(known).collect();
        all.extend(all_known);
        return all;
    }
    let of_subscription = |one| boundary::of_subscription(here, one, of_day.date);
    match &subject.subscription {
        Some(code) => subscription(of_day, &subject.library, code).map(of_subscription).unwrap_or_default(),
        None if whole => here.subscriptions.iter().flat_map(of_subscription).collect(),
        None => boundary::of_library(of_day, &subject.library, known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_piece_of_time_is_shown_on_a_run_where_it_has_one() {
        for (start, end, expected) in [
            ("2022-07-01", None, "2022-07-01"),
            ("2022-07-02", None, "2022-08-01"),
            ("2022-07-02", Some("2022-07-31"), "2022-07-02"),
            ("0001-01-01", None, "2024-01-01"),
            ("0001-01-01", Some("2022-06-30"), "2022-06-01"),
            ("0001-01-01", Some("2022-06-01"), "2022-06-01"),
            ("9999-12-02", None, "9999-12-02"),
        ] {
            assert_eq!(run_day(day(start), end.map(day), 1), day(expected), "{start} {end:?}");
        }
        assert_eq!(run_day(day("0001-01-01"), Some(day("2022-06-14")), 15), day("2022-05-15"));
    }
}
