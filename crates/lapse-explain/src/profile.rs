//! Stage 3 (profile): whether the patron's Mijn Bibliotheek profile is kept, and the reasons as they were tried.

use lapse_engine::{Decisions, Event, ProfileOutcome, ProfileReason, Term};
use lapse_policy::{Key, Setting, months};

use crate::day_run::DayRun;
use crate::story::{Chapter, Step};

/// The chapter of a patron who has a profile.
pub(crate) fn chapter(run: &DayRun<'_>, decisions: &Decisions, events: &[Event]) -> Option<Chapter> {
    let profile = decisions.profile?;
    let tried = events.iter().filter_map(|event| match *event {
        Event::KeepProfile { reason, holds, term } => Some(step(run, reason, holds, term)),
        Event::LastActivity { .. }
        | Event::Rule { .. }
        | Event::NotLapsed { .. }
        | Event::Extra { .. }
        | Event::Keep { .. } => None,
    });
    let (reasons, so) = match profile.outcome {
        ProfileOutcome::Kept => {
            (profile.reasons.iter().map(|reason: ProfileReason| reason.to_string()).collect(), "The profile is kept.")
        }
        ProfileOutcome::Deleted => (vec![ProfileOutcome::DELETED_REASON.to_owned()], "The profile is deleted."),
    };
    Some(Chapter {
        library: None,
        subscription: None,
        outcome: profile.outcome.as_str(),
        reasons,
        so: so.into(),
        steps: tried.collect(),
    })
}

fn step(run: &DayRun<'_>, reason: ProfileReason, holds: bool, term: Option<Term>) -> Step {
    let day = run.date();
    let mut policy = Vec::new();
    let sentence = match (reason, term) {
        (ProfileReason::BadInput, _) if holds => "A row of this patron was rejected.".into(),
        (ProfileReason::BadInput, _) => "No row of this patron was rejected.".into(),
        (ProfileReason::Active, Some(Term { since, months: number, until })) => {
            policy.push(run.line(None, Setting::of(Key::ProfileInactiveMonths)));
            let after = if holds { "after" } else { "not after" };
            format!("The profile was last active on {since}; {} later is {until}, {after} {day}.", months(number))
        }
        (ProfileReason::Active, None) => String::new(),
        (ProfileReason::ValidMembership, _) if holds => "A membership of the patron is valid after the run.".into(),
        (ProfileReason::ValidMembership, _) => "No membership of the patron is valid after the run.".into(),
    };
    Step { rule: reason.to_string(), holds, sentence, policy }
}
