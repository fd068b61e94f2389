//! The runs to come, if nobody does anything: each finds the facts as the one before left them. A patron is decided
//! about again only at a run for which a date that some rule compared has come, or whose policy is another; the runs
//! between repeat what the last one left.

use std::ops::Range;

use lapse_policy::{Day, DayPolicy};

use crate::carry::PatronRows;
use crate::{
    Activity, Codes, Decisions, Event, ExtraError, ExtraRules, Listener, Membership, Patron, Room, Rules, Silent,
    SourceId, Status, Term, evaluate_batch, evaluate_heard,
};

/// The runs, one after the other.
#[derive(Clone)]
pub struct Schedule {
    runs: Vec<Rules>,
    /// For each run, the first later one whose policy is another, or the number of runs.
    next_change: Vec<usize>,
}

impl Schedule {
    /// The runs by these policies, each on its day, with whether it is another policy than that of the run before.
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

    /// The next run at which something about a patron can change for whom a date comes on `due`.
    fn next(&self, run: usize, due: Day) -> usize {
        let change = self.next_change[run];
        let between = &self.runs[run + 1..change];
        run + 1 + between.partition_point(|rules| rules.run < due)
    }
}

/// Runs that decide the same about a patron.
#[derive(Debug)]
pub struct Span<'a> {
    /// Which, by their place among all.
    pub runs: Range<usize>,
    /// The patron's memberships, a decision on each.
    pub memberships: &'a [Membership],
    /// What they decide.
    pub decisions: &'a Decisions,
}

/// The assumption that some patrons are active again.
#[derive(Clone, Debug)]
pub struct Assumption {
    /// The share of the active patrons who are so in the month before a run, 0 to 1.
    pub share: f64,
    /// The same seed gives the same patrons.
    pub seed: u64,
    /// Where the activity shows: every source that a policy may count.
    pub sources: Vec<SourceId>,
}

impl Assumption {
    /// Whether a patron (a number of their own) is active in the month before a run.
    pub(crate) fn holds(&self, patron: u64, run: usize) -> bool {
        let chance = mixed(mixed(self.seed ^ mixed(patron)) ^ run as u64);
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
        let chance = (chance >> 11) as f64 / (1_u64 << 53) as f64;
        chance < self.share
    }
}

/// A number whose bits all depend on all of `number`'s (the finaliser of `SplitMix64`).
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// A patron under way from run to run.
#[derive(Debug, Default)]
struct Course {
    /// As the next run finds them.
    rows: PatronRows,
    /// How many activity rows the tables have; those after them are assumed.
    known_activity: usize,
    /// Some membership is valid after the last run.
    is_active: bool,
}

impl Course {
    fn begin(&mut self, patron: &Patron<'_>) {
        self.rows.set_to(patron);
        self.known_activity = patron.activity.len();
        self.is_active = false;
    }

    fn carry_out(&mut self, decisions: &Decisions) {
        self.is_active = decisions.memberships.iter().any(|decided| decided.is_valid() && decided.started);
        self.rows.carry_out(decisions);
    }

    /// The activity that is assumed in the months before `runs`; the last of it is what counts.
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

/// What [`walk`] works in.
#[derive(Debug, Default)]
pub struct WalkRoom {
    course: Course,
    decisions: Decisions,
}

/// Walks one patron through the runs; `each` gets what they decide, in order, until nothing is left of the patron.
/// `assumption` comes with the number by which it knows the patron.
pub fn walk(
    patron: &Patron<'_>,
    schedule: &Schedule,
    assumption: Option<(&Assumption, u64)>,
    room: &mut WalkRoom,
    mut each: impl FnMut(&Span<'_>),
) {
    let WalkRoom { course, decisions } = room;
    course.begin(patron);
    let mut run = 0;
    while run < schedule.runs.len() && !course.rows.is_gone() {
        let rules = &schedule.runs[run];
        let mut watch = Watch { run: rules.run, due: Day::MAX };
        evaluate_heard(&course.rows.as_patron(), rules, decisions, &mut watch);
        each(&Span { runs: run..run + 1, memberships: &course.rows.memberships, decisions });
        course.carry_out(decisions);
        watch.see(&course.rows.memberships);
        let next = schedule.next(run, watch.due);
        if run + 1 < next {
            decisions.repeat();
            each(&Span { runs: run + 1..next, memberships: &course.rows.memberships, decisions });
        }
        if let Some((assumption, number)) = assumption {
            course.assume(assumption, number, run + 1..schedule.runs.len().min(next + 1), schedule);
        }
        run = next;
    }
}

/// Walks a batch of patrons through the runs, with what the extra rules say at each: they may say something new at any
/// run, so every run is decided. `extra` has the rules of each run, `first` is the place of the first patron among all,
/// `assumption` comes with the number by which it knows each of them.
pub fn walk_batch(
    first: usize,
    patrons: &[Patron<'_>],
    schedule: &Schedule,
    extra: &[&dyn ExtraRules],
    assumption: Option<(&Assumption, &[u64])>,
    mut each: impl FnMut(usize, &Span<'_>),
) -> Result<(), ExtraError> {
    let mut courses: Vec<Course> = patrons.iter().map(|_| Course::default()).collect();
    courses.iter_mut().zip(patrons).for_each(|(course, patron)| course.begin(patron));
    let mut room = Room::default();
    let mut decided = vec![Decisions::default(); patrons.len()];
    for (run, (rules, extra)) in schedule.runs.iter().zip(extra).enumerate() {
        if let Some((assumption, numbers)) = assumption.filter(|_| run > 0) {
            for (course, &number) in courses.iter_mut().zip(numbers) {
                course.assume(assumption, number, run..run + 1, schedule);
            }
        }
        let patrons: Vec<Patron<'_>> = courses.iter().map(|course| course.rows.as_patron()).collect();
        evaluate_batch(first, &patrons, rules, *extra, &mut room, &mut Silent, |index, decisions| {
            each(index, &Span { runs: run..run + 1, memberships: patrons[index].memberships, decisions });
            decided[index].clone_from(decisions);
        })?;
        courses.iter_mut().zip(&decided).for_each(|(course, decisions)| course.carry_out(decisions));
    }
    Ok(())
}

/// Hears the first day on which something that a rule compared with the run day comes out otherwise.
struct Watch {
    run: Day,
    due: Day,
}

impl Watch {
    fn note(&mut self, day: Day) {
        // What lies behind the run has had its effect. What falls on it may have it the day after.
        if day >= self.run {
            self.due = self.due.min(day);
        }
    }

    /// The days that stage 1 compares without telling them.
    fn see(&mut self, memberships: &[Membership]) {
        for membership in memberships.iter().filter(|membership| membership.status == Status::Active) {
            self.note(membership.valid_from);
            if let Some(until) = membership.valid_until {
                self.note(until);
            }
        }
    }
}

impl Listener for Watch {
    fn hear(&mut self, event: impl FnOnce() -> Event) {
        match event() {
            Event::NotLapsed { term, .. } | Event::Keep { term, .. } | Event::KeepProfile { term, .. } => {
                if let Some(Term { until, .. }) = term {
                    self.note(until);
                }
            }
            Event::LastActivity { .. } | Event::Row { .. } | Event::Extra { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{NOBODY, PEER, YOUTH, active, membership, on};
    use crate::rules::tests::in_run;

    /// The places of the runs of which a patron with a membership until 2023-06-30, last active then, is told.
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
