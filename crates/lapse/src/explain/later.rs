//! The runs to come, if nobody does anything: each run's result is fed to the next, under the policy of its day.

use lapse_engine::carry::PatronRows;
use lapse_engine::{
    Decisions, ExtraError, ExtraRules, KeepReason, MembershipOutcome, Patron, ProfileOutcome, RecordOutcome, Rules,
    Silent,
};
use lapse_policy::Day;
use serde::Serialize;

use super::story::{Scene, decide};
use crate::plugins::FactsOf;

/// So many months are looked ahead: longer than the longest term that a policy can set (1200 months).
const MONTHS: usize = 1210;
/// So many runs with a change are told; the first is what matters, the others show where it leads.
const TOLD: usize = 6;

/// What later runs change.
#[derive(Debug, Serialize)]
pub struct Later {
    /// The last run that was looked at.
    pub looked_ahead_to: String,
    /// The first runs at which something changes, in order; none: nothing changes.
    pub runs: Vec<LaterRun>,
    /// In the end nothing is left of the patron.
    pub gone: bool,
}

/// A later run at which something changes.
#[derive(Debug, Serialize)]
pub struct LaterRun {
    /// Its day.
    pub date: String,
    /// What changes, a sentence each.
    pub changes: Vec<String>,
}

/// Finds the first later runs at which an outcome changes.
pub(super) fn look_ahead(scene: &Scene<'_>, patron: &Patron<'_>, decisions: &Decisions) -> Result<Later, ExtraError> {
    let mut rows = PatronRows::from(patron);
    let mut before = Standing::of(&rows, decisions, scene);
    rows.carry_out(decisions);
    let mut of_day = scene.of_day.clone();
    let change_days = scene.policy.change_days();
    let mut runs = Vec::new();
    for _ in 0..MONTHS {
        let next = next_run(of_day.date, of_day.consortium.run_day.value);
        if next <= of_day.date || runs.len() == TOLD || rows.is_gone() {
            break;
        }
        if change_days.iter().any(|&day| of_day.date < day && day <= next) {
            of_day = scene.policy.on(next);
        } else {
            of_day.date = next;
        }
        let rules = Rules::new(&of_day, &scene.extract.codes);
        let facts = FactsOf(scene.extract);
        let extra = scene.plugins.rules(&of_day, &facts);
        let extra = extra.as_ref().map(|extra| extra as &dyn ExtraRules);
        let decisions = decide(scene.index, &rows.as_patron(), &rules, extra, &mut Silent)?;
        let after = Standing::of(&rows, &decisions, scene);
        let changes = after.changes_since(&before, scene);
        if !changes.is_empty() {
            runs.push(LaterRun { date: next.to_string(), changes });
        }
        before = after;
        rows.carry_out(&decisions);
    }
    Ok(Later { looked_ahead_to: of_day.date.to_string(), runs, gone: rows.is_gone() })
}

/// The first day after `day` that is a run day; the last day of the calendar where there is none.
fn next_run(day: Day, run_day: u32) -> Day {
    let in_month = |month: Day| Day::new(month.year(), month.month(), run_day).unwrap_or(month);
    let this_month = in_month(day);
    if this_month > day { this_month } else { in_month(day.add_months(1)) }
}

/// What a patron is left with after a run, as far as a change in it is worth telling.
struct Standing {
    /// Whether each membership goes on; and how it was decided.
    memberships: Vec<(bool, MembershipOutcome, String)>,
    records: Vec<(lapse_engine::LibraryId, RecordOutcome, String)>,
    profile: Option<ProfileOutcome>,
    names: Vec<(lapse_engine::SubscriptionId, lapse_engine::LibraryId)>,
}

impl Standing {
    fn of(rows: &PatronRows, decisions: &Decisions, scene: &Scene<'_>) -> Standing {
        Standing {
            memberships: decisions
                .memberships
                .iter()
                .map(|decided| {
                    let reason = decided.extra.map_or(decided.reason.as_str(), |reason| scene.word(reason));
                    (decided.is_valid(), decided.outcome, reason.to_owned())
                })
                .collect(),
            records: decisions
                .records
                .iter()
                .map(|record| {
                    let built_in = record.reasons.iter().map(|reason: KeepReason| -> &str { reason.as_str() });
                    let extra = decisions.extra_reasons(record.library).map(|reason| scene.word(reason));
                    let reasons: Vec<&str> = built_in.chain(extra).collect();
                    (record.library, record.outcome, reasons.join(" "))
                })
                .collect(),
            profile: decisions.profile.map(|profile| profile.outcome),
            names: rows.memberships.iter().map(|membership| (membership.subscription, membership.library)).collect(),
        }
    }

    /// One sentence for each change.
    fn changes_since(&self, before: &Standing, scene: &Scene<'_>) -> Vec<String> {
        let mut changes = Vec::new();
        let memberships = before.memberships.iter().zip(&self.memberships).zip(&self.names);
        for ((before, after), &(subscription, library)) in memberships {
            if before.0 != after.0 {
                let subscription = scene.extract.codes.subscriptions.text(subscription);
                let library = scene.library(library);
                changes.push(format!("the membership {subscription} at {library} is {} ({})", after.1, after.2));
            }
        }
        for (library, outcome, reasons) in &self.records {
            let earlier = before.records.iter().find(|(there, ..)| there == library);
            if earlier.is_some_and(|(_, earlier, _)| earlier != outcome) {
                let library = scene.library(*library);
                let reasons = if reasons.is_empty() { outcome.clear_reason() } else { reasons };
                changes.push(format!("the record at {library} is {outcome} ({reasons})"));
            }
        }
        if let (Some(before), Some(after)) = (before.profile, self.profile)
            && before != after
        {
            changes.push(format!("the Mijn Bibliotheek profile is {after}"));
        }
        changes
    }
}
