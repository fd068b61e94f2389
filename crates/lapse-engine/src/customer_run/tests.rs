//! Each rule of stage 1 on the day before it turns, the day itself and the day after; and which activity counts.

use super::*;
use crate::example::{DEINZE, NOBODY, NOWHERE, PEER, RIEMST, YOUTH, active, day, decide, membership, on};
use crate::rules::tests::{library, rules};
use crate::{SourceId, SubscriptionId, Told};

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
    let cancelled = |until| Membership { status: Status::Cancelled, ..at(until) };
    assert_eq!(outcome(cancelled("2030-01-01"), &[], YOUTH), is("valid no-policy", "2030-01-01"));
    assert_eq!(outcome(cancelled(""), &[], YOUTH), is("expired no-policy", ""));
    assert_eq!(outcome(cancelled("9999-12-31"), &[], YOUTH), is("expired no-policy", "9999-12-31"));
    let deregistered = Membership { status: Status::Deregistered, ..at("2030-01-01") };
    assert_eq!(outcome(deregistered, &[], YOUTH), is("expired no-policy", "2030-01-01"));
    let other = Membership { subscription: SubscriptionId::new(7), ..membership(PEER, "") };
    assert_eq!(outcome(other, &[], YOUTH), is("valid no-policy", ""));
}

#[test]
fn rule_2_what_was_deregistered_has_ended_whatever_its_end() {
    for until in ["2021-02-28", "2023-02-28", ""] {
        let ended = Membership { status: Status::Deregistered, ..membership(PEER, until) };
        assert_eq!(outcome(ended, &[active("2022-06-01")], YOUTH), is("expired ended", until));
    }
}

#[test]
fn rule_2_what_was_cancelled_but_is_paid_until_december_read_as_ended_in_july() {
    let cancelled = |until| {
        let cancelled = Membership { status: Status::Cancelled, ..membership(PEER, until) };
        outcome(cancelled, &[], YOUTH)
    };
    assert_eq!(cancelled("2022-12-31"), is("valid cancelled", "2022-12-31"));
    assert_eq!(cancelled("2022-07-01"), is("valid cancelled", "2022-07-01"));
    assert_eq!(cancelled("2022-06-30"), is("expired ended", "2022-06-30"));
    assert_eq!(cancelled(""), is("expired ended", ""));
    assert_eq!(cancelled("9999-12-31"), is("expired ended", "9999-12-31"));
}

#[test]
fn rule_4_an_old_membership_that_was_taken_again_is_not_renewed() {
    let old = membership(PEER, "2021-02-28");
    let with = |other: Membership| {
        let memberships = [old, other];
        judged(Patron { memberships: &memberships, activity: &[active("2022-06-01")], ..NOBODY }, &on(RUN, YOUTH))
    };
    let from = |valid_from, until| Membership { valid_from: day(valid_from), ..membership(PEER, until) };
    let succeeded = is("expired succeeded", "2021-02-28");
    assert_eq!(with(from("2021-03-01", "2022-02-28")), succeeded);
    assert_eq!(with(from("2019-03-02", "2021-02-28")), succeeded, "it starts later and ends no earlier");
    assert_eq!(with(from("2019-03-01", "2021-03-01")), succeeded, "it starts the same day and ends later");
    assert_eq!(with(from("2019-03-01", "")), succeeded, "what has no end ends last of all");
    assert_eq!(with(Membership { status: Status::Cancelled, ..from("2021-03-01", "2021-03-01") }), succeeded);
    let renewed = is("renewed active", "2023-02-28");
    assert_eq!(with(from("2019-03-02", "2021-02-27")), renewed, "it ends earlier");
    assert_eq!(
        with(from("2019-03-01", "2021-02-28")),
        renewed,
        "the same dates twice: neither takes the other's place"
    );
    assert_eq!(with(from("2019-02-28", "")), renewed, "it starts earlier");
    assert_eq!(with(Membership { library: LibraryId::new(RIEMST), ..from("2021-03-01", "") }), renewed);
}

#[test]
fn rule_4_what_is_not_past_its_end_is_not_succeeded() {
    let memberships = [membership(PEER, "2022-07-01"), membership(PEER, "2023-02-28")];
    let patron = Patron { memberships: &memberships, activity: &[active("2022-06-01")], ..NOBODY };
    assert_eq!(judged(patron, &on(RUN, YOUTH)), is("valid active", "2022-07-01"));
}

#[test]
fn rule_6_an_activity_feed_that_is_gone_deregistered_thousands() {
    let without = |valid_from| {
        let memberships = [Membership { valid_from: day(valid_from), ..membership(PEER, "") }];
        let told = Told { activity: false, ..Told::ALL };
        judged(Patron { told, memberships: &memberships, ..NOBODY }, &on(RUN, YOUTH)).0
    };
    assert_eq!(without("2019-03-01"), "valid activity-unknown");
    assert_eq!(without("2022-03-01"), "valid active");
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
fn rule_9_half_yearly_terms_did_drift() {
    let by_six = SubscriptionRules { term_months: 6, ..YOUTH };
    let from_march = |until| Membership { valid_from: day("2022-03-01"), ..membership(PEER, until) };
    let renewed = |membership: Membership, run: &str| {
        let (memberships, activity) = ([membership], [active(run)]);
        let patron = Patron { memberships: &memberships, activity: &activity, ..NOBODY };
        judged(patron, &on(run, by_six)).1
    };
    assert_eq!(renewed(from_march("2022-08-31"), "2022-09-01"), "2023-02-28");
    assert_eq!(renewed(from_march("2023-02-28"), "2023-03-01"), "2023-08-31");
    assert_eq!(renewed(from_march("2022-08-31"), "2023-09-01"), "2024-02-29");
}

#[test]
fn rule_9_a_renewal_over_more_than_two_terms_is_noted() {
    let many_terms = |until| {
        let (memberships, activity) = ([membership(PEER, until)], [active("2022-06-01")]);
        let patron = Patron { memberships: &memberships, activity: &activity, ..NOBODY };
        let decided = decide(patron, &on(RUN, YOUTH)).memberships[0];
        (decided.valid_until.unwrap().to_string(), decided.many_terms)
    };
    assert_eq!(many_terms("2022-02-28"), ("2023-02-28".to_owned(), false));
    assert_eq!(many_terms("2021-02-28"), ("2023-02-28".to_owned(), false));
    assert_eq!(many_terms("2020-02-29"), ("2023-02-28".to_owned(), true));
    assert_eq!(many_terms("2023-02-28"), ("2023-02-28".to_owned(), false));
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
        let terms = |until: Day| WholeTerms::after(until.next(), until, months, None);
        for until in [boundary, boundary.next()] {
            let renewed = terms(until).first_that_covers(run);
            assert_eq!(renewed, terms(until).end(1), "{until}, {months} months, {run}");
        }
        let earlier = terms(boundary.previous());
        assert_eq!(earlier.first_that_covers(run), earlier.end(2), "{boundary}, {months} months, {run}");
    }
}
