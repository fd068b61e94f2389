//! Stage 2 of domain.md: the cleanup looks at the memberships after stage 1 and decides each of the patron's records.
//! Each reason to keep one is a function here, in the order in which they are reported.

use lapse_policy::Day;

use crate::listen::{Event, Listener, Term};
use crate::{
    Account, Decisions, KeepReason, KeepReasons, LibraryId, LibraryRules, MembershipDecision, Patron, RecordDecision,
    RecordOutcome, Rules,
};

/// Decides the patron's record at each library, on the membership decisions that `decisions` holds already.
pub fn decide<L: Listener>(patron: &Patron<'_>, rules: &Rules, decisions: &mut Decisions, listener: &mut L) {
    let Decisions { memberships, records, extra_keeps, profile: _ } = decisions;
    for library in patron.record_libraries() {
        let here = || {
            let all = patron.memberships.iter().zip(&*memberships);
            all.filter(|(membership, _)| membership.library == library).map(|(_, decided)| decided)
        };
        let record = Record {
            patron,
            decided: memberships,
            rules,
            here: rules.library(library),
            library,
            valid: here().any(MembershipDecision::is_valid),
            last_end: LastEnd::of(here()),
            account: patron.accounts.iter().find(|account| account.library == library),
        };
        records.push(RecordDecision {
            library,
            outcome: RecordOutcome::Kept,
            reasons: record.keep_reasons(listener),
            pseudonymise_before: None,
            purge_finance_before: None,
        });
    }
    let is_kept = |record: &RecordDecision| {
        !record.reasons.is_empty() || extra_keeps.iter().any(|&(library, _)| library == record.library)
    };
    let kept_somewhere = records.iter().any(is_kept);
    for record in records {
        record.outcome = outcome(is_kept(record), kept_somewhere);
        retain(record, patron, rules.library(record.library));
    }
}

/// Over all libraries in which the patron has a record: all clear, deleted everywhere; clear here and kept elsewhere,
/// archived here.
fn outcome(kept: bool, kept_somewhere: bool) -> RecordOutcome {
    match (kept, kept_somewhere) {
        (true, _) => RecordOutcome::Kept,
        (false, true) => RecordOutcome::Archived,
        (false, false) => RecordOutcome::Deleted,
    }
}

/// Retention, with the record: the cut-off dates of a record that stays. Activity is pseudonymised only for a patron
/// who opted out of loan history.
fn retain(record: &mut RecordDecision, patron: &Patron<'_>, here: &LibraryRules) {
    match record.outcome {
        RecordOutcome::Deleted => {}
        RecordOutcome::Kept | RecordOutcome::Archived => {
            record.pseudonymise_before = (!patron.keeps_history).then_some(here.pseudonymise_before);
            record.purge_finance_before = Some(here.purge_finance_before);
        }
    }
}

/// When the memberships at a library came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LastEnd {
    /// There never was one.
    NoMembership,
    /// One ended without a `valid_until` (cancelled, date lost).
    Unknown,
    /// The latest `valid_until`.
    On(Day),
}

impl LastEnd {
    fn of<'a>(decided: impl Iterator<Item = &'a MembershipDecision>) -> LastEnd {
        decided.fold(LastEnd::NoMembership, |last, decided| match (last, decided.valid_until) {
            (LastEnd::Unknown, _) | (_, None) => LastEnd::Unknown,
            (LastEnd::NoMembership, Some(until)) => LastEnd::On(until),
            (LastEnd::On(day), Some(until)) => LastEnd::On(day.max(until)),
        })
    }
}

/// A patron's record at one library, as the rules look at it.
struct Record<'a> {
    patron: &'a Patron<'a>,
    /// What stage 1 made of the patron's memberships.
    decided: &'a [MembershipDecision],
    rules: &'a Rules,
    here: &'a LibraryRules,
    library: LibraryId,
    /// `valid-membership`: some membership here is valid on D, or starts later.
    valid: bool,
    /// Of the memberships here.
    last_end: LastEnd,
    account: Option<&'a Account>,
}

impl Record<'_> {
    /// All that hold, each tried.
    fn keep_reasons<L: Listener>(&self, listener: &mut L) -> KeepReasons {
        let run = self.rules.run;
        let ended = if self.valid { None } else { self.since_ended() };
        let settled = self.since_settled();
        let mut reasons = KeepReasons::default();
        let mut tried = |reason, holds, term| {
            listener.hear(|| Event::Keep { library: self.library, reason, holds, term });
            reasons.add_if(reason, holds);
        };
        tried(KeepReason::BadInput, self.patron.held, None);
        tried(KeepReason::ValidMembership, self.valid, None);
        tried(KeepReason::ValidInGroup, !self.valid && self.valid_in_group(), None);
        tried(KeepReason::EndedRecently, !self.valid && self.ended_recently(ended, run), ended);
        tried(KeepReason::Owes, self.account.is_some_and(|account| account.owes), None);
        tried(KeepReason::Credit, self.account.is_some_and(|account| account.has_credit), None);
        tried(KeepReason::Blocked, self.blocked(), None);
        tried(KeepReason::Items, self.account.is_some_and(|account| account.has_items), None);
        tried(KeepReason::SettledRecently, settled.is_some_and(|settled| is_younger(settled, run)), settled);
        tried(KeepReason::NoMembership, self.no_membership(), None);
        tried(KeepReason::NoPolicy, !self.here.in_policy, None);
        reasons
    }

    /// `valid-in-group`: the library is in a group of kind 3, and the patron has a membership valid on D (or starting
    /// later) at another library of that group. (That none is valid here is the caller's to ask.)
    fn valid_in_group(&self) -> bool {
        self.here.recognising_group.is_some_and(|group| {
            self.patron.memberships.iter().zip(self.decided).any(|(membership, decided)| {
                membership.library != self.library
                    && decided.is_valid()
                    && self.rules.library(membership.library).recognising_group == Some(group)
            })
        })
    }

    /// `ended-recently`: there were memberships here, none is valid (the caller's to ask), and the first day without
    /// one + `ended_months` > D. An unknown end holds for as long as it is unknown.
    fn ended_recently(&self, since_ended: Option<Term>, run: Day) -> bool {
        match self.last_end {
            LastEnd::NoMembership => false,
            LastEnd::Unknown => true,
            LastEnd::On(_) => since_ended.is_some_and(|term| !has_been_for(term, run)),
        }
    }

    /// `blocked`: a kind of block that holds here (`cleanup.blocks`).
    fn blocked(&self) -> bool {
        self.account.and_then(|account| account.blocks).is_some_and(|blocks| self.rules.holds(self.here, blocks))
    }

    /// `no-membership`: the accounts table has a row here, memberships has none, so that the end date is unknown.
    fn no_membership(&self) -> bool {
        self.account.is_some() && self.last_end == LastEnd::NoMembership
    }

    /// `ended_months` from the first day without membership, the day after the latest `valid_until`.
    fn since_ended(&self) -> Option<Term> {
        match self.last_end {
            LastEnd::NoMembership | LastEnd::Unknown => None,
            LastEnd::On(until) => Some(Term::new(until.next(), self.here.ended_months)),
        }
    }

    /// `settled_months` from the day on which costs were settled.
    fn since_settled(&self) -> Option<Term> {
        let settled_on = self.account?.settled_on?;
        Some(Term::new(settled_on, self.here.settled_months))
    }
}

/// **For** 2 years without valid membership: `first day without + 24 months <= D`.
fn has_been_for(term: Term, run: Day) -> bool {
    term.until <= run
}

/// **Younger than** 2 years: `settled_on + 24 months > D`.
fn is_younger(term: Term, run: Day) -> bool {
    term.until > run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Membership;
    use crate::example::{DEINZE, NOBODY, NOWHERE, PEER, RIEMST, YOUTH, active, day, decide, membership, on};
    use crate::{BlocksId, Status, SubscriptionRules};
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
        let memberships =
            [membership(PEER, "2015-01-01"), membership(PEER, "2021-01-01"), membership(PEER, "2016-01-01")];
        assert_eq!(of(&memberships, &[]), ["kept ended-recently"]);
    }

    #[test]
    fn an_end_without_a_date_is_unknown_for_as_long_as_it_is_so() {
        let cancelled = |until| Membership { status: Status::Cancelled, ..membership(PEER, until) };
        assert_eq!(of(&[cancelled("")], &[]), ["kept ended-recently"]);
        assert_eq!(of(&[cancelled(""), membership(PEER, "2001-01-01")], &[]), ["kept ended-recently"]);
        assert_eq!(of(&[cancelled("2030-01-01")], &[]), ["kept ended-recently"]);
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
}
