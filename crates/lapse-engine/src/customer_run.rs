//! Stage 1 of domain.md: the customer run decides each membership. The rules of its table are tried in order and the
//! first that applies decides. Each rule is one function here, with the lesson's sentence as its doc comment.

use lapse_policy::{Day, Holder, Renewal, Scope};

use crate::{
    Activity, Event, LibraryId, LibraryRules, Listener, Membership, MembershipDecision, MembershipOutcome,
    MembershipReason, Patron, Rule, Rules, Silent, Status, SubscriptionRules, Term,
};

/// Decides each membership of a patron, in their order, at the end of `decisions`.
pub fn decide<L: Listener>(
    patron: &Patron<'_>,
    rules: &Rules,
    decisions: &mut Vec<MembershipDecision>,
    listener: &mut L,
) {
    for (index, membership) in patron.memberships.iter().enumerate() {
        let library = rules.library(membership.library);
        let last_activity = last_activity(patron.activity, membership.library, library, rules.run);
        listener.hear(|| Event::LastActivity { membership: index, last_activity });
        let mut tell = Tell { listener, membership: index };
        let (outcome, reason, valid_until) =
            first_rule(patron, membership, library, last_activity, rules.run, &mut tell);
        let started = !is_later(membership, rules.run);
        decisions.push(MembershipDecision { outcome, reason, extra: None, valid_until, last_activity, started });
    }
}

/// Last activity: the latest date over the sources that the policy counts, over all libraries or, with `scope =
/// "library"`, in that library and without a library. A date after the run counts as activity on the run day.
pub fn last_activity(activity: &[Activity], here: LibraryId, library: &LibraryRules, run: Day) -> Option<Day> {
    // Which rows count cannot be predicted, so there is no branch for each row.
    activity.iter().fold(None, |last, row| {
        let is_here = match library.scope {
            Scope::Patron => true,
            Scope::Library => row.library.is_none_or(|there| there == here),
        };
        let counts = library.counts(row.source) & is_here;
        last.max(if counts { Some(row.last_active.min(run)) } else { None })
    })
}

/// What a rule decides: the outcome, the reason and the last valid day after the run.
type Decided = (MembershipOutcome, MembershipReason, Option<Day>);

/// What the first rule that applies decides.
fn first_rule<L: Listener>(
    patron: &Patron<'_>,
    membership: &Membership,
    library: &LibraryRules,
    last_activity: Option<Day>,
    run: Day,
    tell: &mut Tell<'_, L>,
) -> Decided {
    let in_policy = in_policy(membership, library, run);
    tell.rule(Rule::NotInPolicy, in_policy.is_err());
    let subscription = match in_policy {
        Ok(subscription) => subscription,
        Err(decided) => return decided,
    };
    if let Some(decided) = tell.decided(Rule::NotActive, not_active(membership)) {
        return decided;
    }
    if let Some(decided) = tell.decided(Rule::StartsLater, starts_later(membership, run)) {
        return decided;
    }
    let lapses = lapses(patron, membership, subscription, last_activity, run, tell);
    tell.rule(Rule::Lapses, lapses.is_ok());
    match lapses {
        Ok(decided) => decided,
        Err(reason) => goes_on_or_ends(membership, subscription, reason, run, tell),
    }
}

/// Rules 7 to 10, for a membership to which rule 6 does not apply for this reason.
fn goes_on_or_ends<L: Listener>(
    membership: &Membership,
    subscription: &SubscriptionRules,
    reason: MembershipReason,
    run: Day,
    tell: &mut Tell<'_, L>,
) -> Decided {
    if let Some(decided) = tell.decided(Rule::NotPastItsEnd, not_past_its_end(membership, reason, run)) {
        return decided;
    }
    if let Some(decided) = tell.decided(Rule::Renews, renews(membership, subscription, reason, run)) {
        return decided;
    }
    tell.rule(Rule::NotRenewed, true);
    not_renewed(membership)
}

/// Rule 1: the library or the subscription is not in the policy. The outcome is `valid`, or `expired` where the
/// membership has ended, by its status or by its date; the membership stays unchanged. Where rule 1 does not apply,
/// this gives what the policy says of the subscription, which the later rules look at.
fn in_policy<'r>(
    membership: &Membership,
    library: &'r LibraryRules,
    run: Day,
) -> Result<&'r SubscriptionRules, Decided> {
    library.subscription(membership.subscription).ok_or_else(|| {
        let has_ended = not_active(membership).is_some() || membership.has_passed(run);
        let outcome = if has_ended { MembershipOutcome::Expired } else { MembershipOutcome::Valid };
        (outcome, MembershipReason::NoPolicy, membership.valid_until)
    })
}

/// Rule 2: the status is `deregistered` or `cancelled`. The membership has ended, at `valid_until`.
fn not_active(membership: &Membership) -> Option<Decided> {
    match membership.status {
        Status::Active => None,
        Status::Deregistered | Status::Cancelled => {
            Some((MembershipOutcome::Expired, MembershipReason::Ended, membership.valid_until))
        }
    }
}

/// Rule 3: `valid_from > D`. The membership stays unchanged, and counts as valid in stages 2 and 3.
fn starts_later(membership: &Membership, run: Day) -> Option<Decided> {
    let decided = (MembershipOutcome::Valid, MembershipReason::StartsLater, membership.valid_until);
    is_later(membership, run).then_some(decided)
}

/// Whether a membership has not started on the run day: `valid_from > D`.
fn is_later(membership: &Membership, run: Day) -> bool {
    membership.valid_from > run
}

/// Rule 6: the holder is a person, the subscription is free, its renewal is conditional, and the patron has been
/// inactive for more than `lapse_months`. The membership is deregistered and ends the day before D. A patron with a
/// rejected row is never deregistered. Where rule 6 does not apply, this gives the first reason why not.
fn lapses<L: Listener>(
    patron: &Patron<'_>,
    membership: &Membership,
    subscription: &SubscriptionRules,
    last_activity: Option<Day>,
    run: Day,
    tell: &mut Tell<'_, L>,
) -> Result<Decided, MembershipReason> {
    for (reason, holds) in subscription.reasons_not_to_lapse() {
        tell.not_lapsed(reason, holds, None)?;
    }
    let inactivity = inactivity(membership, subscription, last_activity);
    tell.not_lapsed(MembershipReason::Active, !inactivity.is_exceeded(run), Some(inactivity))?;
    tell.not_lapsed(MembershipReason::BadInput, patron.held, None)?;
    Ok((MembershipOutcome::Deregistered, MembershipReason::Inactive, Some(end_of_deregistered(run))))
}

/// The term that rule 6 compares: `lapse_months` from the last activity. Where there is none, the membership's
/// `valid_from` stands in for it, since enrolling is an action.
fn inactivity(membership: &Membership, subscription: &SubscriptionRules, last_activity: Option<Day>) -> Term {
    Term::new(last_activity.unwrap_or(membership.valid_from), subscription.lapse_months)
}

/// A membership that a run deregisters ends the day before D, even where its `valid_until` lies earlier: no run deletes
/// what it has itself deregistered.
pub(crate) fn end_of_deregistered(run: Day) -> Day {
    run.previous()
}

/// Rule 7: `valid_until >= D`, or there is none. The membership is valid, for the reason why rule 6 did not apply, and
/// stays unchanged.
fn not_past_its_end(membership: &Membership, reason: MembershipReason, run: Day) -> Option<Decided> {
    (!membership.has_passed(run)).then_some((MembershipOutcome::Valid, reason, membership.valid_until))
}

/// Rule 9: the membership is past its end, and its renewal is automatic, or conditional and free. It is renewed, for
/// the reason why rule 6 did not apply: whole terms of `term_months` are added to `valid_until` until they cover D.
#[inline]
fn renews(
    membership: &Membership,
    subscription: &SubscriptionRules,
    reason: MembershipReason,
    run: Day,
) -> Option<Decided> {
    let until = membership.valid_until.filter(|_| membership.has_passed(run) && subscription.renews())?;
    Some((MembershipOutcome::Renewed, reason, Some(renewed_until(until, subscription.term_months, run))))
}

/// The first end that covers D. Each is counted from the original `valid_until`, so that the day of the month does not
/// drift.
fn renewed_until(until: Day, term_months: u32, run: Day) -> Day {
    let months_between = (run.year() * 12 + run.month()).saturating_sub(until.year() * 12 + until.month());
    // This many terms end in the run's month or before it; at most one more is needed to cover the run day.
    let terms = months_between / term_months;
    let after = |terms: u32| until.add_months((terms * term_months).cast_signed());
    if after(terms) >= run { after(terms) } else { after(terms + 1) }
}

/// Rule 10: the membership is past its end, and rule 9 does not renew it. It has expired, at `valid_until`.
fn not_renewed(membership: &Membership) -> Decided {
    (MembershipOutcome::Expired, MembershipReason::NotRenewed, membership.valid_until)
}

impl SubscriptionRules {
    /// The reasons why rule 6 never applies to a membership of this subscription, in the order in which they are tried,
    /// each with whether it holds.
    fn reasons_not_to_lapse(&self) -> [(MembershipReason, bool); 4] {
        [
            (MembershipReason::NotAPerson, self.holder != Holder::Person),
            (MembershipReason::Automatic, self.renewal == Renewal::Automatic),
            (MembershipReason::NoRenewal, self.renewal == Renewal::None),
            (MembershipReason::Paid, !self.free),
        ]
    }

    /// Whether its memberships can lapse (rule 6): the holder is a person, it is free, and its renewal is conditional.
    pub fn can_lapse(&self) -> bool {
        self.reasons_not_to_lapse().iter().all(|&(_, holds)| !holds)
    }

    /// Whether a run renews its memberships when they are past their end (rule 9): its renewal is automatic, or
    /// conditional and free.
    pub fn renews(&self) -> bool {
        match self.renewal {
            Renewal::Automatic => true,
            Renewal::Conditional => self.free,
            Renewal::None => false,
        }
    }

    /// The first `valid_until` that one term brings to `run` or later; rule 9 adds more terms to what ended before it.
    pub fn first_end_renewed_by_one_term(&self, run: Day) -> Day {
        Term::last_exceeded(self.term_months, run).next()
    }
}

/// What rules 7 to 10 make of a membership that rule 6 ended and a plugin keeps: its outcome and last valid day.
pub(crate) fn kept(membership: &Membership, library: &LibraryRules, run: Day) -> (MembershipOutcome, Option<Day>) {
    let (outcome, _, valid_until) = match in_policy(membership, library, run) {
        Ok(subscription) => {
            let tell = &mut Tell { listener: &mut Silent, membership: 0 };
            goes_on_or_ends(membership, subscription, MembershipReason::Inactive, run, tell)
        }
        Err(decided) => decided,
    };
    (outcome, valid_until)
}

/// The membership after the run, as the last column of the table says: it ends on the day that was decided, and what
/// was deregistered has that status.
pub(crate) fn carry_out(decided: &MembershipDecision, membership: &mut Membership) {
    membership.valid_until = decided.valid_until;
    match decided.outcome {
        MembershipOutcome::Deregistered => membership.status = Status::Deregistered,
        MembershipOutcome::Valid | MembershipOutcome::Renewed | MembershipOutcome::Expired => {}
    }
}

/// What the run on `run` decides about a membership as the run before it left it, where no date that a rule compares
/// has come in between: what that one renewed is not past its end (rule 7), what it deregistered is not active (rule
/// 2), and for the rest it decides the same.
pub(crate) fn decide_again(decided: &mut MembershipDecision, membership: &Membership, run: Day) {
    let again = match decided.outcome {
        MembershipOutcome::Valid | MembershipOutcome::Expired => None,
        MembershipOutcome::Renewed => not_past_its_end(membership, decided.reason, run),
        MembershipOutcome::Deregistered => not_active(membership),
    };
    if let Some((outcome, reason, valid_until)) = again {
        (decided.outcome, decided.reason, decided.valid_until) = (outcome, reason, valid_until);
    }
}

/// The days of a membership that rules 3, 7 and 9 compare with the run day; none where rule 2 decides, which compares
/// no day.
pub(crate) fn days_compared(membership: &Membership) -> impl Iterator<Item = Day> {
    let is_active = not_active(membership).is_none();
    [Some(membership.valid_from), membership.valid_until].into_iter().flatten().filter(move |_| is_active)
}

/// Tells a listener of the rules that are tried for one membership.
struct Tell<'a, L> {
    listener: &'a mut L,
    membership: usize,
}

impl<L: Listener> Tell<'_, L> {
    fn rule(&mut self, rule: Rule, applies: bool) {
        self.listener.hear(|| Event::Rule { membership: self.membership, rule, applies });
    }

    /// Tells whether a rule applies, and gives back what it decides.
    fn decided(&mut self, rule: Rule, decided: Option<Decided>) -> Option<Decided> {
        self.rule(rule, decided.is_some());
        decided
    }

    /// Tells whether a reason why rule 6 does not apply holds, and gives it as an error where it does.
    fn not_lapsed(
        &mut self,
        reason: MembershipReason,
        holds: bool,
        term: Option<Term>,
    ) -> Result<(), MembershipReason> {
        self.listener.hear(|| Event::NotLapsed { membership: self.membership, reason, holds, term });
        if holds { Err(reason) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
