//! Stage 1 of domain.md: the customer run decides each membership. The rows of its table are tried in order and the
//! first that applies decides; each is one function here.

use lapse_policy::{Day, Holder, Renewal, Scope};

use crate::listen::{Event, Listener, Row, Term};
use crate::{
    Activity, LibraryId, LibraryRules, Membership, MembershipDecision, MembershipOutcome, MembershipReason, Patron,
    Rules, Status, SubscriptionRules,
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
            first_row(patron, membership, library, last_activity, rules.run, &mut tell);
        let started = !starts_later(membership, rules.run);
        decisions.push(MembershipDecision { outcome, reason, extra: None, valid_until, last_activity, started });
    }
}

/// Last activity: the latest date over the sources that the policy counts, over all libraries or, with `scope =
/// "library"`, in that library and without a library. A date after the run counts as activity on the run day.
pub fn last_activity(activity: &[Activity], here: LibraryId, library: &LibraryRules, run: Day) -> Option<Day> {
    // Without a branch for each row: which rows count, nobody can foresee.
    activity.iter().fold(None, |last, row| {
        let is_here = match library.scope {
            Scope::Patron => true,
            Scope::Library => row.library.is_none_or(|there| there == here),
        };
        let counts = library.counts(row.source) & is_here;
        last.max(if counts { Some(row.last_active.min(run)) } else { None })
    })
}

type Decided = (MembershipOutcome, MembershipReason, Option<Day>);

fn first_row<L: Listener>(
    patron: &Patron<'_>,
    membership: &Membership,
    library: &LibraryRules,
    last_activity: Option<Day>,
    run: Day,
    tell: &mut Tell<'_, L>,
) -> Decided {
    let unchanged = membership.valid_until;
    let subscription = library.subscription(membership.subscription);
    tell.row(Row::NotInPolicy, subscription.is_none());
    let Some(subscription) = subscription else {
        let outcome = if is_over(membership, run) { MembershipOutcome::Expired } else { MembershipOutcome::Valid };
        return (outcome, MembershipReason::NoPolicy, unchanged);
    };
    if tell.row(Row::NotActive, is_not_active(membership)) {
        return (MembershipOutcome::Expired, MembershipReason::Ended, unchanged);
    }
    if tell.row(Row::StartsLater, starts_later(membership, run)) {
        return (MembershipOutcome::Valid, MembershipReason::StartsLater, unchanged);
    }
    let inactivity = || inactivity(membership, last_activity, subscription);
    let not_lapsed = why_not_lapsed(patron, subscription, inactivity, run, tell);
    tell.row(Row::Lapses, not_lapsed.is_none());
    let Some(reason) = not_lapsed else {
        return (MembershipOutcome::Deregistered, MembershipReason::Inactive, Some(run.previous()));
    };
    let until = match unchanged {
        Some(until) if until < run => until,
        Some(_) | None => {
            tell.row(Row::NotPastItsEnd, true);
            return (MembershipOutcome::Valid, reason, unchanged);
        }
    };
    tell.row(Row::NotPastItsEnd, false);
    if tell.row(Row::Renews, renews(subscription)) {
        return (MembershipOutcome::Renewed, reason, Some(renewed_until(until, subscription.term_months, run)));
    }
    tell.row(Row::NotRenewed, true);
    (MembershipOutcome::Expired, MembershipReason::NotRenewed, unchanged)
}

/// What becomes of a membership that row 4 ended and a plugin keeps: as rows 5 and 6 would have it. Row 4 applies only
/// to what row 6 renews.
pub(crate) fn kept(membership: &Membership, library: &LibraryRules, run: Day) -> (MembershipOutcome, Option<Day>) {
    let term = library.subscription(membership.subscription).map(|subscription| subscription.term_months);
    match (membership.valid_until, term) {
        (Some(until), Some(term)) if until < run => (MembershipOutcome::Renewed, Some(renewed_until(until, term, run))),
        (until, _) => (MembershipOutcome::Valid, until),
    }
}

/// Row 1, "where it has ended": by its status or by its date.
fn is_over(membership: &Membership, run: Day) -> bool {
    is_not_active(membership) || membership.has_passed(run)
}

/// Row 2: status is not `active`.
fn is_not_active(membership: &Membership) -> bool {
    match membership.status {
        Status::Active => false,
        Status::Deregistered | Status::Cancelled => true,
    }
}

/// Row 3: `valid_from > D`.
fn starts_later(membership: &Membership, run: Day) -> bool {
    membership.valid_from > run
}

/// The months that row 4 compares: `lapse_months` from the last activity. No activity at all: the membership's
/// `valid_from` stands in for it, since enrolling is an action.
fn inactivity(membership: &Membership, last_activity: Option<Day>, subscription: &SubscriptionRules) -> Term {
    Term::new(last_activity.unwrap_or(membership.valid_from), subscription.lapse_months)
}

/// Why row 4 (holder is person, the subscription is free, renewal is conditional, and inactive for more than
/// `lapse_months`) does not apply: the first that holds. None: it applies. A patron with a rejected row is never
/// deregistered.
fn why_not_lapsed<L: Listener>(
    patron: &Patron<'_>,
    subscription: &SubscriptionRules,
    inactivity: impl FnOnce() -> Term,
    run: Day,
    tell: &mut Tell<'_, L>,
) -> Option<MembershipReason> {
    use MembershipReason::{Active, Automatic, BadInput, NoRenewal, NotAPerson, Paid};
    let by_subscription = [
        (NotAPerson, subscription.holder != Holder::Person),
        (Automatic, subscription.renewal == Renewal::Automatic),
        (NoRenewal, subscription.renewal == Renewal::None),
        (Paid, !subscription.free),
    ];
    for (reason, holds) in by_subscription {
        if tell.not_lapsed(reason, holds, None) {
            return Some(reason);
        }
    }
    let inactivity = inactivity();
    if tell.not_lapsed(Active, !is_inactive_for_more_than(inactivity, run), Some(inactivity)) {
        return Some(Active);
    }
    if tell.not_lapsed(BadInput, patron.held, None) {
        return Some(BadInput);
    }
    None
}

/// **More than** 2 years old: `last_activity + 24 months < D`. Exactly two years old is not yet lapsed.
fn is_inactive_for_more_than(inactivity: Term, run: Day) -> bool {
    inactivity.until < run
}

/// Row 6: renewal automatic, or conditional and free.
fn renews(subscription: &SubscriptionRules) -> bool {
    match subscription.renewal {
        Renewal::Automatic => true,
        Renewal::Conditional => subscription.free,
        Renewal::None => false,
    }
}

/// Row 6: `valid_until` + `term_months`, repeated until it covers D, always counted from the original `valid_until`,
/// so that the day of the month does not drift.
fn renewed_until(until: Day, term_months: u32, run: Day) -> Day {
    let months_between = (run.year() * 12 + run.month()).saturating_sub(until.year() * 12 + until.month());
    // So many terms end in the run's month or before it; one more at the most covers the run day.
    let terms = months_between / term_months;
    let after = |terms: u32| until.add_months((terms * term_months).cast_signed());
    if after(terms) >= run { after(terms) } else { after(terms + 1) }
}

/// Tells a listener of the rules tried for one membership; each gives back what it tells.
struct Tell<'a, L> {
    listener: &'a mut L,
    membership: usize,
}

impl<L: Listener> Tell<'_, L> {
    fn row(&mut self, row: Row, applies: bool) -> bool {
        self.listener.hear(|| Event::Row { membership: self.membership, row, applies });
        applies
    }

    fn not_lapsed(&mut self, reason: MembershipReason, holds: bool, term: Option<Term>) -> bool {
        self.listener.hear(|| Event::NotLapsed { membership: self.membership, reason, holds, term });
        holds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{DEINZE, NOBODY, NOWHERE, PEER, RIEMST, YOUTH, active, day, decide, membership, on};
    use crate::rules::tests::{library, rules};
    use crate::{SourceId, SubscriptionId};

    const RUN: &str = "2022-07-01";

    /// Outcome, reason and end of one membership.
    fn outcome(membership: Membership, activity: &[Activity], subscription: SubscriptionRules) -> (String, String) {
        judged(Patron { memberships: &[membership], activity, ..NOBODY }, &on(RUN, subscription))
    }

    fn judged(patron: Patron<'_>, rules: &Rules) -> (String, String) {
        let decided = decide(patron, rules).memberships[0];
        let until = decided.valid_until.map(|day| day.to_string()).unwrap_or_default();
        (format!("{} {}", decided.outcome, decided.reason), until)
    }

    fn is(outcome: &str, until: &str) -> (String, String) {
        (outcome.to_owned(), until.to_owned())
    }

    #[test]
    fn row_1_what_the_policy_does_not_know_is_left_as_it_is() {
        let at = |valid_until| membership(NOWHERE, valid_until);
        assert_eq!(outcome(at("2022-07-01"), &[], YOUTH), is("valid no-policy", "2022-07-01"));
        assert_eq!(outcome(at(""), &[], YOUTH), is("valid no-policy", ""));
        assert_eq!(outcome(at("2022-06-30"), &[], YOUTH), is("expired no-policy", "2022-06-30"));
        let cancelled = Membership { status: Status::Cancelled, ..at("2030-01-01") };
        assert_eq!(outcome(cancelled, &[], YOUTH), is("expired no-policy", "2030-01-01"));
        let other = Membership { subscription: SubscriptionId::new(7), ..membership(PEER, "") };
        assert_eq!(outcome(other, &[], YOUTH), is("valid no-policy", ""));
    }

    #[test]
    fn row_2_a_status_other_than_active_has_ended_at_valid_until() {
        for status in [Status::Deregistered, Status::Cancelled] {
            let ended = Membership { status, ..membership(PEER, "2023-02-28") };
            assert_eq!(outcome(ended, &[active("2022-06-01")], YOUTH), is("expired ended", "2023-02-28"));
        }
    }

    #[test]
    fn row_3_a_membership_that_starts_after_the_run_is_valid_however_long_the_patron_was_inactive() {
        let from = |valid_from| Membership { valid_from: day(valid_from), ..membership(PEER, "") };
        let long_ago = [active("2010-01-01")];
        assert_eq!(outcome(from("2022-07-02"), &long_ago, YOUTH), is("valid starts-later", ""));
        assert_eq!(outcome(from("2022-07-01"), &long_ago, YOUTH), is("deregistered inactive", "2022-06-30"));
    }

    #[test]
    fn row_4_exactly_two_years_old_is_not_yet_lapsed() {
        let after = |last| outcome(membership(PEER, "2023-02-28"), &[active(last)], YOUTH);
        assert_eq!(after("2020-06-30"), is("deregistered inactive", "2022-06-30"));
        assert_eq!(after("2020-07-01"), is("valid active", "2023-02-28"));
        assert_eq!(after("2020-07-02"), is("valid active", "2023-02-28"));
    }

    #[test]
    fn row_4_the_last_day_of_february_in_a_leap_year_counts_as_the_last_day_two_years_on() {
        let patron = |activity| Patron { memberships: &[], activity, ..NOBODY };
        let memberships = [membership(PEER, "")];
        let last = [active("2020-02-29")];
        let patron = Patron { memberships: &memberships, ..patron(&last) };
        assert_eq!(judged(patron, &on("2022-02-28", YOUTH)), is("valid active", ""));
        assert_eq!(judged(patron, &on("2022-03-01", YOUTH)), is("deregistered inactive", "2022-02-28"));
    }

    #[test]
    fn row_4_enrolling_stands_in_for_activity_only_where_there_is_none() {
        let from = |valid_from| Membership { valid_from: day(valid_from), ..membership(PEER, "") };
        assert_eq!(outcome(from("2020-06-30"), &[], YOUTH), is("deregistered inactive", "2022-06-30"));
        assert_eq!(outcome(from("2020-07-01"), &[], YOUTH), is("valid active", ""));
        assert_eq!(outcome(from("2022-06-01"), &[active("2019-01-01")], YOUTH).0, "deregistered inactive");
    }

    #[test]
    fn row_4_a_deregistered_membership_ends_the_day_before_the_run_even_where_its_end_lay_earlier() {
        assert_eq!(outcome(membership(PEER, "2021-02-28"), &[], YOUTH), is("deregistered inactive", "2022-06-30"));
    }

    #[test]
    fn row_4_does_not_apply_for_the_first_reason_that_holds() {
        let long_ago = [active("2010-01-01")];
        let why = |subscription| outcome(membership(PEER, ""), &long_ago, subscription).0;
        let institution = SubscriptionRules { holder: Holder::Institution, ..YOUTH };
        assert_eq!(
            why(SubscriptionRules { renewal: Renewal::Automatic, free: false, ..institution }),
            "valid not-a-person"
        );
        assert_eq!(why(SubscriptionRules { holder: Holder::Administrative, ..YOUTH }), "valid not-a-person");
        assert_eq!(why(SubscriptionRules { renewal: Renewal::Automatic, free: false, ..YOUTH }), "valid automatic");
        assert_eq!(why(SubscriptionRules { renewal: Renewal::None, free: false, ..YOUTH }), "valid no-renewal");
        assert_eq!(why(SubscriptionRules { free: false, ..YOUTH }), "valid paid");
    }

    #[test]
    fn row_4_a_patron_with_a_rejected_row_is_never_deregistered() {
        let held = |valid_until, last| {
            let (memberships, activity) = ([membership(PEER, valid_until)], [active(last)]);
            judged(Patron { held: true, memberships: &memberships, activity: &activity, ..NOBODY }, &on(RUN, YOUTH))
        };
        assert_eq!(held("", "2010-01-01"), is("valid bad-input", ""));
        assert_eq!(held("2022-06-30", "2010-01-01"), is("renewed bad-input", "2023-06-30"));
        assert_eq!(held("", "2022-01-01"), is("valid active", ""));
    }

    #[test]
    fn rows_5_to_7_the_last_valid_day_is_inclusive() {
        let until =
            |valid_until, subscription| outcome(membership(PEER, valid_until), &[active("2022-06-01")], subscription);
        let at_the_desk = SubscriptionRules { renewal: Renewal::None, ..YOUTH };
        let paid = SubscriptionRules { free: false, ..YOUTH };
        assert_eq!(until("2022-07-02", YOUTH), is("valid active", "2022-07-02"));
        assert_eq!(until("2022-07-01", YOUTH), is("valid active", "2022-07-01"));
        assert_eq!(until("2022-06-30", YOUTH), is("renewed active", "2023-06-30"));
        assert_eq!(until("2022-07-01", at_the_desk), is("valid no-renewal", "2022-07-01"));
        assert_eq!(until("2022-06-30", at_the_desk), is("expired not-renewed", "2022-06-30"));
        assert_eq!(until("2022-07-01", paid), is("valid paid", "2022-07-01"));
        assert_eq!(until("2022-06-30", paid), is("expired not-renewed", "2022-06-30"));
        let paid_automatic = SubscriptionRules { renewal: Renewal::Automatic, ..paid };
        assert_eq!(until("2022-06-30", paid_automatic), is("renewed automatic", "2023-06-30"));
    }

    #[test]
    fn row_6_conditional_institutions_renew_and_never_lapse() {
        let school = SubscriptionRules { holder: Holder::Institution, ..YOUTH };
        assert_eq!(outcome(membership(PEER, "2022-06-30"), &[], school), is("renewed not-a-person", "2023-06-30"));
    }

    #[test]
    fn row_6_months_are_counted_from_the_original_end_so_that_the_day_does_not_drift() {
        let monthly = SubscriptionRules { term_months: 1, ..YOUTH };
        let memberships = [membership(PEER, "2022-01-31")];
        let activity = [active("2022-01-01")];
        let patron = Patron { memberships: &memberships, activity: &activity, ..NOBODY };
        assert_eq!(judged(patron, &on("2022-03-01", monthly)).1, "2022-03-31");
        assert_eq!(judged(patron, &on("2022-02-28", monthly)).1, "2022-02-28");
        assert_eq!(judged(patron, &on("2022-03-31", monthly)).1, "2022-03-31");
    }

    #[test]
    fn row_6_adds_as_many_terms_as_it_takes_and_no_more() {
        for term in [1, 2, 5, 6, 7, 12, 13, 24, 1200] {
            for (until, run) in [
                ("2022-06-30", "2022-07-01"),
                ("2022-07-01", "2022-07-02"),
                ("2021-07-31", "2022-07-31"),
                ("2021-08-31", "2022-02-28"),
                ("2020-02-29", "2024-02-28"),
                ("0001-01-01", "2022-07-01"),
                ("1999-12-31", "9999-12-31"),
            ] {
                let mut terms = 1;
                let naive = loop {
                    let renewed = day(until).add_months(terms * term);
                    if renewed >= day(run) {
                        break renewed;
                    }
                    terms += 1;
                };
                assert_eq!(renewed_until(day(until), term.cast_unsigned(), day(run)), naive, "{until} {term} {run}");
            }
        }
    }

    #[test]
    fn activity_counts_by_source_and_scope_and_not_after_the_run() {
        let run = day(RUN);
        let row = |library: Option<usize>, source, last| Activity {
            library: library.map(LibraryId::new),
            source: SourceId::new(source),
            last_active: day(last),
        };
        let rows = [
            row(Some(PEER), 0, "2021-01-01"),
            row(Some(RIEMST), 0, "2021-06-01"),
            row(None, 0, "2020-01-01"),
            row(Some(PEER), 1, "2022-01-01"),
            row(Some(PEER), 5, "2022-02-01"),
        ];
        let at = |scope, library_here| {
            let rules = rules(run, vec![library(run, Some(YOUTH), None, scope)]);
            last_activity(&rows, LibraryId::new(library_here), rules.library(LibraryId::new(0)), run)
        };
        assert_eq!(at(Scope::Patron, PEER), Some(day("2021-06-01")));
        assert_eq!(at(Scope::Library, PEER), Some(day("2021-01-01")));
        assert_eq!(at(Scope::Library, DEINZE), Some(day("2020-01-01")));
        let later = [row(None, 0, "2022-07-02"), row(None, 0, "2022-06-30")];
        let here = library(run, Some(YOUTH), None, Scope::Patron);
        assert_eq!(last_activity(&later, LibraryId::new(0), &here, run), Some(run));
    }
}
