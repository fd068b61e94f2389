//! The page of one library: its terms on each run, and what each run makes of the cast there.

use lapse_engine::{
    Decisions, KeepReason, MembershipDecision, MembershipOutcome, ProfileOutcome, ProfileReason, RecordDecision,
    RecordOutcome,
};
use lapse_policy::{Day, DayPolicy, Settings, Span};

use super::cast::Cast;
use super::play::{RUNS, Scene, play};
use super::table::Table;

/// The first sentence of each page, since its runs, one below the other, look like a timeline.
const NO_TIMELINE: &str = "Each run starts from the same facts: no run sees what an earlier one decided.";

/// The whole page of the library with this place in the policy.
pub fn page(here: usize, policies: &[DayPolicy; RUNS.len()], cast: &Cast) -> String {
    let library = &policies[0].libraries[here];
    let group = match library.group.map(|group| &policies[0].groups[group]) {
        Some(group) => format!("Group: {} ({}), kind {}", group.name.value, group.code, group.kind.value.number()),
        None => "Group: none".to_owned(),
    };
    let head = format!("{NO_TIMELINE}\n\n{} ({})\n{group}\n", library.name.value, library.code);
    let parts = play(here, policies, cast);
    let parts = parts.iter().map(|(part, scenes)| section(&part.title, &outcomes(scenes)));
    let terms =
        [section("Subscriptions", &subscriptions(here, policies)), section("Settings", &settings(here, policies))];
    [head].into_iter().chain(terms).chain(parts).collect::<Vec<_>>().join("\n\n")
}

fn section<const COLUMNS: usize>(title: &str, table: &Table<COLUMNS>) -> String {
    format!("{title}\n{}\n\n{table}", "=".repeat(title.chars().count()))
}

/// The terms of each subscription on each run.
fn subscriptions(here: usize, policies: &[DayPolicy; RUNS.len()]) -> Table<7> {
    let libraries = policies.each_ref().map(|policy| &policy.libraries[here]);
    let mut codes: Vec<_> =
        libraries.iter().flat_map(|library| &library.subscriptions).map(|known| known.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut table = Table::new(["run", "name", "holder", "fee", "renewal", "term months", "lapse months"]);
    for code in codes {
        table.title(code.to_owned());
        let terms = libraries.map(|library| {
            let known = library.subscriptions.iter().find(|known| known.code == code)?;
            Some([
                known.name.value.clone(),
                known.holder.value.to_string(),
                known.fee.value.to_string(),
                known.renewal.value.to_string(),
                known.term_months.value.to_string(),
                known.lapse_months.value.to_string(),
            ])
        });
        for (period, terms) in periods(terms) {
            let [name, holder, fee, renewal, term, lapse] = terms.unwrap_or_default();
            table.row([period, name, holder, fee, renewal, term, lapse]);
        }
    }
    table
}

/// The library's other settings on each run, by their names in the policy files.
fn settings(here: usize, policies: &[DayPolicy; RUNS.len()]) -> Table<3> {
    type Written = fn(&DayPolicy, &Settings) -> String;
    let settings: [(&str, Written); 8] = [
        ("activity.sources", |_, library| library.activity.sources.value.join(" ")),
        ("activity.scope", |_, library| library.activity.scope.value.to_string()),
        ("cleanup.ended_months", |_, library| library.cleanup.ended_months.value.to_string()),
        ("cleanup.settled_months", |_, library| library.cleanup.settled_months.value.to_string()),
        ("cleanup.blocks", |_, library| library.cleanup.blocks.value.join(" ")),
        ("profile.inactive_months", |policy, _| policy.consortium.profile_inactive_months.value.to_string()),
        ("retention.pseudonymise_days", |_, library| match library.retention.pseudonymise.value {
            Span::Days(days) => days.to_string(),
            span @ Span::Months(_) => span.to_string(),
        }),
        ("retention.finance_months", |_, library| library.retention.finance_months.value.to_string()),
    ];
    let mut table = Table::new(["run", "setting", "value"]);
    for (key, written) in settings {
        for (period, value) in
            periods(policies.each_ref().map(|policy| written(policy, &policy.libraries[here].settings)))
        {
            table.row([period, key.to_owned(), value]);
        }
    }
    table
}

/// The decisions on each patron in each run.
fn outcomes(scenes: &[Scene<'_>]) -> Table<11> {
    // Beside the reasons of a profile, those of the record need another name.
    let has_profile = scenes.iter().flat_map(|scene| &scene.runs).any(|run| run.profile.is_some());
    let mut table = Table::new([
        "run",
        "membership",
        "outcome",
        "reason",
        "valid until",
        "profile",
        "reasons",
        "record",
        if has_profile { "record reasons" } else { "reasons" },
        "pseudonymise before",
        "purge finance before",
    ]);
    for scene in scenes {
        table.title(format!("{}: {}", scene.member.name, scene.member.shows));
        for (period, mut rows) in periods(scene.runs.each_ref().map(|run| outcome(scene, run))) {
            rows[0][0] = period;
            for row in rows {
                table.row(row);
            }
        }
    }
    table
}

/// What one run makes of a patron here: a row for each membership, the first with the profile and the record. The run
/// itself, the first cell, is left empty.
fn outcome(scene: &Scene<'_>, run: &Decisions) -> Vec<[String; 11]> {
    let mut memberships = scene.memberships(run).map(|(subscription, decided)| membership(subscription, decided));
    let [subscription, outcome, reason, until] = memberships.next().unwrap_or_default();
    let [profile, why_profile] = profile(run);
    let record = scene.record(run);
    let [kept, why_kept] = record.map(kept).unwrap_or_default();
    let [pseudonymise, purge] = record.filter(|_| !scene.member.loan_history).map(cut_offs).unwrap_or_default();
    let first = [
        String::new(),
        subscription,
        outcome,
        reason,
        until,
        profile,
        why_profile,
        kept,
        why_kept,
        pseudonymise,
        purge,
    ];
    let further = memberships.map(|[subscription, outcome, reason, until]| {
        let mut row = <[String; 11]>::default();
        [row[1], row[2], row[3], row[4]] = [subscription, outcome, reason, until];
        row
    });
    [first].into_iter().chain(further).collect()
}

fn membership(subscription: &str, decided: &MembershipDecision) -> [String; 4] {
    let until = match (decided.valid_until, decided.outcome) {
        (Some(until), _) => until.to_string(),
        (None, MembershipOutcome::Valid | MembershipOutcome::Renewed) => "no end".to_owned(),
        (None, MembershipOutcome::Deregistered | MembershipOutcome::Expired) => "unknown".to_owned(),
    };
    [subscription.to_owned(), decided.outcome.to_string(), decided.reason.to_string(), until]
}

fn profile(run: &Decisions) -> [String; 2] {
    let Some(profile) = run.profile else { return <[String; 2]>::default() };
    let reasons = match profile.outcome {
        ProfileOutcome::Kept => words(profile.reasons.iter().map(ProfileReason::as_str)),
        ProfileOutcome::Deleted => ProfileOutcome::DELETED_REASON.to_owned(),
    };
    [profile.outcome.to_string(), reasons]
}

fn kept(record: &RecordDecision) -> [String; 2] {
    let reasons = match record.outcome {
        RecordOutcome::Kept | RecordOutcome::Review => words(record.reasons.iter().map(KeepReason::as_str)),
        RecordOutcome::Archived | RecordOutcome::Deleted | RecordOutcome::Anonymised => {
            record.outcome.clear_reason().to_owned()
        }
    };
    [record.outcome.to_string(), reasons]
}

/// The cut-offs of a record, which are shown for patrons who opted out of loan history: only they have both.
fn cut_offs(record: &RecordDecision) -> [String; 2] {
    [record.pseudonymise_before, record.purge_finance_before]
        .map(|day| day.map_or_else(|| "none".to_owned(), |day| day.to_string()))
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

/// Runs that follow each other with the same result become one: `2022-06-01 to 2022-08-01`.
fn periods<T: PartialEq>(results: [T; RUNS.len()]) -> Vec<(String, T)> {
    let mut periods: Vec<(Day, Day, T)> = Vec::new();
    for (run, result) in RUNS.into_iter().zip(results) {
        match periods.last_mut() {
            Some((_, last, same)) if *same == result => *last = run,
            _ => periods.push((run, run, result)),
        }
    }
    let told = |first: Day, last: Day| if first == last { first.to_string() } else { format!("{first} to {last}") };
    periods.into_iter().map(|(first, last, result)| (told(first, last), result)).collect()
}
