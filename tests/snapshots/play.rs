//! The cast at one library, and what each run makes of it. Every run starts from the cast's facts and not from an earlier run.

use lapse_engine::carry::PatronRows;
use lapse_engine::{Codes, Decisions, LibraryId, MembershipDecision, RecordDecision, Rules, evaluate};
use lapse_policy::{Day, DayPolicy, Policy};

use super::cast::{Cast, Member, Part, Stage};

/// The runs that a page shows: before and after the change of July 2022, a month later, and two years later.
pub const RUNS: [Day; 4] = [first_of(2022, 6), first_of(2022, 7), first_of(2022, 8), first_of(2024, 7)];

const fn first_of(year: u32, month: u32) -> Day {
    Day::new(year, month, 1).expect("every month has a first day")
}

/// The policy on the day of each run.
pub fn policies(policy: &Policy) -> [DayPolicy; RUNS.len()] {
    RUNS.map(|run| policy.on(run))
}

/// One patron of the cast at one library.
pub struct Scene<'a> {
    pub member: &'a Member,
    /// The facts, each role with its library.
    pub patron: PatronRows,
    /// What each run decides.
    pub runs: [Decisions; RUNS.len()],
    here: LibraryId,
}

impl Scene<'_> {
    /// What a run decides about the memberships at the library, each with its subscription.
    pub fn memberships<'a>(&'a self, run: &'a Decisions) -> impl Iterator<Item = (&'a str, &'a MembershipDecision)> {
        let named = self.member.memberships.iter().map(|fact| fact.subscription.as_str()).zip(&run.memberships);
        named.zip(&self.patron.memberships).filter(|(_, fact)| fact.library == self.here).map(|(named, _)| named)
    }

    /// What a run decides about the record at the library.
    pub fn record<'a>(&self, run: &'a Decisions) -> Option<&'a RecordDecision> {
        run.records.iter().find(|record| record.library == self.here)
    }
}

/// Every patron that is not left out, by what they show, at the library with this place in the policy.
pub fn play<'a>(here: usize, policies: &[DayPolicy; RUNS.len()], cast: &'a Cast) -> Vec<(&'a Part, Vec<Scene<'a>>)> {
    let stage = Stage::at(here, &policies[0]);
    let mut codes = Codes::of(&policies[0]);
    let mut placed = Vec::with_capacity(cast.parts.len());
    for part in &cast.parts {
        let members = part.members.iter().filter_map(|member| Some((member, member.on(&stage, &mut codes)?)));
        placed.push((part, members.collect::<Vec<_>>()));
    }
    let rules = policies.each_ref().map(|policy| Rules::new(policy, &codes));
    let scene = |(member, patron): (&'a Member, PatronRows)| {
        let runs = rules.each_ref().map(|rules| {
            let mut decisions = Decisions::default();
            evaluate(&patron.as_patron(), rules, &mut decisions);
            decisions
        });
        Scene { member, patron, runs, here: stage.here }
    };
    placed.into_iter().map(|(part, members)| (part, members.into_iter().map(scene).collect())).collect()
}
