//! The work of a plan: every patron to the engine, and the decisions to the actions that carry them out.

use std::collections::{BTreeMap, HashMap};

use lapse_engine::{
    Codes, Decisions, ExtraError, ExtraReason, LibraryId, MembershipDecision, MembershipOutcome, NamedId, Patron,
    ProfileOutcome, ProfileReason, RecordDecision, RecordOutcome, Room, Rules, Silent, SubscriptionId, Tally, evaluate,
    evaluate_batch,
};
use lapse_policy::provenance::deciding;
use lapse_policy::{DayPolicy, Key, Policy, Setting};
use lapse_tables::{AskedColumn, Extras, PatronBatch, Work};

use super::digest::Parts;
use super::line::{Counts, PlanEnd, Planned, PlannedPatron};
use crate::actions::{ActionKind, DatabaseRegister};

/// Decides by a policy, and plans what a register can do.
pub(crate) struct Planning<'a> {
    pub policy: &'a Policy,
    pub of_day: &'a DayPolicy,
    pub extras: Option<&'a dyn Extras>,
    pub register: &'a DatabaseRegister,
}

/// The lines of a step, and what they come to.
#[derive(Default)]
pub(crate) struct Lines {
    pub text: Vec<u8>,
    pub end: PlanEnd,
}

/// What one thread decides with.
pub(crate) struct Planner {
    rules: Rules,
    known: usize,
    decisions: Vec<Decisions>,
    room: Room,
    pub tally: Tally,
    /// The lines of the policy behind decisions, by what they depend on.
    because: HashMap<(LibraryId, Option<SubscriptionId>, Behind), String>,
}

/// What stands behind a decision, beside its library and subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Behind {
    Key(Key),
    Entry(NamedId),
    Extra(ExtraReason),
}

impl Work for Planning<'_> {
    type Worker = Planner;
    type Rows = Lines;

    fn columns(&self) -> &[AskedColumn] {
        self.extras.map_or(&[], |extras| extras.columns())
    }

    fn new_worker(&self, codes: &Codes) -> Planner {
        Planner {
            rules: Rules::new(self.of_day, codes),
            known: 0,
            decisions: Vec::new(),
            room: Room::default(),
            tally: Tally::default(),
            because: HashMap::new(),
        }
    }

    fn work(&self, worker: &mut Planner, batch: &PatronBatch<'_>, rows: &mut Lines) -> Result<(), ExtraError> {
        let Planner { rules, known, decisions, room, tally, .. } = worker;
        let count = batch.codes.blocks.len();
        if count > *known {
            *known = count;
            rules.learn_blocks(batch.codes.blocks.texts());
        }
        decisions.resize(batch.patrons.len(), Decisions::default());
        if let Some(extras) = self.extras {
            let extra = extras.rules(batch.codes, batch.facts);
            let keep = |index: usize, decided: &Decisions| decisions[index].clone_from(decided);
            evaluate_batch(batch.first, batch.patrons, rules, &*extra, room, &mut Silent, keep)?;
        } else {
            batch
                .patrons
                .iter()
                .zip(decisions.iter_mut())
                .for_each(|(patron, decided)| evaluate(patron, rules, decided));
        }
        let decisions = std::mem::take(&mut worker.decisions);
        for (index, (patron, decided)) in batch.patrons.iter().zip(&decisions).enumerate() {
            tally.add(patron, decided);
            rows.end.patrons += 1;
            let actions = self.actions(&mut worker.because, batch.codes, patron, decided);
            self.plan(batch, batch.first + index, patron, actions, rows);
        }
        worker.decisions = decisions;
        Ok(())
    }
}

impl Planning<'_> {
    /// Adds the line of a patron, and counts what it has.
    fn plan(
        &self,
        batch: &PatronBatch<'_>,
        index: usize,
        patron: &Patron<'_>,
        actions: Vec<(ActionKind, Planned)>,
        rows: &mut Lines,
    ) {
        let Lines { text, end } = rows;
        let (mut done, not_named): (Vec<_>, Vec<_>) =
            actions.into_iter().partition(|(kind, _)| self.register.does(*kind));
        for (kind, _) in not_named {
            count(&mut end.not_named, kind);
        }
        if done.is_empty() {
            return;
        }
        done.sort_by_key(|(kind, _)| *kind);
        end.with_actions += 1;
        for (kind, planned) in &done {
            count(&mut end.total, *kind);
            if self.register.is_irreversible(*kind) {
                count(&mut end.irreversible, *kind);
            }
            for library in &planned.libraries {
                count(end.libraries.entry(library.clone()).or_default(), *kind);
            }
        }
        let parts = Parts::of(patron, batch, index, self.columns());
        let line = PlannedPatron {
            patron: batch.facts.id(index).to_owned(),
            facts: parts.whole(),
            parts: parts.shown(),
            held: patron.held,
            actions: done.into_iter().map(|(_, planned)| planned).collect(),
            number: 0,
            comes_back: false,
        };
        serde_json::to_writer(&mut *text, &line).expect("a line is texts, and memory takes them");
        text.push(b'\n');
    }

    /// What carries out the decisions about a patron.
    fn actions(
        &self,
        because: &mut HashMap<(LibraryId, Option<SubscriptionId>, Behind), String>,
        codes: &Codes,
        patron: &Patron<'_>,
        decided: &Decisions,
    ) -> Vec<(ActionKind, Planned)> {
        let mut actions = Vec::new();
        let mut behind = |library: LibraryId, subscription: Option<SubscriptionId>, behind: Option<Behind>| {
            let Some(what) = behind else { return String::new() };
            let key = (library, subscription, what);
            because.entry(key).or_insert_with(|| self.because(codes, library, subscription, what)).clone()
        };
        for (membership, decision) in patron.memberships.iter().zip(&decided.memberships) {
            let kind = match decision.outcome {
                MembershipOutcome::Deregistered => ActionKind::Deregister,
                MembershipOutcome::Renewed => ActionKind::Renew,
                MembershipOutcome::Valid | MembershipOutcome::Expired => continue,
            };
            let day = |day: Option<lapse_policy::Day>| day.map(|day| day.to_string());
            let planned = Planned {
                action: kind.as_str().to_owned(),
                libraries: vec![codes.libraries.text(membership.library).to_owned()],
                subscription: Some(codes.subscriptions.text(membership.subscription).to_owned()),
                valid_from: Some(membership.valid_from.to_string()),
                before_valid_until: day(membership.valid_until),
                valid_until: day(decision.valid_until),
                reason: self.reason(codes, decision),
                because: behind(membership.library, Some(membership.subscription), behind_membership(decision)),
                ..Planned::default()
            };
            actions.push((kind, planned));
        }
        let library = |code: LibraryId| codes.libraries.text(code).to_owned();
        let removed = decided.records.iter().find(|record| record.outcome.removes_the_patron());
        if let Some(record) = removed {
            let kind =
                if record.outcome == RecordOutcome::Anonymised { ActionKind::Anonymise } else { ActionKind::Delete };
            let planned = Planned {
                action: kind.as_str().to_owned(),
                libraries: decided.records.iter().map(|record| library(record.library)).collect(),
                reason: record.outcome.clear_reason().to_owned(),
                because: behind(record.library, None, Some(Behind::Key(Key::EndedMonths))),
                ..Planned::default()
            };
            actions.push((kind, planned));
        }
        for record in decided.records.iter().filter(|record| !record.outcome.removes_the_patron()) {
            if record.outcome == RecordOutcome::Archived {
                let planned = Planned {
                    action: ActionKind::Archive.as_str().to_owned(),
                    libraries: vec![library(record.library)],
                    reason: record.outcome.clear_reason().to_owned(),
                    because: behind(record.library, None, Some(Behind::Key(Key::EndedMonths))),
                    ..Planned::default()
                };
                actions.push((ActionKind::Archive, planned));
            }
            let RecordDecision { pseudonymise_before, purge_finance_before, .. } = *record;
            let cut_offs = [
                (ActionKind::Pseudonymise, pseudonymise_before, Key::PseudonymiseDays),
                (ActionKind::PurgeFinance, purge_finance_before, Key::FinanceMonths),
            ];
            for (kind, cut_off, key) in cut_offs {
                let Some(cut_off) = cut_off else { continue };
                let planned = Planned {
                    action: kind.as_str().to_owned(),
                    libraries: vec![library(record.library)],
                    cut_off: Some(cut_off.to_string()),
                    reason: "retention".to_owned(),
                    because: behind(record.library, None, Some(Behind::Key(key))),
                    ..Planned::default()
                };
                actions.push((kind, planned));
            }
        }
        if decided.profile.is_some_and(|profile| profile.outcome == ProfileOutcome::Deleted) {
            let key = ProfileReason::Active.setting_behind().unwrap_or(Key::ProfileInactiveMonths);
            let planned = Planned {
                action: ActionKind::DeleteProfile.as_str().to_owned(),
                libraries: decided.records.iter().map(|record| library(record.library)).collect(),
                profile_last_active: patron.profile_last_active.map(|day| day.to_string()),
                reason: ProfileOutcome::DELETED_REASON.to_owned(),
                because: deciding(self.policy, self.of_day.date, None, Setting::of(key)).to_string(),
                ..Planned::default()
            };
            actions.push((ActionKind::DeleteProfile, planned));
        }
        actions
    }

    fn reason(&self, codes: &Codes, decision: &MembershipDecision) -> String {
        let word = |reason| self.extras.map_or("", |extras| extras.word(reason));
        decision.reason_in_words(|entry| codes.entry(entry), word).to_owned()
    }

    /// The line of the policy behind a decision.
    fn because(
        &self,
        codes: &Codes,
        library: LibraryId,
        subscription: Option<SubscriptionId>,
        behind: Behind,
    ) -> String {
        let code = codes.libraries.text(library);
        let line = |setting| deciding(self.policy, self.of_day.date, Some(code), setting).to_string();
        match behind {
            Behind::Key(key) => {
                let of_subscription = key.spec().table == lapse_policy::schema::Table::Subscription;
                let subscription = subscription.filter(|_| of_subscription).map(|code| codes.subscriptions.text(code));
                line(Setting { key, subscription, fact: None })
            }
            Behind::Entry(entry) => match codes.entry(entry).split_once('/') {
                Some(("end", name)) => line(Setting::of_subscription(Key::EndReason, name)),
                Some((_, name)) => line(Setting::of_subscription(Key::KeepReason, name)),
                None => String::new(),
            },
            Behind::Extra(reason) => {
                let word = self.extras.map_or("", |extras| extras.word(reason));
                format!("the plugin {}", word.split('/').next().unwrap_or_default())
            }
        }
    }
}

/// What stands behind a decision on a membership.
fn behind_membership(decision: &MembershipDecision) -> Option<Behind> {
    if let Some(extra) = decision.extra {
        return Some(Behind::Extra(extra));
    }
    if let Some(entry) = decision.named {
        return Some(Behind::Entry(entry));
    }
    decision.reason.settings_behind().first().copied().map(Behind::Key)
}

fn count(counts: &mut Counts, kind: ActionKind) {
    *counts.entry(kind.as_str().to_owned()).or_default() += 1;
}

impl PlanEnd {
    /// Adds the counts of another part of the plan.
    pub(crate) fn add(&mut self, other: PlanEnd) {
        fn add(counts: &mut Counts, others: Counts) {
            for (kind, number) in others {
                *counts.entry(kind).or_default() += number;
            }
        }
        self.patrons += other.patrons;
        self.with_actions += other.with_actions;
        add(&mut self.total, other.total);
        add(&mut self.not_named, other.not_named);
        add(&mut self.irreversible, other.irreversible);
        let others: BTreeMap<String, Counts> = other.libraries;
        for (library, counts) in others {
            add(self.libraries.entry(library).or_default(), counts);
        }
    }
}
