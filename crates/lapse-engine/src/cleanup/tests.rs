//! Each reason of stage 2 where it holds and where it does not: on the day before it turns, the day itself and the day
//! after; and what follows for the records of a patron at several libraries.

use super::*;
use crate::Membership;
use crate::example::{DEINZE, NOBODY, NOWHERE, PEER, RIEMST, YOUTH, active, day, decide, membership, on};
use crate::{AccountColumns, BlocksId, Status, SubscriptionRules, Told};
use lapse_policy::Renewal;

/// Renewed at the desk, so that what is past its end has ended.
const DESK: SubscriptionRules = SubscriptionRules { renewal: Renewal::None, ..YOUTH };
const NO_ACCOUNT: Account = Account {
    library: LibraryId::new(PEER),
    owes: false,
    has_credit: false,
    has_items: false,
    blocks: None,
    settled_on: None,
};

/// Outcome and reasons of each record on 1 July 2022.
fn records(patron: Patron<'_>) -> Vec<String> {
    let told = |record: &RecordDecision| {
        let reasons = record.reasons.iter().map(KeepReason::as_str);
        let words: Vec<&str> = std::iter::once(record.outcome.as_str()).chain(reasons).collect();
        words.join(" ")
    };
    decide(patron, &on("2022-07-01", DESK)).records.iter().map(told).collect()
}

fn of(memberships: &[Membership], accounts: &[Account]) -> Vec<String> {
    records(Patron { memberships, accounts, ..NOBODY })
}

#[test]
fn two_years_without_valid_membership_begin_on_the_day_after_the_end() {
    let ended = |until| of(&[membership(PEER, until)], &[]);
    assert_eq!(ended("2020-06-29"), ["deleted"]);
    assert_eq!(ended("2020-06-30"), ["deleted"]);
    assert_eq!(ended("2020-07-01"), ["kept ended-recently"]);
    assert_eq!(ended("2022-07-01"), ["kept valid-membership"]);
}

#[test]
fn the_latest_end_at_the_library_counts() {
    let memberships = [membership(PEER, "2015-01-01"), membership(PEER, "2021-01-01"), membership(PEER, "2016-01-01")];
    assert_eq!(of(&memberships, &[]), ["kept ended-recently"]);
}

#[test]
fn an_end_without_a_date_is_unknown_for_as_long_as_it_is_so() {
    let cancelled = |until| Membership { status: Status::Cancelled, ..membership(PEER, until) };
    assert_eq!(of(&[cancelled("")], &[]), ["kept ended-recently"]);
    assert_eq!(of(&[cancelled(""), membership(PEER, "2001-01-01")], &[]), ["kept ended-recently"]);
    assert_eq!(of(&[cancelled("9999-12-31")], &[]), ["kept ended-recently"]);
    assert_eq!(of(&[cancelled("2030-01-01")], &[]), ["kept valid-membership"], "it goes on until its end");
    assert_eq!(of(&[cancelled("2010-01-01")], &[]), ["deleted"]);
}

#[test]
fn a_membership_that_starts_later_is_valid() {
    let later = Membership { valid_from: day("2022-07-02"), ..membership(PEER, "2023-07-01") };
    assert_eq!(of(&[later], &[]), ["kept valid-membership"]);
}

#[test]
fn what_this_run_deregisters_it_does_not_delete() {
    let memberships = [membership(PEER, "2015-01-01")];
    let patron = Patron { memberships: &memberships, ..NOBODY };
    let decisions = decide(patron, &on("2022-07-01", YOUTH));
    assert_eq!(decisions.records[0].reasons.iter().collect::<Vec<_>>(), [KeepReason::EndedRecently]);
}

#[test]
fn a_group_of_kind_3_recognises_a_membership_elsewhere_in_it_and_nowhere_else() {
    let gone = |library| membership(library, "2015-01-01");
    let valid = |library| membership(library, "2023-01-01");
    assert_eq!(of(&[gone(PEER), valid(RIEMST)], &[]), ["kept valid-in-group", "kept valid-membership"]);
    assert_eq!(of(&[gone(PEER), valid(DEINZE)], &[]), ["archived", "kept valid-membership"]);
    assert_eq!(of(&[gone(DEINZE), valid(PEER)], &[]), ["archived", "kept valid-membership"]);
    assert_eq!(of(&[valid(PEER), valid(RIEMST)], &[]), ["kept valid-membership", "kept valid-membership"]);
    let later = Membership { valid_from: day("2022-08-01"), ..valid(RIEMST) };
    assert_eq!(of(&[gone(PEER), later], &[]), ["kept valid-in-group", "kept valid-membership"]);
    let only_account = Account { owes: true, ..NO_ACCOUNT };
    assert_eq!(of(&[valid(RIEMST)], &[only_account])[1], "kept valid-in-group owes no-membership");
}

#[test]
fn money_blocks_and_items_hold_a_record() {
    let with = |account| of(&[membership(PEER, "2015-01-01")], &[account]).remove(0);
    assert_eq!(with(NO_ACCOUNT), "deleted");
    assert_eq!(with(Account { owes: true, ..NO_ACCOUNT }), "kept owes");
    assert_eq!(with(Account { has_credit: true, ..NO_ACCOUNT }), "kept credit");
    assert_eq!(with(Account { has_items: true, ..NO_ACCOUNT }), "kept items");
    let blocked = |cell| with(Account { blocks: Some(BlocksId::new(cell)), ..NO_ACCOUNT });
    assert_eq!([blocked(0), blocked(1), blocked(2)], ["kept blocked", "deleted", "kept blocked"]);
}

#[test]
fn costs_settled_less_than_two_years_ago_hold_a_record() {
    let settled = |on| {
        let account = Account { settled_on: Some(day(on)), ..NO_ACCOUNT };
        of(&[membership(PEER, "2015-01-01")], &[account]).remove(0)
    };
    assert_eq!(settled("2020-06-30"), "deleted");
    assert_eq!(settled("2020-07-01"), "deleted");
    assert_eq!(settled("2020-07-02"), "kept settled-recently");
    assert_eq!(settled("2030-01-01"), "kept settled-recently");
}

#[test]
fn an_account_without_membership_has_an_unknown_end() {
    assert_eq!(of(&[], &[NO_ACCOUNT]), ["kept no-membership"]);
}

#[test]
fn a_library_without_policy_keeps_its_records() {
    assert_eq!(of(&[membership(NOWHERE, "2001-01-01")], &[]), ["kept no-policy"]);
    assert_eq!(of(&[membership(NOWHERE, "")], &[]), ["kept valid-membership no-policy"]);
}

#[test]
fn a_held_patron_keeps_every_record() {
    let memberships = [membership(PEER, "2001-01-01"), membership(DEINZE, "2001-01-01")];
    let held = Patron { held: true, memberships: &memberships, ..NOBODY };
    assert_eq!(records(held), ["kept bad-input", "kept bad-input"]);
}

#[test]
fn nothing_is_deleted_while_any_library_keeps_it() {
    let gone = |library| membership(library, "2015-01-01");
    let owes = [Account { owes: true, ..NO_ACCOUNT }];
    assert_eq!(of(&[gone(PEER), gone(DEINZE)], &[]), ["deleted", "deleted"]);
    assert_eq!(of(&[gone(DEINZE), gone(PEER)], &owes), ["archived", "kept owes"]);
}

#[test]
fn cut_offs_are_those_of_a_record_that_stays() {
    let cut_offs = |until, keeps_history| {
        let memberships = [membership(PEER, until)];
        let activity = [active("2022-01-01")];
        let patron = Patron { keeps_history, memberships: &memberships, activity: &activity, ..NOBODY };
        let record = decide(patron, &on("2022-07-01", DESK)).records[0];
        (record.pseudonymise_before, record.purge_finance_before)
    };
    assert_eq!(cut_offs("", true), (None, Some(day("2012-07-01"))));
    assert_eq!(cut_offs("", false), (Some(day("2022-04-02")), Some(day("2012-07-01"))));
    assert_eq!(cut_offs("2001-01-01", false), (None, None));
}

#[test]
fn an_accounts_table_that_lacks_a_column_let_debtors_be_deleted() {
    let gone = [membership(PEER, "2015-01-01")];
    let with = |columns: &[&str]| {
        let accounts = AccountColumns::of(columns.iter().copied());
        records(Patron { told: Told { accounts, ..Told::ALL }, memberships: &gone, ..NOBODY })
    };
    assert_eq!(with(&["owed", "credit", "blocks", "items", "settled_on"]), ["deleted"]);
    assert_eq!(with(&["credit", "blocks", "items", "settled_on"]), ["kept accounts-unknown"]);
    assert_eq!(with(&[]), ["kept accounts-unknown"]);
}

#[test]
fn a_misspelt_block_let_records_be_deleted() {
    let gone = [membership(PEER, "2015-01-01")];
    let blocked = |cell| of(&gone, &[Account { blocks: Some(BlocksId::new(cell)), ..NO_ACCOUNT }]);
    assert_eq!(blocked(0), ["kept blocked"], "of a kind that holds");
    assert_eq!(blocked(1), ["deleted"], "of a kind that is ignored");
    assert_eq!(blocked(3), ["kept blocked"], "of an ignored kind and of one that nobody lists");
}
