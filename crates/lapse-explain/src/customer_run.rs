//! Stage 1 (customer run): for each membership the rules as they were tried, as far as the one that decided.

use lapse_engine::settings::{OF_LAST_ACTIVITY, OF_SUBSCRIPTION};
use lapse_engine::{
    Decisions, EntryOf, Event, Membership, MembershipDecision, MembershipOutcome, MembershipReason, Patron, Rule,
    Status, Term, Truth, Verdict,
};
use lapse_policy::provenance::Provenance;
use lapse_policy::{Fee, Key, Scope, Setting, Subscription, count, months};

use crate::day_run::DayRun;
use crate::entries::{self, Tried, tests_before};
use crate::known::month;
use crate::story::{Chapter, Step};

/// One chapter a membership.
pub(crate) fn chapters(run: &DayRun<'_>, patron: &Patron<'_>, decisions: &Decisions, events: &[Event]) -> Vec<Chapter> {
    let pairs = decisions.memberships.iter().enumerate();
    pairs
        .map(|(index, decided)| {
            let subject = Subject::new(run, patron, index, decided);
            Chapter {
                library: Some(subject.library.to_owned()),
                subscription: Some(subject.subscription.to_owned()),
                outcome: decided.outcome.as_str(),
                reasons: vec![decided.reason_in_words(|entry| run.named(entry), |reason| run.word(reason)).to_owned()],
                so: subject.so(),
                steps: (0..events.len()).filter_map(|at| subject.step(index, events, at)).collect(),
            }
        })
        .collect()
}

/// A membership whose rules are told.
struct Subject<'a> {
    run: &'a DayRun<'a>,
    patron: &'a Patron<'a>,
    membership: &'a Membership,
    decided: &'a MembershipDecision,
    library: &'a str,
    subscription: &'a str,
    /// Its subscription in the policy; none where the policy does not have it.
    settings: Option<&'a Subscription>,
}

impl<'a> Subject<'a> {
    fn new(run: &'a DayRun<'a>, patron: &'a Patron<'a>, index: usize, decided: &'a MembershipDecision) -> Subject<'a> {
        let membership = &patron.memberships[index];
        let library = run.library(membership.library);
        let subscription = run.extract.codes.subscriptions.text(membership.subscription);
        let settings = run
            .of_day
            .library(library)
            .and_then(|library| library.subscriptions.iter().find(|other| other.code == subscription));
        Subject { run, patron, membership, decided, library, subscription, settings }
    }

    /// What follows from the decision, in a sentence.
    fn so(&self) -> String {
        match (self.decided.outcome, self.decided.valid_until) {
            (MembershipOutcome::Valid, None) => "It stands, without an end.".into(),
            (MembershipOutcome::Valid, Some(until)) => format!("It stands until {until}."),
            (MembershipOutcome::Renewed, Some(until)) => format!("It is renewed until {until}."),
            (MembershipOutcome::Deregistered, Some(until)) => {
                format!("It is deregistered and ends on {until}, the day before the run.")
            }
            (MembershipOutcome::Expired, Some(until)) => format!("It has ended; {until} is its last valid day."),
            (MembershipOutcome::Expired | MembershipOutcome::Renewed | MembershipOutcome::Deregistered, None) => {
                "It has ended on an unknown day.".into()
            }
        }
    }

    fn step(&self, index: usize, events: &[Event], at: usize) -> Option<Step> {
        match events[at] {
            Event::LastActivity { membership, .. } if membership == index => Some(self.last_activity()),
            Event::Rule { membership, rule: Rule::Ends, applies: false } if membership == index => {
                an_end_applies(index, &events[..at]).then(|| self.held_back(index, &events[..at]))
            }
            Event::Rule { membership, rule, applies } if membership == index => self.rule(rule, applies),
            Event::Entry { entry, of, library, membership: Some(membership), about, truth } if membership == index => {
                let tests = tests_before(events, at);
                let tried = Tried { entry, of, library, membership: Some(membership), about, truth, tests };
                // A keep is tried in rule 5 where an end applies, and else in rule 6.
                let is_of_ends = of.is_none() || an_end_applies(index, &events[..at]);
                let rule = if is_of_ends { Rule::Ends } else { Rule::Lapses };
                let EntryOf::Named(named) = entry else { return None };
                let rule = format!("rule {}, {}", rule.number(), self.run.named(named));
                entries::step(self.run, self.patron, rule, &tried)
            }
            Event::NotLapsed { membership, reason, holds, term } if membership == index => {
                self.not_lapsed(reason, holds, term)
            }
            Event::Extra { verdict: Verdict::KeepMembership(membership), reason, applies } if membership == index => {
                Some(self.run.verdict("keep the membership", self.membership.library, reason, applies))
            }
            Event::Extra { verdict: Verdict::Deregister(membership), reason, applies } if membership == index => {
                Some(self.run.verdict("deregister the membership", self.membership.library, reason, applies))
            }
            Event::LastActivity { .. }
            | Event::Rule { .. }
            | Event::NotLapsed { .. }
            | Event::Extra { .. }
            | Event::Tested { .. }
            | Event::Entry { .. }
            | Event::Keep { .. }
            | Event::KeepProfile { .. } => None,
        }
    }

    fn last_activity(&self) -> Step {
        let rules = self.run.rules.library(self.membership.library);
        let scope = match rules.scope {
            Scope::Patron => "over all libraries",
            Scope::Library => "at this library or without a library",
        };
        let sentence = match self.decided.last_activity {
            Some(day) if day == self.run.date() => {
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
            policy: OF_LAST_ACTIVITY.map(|key| self.run.line(Some(self.library), Setting::of(key))).into(),
        }
    }

    fn rule(&self, rule: Rule, applies: bool) -> Option<Step> {
        let Membership { valid_from, valid_until, status, .. } = *self.membership;
        let day = self.run.date();
        let mut keys: &[Key] = &[];
        let sentence = match (rule, applies) {
            (Rule::NotInPolicy, true) => format!(
                "The policy has no subscription `{}` at `{}`, so the run leaves it as it is.",
                self.subscription, self.library
            ),
            (Rule::NotInPolicy, false) => "The policy has its library and its subscription.".into(),
            (Rule::HasEnded, true) => match (status, valid_until) {
                (Status::Cancelled, Some(until)) if until < day => {
                    format!("Its status is cancelled and its last valid day was {until}, so it has ended.")
                }
                (Status::Cancelled, _) => {
                    "Its status is cancelled and it has no last valid day, so it has ended.".into()
                }
                (Status::Active | Status::Deregistered, _) => {
                    format!("Its status is {}, so it has ended.", status.as_str())
                }
            },
            (Rule::HasEnded, false) => match (status, valid_until) {
                (Status::Cancelled, Some(until)) => format!("Its status is cancelled, but it is valid until {until}."),
                (Status::Cancelled, None) | (Status::Active | Status::Deregistered, _) => {
                    format!("Its status is {}.", status.as_str())
                }
            },
            (Rule::StartsLater, true) => format!("It starts on {valid_from}, after the run."),
            (Rule::StartsLater, false) => format!("It has started, on {valid_from}."),
            (Rule::Succeeded, true) => "It is past its end, and a later membership of the same subscription has taken \
                                        its place."
                .into(),
            (Rule::Lapses, true) => "So it lapses.".into(),
            (Rule::Ends, true) => "So it ends.".into(),
            // Only what is past its end can have been succeeded, and rule 7 tells of the end. The reason why it does not
            // lapse has been told by the step before.
            (Rule::Succeeded | Rule::Lapses | Rule::Ends, false) => return None,
            (Rule::NotPastItsEnd, true) => match valid_until {
                Some(until) => format!("Its last valid day, {until}, is not before {day}."),
                None => "It has no end.".into(),
            },
            (Rule::NotPastItsEnd, false) => {
                let until = valid_until.map(|day| day.to_string()).unwrap_or_default();
                format!("Its last valid day, {until}, is before {day}.")
            }
            (Rule::Grace, _) => {
                keys = MembershipReason::Grace.settings_behind();
                self.grace(applies)
            }
            (Rule::Renews, true) => {
                let term = months(self.settings.map_or(0, |settings| settings.term_months.value));
                match self.settings.and_then(|settings| settings.term_ends.value) {
                    None => {
                        keys = &[Key::Renewal, Key::TermMonths];
                        format!("It renews itself by {term} at a time.")
                    }
                    Some(ends) => {
                        keys = &[Key::Renewal, Key::TermMonths, Key::TermEnds];
                        let (month, day) = (month(ends.month), ends.day);
                        format!("It renews itself to the next {day} {month}, and from there by {term} at a time.")
                    }
                }
            }
            (Rule::Renews, false) => {
                keys = MembershipReason::NotRenewed.settings_behind();
                "It does not renew itself.".into()
            }
            (Rule::NotRenewed, _) => "So it has expired.".into(),
        };
        Some(Step { rule: format!("rule {}", rule.number()), holds: applies, sentence, policy: self.lines(keys) })
    }

    fn not_lapsed(&self, reason: MembershipReason, holds: bool, term: Option<Term>) -> Option<Step> {
        let settings = self.settings;
        let sentence = match reason {
            MembershipReason::NotAPerson => {
                let holder = settings.map_or("", |settings| settings.holder.value.as_str());
                format!("Its holder is: {holder}.")
            }
            MembershipReason::Automatic | MembershipReason::NoRenewal => {
                let renewal = settings.map_or("", |settings| settings.renewal.value.as_str());
                format!("Its renewal is: {renewal}.")
            }
            MembershipReason::Paid => {
                let fee = settings.map_or(Fee { cents: 0 }, |settings| settings.fee.value);
                if holds { format!("It has a fee of {fee} euro.") } else { "It is free.".into() }
            }
            MembershipReason::Active => self.inactivity(holds, term),
            // Rule 2 has told the status, and what the extract tells about anybody is worth a step only where it is lacking.
            MembershipReason::Cancelled | MembershipReason::ActivityUnknown if !holds => return None,
            MembershipReason::Cancelled => {
                "It was cancelled, so it ends on its last valid day and is never renewed.".into()
            }
            MembershipReason::ActivityUnknown => "The tables have no usable activity of anybody.".into(),
            MembershipReason::BadInput => {
                if holds { "A row of this patron was rejected." } else { "No row of this patron was rejected." }.into()
            }
            // Steps of their own tell of the first three.
            MembershipReason::End
            | MembershipReason::Keep
            | MembershipReason::Grace
            | MembershipReason::NoPolicy
            | MembershipReason::Ended
            | MembershipReason::StartsLater
            | MembershipReason::Succeeded
            | MembershipReason::Inactive
            | MembershipReason::NotRenewed => String::new(),
        };
        // An earlier step has told which activity counts, and by which settings the patron is inactive.
        let keys: Vec<Key> = match reason {
            MembershipReason::BadInput => Vec::new(),
            _ => reason.settings_behind().iter().copied().filter(|key| OF_SUBSCRIPTION.contains(key)).collect(),
        };
        let sentence = if holds { format!("{sentence} So it cannot lapse.") } else { sentence };
        let rule = format!("rule {}, {reason}", Rule::Lapses.number());
        Some(Step { rule, holds, sentence, policy: self.lines(&keys) })
    }

    /// The days of grace after the last valid day.
    fn grace(&self, applies: bool) -> String {
        let day = self.run.date();
        let until = self.membership.valid_until.map(|day| day.to_string()).unwrap_or_default();
        let days = self.settings.map_or(0, |settings| settings.grace_days.value);
        let of_grace = count(days.into(), "day of grace", "days of grace");
        let rules = self.run.rules.library(self.membership.library).subscription(self.membership.subscription);
        let ends = self.membership.valid_until.zip(rules).and_then(|(until, rules)| rules.grace_ends(until));
        let Some(ends) = ends else {
            return format!("Its last valid day was {until}; the last of {of_grace} is past the end of the calendar.");
        };
        let before = if applies { "not before" } else { "before" };
        format!("Its last valid day was {until}; the last of {of_grace} is {ends}, {before} {day}.")
    }

    /// Why an end that applies does not end the membership.
    fn held_back(&self, index: usize, events: &[Event]) -> Step {
        let keep = events.iter().find_map(|event| match *event {
            Event::Entry { entry: EntryOf::Named(keep), of: Some(_), membership: Some(at), truth, .. }
                if at == index && truth != Truth::False =>
            {
                Some(self.run.named(keep))
            }
            _ => None,
        });
        let sentence = match keep {
            Some(keep) => format!("An end applies, but {keep} holds. So it does not end."),
            None => "An end applies, but a row of this patron was rejected. So it does not end.".to_owned(),
        };
        Step { rule: format!("rule {}", Rule::Ends.number()), holds: false, sentence, policy: Vec::new() }
    }

    /// The comparison of dates that makes a patron active or inactive.
    fn inactivity(&self, active: bool, term: Option<Term>) -> String {
        let Some(term @ Term { since, months: number, .. }) = term else { return String::new() };
        let until = term.until_in_words();
        let day = self.run.date();
        let from = match self.decided.last_activity {
            Some(_) => format!("Last active on {since}"),
            None => format!("Enrolled on {since}, which stands in for activity"),
        };
        let months = months(number);
        if active {
            format!("{from}; {months} later is {until}, not before {day}: not inactive for more than {months}.")
        } else {
            format!("{from}; {months} later is {until}, before {day}: inactive for more than {months}.")
        }
    }

    fn lines(&self, keys: &[Key]) -> Vec<Provenance> {
        let setting = |&key| Setting::of_subscription(key, self.subscription);
        keys.iter().map(|key| self.run.line(Some(self.library), setting(key))).collect()
    }
}

/// Whether an end was found to apply to a membership.
fn an_end_applies(index: usize, events: &[Event]) -> bool {
    let mut entries = events.iter();
    entries.any(|event| {
        matches!(*event, Event::Entry { membership: Some(at), of: None, truth: Truth::True, .. } if at == index)
    })
}
