//! What holds whatever the facts are, tried on random patrons under random settings, with dates close to the days on
//! which the rules turn.

use lapse_policy::{Day, Holder, MonthDay, Renewal, Scope};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::carry::PatronRows;
use crate::example::{day, decide};
use crate::forecast::{Assumption, Schedule, WalkRoom, walk, walk_batch};
use crate::rules::tests::{in_run, library, rules};
use crate::{
    Account, AccountColumns, Activity, Batch, BlocksId, Decisions, ExtraError, ExtraReason, ExtraRules, ExtraVerdict,
    FactColumnsTold, KeepReason, LibraryId, Membership, MembershipDecision, MembershipOutcome, MembershipReason,
    RecordOutcome, Rules, SourceId, Status, SubscriptionId, SubscriptionRules, Told,
};

const LIBRARIES: usize = 5;

/// A day within two days of the run day, or of a day that lies a number of months from it, often a whole term.
fn a_day() -> impl Strategy<Value = Day> {
    let months = prop_oneof![Just(0), Just(-12), Just(-24), Just(12), Just(24), -70..70];
    (months, -2..=2).prop_map(|(months, days)| day("2022-07-01").add_months(months).add_days(days))
}

fn a_subscription() -> impl Strategy<Value = SubscriptionRules> {
    let holder = prop_oneof![3 => Just(Holder::Person), 1 => Just(Holder::Institution)];
    let renewal = prop_oneof![3 => Just(Renewal::Conditional), 1 => Just(Renewal::Automatic), 1 => Just(Renewal::None)];
    let grace = prop_oneof![2 => Just(0), 1 => 0..40u32];
    let ends = prop_oneof![2 => Just(None), 1 => (1..=12u32, 1..=28u32).prop_map(|(month, day)| Some(MonthDay { month, day }))];
    let terms = (prop_oneof![Just(12), 1..40u32], prop_oneof![Just(24), 1..70u32], grace, ends);
    (holder, any::<bool>(), renewal, terms).prop_map(
        |(holder, free, renewal, (term_months, lapse_months, grace_days, term_ends))| SubscriptionRules {
            holder,
            free,
            renewal,
            // Terms that end on a fixed day are whole years.
            term_months: if term_ends.is_some() { term_months.div_ceil(12) * 12 } else { term_months },
            lapse_months,
            grace_days,
            term_ends,
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
    let blocks = proptest::option::weighted(0.3, 0..4usize);
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

/// Mostly everything; sometimes an extract without activity or without a column of accounts.
fn some_told() -> impl Strategy<Value = Told> {
    (proptest::bool::weighted(0.8), proptest::bool::weighted(0.8)).prop_map(|(activity, items)| {
        let lacking = AccountColumns::of(if items { None } else { Some("items") });
        Told { activity, accounts: AccountColumns::ALL.without(lacking), facts: FactColumnsTold::ALL }
    })
}

fn a_patron() -> impl Strategy<Value = PatronRows> {
    let accounts = proptest::sample::subsequence((0..LIBRARIES).collect::<Vec<_>>(), 0..3)
        .prop_flat_map(|libraries| libraries.into_iter().map(an_account).collect::<Vec<_>>());
    (
        (proptest::bool::weighted(0.1), some_told()),
        proptest::option::of(a_day()),
        any::<bool>(),
        vec(a_membership(), 0..5),
        vec(some_activity(), 0..5),
        accounts,
    )
        .prop_map(|((held, told), profile_last_active, keeps_history, memberships, activity, accounts)| {
            let rows = PatronRows::default();
            PatronRows { held, told, profile_last_active, keeps_history, memberships, activity, accounts, ..rows }
        })
}

/// Monthly runs by one policy, then by another. Some are held on the last day of a term.
fn some_runs() -> impl Strategy<Value = Vec<(Rules, bool)>> {
    (some_rules(), some_rules(), 1..40usize, 0..40usize, -1..=1).prop_map(|(one, other, count, change, day)| {
        let on = |run: usize| one.run.add_days(day).add_months(i32::try_from(run).unwrap());
        let rules = |run| in_run(if run < change { &one } else { &other }, on(run));
        (0..count).map(|run| (rules(run), run == change)).collect()
    })
}

/// What each run decides about a patron, in words without the cut-offs, which move with the run.
fn told(decisions: &Decisions, with_reasons: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    for decided in &decisions.memberships {
        let reason = if with_reasons { decided.reason.as_str() } else { "" };
        words.push(format!("{} {reason} {:?} {}", decided.outcome, decided.valid_until, decided.is_active()));
    }
    for record in &decisions.records {
        words.push(format!("{:?} {} {:?}", record.library, record.outcome, record.reasons));
    }
    words.push(format!("{:?}", decisions.profile));
    words.join(", ")
}

/// Runs by hand: each decides in full on the rows that the one before left.
fn by_hand(
    patron: &PatronRows,
    runs: &[(Rules, bool)],
    assumed: Option<&Assumption>,
    with_reasons: bool,
) -> Vec<String> {
    let mut rows = patron.clone();
    let known = rows.activity.len();
    let mut is_active = false;
    let mut all = Vec::new();
    for (run, (rules, _)) in runs.iter().enumerate() {
        if let Some(assumed) = assumed.filter(|assumed| run > 0 && is_active && assumed.holds(7, run)) {
            rows.activity.truncate(known);
            let last_active = rules.run.previous();
            rows.activity.push(Activity { library: None, source: assumed.sources[0], last_active });
        }
        let decisions = decide(rows.as_patron(), rules);
        all.push(told(&decisions, with_reasons));
        is_active = decisions.memberships.iter().any(MembershipDecision::is_active);
        rows.carry_out(&decisions);
    }
    all
}

/// Has nothing to say.
struct Mute;

impl ExtraRules for Mute {
    fn judge(&self, _: &Batch<'_>, _: &mut Vec<ExtraVerdict>) -> Result<(), ExtraError> {
        Ok(())
    }

    fn word(&self, _: ExtraReason) -> &'static str {
        ""
    }
}

/// How much an outcome leaves a patron with.
fn standing(decisions: &Decisions) -> Vec<u8> {
    let memberships = decisions.memberships.iter().map(|decided| u8::from(decided.is_valid()));
    let records = decisions.records.iter().map(|record| match record.outcome {
        RecordOutcome::Deleted | RecordOutcome::Anonymised => 0,
        RecordOutcome::Archived => 1,
        RecordOutcome::Kept | RecordOutcome::Review => 2,
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
        // What the first run renewed may have taken the place of a membership that was in its days of grace, and what it ended no
        // longer takes the place of another.
        let taken = first.memberships.iter().zip(&second.memberships).any(|(first, second)| {
            let is_succeeded = |reason| reason == MembershipReason::Succeeded;
            let of_grace = first.reason == MembershipReason::Grace && is_succeeded(second.reason);
            of_grace || (is_succeeded(first.reason) && !is_succeeded(second.reason))
        });
        prop_assume!(!taken);
        if first.records.iter().any(|record| record.outcome == RecordOutcome::Deleted) {
            prop_assert!(second.memberships.is_empty() && second.records.is_empty());
        } else {
            for (first, second) in first.memberships.iter().zip(&second.memberships) {
                prop_assert_eq!(first.is_valid(), second.is_valid());
                prop_assert_eq!(first.valid_until, second.valid_until);
                // What took the place of another, and was ended by the first run, may end no later than the other now.
                let was_succeeded = first.reason == MembershipReason::Succeeded;
                prop_assert!(was_succeeded || second.outcome != MembershipOutcome::Deregistered);
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

    #[test]
    fn a_walk_through_many_runs_decides_as_each_run_by_hand(
        patron in a_patron(), runs in some_runs(), share in proptest::option::of(0.0..1.0), seed in any::<u64>(),
    ) {
        let assumed = share.map(|share| Assumption { share, seed, sources: vec![SourceId::new(0)] });
        // A held patron who is assumed to be active is valid for another reason, which no count shows.
        let with_reasons = assumed.is_none();
        let expected = by_hand(&patron, &runs, assumed.as_ref(), with_reasons);
        let schedule = Schedule::of(runs.iter().cloned());
        let nothing = told(&Decisions::default(), with_reasons);
        let assumption = assumed.as_ref();

        let mut walked = vec![nothing.clone(); runs.len()];
        let mut room = WalkRoom::default();
        walk(&patron.as_patron(), &schedule, assumption.map(|assumed| (assumed, 7)), &mut room, |span| {
            walked[span.runs.clone()].fill(told(span.decisions, with_reasons));
        });
        prop_assert_eq!(&walked, &expected);

        let mut together = vec![nothing; runs.len()];
        let extra: Vec<&dyn ExtraRules> = runs.iter().map(|_| &Mute as &dyn ExtraRules).collect();
        let patrons = [patron.as_patron()];
        let assumption = assumption.map(|assumed| (assumed, &[7][..]));
        walk_batch(0, &patrons, &schedule, &extra, assumption, |_, span| {
            together[span.runs.clone()].fill(told(span.decisions, with_reasons));
        }).unwrap();
        prop_assert_eq!(&together, &expected);
    }
}
