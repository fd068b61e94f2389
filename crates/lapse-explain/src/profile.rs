//! Stage 3 (profile): whether the patron's Mijn Bibliotheek profile is kept, and the reasons as they were tried.

use lapse_engine::{Decisions, Event, ProfileOutcome, ProfileReason, Term};
use lapse_policy::{Setting, months};

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
        | Event::Tested { .. }
        | Event::Entry { .. }
        | Event::Extra { .. }
        | Event::Keep { .. } => None,
    });
    let so = match profile.outcome {
        ProfileOutcome::Kept => "The profile is kept.",
        ProfileOutcome::Deleted => "The profile is deleted.",
    };
    Some(Chapter {
        library: None,
        subscription: None,
        outcome: profile.outcome.as_str(),
        reasons: profile.reasons_in_words().map(str::to_owned).collect(),
        so: so.into(),
        steps: tried.collect(),
    })
}

fn step(run: &DayRun<'_>, reason: ProfileReason, holds: bool, term: Option<Term>) -> Step {
    let day = run.date();
    let sentence = match (reason, term) {
        (ProfileReason::BadInput, _) if holds => "A row of this patron was rejected.".into(),
        (ProfileReason::BadInput, _) => "No row of this patron was rejected.".into(),
        (ProfileReason::Active, Some(term @ Term { since, months: number, .. })) => {
            let until = term.until_in_words();
            let after = if holds { "after" } else { "not after" };
            format!("The profile was last active on {since}; {} later is {until}, {after} {day}.", months(number))
        }
        (ProfileReason::Active, None) => String::new(),
        (ProfileReason::ValidMembership, _) if holds => "A membership of the patron is valid after the run.".into(),
        (ProfileReason::ValidMembership, _) => "No membership of the patron is valid after the run.".into(),
    };
    let policy = reason.setting_behind().map(|key| run.line(None, Setting::of(key)));
    Step { rule: reason.to_string(), holds, sentence, policy: policy.into_iter().collect() }
}
