//! Retention, with the record: which data of a record that stays is pseudonymised or deleted, and which keeps hold it.

use lapse_engine::{EntryOf, Event, Patron, RecordDecision, RecordOutcome};
use lapse_policy::{KeepOf, Key, Setting};

use crate::day_run::DayRun;
use crate::entries::{self, tests_before};
use crate::story::Step;

/// The steps of a record, after those that decided about it.
pub(crate) fn steps(run: &DayRun<'_>, patron: &Patron<'_>, record: &RecordDecision, events: &[Event]) -> Vec<Step> {
    let line = |key| vec![run.line(Some(run.library(record.library)), Setting::of(key))];
    if record.outcome == RecordOutcome::Anonymised {
        let sentence = "The policy has a record that nothing keeps made anonymous.".into();
        return vec![Step { rule: "removal".into(), holds: true, sentence, policy: line(Key::Removal) }];
    }
    if record.outcome.removes_the_patron() {
        return Vec::new();
    }
    let rules = run.rules.library(record.library);
    let keeps = |of: KeepOf| keeps(run, patron, record, of, events);
    let mut steps = keeps(KeepOf::History);
    let held = steps.iter().any(|keep| keep.holds);
    steps.push(match (record.pseudonymise_before, patron.keeps_history) {
        (Some(before), false) => Step {
            rule: "loan history".into(),
            holds: true,
            sentence: format!(
                "The patron opted out of loan history: loans and reservations before {before} are pseudonymised."
            ),
            policy: line(Key::PseudonymiseDays),
        },
        (Some(before), true) => Step {
            rule: "loan history".into(),
            holds: true,
            sentence: format!(
                "The patron keeps loan history, but only for so long: loans and reservations before {before} are \
                 pseudonymised."
            ),
            policy: line(Key::HistoryMonths),
        },
        (None, keeps_history) => {
            let would_go = !keeps_history || rules.history_before.is_some();
            let key = if keeps_history && would_go { Key::HistoryMonths } else { Key::PseudonymiseDays };
            let sentence = if held && would_go {
                "A keep holds it, so it stays."
            } else {
                "The patron keeps loan history, so it stays."
            };
            Step { rule: "loan history".into(), holds: false, sentence: sentence.into(), policy: line(key) }
        }
    });
    steps.extend(keeps(KeepOf::Finance));
    let (holds, sentence) = match record.purge_finance_before {
        Some(before) => (true, format!("Finance rows before {before} are deleted.")),
        None => (false, "A keep holds the finance rows, so they stay.".to_owned()),
    };
    steps.push(Step { rule: "finance".into(), holds, sentence, policy: line(Key::FinanceMonths) });
    steps
}

/// The keeps of history, or of finance, that were tried.
fn keeps(run: &DayRun<'_>, patron: &Patron<'_>, record: &RecordDecision, of: KeepOf, events: &[Event]) -> Vec<Step> {
    let tried = events.iter().enumerate().filter_map(|(at, event)| match *event {
        Event::Entry { entry, of: Some(kept), library, membership: None, about, truth }
            if library == record.library && kept == of =>
        {
            let EntryOf::Named(named) = entry else { return None };
            let tests = tests_before(events, at);
            let tried = entries::Tried { entry, of: Some(of), library, membership: None, about, truth, tests };
            entries::step(run, patron, format!("{}, {of}", run.named(named)), &tried)
        }
        _ => None,
    });
    tried.collect()
}
