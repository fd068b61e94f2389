//! Stage 1 as a story: its rules for each membership, as they were tried.

use lapse_engine::{
    Decisions, Event, Membership, MembershipDecision, MembershipOutcome, MembershipReason, Patron, Row, Term, Verdict,
};
use lapse_policy::{Fee, Key, Scope, Setting, Subscription};

use super::story::{Chapter, Scene, Step};

/// One chapter a membership.
pub(super) fn chapters(
    scene: &Scene<'_>,
    patron: &Patron<'_>,
    decisions: &Decisions,
    events: &[Event],
) -> Vec<Chapter> {
    let pairs = patron.memberships.iter().zip(&decisions.memberships).enumerate();
    pairs
        .map(|(index, (membership, decided))| {
            let teller = Teller::new(scene, membership, decided);
            Chapter {
                library: Some(teller.library.to_owned()),
                subscription: Some(teller.subscription.to_owned()),
                outcome: decided.outcome.as_str(),
                reasons: vec![decided.extra.map_or(decided.reason.as_str(), |reason| scene.word(reason)).to_owned()],
                so: teller.so(),
                steps: events.iter().filter_map(|event| teller.step(index, event)).collect(),
            }
        })
        .collect()
}

/// Tells the rows for one membership.
struct Teller<'a> {
    scene: &'a Scene<'a>,
    membership: &'a Membership,
    decided: &'a MembershipDecision,
    library: &'a str,
    subscription: &'a str,
    /// As the policy has it, if it does.
    settings: Option<&'a Subscription>,
}

impl<'a> Teller<'a> {
    fn new(scene: &'a Scene<'a>, membership: &'a Membership, decided: &'a MembershipDecision) -> Teller<'a> {
        let library = scene.library(membership.library);
        let subscription = scene.extract.codes.subscriptions.text(membership.subscription);
        let in_policy = scene.of_day.libraries.iter().find(|other| other.code == library);
        let settings =
            in_policy.and_then(|library| library.subscriptions.iter().find(|other| other.code == subscription));
        Teller { scene, membership, decided, library, subscription, settings }
    }

    /// What follows, in a sentence.
    fn so(&self) -> String {
        let run = self.scene.run();
        match (self.decided.outcome, self.decided.valid_until) {
            (MembershipOutcome::Valid, None) => "It stands, without an end.".into(),
            (MembershipOutcome::Valid, Some(until)) => format!("It stands until {until}."),
            (MembershipOutcome::Renewed, Some(until)) => format!("It is renewed until {until}."),
            (MembershipOutcome::Deregistered, _) => {
                format!("It is deregistered and ends on {}, the day before the run.", run.previous())
            }
            (MembershipOutcome::Expired, Some(until)) => format!("It has ended; {until} is its last valid day."),
            (MembershipOutcome::Expired | MembershipOutcome::Renewed, None) => "It has ended on an unknown day.".into(),
        }
    }

    fn step(&self, index: usize, event: &Event) -> Option<Step> {
        match *event {
            Event::LastActivity { membership, .. } if membership == index => Some(self.last_activity()),
            Event::Row { membership, row, applies } if membership == index => self.row(row, applies),
            Event::NotLapsed { membership, reason, holds, term } if membership == index => {
                Some(self.not_lapsed(reason, holds, term))
            }
            Event::Extra { verdict: Verdict::KeepMembership(membership), reason, applies } if membership == index => {
                Some(self.scene.verdict("keep the membership", self.membership.library, reason, applies))
            }
            Event::Extra { verdict: Verdict::Deregister(membership), reason, applies } if membership == index => {
                Some(self.scene.verdict("deregister the membership", self.membership.library, reason, applies))
            }
            Event::LastActivity { .. }
            | Event::Row { .. }
            | Event::NotLapsed { .. }
            | Event::Extra { .. }
            | Event::Keep { .. }
            | Event::KeepProfile { .. } => None,
        }
    }

    fn last_activity(&self) -> Step {
        let rules = self.scene.rules.library(self.membership.library);
        let scope = match rules.scope {
            Scope::Patron => "over all libraries",
            Scope::Library => "at this library or without a library",
        };
        let sentence = match self.decided.last_activity {
            Some(day) if day == self.scene.run() => {
                format!(
                    "The last activity that counts is of {day}, the run day (a later date counts as this day), {scope}."
                )
            }
            Some(day) => format!("The last activity that counts is of {day}, {scope}."),
            None => format!("There is no activity that counts, {scope}."),
        };
        Step {
            rule: "last activity".into(),
            holds: self.decided.last_activity.is_some(),
            sentence,
            policy: [Key::Sources, Key::Scope].map(|key| self.scene.line(self.library, Setting::of(key))).into(),
        }
    }

    fn row(&self, row: Row, applies: bool) -> Option<Step> {
        let Membership { valid_from, valid_until, status, .. } = *self.membership;
        let run = self.scene.run();
        let mut keys: &[Key] = &[];
        let sentence = match (row, applies) {
            (Row::NotInPolicy, true) => format!(
                "The policy has no subscription `{}` at `{}`, so the run leaves it as it is.",
                self.subscription, self.library
            ),
            (Row::NotInPolicy, false) => "The policy has its library and its subscription.".into(),
            (Row::NotActive, true) => format!("Its status is {}, so it has ended.", status.as_str()),
            (Row::NotActive, false) => "Its status is active.".into(),
            (Row::StartsLater, true) => format!("It starts on {valid_from}, after the run."),
            (Row::StartsLater, false) => format!("It has started, on {valid_from}."),
            (Row::Lapses, true) => "So it lapses.".into(),
            // The reason why not has been told.
            (Row::Lapses, false) => return None,
            (Row::NotPastItsEnd, true) => match valid_until {
                Some(until) => format!("Its last valid day, {until}, is not before {run}."),
                None => "It has no end.".into(),
            },
            (Row::NotPastItsEnd, false) => {
                let until = valid_until.map(|day| day.to_string()).unwrap_or_default();
                format!("Its last valid day, {until}, is before {run}.")
            }
            (Row::Renews, true) => {
                keys = &[Key::Renewal, Key::TermMonths];
                let term = self.settings.map_or(0, |settings| settings.term_months.value);
                format!("It renews itself by {} at a time.", months(term))
            }
            (Row::Renews, false) => {
                keys = &[Key::Renewal, Key::Fee];
                "It does not renew itself.".into()
            }
            (Row::NotRenewed, _) => "So it has expired.".into(),
        };
        Some(Step { rule: format!("rule {}", row as u8), holds: applies, sentence, policy: self.lines(keys) })
    }

    fn not_lapsed(&self, reason: MembershipReason, holds: bool, term: Option<Term>) -> Step {
        let settings = self.settings;
        let (key, sentence) = match reason {
            MembershipReason::NotAPerson => {
                let holder = settings.map_or("", |settings| settings.holder.value.as_str());
                (Some(Key::Holder), format!("Its holder is: {holder}."))
            }
            MembershipReason::Automatic | MembershipReason::NoRenewal => {
                let renewal = settings.map_or("", |settings| settings.renewal.value.as_str());
                (Some(Key::Renewal), format!("Its renewal is: {renewal}."))
            }
            MembershipReason::Paid => {
                let fee = settings.map_or(Fee { cents: 0 }, |settings| settings.fee.value);
                let sentence = if holds { format!("It has a fee of {fee} euro.") } else { "It is free.".into() };
                (Some(Key::Fee), sentence)
            }
            MembershipReason::Active => (Some(Key::LapseMonths), self.inactivity(holds, term)),
            MembershipReason::BadInput => {
                let sentence =
                    if holds { "A row of this patron was rejected." } else { "No row of this patron was rejected." };
                (None, sentence.into())
            }
            MembershipReason::NoPolicy
            | MembershipReason::Ended
            | MembershipReason::StartsLater
            | MembershipReason::Inactive
            | MembershipReason::NotRenewed => (None, String::new()),
        };
        let sentence = if holds { format!("{sentence} So it cannot lapse.") } else { sentence };
        Step { rule: format!("rule 4, {reason}"), holds, sentence, policy: self.lines(key.as_slice()) }
    }

    /// The comparison that makes a patron active or inactive.
    fn inactivity(&self, active: bool, term: Option<Term>) -> String {
        let Some(Term { since, months: number, until }) = term else { return String::new() };
        let run = self.scene.run();
        let from = match self.decided.last_activity {
            Some(_) => format!("Last active on {since}"),
            None => format!("Enrolled on {since}, which stands in for activity"),
        };
        let months = months(number);
        if active {
            format!("{from}; {months} later is {until}, not before {run}: not inactive for more than {months}.")
        } else {
            format!("{from}; {months} later is {until}, before {run}: inactive for more than {months}.")
        }
    }

    fn lines(&self, keys: &[Key]) -> Vec<lapse_policy::provenance::Provenance> {
        let setting = |&key| Setting::of_subscription(key, self.subscription);
        keys.iter().map(|key| self.scene.line(self.library, setting(key))).collect()
    }
}

/// `24 months`
pub(super) fn months(number: u32) -> String {
    crate::terminal::count(number.into(), "month", "months")
}
