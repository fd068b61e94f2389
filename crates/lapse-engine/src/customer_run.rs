//! Stage 1 of domain.md: the customer run decides each membership. The rules of its table are tried in order and the
//! first that applies decides. Each rule is one function here, with the lesson's sentence as its doc comment.

use std::cmp::Ordering;

use lapse_policy::{Day, Holder, Renewal, Scope};

use crate::entries::Looked;
use crate::{
    Activity, Event, LibraryId, LibraryRules, Listener, Membership, MembershipDecision, MembershipOutcome,
    MembershipReason, NamedId, Patron, Rule, Rules, Silent, Status, SubscriptionRules, Term, Truth, WholeTerms,
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
        let (outcome, Why { reason, named, unknown }, valid_until) =
            first_rule(patron, index, rules, last_activity, &mut tell);
        let started = !is_later(membership, rules.run);
        let many_terms = outcome == MembershipOutcome::Renewed
            && library
                .subscription(membership.subscription)
                .is_some_and(|s| is_over_two_terms(membership, s, valid_until));
        decisions.push(MembershipDecision {
            outcome,
            reason,
            named,
            unknown,
            extra: None,
            valid_until,
            last_activity,
            started,
            many_terms,
        });
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
type Decided = (MembershipOutcome, Why, Option<Day>);

/// A reason, with the name of the keep or end where it is one of them.
#[derive(Clone, Copy)]
struct Why {
    reason: MembershipReason,
    named: Option<NamedId>,
    /// Whether the keep holds because something is not known.
    unknown: bool,
}

impl From<MembershipReason> for Why {
    fn from(reason: MembershipReason) -> Why {
        Why { reason, named: None, unknown: false }
    }
}

impl Why {
    /// A keep of memberships holds.
    fn keep((keep, truth): (NamedId, Truth)) -> Why {
        Why { reason: MembershipReason::Keep, named: Some(keep), unknown: truth == Truth::Unknown }
    }
}

/// What the first rule that applies decides about the patron's membership with this number.
fn first_rule<L: Listener>(
    patron: &Patron<'_>,
    index: usize,
    rules: &Rules,
    last_activity: Option<Day>,
    tell: &mut Tell<'_, L>,
) -> Decided {
    let membership = &patron.memberships[index];
    let (library, run) = (rules.library(membership.library), rules.run);
    let in_policy = in_policy(membership, library, run);
    tell.rule(Rule::NotInPolicy, in_policy.is_err());
    let subscription = match in_policy {
        Ok(subscription) => subscription,
        Err(decided) => return decided,
    };
    if let Some(decided) = tell.decided(Rule::HasEnded, has_ended(membership, run)) {
        return decided;
    }
    if let Some(decided) = tell.decided(Rule::StartsLater, starts_later(membership, run)) {
        return decided;
    }
    if let Some(decided) = tell.decided(Rule::Succeeded, succeeded(membership, patron.memberships, run)) {
        return decided;
    }
    let entries = library.entries.of_memberships.then_some(Entries { patron, rules, index, last_activity });
    let ends = entries.as_ref().filter(|_| !library.entries.ends.is_empty()).map(|entries| {
        let ends = ends(membership, entries, patron.held, run, tell);
        tell.rule(Rule::Ends, matches!(ends, Ends::Applies(_)));
        ends
    });
    let reason = match ends {
        Some(Ends::Applies(decided)) => return decided,
        Some(Ends::HeldBack(reason)) => reason,
        Some(Ends::DoesNotApply) | None => {
            let lapses = lapses(patron, membership, subscription, last_activity, entries.as_ref(), run, tell);
            tell.rule(Rule::Lapses, lapses.is_ok());
            match lapses {
                Ok(decided) => return decided,
                Err(reason) => reason,
            }
        }
    };
    goes_on_or_ends(membership, subscription, reason, run, tell)
}

/// Rules 7 to 10, for a membership to which neither rule 5 nor rule 6 applies for this reason.
fn goes_on_or_ends<L: Listener>(
    membership: &Membership,
    subscription: &SubscriptionRules,
    reason: Why,
    run: Day,
    tell: &mut Tell<'_, L>,
) -> Decided {
    if let Some(decided) = tell.decided(Rule::NotPastItsEnd, not_past_its_end(membership, reason, run)) {
        return decided;
    }
    if subscription.grace_days > 0
        && let Some(decided) = tell.decided(Rule::Grace, in_grace(membership, subscription, run))
    {
        return decided;
    }
    if let Some(decided) = tell.decided(Rule::Renews, renews(membership, subscription, reason, run)) {
        return decided;
    }
    tell.rule(Rule::NotRenewed, true);
    not_renewed(membership)
}

/// Rule 1: the library or the subscription is not in the policy. The outcome is `valid`, or `expired` where the
/// membership has ended (deregistered, past its end, or cancelled without an end); the membership stays unchanged. Where rule 1 does not apply,
/// this gives what the policy says of the subscription, which the later rules look at.
fn in_policy<'r>(
    membership: &Membership,
    library: &'r LibraryRules,
    run: Day,
) -> Result<&'r SubscriptionRules, Decided> {
    library.subscription(membership.subscription).ok_or_else(|| {
        let has_ended = has_ended(membership, run).is_some() || membership.has_passed(run);
        let outcome = if has_ended { MembershipOutcome::Expired } else { MembershipOutcome::Valid };
        (outcome, MembershipReason::NoPolicy.into(), membership.valid_until)
    })
}

/// Rule 2: the status is `deregistered`; or `cancelled`, and the membership is past its end or has none (9999-12-31 is
/// none). It has ended, at `valid_until`. What was cancelled goes on until an end that lies ahead: it is paid until then.
fn has_ended(membership: &Membership, run: Day) -> Option<Decided> {
    let has_ended = match membership.status {
        Status::Active => false,
        Status::Deregistered => true,
        Status::Cancelled => membership.has_no_end() || membership.has_passed(run),
    };
    has_ended.then_some((MembershipOutcome::Expired, MembershipReason::Ended.into(), membership.valid_until))
}

/// Rule 3: `valid_from > D`. The membership stays unchanged, and counts as valid in stages 2 and 3.
fn starts_later(membership: &Membership, run: Day) -> Option<Decided> {
    let decided = (MembershipOutcome::Valid, MembershipReason::StartsLater.into(), membership.valid_until);
    is_later(membership, run).then_some(decided)
}

/// Whether a membership has not started on the run day: `valid_from > D`.
fn is_later(membership: &Membership, run: Day) -> bool {
    membership.valid_from > run
}

/// Rule 4: the membership is past its end, and succeeded: another of `all` the patron's memberships, of the same
/// subscription at this library and whatever its status, starts later and ends no earlier, or starts the same day and
/// ends later. It has expired, at `valid_until`.
fn succeeded(membership: &Membership, all: &[Membership], run: Day) -> Option<Decided> {
    let decided = (MembershipOutcome::Expired, MembershipReason::Succeeded.into(), membership.valid_until);
    (membership.has_passed(run) && all.iter().any(|other| succeeds(other, membership))).then_some(decided)
}

/// Whether a membership takes the place of an earlier one, which has an end: of the same subscription at the same library,
/// it starts later and ends no earlier, or starts the same day and ends later. One that has no end ends last of all.
fn succeeds(later: &Membership, earlier: &Membership) -> bool {
    let is_same = (later.library, later.subscription) == (earlier.library, earlier.subscription);
    let end = |membership: &Membership| membership.valid_until.unwrap_or(Day::MAX);
    is_same
        && match later.valid_from.cmp(&earlier.valid_from) {
            Ordering::Greater => end(later) >= end(earlier),
            Ordering::Equal => end(later) > end(earlier),
            Ordering::Less => false,
        }
}

/// What the keeps and ends of a library look at in a membership.
struct Entries<'a> {
    patron: &'a Patron<'a>,
    rules: &'a Rules,
    index: usize,
    last_activity: Option<Day>,
}

impl Entries<'_> {
    /// The first end by name that applies to the membership.
    #[inline(never)]
    fn end<L: Listener>(&self, listener: &mut L) -> Option<NamedId> {
        let membership = &self.patron.memberships[self.index];
        let looked = Looked::membership(self.patron, self.rules, self.index, self.last_activity);
        self.rules.library(membership.library).entries.end(&looked, membership, listener)
    }

    /// The first keep by name that holds the membership, and whether it does for sure.
    #[inline(never)]
    fn keep<L: Listener>(&self, listener: &mut L) -> Option<(NamedId, Truth)> {
        let membership = &self.patron.memberships[self.index];
        let looked = Looked::membership(self.patron, self.rules, self.index, self.last_activity);
        self.rules.library(membership.library).entries.keep(&looked, membership, listener)
    }
}

/// What rule 5 says of a membership.
enum Ends {
    /// An end applies.
    Applies(Decided),
    /// An end would apply, if it were not for this.
    HeldBack(Why),
    /// No end applies.
    DoesNotApply,
}

/// Rule 5: the status is active and an end applies. The membership is deregistered and ends the day before D. A keep of the
/// membership wins over it, and a patron with a rejected row is never deregistered.
fn ends<L: Listener>(
    membership: &Membership,
    entries: &Entries<'_>,
    held: bool,
    run: Day,
    tell: &mut Tell<'_, L>,
) -> Ends {
    if membership.status != Status::Active {
        return Ends::DoesNotApply;
    }
    let Some(end) = entries.end(tell.listener) else { return Ends::DoesNotApply };
    if let Some(keep) = entries.keep(tell.listener) {
        return Ends::HeldBack(Why::keep(keep));
    }
    if held {
        return Ends::HeldBack(MembershipReason::BadInput.into());
    }
    let why = Why { named: Some(end), ..MembershipReason::End.into() };
    Ends::Applies((MembershipOutcome::Deregistered, why, Some(end_of_deregistered(run))))
}

/// Rule 6: the status is active, the holder is a person, the subscription is free, its renewal is conditional, and the
/// patron has been inactive for more than `lapse_months`; and some activity of somebody is known at all. The membership is
/// deregistered and ends the day before D. A patron with a rejected row is never deregistered. Where rule 6 does not apply, this gives the first reason why not.
fn lapses<L: Listener>(
    patron: &Patron<'_>,
    membership: &Membership,
    subscription: &SubscriptionRules,
    last_activity: Option<Day>,
    entries: Option<&Entries<'_>>,
    run: Day,
    tell: &mut Tell<'_, L>,
) -> Result<Decided, Why> {
    tell.not_lapsed(MembershipReason::Cancelled, membership.status == Status::Cancelled, None)?;
    for (reason, holds) in subscription.reasons_not_to_lapse() {
        tell.not_lapsed(reason, holds, None)?;
    }
    let inactivity = inactivity(membership, subscription, last_activity);
    tell.not_lapsed(MembershipReason::Active, !inactivity.is_exceeded(run), Some(inactivity))?;
    tell.not_lapsed(MembershipReason::ActivityUnknown, !patron.told.activity, None)?;
    if let Some(keep) = entries.and_then(|entries| entries.keep(tell.listener)) {
        return Err(Why::keep(keep));
    }
    tell.not_lapsed(MembershipReason::BadInput, patron.held, None)?;
    Ok((MembershipOutcome::Deregistered, MembershipReason::Inactive.into(), Some(end_of_deregistered(run))))
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
fn not_past_its_end(membership: &Membership, reason: Why, run: Day) -> Option<Decided> {
    (!membership.has_passed(run)).then_some((MembershipOutcome::Valid, reason, membership.valid_until))
}

/// Rule 8: the membership is past its end, and `valid_until` + `grace_days` >= D. It is still valid, and stays unchanged.
fn in_grace(membership: &Membership, subscription: &SubscriptionRules, run: Day) -> Option<Decided> {
    let until = membership.valid_until.filter(|_| membership.has_passed(run))?;
    let decided = (MembershipOutcome::Valid, MembershipReason::Grace.into(), membership.valid_until);
    subscription.grace_ends(until).is_none_or(|last| last >= run).then_some(decided)
}

/// Rule 9: the membership is past its end, and its renewal is automatic, or conditional and free. It is renewed, for
/// the reason why rule 6 did not apply: whole terms of `term_months` follow until one covers D.
#[inline]
fn renews(membership: &Membership, subscription: &SubscriptionRules, reason: Why, run: Day) -> Option<Decided> {
    let until = membership.valid_until.filter(|_| membership.has_passed(run) && subscription.renews())?;
    let terms = subscription.terms_after(membership.valid_from, until);
    Some((MembershipOutcome::Renewed, reason, Some(terms.first_that_covers(run))))
}

/// Whether a renewal to `renewed` adds more than two terms: the membership has been past its end for long, and nobody
/// renewed it in time.
fn is_over_two_terms(membership: &Membership, subscription: &SubscriptionRules, renewed: Option<Day>) -> bool {
    let Some((until, renewed)) = membership.valid_until.zip(renewed) else { return false };
    subscription.terms_after(membership.valid_from, until).end(2) < renewed
}

/// Rule 10: the membership is past its end, and rule 9 does not renew it. It has expired, at `valid_until`.
fn not_renewed(membership: &Membership) -> Decided {
    (MembershipOutcome::Expired, MembershipReason::NotRenewed.into(), membership.valid_until)
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

    /// The terms that follow the end of a membership from `valid_from`.
    fn terms_after(&self, valid_from: Day, valid_until: Day) -> WholeTerms {
        WholeTerms::after(valid_from, valid_until, self.term_months, self.term_ends)
    }

    /// The last day of grace of a membership that ends on `until`; none where it lies past the end of the calendar, so that
    /// grace is over on no day.
    pub fn grace_ends(&self, until: Day) -> Option<Day> {
        let days = until.days_since_1970().checked_add(self.grace_days.cast_signed())?;
        Day::from_days_since_1970(days)
    }

    /// The first `valid_until` that one term brings to `run` or later; rule 9 adds more terms to what ended before it.
    pub fn first_end_renewed_by_one_term(&self, run: Day) -> Day {
        let reaches = |until: Day| self.terms_after(until.next(), until).end(1) >= run;
        let mut until = run.add_months(-self.term_months.cast_signed());
        while until > Day::MIN && reaches(until.previous()) {
            until = until.previous();
        }
        while until < run && !reaches(until) {
            until = until.next();
        }
        until
    }
}

/// The first keep of the policy by name that holds the patron's membership with this number.
pub(crate) fn keep(patron: &Patron<'_>, index: usize, rules: &Rules, last_activity: Option<Day>) -> Option<NamedId> {
    Entries { patron, rules, index, last_activity }.keep(&mut Silent).map(|(keep, _)| keep)
}

/// What rules 7 to 10 make of a membership that rule 5 or 6 ended and a plugin keeps: its outcome and last valid day.
pub(crate) fn kept(membership: &Membership, library: &LibraryRules, run: Day) -> (MembershipOutcome, Option<Day>) {
    let (outcome, _, valid_until) = match in_policy(membership, library, run) {
        Ok(subscription) => {
            let tell = &mut Tell { listener: &mut Silent, membership: 0 };
            goes_on_or_ends(membership, subscription, MembershipReason::Inactive.into(), run, tell)
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
/// has come in between: what that one renewed is not past its end (rule 7), what it deregistered has ended (rule 2), and
/// for the rest it decides the same.
pub(crate) fn decide_again(decided: &mut MembershipDecision, membership: &Membership, run: Day) {
    let again = match decided.outcome {
        MembershipOutcome::Valid | MembershipOutcome::Expired => None,
        MembershipOutcome::Renewed => {
            let MembershipDecision { reason, named, unknown, .. } = *decided;
            not_past_its_end(membership, Why { reason, named, unknown }, run)
        }
        MembershipOutcome::Deregistered => has_ended(membership, run),
    };
    if let Some((outcome, Why { reason, named, unknown }, valid_until)) = again {
        (decided.outcome, decided.reason, decided.named, decided.unknown) = (outcome, reason, named, unknown);
        decided.valid_until = valid_until;
        decided.many_terms = false;
    }
}

/// The days of a membership that rules 2, 3, 4, 7, 8 and 9 compare with the run day; none of one that was deregistered, of
/// which rule 2 compares no day.
pub(crate) fn days_compared(membership: &Membership, rules: &Rules) -> impl Iterator<Item = Day> {
    let compares = membership.status != Status::Deregistered;
    let subscription = rules.library(membership.library).subscription(membership.subscription);
    let grace = subscription.filter(|subscription| subscription.grace_days > 0);
    let grace_ends = grace.zip(membership.valid_until).and_then(|(subscription, until)| subscription.grace_ends(until));
    let days = [Some(membership.valid_from), membership.valid_until, grace_ends];
    days.into_iter().flatten().filter(move |_| compares)
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
    fn not_lapsed(&mut self, reason: MembershipReason, holds: bool, term: Option<Term>) -> Result<(), Why> {
        self.listener.hear(|| Event::NotLapsed { membership: self.membership, reason, holds, term });
        if holds { Err(reason.into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
