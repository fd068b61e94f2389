//! The runs to come over all patrons, if nobody does anything: each finds the facts as the one before left them. A run
//! decides about a patron in full only where a date that some rule compared has come, or the policy has changed; the
//! runs in between only repeat what the last one left.

use std::ops::Range;

use lapse_policy::{Day, DayPolicy};

use crate::carry::PatronRows;
use crate::customer_run::days_compared;
use crate::evaluate::{Room, evaluate_batch, evaluate_heard};
use crate::{
    Activity, Codes, Decisions, Event, ExtraError, ExtraRules, Listener, Membership, MembershipDecision,
    MembershipOutcome, MembershipReason, Patron, Rules, Silent, SourceId, Term,
};

/// The runs, one after the other.
#[derive(Clone)]
pub struct Schedule {
    runs: Vec<Rules>,
    /// For each run, the first later one with another policy, or the number of runs.
    next_change: Vec<usize>,
}

impl Schedule {
    /// The runs by these policies, each on its day, with whether the policy differs from that of the run before.
    pub fn new<'a>(policies: impl IntoIterator<Item = (&'a DayPolicy, bool)>, codes: &Codes) -> Schedule {
        Schedule::of(policies.into_iter().map(|(policy, changes)| (Rules::new(policy, codes), changes)))
    }

    pub(crate) fn of(runs: impl Iterator<Item = (Rules, bool)>) -> Schedule {
        let (runs, changes): (Vec<Rules>, Vec<bool>) = runs.unzip();
        let mut next_change = vec![runs.len(); runs.len()];
        for run in (1..runs.len()).rev() {
            next_change[run - 1] = if changes[run] { run } else { next_change[run] };
        }
        Schedule { runs, next_change }
    }

    /// As [`Rules::learn_blocks`], for each run.
    pub fn learn_blocks(&mut self, codes: &Codes) {
        self.runs.iter_mut().for_each(|rules| rules.learn_blocks(codes.blocks.texts()));
    }

    /// The next run at which something can change about a patron whose next date is `due`.
    fn next(&self, run: usize, due: Day) -> usize {
        let change = self.next_change[run];
        let between = &self.runs[run + 1..change];
        run + 1 + between.partition_point(|rules| rules.run < due)
    }
}

/// Runs that decide the same about a patron.
#[derive(Debug)]
pub struct Span<'a> {
    /// The places of these runs among all.
    pub runs: Range<usize>,
    /// The patron's memberships; there is a decision on each.
    pub memberships: &'a [Membership],
    /// What these runs decide.
    pub decisions: &'a Decisions,
}

/// The assumption that some patrons become active again.
#[derive(Clone, Debug)]
pub struct Assumption {
    /// The share of the patrons with a valid membership who are active in the month before a run, 0 to 1.
    pub share: f64,
    /// What picks the patrons: the same seed gives the same ones.
    pub seed: u64,
    /// The sources that show the activity: every one that a policy may count.
    pub sources: Vec<SourceId>,
}

impl Assumption {
    /// Whether the patron with this number is active in the month before a run.
    pub(crate) fn holds(&self, patron: u64, run: usize) -> bool {
        let chance = mixed(mixed(self.seed ^ mixed(patron)) ^ run as u64);
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
        let chance = (chance >> 11) as f64 / (1_u64 << 53) as f64;
        chance < self.share
    }
}

/// A number each of whose bits depends on every bit of `number` (the finaliser of `SplitMix64`).
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// A patron on the way from run to run.
#[derive(Debug, Default)]
struct Walker {
    /// The facts as the next run finds them.
    rows: PatronRows,
    /// The number of activity rows that the tables have; those after them are assumed.
    known_activity: usize,
    /// Whether some membership is active after the last run.
    is_active: bool,
}

impl Walker {
    fn begin(&mut self, patron: &Patron<'_>) {
        self.rows.set_to(patron);
        self.known_activity = patron.activity.len();
        self.is_active = false;
    }

    fn carry_out(&mut self, decisions: &Decisions) {
        self.is_active = decisions.memberships.iter().any(MembershipDecision::is_active);
        self.rows.carry_out(decisions);
    }

    /// Adds the activity that is assumed in the months before `runs`. Only the last of it counts, so it alone is added.
    fn assume(&mut self, assumption: &Assumption, patron: u64, runs: Range<usize>, schedule: &Schedule) {
        if !self.is_active {
            return;
        }
        let Some(last) = runs.rev().find(|&run| assumption.holds(patron, run)) else { return };
        let last_active = schedule.runs[last].run.previous();
        self.rows.activity.truncate(self.known_activity);
        let assumed = assumption.sources.iter().map(|&source| Activity { library: None, source, last_active });
        self.rows.activity.extend(assumed);
    }
}

/// The memory that [`walk`] works in, which can be used again for the next patron.
#[derive(Debug, Default)]
pub struct WalkRoom {
    walker: Walker,
    decisions: Decisions,
}

/// Walks one patron through the runs; `each` gets what they decide, in order, until nothing is left of the patron.
/// `assumption` comes with the number that stands for the patron in it.
pub fn walk(
    patron: &Patron<'_>,
    schedule: &Schedule,
    assumption: Option<(&Assumption, u64)>,
    room: &mut WalkRoom,
    mut each: impl FnMut(&Span<'_>),
) {
    let WalkRoom { walker, decisions } = room;
    walker.begin(patron);
    let mut run = 0;
    while run < schedule.runs.len() && !walker.rows.is_gone() {
        let rules = &schedule.runs[run];
        let mut watch = Watch { run: rules.run, due: Day::MAX };
        evaluate_heard(&walker.rows.as_patron(), rules, decisions, &mut watch);
        each(&Span { runs: run..run + 1, memberships: &walker.rows.memberships, decisions });
        walker.carry_out(decisions);
        watch.see(&walker.rows.memberships, rules);
        watch.see_ends(&decisions.memberships, rules);
        let next = schedule.next(run, watch.due);
        if run + 1 < next {
            walker.rows.decide_again(decisions, schedule.runs[run + 1].run);
            each(&Span { runs: run + 1..next, memberships: &walker.rows.memberships, decisions });
        }
        if let Some((assumption, number)) = assumption {
            walker.assume(assumption, number, run + 1..schedule.runs.len().min(next + 1), schedule);
        }
        run = next;
    }
}

/// Walks a batch of patrons through the runs, with the verdicts of the extra rules at each. They may say something new
/// at any run, so every run decides in full. `extra` has the rules of each run, `first` is the place of the first
/// patron among all, and `assumption` comes with the number that stands for each patron in it.
pub fn walk_batch(
    first: usize,
    patrons: &[Patron<'_>],
    schedule: &Schedule,
    extra: &[&dyn ExtraRules],
    assumption: Option<(&Assumption, &[u64])>,
    mut each: impl FnMut(usize, &Span<'_>),
) -> Result<(), ExtraError> {
    let mut walkers: Vec<Walker> = patrons.iter().map(|_| Walker::default()).collect();
    walkers.iter_mut().zip(patrons).for_each(|(walker, patron)| walker.begin(patron));
    let mut room = Room::default();
    let mut decided = vec![Decisions::default(); patrons.len()];
    for (run, (rules, extra)) in schedule.runs.iter().zip(extra).enumerate() {
        if let Some((assumption, numbers)) = assumption.filter(|_| run > 0) {
            for (walker, &number) in walkers.iter_mut().zip(numbers) {
                walker.assume(assumption, number, run..run + 1, schedule);
            }
        }
        let patrons: Vec<Patron<'_>> = walkers.iter().map(|walker| walker.rows.as_patron()).collect();
        evaluate_batch(first, &patrons, rules, *extra, &mut room, &mut Silent, |index, decisions| {
            each(index, &Span { runs: run..run + 1, memberships: patrons[index].memberships, decisions });
            decided[index].clone_from(decisions);
        })?;
        walkers.iter_mut().zip(&decided).for_each(|(walker, decisions)| walker.carry_out(decisions));
    }
    Ok(())
}

/// Listens for the first day on which something that a rule compared with the run day may come out otherwise.
struct Watch {
    run: Day,
    due: Day,
}

impl Watch {
    fn note(&mut self, day: Day) {
        // A day before the run has had its effect. One that falls on the run may have it the day after.
        if day >= self.run {
            self.due = self.due.min(day);
        }
    }

    /// An end that this run moves may be that of the membership that took the place of another (rule 4), so that the next
    /// run decides otherwise about the other.
    fn see_ends(&mut self, decided: &[MembershipDecision], rules: &Rules) {
        let some_end = decided.iter().any(|decided| decided.outcome == MembershipOutcome::Deregistered);
        if some_end && decided.iter().any(|decided| decided.reason == MembershipReason::Succeeded) {
            self.note(self.run);
        }
        // What the next run finds of a membership that this one changed may be another value of a fact, and a record at which
        // this run deregistered is not narrowed by it, but maybe by the next.
        let some_change = some_end || decided.iter().any(|decided| decided.outcome == MembershipOutcome::Renewed);
        if some_change && rules.has_entries {
            self.note(self.run);
        }
    }

    /// The days that stage 1 compares without telling a listener.
    fn see(&mut self, memberships: &[Membership], rules: &Rules) {
        memberships.iter().flat_map(|membership| days_compared(membership, rules)).for_each(|day| self.note(day));
    }
}

impl Listener for Watch {
    fn hear(&mut self, event: impl FnOnce() -> Event) {
        match event() {
            Event::NotLapsed { term, .. } | Event::Keep { term, .. } | Event::KeepProfile { term, .. } => {
                if let Some(Term { until: Some(until), .. }) = term {
                    self.note(until);
                }
            }
            Event::Tested { turns: Some(turns), .. } => self.note(turns),
            Event::LastActivity { .. }
            | Event::Rule { .. }
            | Event::Tested { .. }
            | Event::Entry { .. }
            | Event::Extra { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{NOBODY, PEER, YOUTH, active, membership, on};
    use crate::rules::tests::in_run;

    /// The places of the runs of which `walk` tells about a patron with a membership until 2023-06-30.
    fn spans(last_active: &str, runs: u32) -> Vec<Range<usize>> {
        let first = on("2022-07-01", YOUTH);
        let monthly = (0..runs.cast_signed()).map(|run| in_run(&first, first.run.add_months(run)));
        let schedule = Schedule::of(monthly.map(|rules| (rules, false)));
        let (memberships, activity) = ([membership(PEER, "2023-06-30")], [active(last_active)]);
        let patron = Patron { memberships: &memberships, activity: &activity, ..NOBODY };
        let mut spans = Vec::new();
        walk(&patron, &schedule, None, &mut WalkRoom::default(), |span| spans.push(span.runs.clone()));
        spans
    }

    #[test]
    fn a_patron_is_decided_about_again_only_when_a_date_has_come() {
        // Renewed on 2023-07-01, deregistered on 2023-11-01, deleted on 2025-11-01.
        let walked = spans("2021-10-15", 60);
        assert_eq!(walked[..5], [0..1, 1..12, 12..13, 13..16, 16..17]);
        assert_eq!(walked[5..], [17..40, 40..41]);
    }

    #[test]
    fn the_share_of_those_who_are_active_again_is_the_one_that_was_asked_for() {
        let assumed = |share| Assumption { share, seed: 1, sources: Vec::new() };
        let among = |share| (0..10_000).filter(|&patron| assumed(share).holds(patron, 3)).count();
        assert_eq!((among(0.0), among(1.0)), (0, 10_000));
        assert!((2_800..3_200).contains(&among(0.3)), "{}", among(0.3));
    }
}
