//! Each rule of stage 1 on the day before it turns, the day itself and the day after; and which activity counts.

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
fn rule_1_what_the_policy_does_not_know_is_left_as_it_is() {
    let at = |valid_until| membership(NOWHERE, valid_until);
    assert_eq!(outcome(at("2022-07-02"), &[], YOUTH), is("valid no-policy", "2022-07-02"));
    assert_eq!(outcome(at("2022-07-01"), &[], YOUTH), is("valid no-policy", "2022-07-01"));
    assert_eq!(outcome(at(""), &[], YOUTH), is("valid no-policy", ""));
    assert_eq!(outcome(at("2022-06-30"), &[], YOUTH), is("expired no-policy", "2022-06-30"));
    let cancelled = Membership { status: Status::Cancelled, ..at("2030-01-01") };
    assert_eq!(outcome(cancelled, &[], YOUTH), is("expired no-policy", "2030-01-01"));
    let other = Membership { subscription: SubscriptionId::new(7), ..membership(PEER, "") };
    assert_eq!(outcome(other, &[], YOUTH), is("valid no-policy", ""));
}

#[test]
fn rule_2_a_status_other_than_active_has_ended_at_valid_until() {
    for status in [Status::Deregistered, Status::Cancelled] {
        let ended = Membership { status, ..membership(PEER, "2023-02-28") };
        assert_eq!(outcome(ended, &[active("2022-06-01")], YOUTH), is("expired ended", "2023-02-28"));
    }
}

#[test]
fn rule_3_a_membership_that_starts_after_the_run_is_valid_however_long_the_patron_was_inactive() {
    let from = |valid_from| Membership { valid_from: day(valid_from), ..membership(PEER, "") };
    let long_ago = [active("2010-01-01")];
    assert_eq!(outcome(from("2022-07-02"), &long_ago, YOUTH), is("valid starts-later", ""));
    assert_eq!(outcome(from("2022-07-01"), &long_ago, YOUTH), is("deregistered inactive", "2022-06-30"));
}

#[test]
fn rule_6_exactly_two_years_old_is_not_yet_lapsed() {
    let after = |last| outcome(membership(PEER, "2023-02-28"), &[active(last)], YOUTH);
    assert_eq!(after("2020-06-30"), is("deregistered inactive", "2022-06-30"));
    assert_eq!(after("2020-07-01"), is("valid active", "2023-02-28"));
    assert_eq!(after("2020-07-02"), is("valid active", "2023-02-28"));
}

#[test]
fn rule_6_the_last_day_of_february_in_a_leap_year_counts_as_the_last_day_two_years_on() {
    let patron = |activity| Patron { memberships: &[], activity, ..NOBODY };
    let memberships = [membership(PEER, "")];
    let last = [active("2020-02-29")];
    let patron = Patron { memberships: &memberships, ..patron(&last) };
    assert_eq!(judged(patron, &on("2022-02-28", YOUTH)), is("valid active", ""));
    assert_eq!(judged(patron, &on("2022-03-01", YOUTH)), is("deregistered inactive", "2022-02-28"));
}

#[test]
fn rule_6_enrolling_stands_in_for_activity_only_where_there_is_none() {
    let from = |valid_from| Membership { valid_from: day(valid_from), ..membership(PEER, "") };
    assert_eq!(outcome(from("2020-06-30"), &[], YOUTH), is("deregistered inactive", "2022-06-30"));
    assert_eq!(outcome(from("2020-07-01"), &[], YOUTH), is("valid active", ""));
    assert_eq!(outcome(from("2022-06-01"), &[active("2019-01-01")], YOUTH).0, "deregistered inactive");
}

#[test]
fn rule_6_a_deregistered_membership_ends_the_day_before_the_run_even_where_its_end_lay_earlier() {
    assert_eq!(outcome(membership(PEER, "2021-02-28"), &[], YOUTH), is("deregistered inactive", "2022-06-30"));
}

#[test]
fn rule_6_does_not_apply_for_the_first_reason_that_holds() {
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
fn rule_6_a_patron_with_a_rejected_row_is_never_deregistered() {
    let held = |valid_until, last| {
        let (memberships, activity) = ([membership(PEER, valid_until)], [active(last)]);
        judged(Patron { held: true, memberships: &memberships, activity: &activity, ..NOBODY }, &on(RUN, YOUTH))
    };
    assert_eq!(held("", "2010-01-01"), is("valid bad-input", ""));
    assert_eq!(held("2022-06-30", "2010-01-01"), is("renewed bad-input", "2023-06-30"));
    assert_eq!(held("", "2022-01-01"), is("valid active", ""));
}

#[test]
fn rules_7_to_10_the_last_valid_day_is_inclusive() {
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
fn rule_9_conditional_institutions_renew_and_never_lapse() {
    let school = SubscriptionRules { holder: Holder::Institution, ..YOUTH };
    assert_eq!(outcome(membership(PEER, "2022-06-30"), &[], school), is("renewed not-a-person", "2023-06-30"));
}

#[test]
fn rule_9_months_are_counted_from_the_original_end_so_that_the_day_does_not_drift() {
    let monthly = SubscriptionRules { term_months: 1, ..YOUTH };
    let memberships = [membership(PEER, "2022-01-31")];
    let activity = [active("2022-01-01")];
    let patron = Patron { memberships: &memberships, activity: &activity, ..NOBODY };
    assert_eq!(judged(patron, &on("2022-03-01", monthly)).1, "2022-03-31");
    assert_eq!(judged(patron, &on("2022-02-28", monthly)).1, "2022-02-28");
    assert_eq!(judged(patron, &on("2022-03-31", monthly)).1, "2022-03-31");
}

#[test]
fn rule_9_adds_as_many_terms_as_it_takes_and_no_more() {
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

#[test]
fn only_a_free_conditional_subscription_of_persons_can_lapse_and_renewal_does_not_ask_who_holds_it() {
    for (holder, renewal, free, can_lapse, renews) in [
        (Holder::Person, Renewal::Conditional, true, true, true),
        (Holder::Person, Renewal::Conditional, false, false, false),
        (Holder::Person, Renewal::Automatic, true, false, true),
        (Holder::Person, Renewal::Automatic, false, false, true),
        (Holder::Person, Renewal::None, true, false, false),
        (Holder::Institution, Renewal::Conditional, true, false, true),
        (Holder::Administrative, Renewal::Conditional, false, false, false),
    ] {
        let subscription = SubscriptionRules { holder, free, renewal, ..YOUTH };
        assert_eq!((subscription.can_lapse(), subscription.renews()), (can_lapse, renews), "{subscription:?}");
    }
}

#[test]
fn the_run_after_finds_what_this_one_renewed_valid_and_what_it_deregistered_ended() {
    let next = |valid_until, last| {
        let (memberships, activity) = ([membership(PEER, valid_until)], [active(last)]);
        let mut left = membership(PEER, valid_until);
        let patron = Patron { memberships: &memberships, activity: &activity, ..NOBODY };
        let mut decided = decide(patron, &on(RUN, YOUTH)).memberships[0];
        carry_out(&decided, &mut left);
        decide_again(&mut decided, &left, day("2022-08-01"));
        (format!("{} {}", decided.outcome, decided.reason), decided.valid_until.map(|day| day.to_string()))
    };
    let told = |words: &str, until: &str| (words.to_owned(), Some(until.to_owned()));
    assert_eq!(next("2022-06-30", "2022-06-01"), told("valid active", "2023-06-30"));
    assert_eq!(next("2023-01-31", "2010-01-01"), told("expired ended", "2022-06-30"));
    assert_eq!(next("2023-01-31", "2022-06-01"), told("valid active", "2023-01-31"));
}

#[test]
fn rule_9_one_term_renews_an_end_from_the_boundary_on_and_not_one_from_the_day_before() {
    for (run, months) in [("2022-07-01", 12), ("2024-02-29", 12), ("2022-02-28", 24), ("2022-03-31", 1)] {
        let run = day(run);
        let subscription = SubscriptionRules { term_months: months, ..YOUTH };
        let boundary = subscription.first_end_renewed_by_one_term(run);
        let by_one_term = |until: Day| until.add_months(months.cast_signed());
        for until in [boundary, boundary.next()] {
            assert_eq!(renewed_until(until, months, run), by_one_term(until), "{until}, {months} months, {run}");
        }
        let earlier = boundary.previous();
        assert!(renewed_until(earlier, months, run) > by_one_term(earlier), "{earlier}, {months} months, {run}");
    }
}
