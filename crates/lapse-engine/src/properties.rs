//! What must never happen, whatever the facts: for random patrons under random settings, with dates that crowd around
//! the boundaries of the rules.

use lapse_policy::{Day, Holder, Renewal, Scope};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::carry::PatronRows;
use crate::example::{day, decide};
use crate::rules::tests::{library, rules};
use crate::{
    Account, Activity, BlocksId, Decisions, KeepReason, LibraryId, Membership, MembershipOutcome, RecordOutcome, Rules,
    SourceId, Status, SubscriptionId, SubscriptionRules,
};

const LIBRARIES: usize = 5;

/// Days within two days of the run day, of a month's distance, or of whole terms from it.
fn a_day() -> impl Strategy<Value = Day> {
    let months = prop_oneof![Just(0), Just(-12), Just(-24), Just(12), Just(24), -70..70];
    (months, -2..=2).prop_map(|(months, days)| day("2022-07-01").add_months(months).add_days(days))
}

fn a_subscription() -> impl Strategy<Value = SubscriptionRules> {
    let holder = prop_oneof![3 => Just(Holder::Person), 1 => Just(Holder::Institution)];
    let renewal = prop_oneof![3 => Just(Renewal::Conditional), 1 => Just(Renewal::Automatic), 1 => Just(Renewal::None)];
    (holder, any::<bool>(), renewal, prop_oneof![Just(12), 1..40u32], prop_oneof![Just(24), 1..70u32]).prop_map(
        |(holder, free, renewal, term_months, lapse_months)| SubscriptionRules {
            holder,
            free,
            renewal,
            term_months,
            lapse_months,
        },
    )
}

fn some_rules() -> impl Strategy<Value = Rules> {
    let one =
        (proptest::option::of(a_subscription()), proptest::option::of(0..2usize), any::<bool>(), 1..40u32, 1..40u32);
    vec(one, LIBRARIES - 1).prop_map(|libraries| {
        let run = day("2022-07-01");
        let libraries = libraries.into_iter().map(|(subscription, group, own, ended_months, settled_months)| {
            let scope = if own { Scope::Library } else { Scope::Patron };
            let mut library = library(run, subscription, group, scope);
            (library.ended_months, library.settled_months) = (ended_months, settled_months);
            library
        });
        rules(run, libraries.collect())
    })
}

fn a_membership() -> impl Strategy<Value = Membership> {
    let status = prop_oneof![6 => Just(Status::Active), 1 => Just(Status::Deregistered), 1 => Just(Status::Cancelled)];
    (0..LIBRARIES, a_day(), proptest::option::weighted(0.8, a_day()), status).prop_map(
        |(library, valid_from, valid_until, status)| Membership {
            library: LibraryId::new(library),
            subscription: SubscriptionId::new(0),
            valid_from,
            valid_until: valid_until.map(|until| until.max(valid_from)),
            status,
        },
    )
}

fn some_activity() -> impl Strategy<Value = Activity> {
    (proptest::option::of(0..LIBRARIES), 0..2usize, a_day()).prop_map(|(library, source, last_active)| Activity {
        library: library.map(LibraryId::new),
        source: SourceId::new(source),
        last_active,
    })
}

fn an_account(library: usize) -> impl Strategy<Value = Account> {
    let seldom = || proptest::bool::weighted(0.15);
    let blocks = proptest::option::weighted(0.3, 0..3usize);
    (seldom(), seldom(), seldom(), blocks, proptest::option::weighted(0.3, a_day())).prop_map(
        move |(owes, has_credit, has_items, blocks, settled_on)| Account {
            library: LibraryId::new(library),
            owes,
            has_credit,
            has_items,
            blocks: blocks.map(BlocksId::new),
            settled_on,
        },
    )
}

fn a_patron() -> impl Strategy<Value = PatronRows> {
    let accounts = proptest::sample::subsequence((0..LIBRARIES).collect::<Vec<_>>(), 0..3)
        .prop_flat_map(|libraries| libraries.into_iter().map(an_account).collect::<Vec<_>>());
    (
        proptest::bool::weighted(0.1),
        proptest::option::of(a_day()),
        any::<bool>(),
        vec(a_membership(), 0..5),
        vec(some_activity(), 0..5),
        accounts,
    )
        .prop_map(|(held, profile_last_active, keeps_history, memberships, activity, accounts)| PatronRows {
            held,
            profile_last_active,
            keeps_history,
            memberships,
            activity,
            accounts,
        })
}

/// How much an outcome leaves a patron with.
fn standing(decisions: &Decisions) -> Vec<u8> {
    let memberships = decisions.memberships.iter().map(|decided| u8::from(decided.is_valid()));
    let records = decisions.records.iter().map(|record| match record.outcome {
        RecordOutcome::Deleted => 0,
        RecordOutcome::Archived => 1,
        RecordOutcome::Kept => 2,
    });
    let profile = decisions.profile.iter().map(|profile| u8::from(!profile.reasons.is_empty()));
    memberships.chain(records).chain(profile).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_run_deletes_what_it_deregisters(patron in a_patron(), rules in some_rules()) {
        let decisions = decide(patron.as_patron(), &rules);
        for (membership, decided) in patron.memberships.iter().zip(&decisions.memberships) {
            if decided.outcome == MembershipOutcome::Deregistered {
                let record = decisions.records.iter().find(|record| record.library == membership.library).unwrap();
                prop_assert_eq!(record.outcome, RecordOutcome::Kept);
            }
        }
    }

    #[test]
    fn a_debt_a_block_an_item_or_a_held_patron_is_never_removed(patron in a_patron(), rules in some_rules()) {
        for record in decide(patron.as_patron(), &rules).records {
            let account = patron.accounts.iter().find(|account| account.library == record.library);
            let open = account.is_some_and(|account| {
                let blocked = account.blocks.is_some_and(|blocks| blocks.index() != 1);
                account.owes || account.has_credit || account.has_items || blocked
            });
            if open || patron.held {
                prop_assert_eq!(record.outcome, RecordOutcome::Kept);
            }
        }
    }

    #[test]
    fn a_held_patron_is_never_deregistered(patron in a_patron(), rules in some_rules()) {
        let held = PatronRows { held: true, ..patron };
        let decisions = decide(held.as_patron(), &rules);
        prop_assert!(decisions.memberships.iter().all(|decided| decided.outcome != MembershipOutcome::Deregistered));
        prop_assert!(decisions.profile.is_none_or(|profile| !profile.reasons.is_empty()));
    }

    #[test]
    fn nothing_is_deleted_while_any_library_keeps_it(patron in a_patron(), rules in some_rules()) {
        let records = decide(patron.as_patron(), &rules).records;
        let deleted = records.iter().filter(|record| record.outcome == RecordOutcome::Deleted).count();
        prop_assert!(deleted == 0 || deleted == records.len());
        let kept = records.iter().any(|record| record.outcome == RecordOutcome::Kept);
        prop_assert!(kept == records.iter().any(|record| !record.reasons.is_empty()));
        prop_assert!(records.is_empty() || kept || deleted == records.len());
    }

    #[test]
    fn a_later_activity_never_makes_an_outcome_worse(
        patron in a_patron(), rules in some_rules(), which in any::<proptest::sample::Index>(), months in 0..80, days in 0..3,
    ) {
        prop_assume!(!patron.activity.is_empty());
        let before = decide(patron.as_patron(), &rules);
        let mut later = patron.clone();
        let row = &mut later.activity[which.index(patron.activity.len())];
        row.last_active = row.last_active.add_months(months).add_days(days);
        let after = decide(later.as_patron(), &rules);
        for (before, after) in standing(&before).into_iter().zip(standing(&after)) {
            prop_assert!(before <= after);
        }
    }

    #[test]
    fn the_order_of_activity_and_accounts_does_not_matter(
        patron in a_patron(), rules in some_rules(), activity in any::<proptest::sample::Index>(),
    ) {
        let mut turned = patron.clone();
        let by = activity.index(patron.activity.len().max(1));
        turned.activity.rotate_left(by.min(patron.activity.len()));
        turned.accounts.reverse();
        let (one, mut other) = (decide(patron.as_patron(), &rules), decide(turned.as_patron(), &rules));
        // Records of libraries with an account alone come in the order of the accounts.
        other.records.sort_by_key(|record| one.records.iter().position(|first| first.library == record.library));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn a_second_run_on_the_result_of_the_first_changes_nothing(patron in a_patron(), rules in some_rules()) {
        let first = decide(patron.as_patron(), &rules);
        let mut after = patron.clone();
        after.carry_out(&first);
        let second = decide(after.as_patron(), &rules);
        if first.records.iter().any(|record| record.outcome == RecordOutcome::Deleted) {
            prop_assert!(second.memberships.is_empty() && second.records.is_empty());
        } else {
            for (first, second) in first.memberships.iter().zip(&second.memberships) {
                prop_assert_eq!(first.is_valid(), second.is_valid());
                prop_assert_eq!(first.valid_until, second.valid_until);
                prop_assert!(second.outcome != MembershipOutcome::Deregistered);
                prop_assert!(second.outcome != MembershipOutcome::Renewed);
            }
            prop_assert_eq!(&first.records, &second.records);
            prop_assert!(second.profile.is_none_or(|profile| Some(profile) == first.profile));
        }
        let mut again = after.clone();
        again.carry_out(&second);
        prop_assert_eq!(again, after);
    }

    #[test]
    fn listening_changes_nothing(patron in a_patron(), rules in some_rules()) {
        let mut heard = Decisions::default();
        let mut events = Vec::new();
        crate::evaluate_heard(&patron.as_patron(), &rules, &mut heard, &mut events);
        prop_assert_eq!(&heard, &decide(patron.as_patron(), &rules));
        for record in &heard.records {
            let held = events.iter().filter_map(|event| match event {
                crate::Event::Keep { library, reason, holds: true, .. } if *library == record.library => Some(*reason),
                _ => None,
            });
            prop_assert_eq!(held.collect::<Vec<KeepReason>>(), record.reasons.iter().collect::<Vec<_>>());
        }
    }
}
