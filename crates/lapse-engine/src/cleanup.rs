//! Stage 2 of domain.md: the cleanup looks at the memberships after stage 1 and decides each of the patron's records.
//! Each reason to keep a record is one function here, with the lesson's sentence as its doc comment, in the order in
//! which the reasons are reported. All that hold are reported, so all are tried.

use lapse_policy::{Day, Narrowed, Removal};

use crate::customer_run::last_activity;
use crate::entries::{Looked, account_at};
use crate::entry_rules::EntryRule;
use crate::{
    Account, Decisions, Event, FactValue, KeepReason, KeepReasons, LibraryId, LibraryRules, Listener, Membership,
    MembershipDecision, MembershipOutcome, Patron, RecordDecision, RecordKeep, RecordOutcome, Rules, Term, Truth,
};

/// Decides the patron's record at each library, on the membership decisions that `decisions` holds already.
pub fn decide<L: Listener>(patron: &Patron<'_>, rules: &Rules, decisions: &mut Decisions, listener: &mut L) {
    let Decisions { memberships, records, keeps, extra_keeps, profile: _ } = decisions;
    for library in patron.record_libraries() {
        let record = Record::at(library, patron, memberships, rules);
        records.push(RecordDecision {
            library,
            outcome: RecordOutcome::Kept,
            reasons: record.keep_reasons(listener),
            pseudonymise_before: None,
            purge_finance_before: None,
        });
        record.keeps(keeps, listener);
    }
    let is_review = |record: &RecordDecision| {
        let mut named = keeps.iter().filter(|keep| keep.library == record.library);
        let at_all = |keep: &RecordKeep| rules.library(keep.library).entries.is_for_review(keep.keep);
        record.reasons.is_empty()
            && !extra_keeps.iter().any(|&(library, _)| library == record.library)
            && named.all(at_all)
    };
    let is_kept = |record: &RecordDecision| {
        !record.reasons.is_empty()
            || keeps.iter().any(|keep| keep.library == record.library)
            || extra_keeps.iter().any(|&(library, _)| library == record.library)
    };
    let kept_somewhere = records.iter().any(is_kept);
    for record in records {
        record.outcome = match outcome(is_kept(record), kept_somewhere, rules.removal) {
            RecordOutcome::Kept if is_review(record) => RecordOutcome::Review,
            outcome => outcome,
        };
        retain(record, patron, memberships, rules, listener);
    }
}

/// Over all libraries in which the patron has a record: where all are clear, the records are deleted everywhere, or made
/// anonymous; one that is clear here while the patron is kept elsewhere is archived here.
fn outcome(kept: bool, kept_somewhere: bool, removal: Removal) -> RecordOutcome {
    match (kept, kept_somewhere, removal) {
        (true, _, _) => RecordOutcome::Kept,
        (false, true, _) => RecordOutcome::Archived,
        (false, false, Removal::Delete) => RecordOutcome::Deleted,
        (false, false, Removal::Anonymise) => RecordOutcome::Anonymised,
    }
}

/// Retention, with the record: the cut-off dates of a record that stays. Activity is pseudonymised for a patron who opted
/// out of loan history, and for others where the policy sets `history_months`. A keep of either leaves its cut-off empty.
fn retain<L: Listener>(
    record: &mut RecordDecision,
    patron: &Patron<'_>,
    decided: &[MembershipDecision],
    rules: &Rules,
    listener: &mut L,
) {
    if record.outcome.removes_the_patron() {
        return;
    }
    let here = rules.library(record.library);
    let before = if patron.keeps_history { here.history_before } else { Some(here.pseudonymise_before) };
    let (mut history, mut finance) = (false, false);
    let entries = &here.entries;
    if !entries.keep_history.is_empty() || !entries.keep_finance.is_empty() {
        let looked = Record::at(record.library, patron, decided, rules).looked();
        let mut holds = |keep: &EntryRule| keep.of_record(&looked, listener) != Truth::False;
        // All are tried, so that a listener hears of each.
        history = entries.keep_history.iter().fold(false, |so_far, keep| holds(keep) | so_far);
        finance = entries.keep_finance.iter().fold(false, |so_far, keep| holds(keep) | so_far);
    }
    record.pseudonymise_before = before.filter(|_| !history);
    record.purge_finance_before = (!finance).then_some(here.purge_finance_before);
}

/// When the memberships at a library came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LastEnd {
    /// There never was a membership.
    NoMembership,
    /// One has ended without a `valid_until` (cancelled, date lost).
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
    library: LibraryId,
    patron: &'a Patron<'a>,
    /// What stage 1 made of all the patron's memberships.
    decided: &'a [MembershipDecision],
    rules: &'a Rules,
    here: &'a LibraryRules,
    /// [`valid_membership`], which two other reasons look at too.
    valid_membership: bool,
    /// Of the memberships here.
    last_end: LastEnd,
    account: Option<&'a Account>,
}

/// Whether a reason holds, and the months that it compared.
struct Tried {
    holds: bool,
    term: Option<Term>,
}

impl From<bool> for Tried {
    fn from(holds: bool) -> Tried {
        Tried { holds, term: None }
    }
}

impl<'a> Record<'a> {
    fn at(library: LibraryId, patron: &'a Patron<'a>, decided: &'a [MembershipDecision], rules: &'a Rules) -> Self {
        let here = || {
            let all = patron.memberships.iter().zip(decided);
            all.filter(|(membership, _)| membership.library == library).map(|(_, decided)| decided)
        };
        Record {
            library,
            patron,
            decided,
            rules,
            here: rules.library(library),
            valid_membership: valid_membership(here()),
            last_end: LastEnd::of(here()),
            account: patron.accounts.iter().find(|account| account.library == library),
        }
    }

    /// All that hold, each tried.
    fn keep_reasons<L: Listener>(&self, listener: &mut L) -> KeepReasons {
        if self.here.entries.of_records {
            self.each_tried(listener, |reason, listener| self.still_holds(reason, listener))
        } else {
            self.each_tried(listener, |_, _| true)
        }
    }

    /// Tries each reason, and whether one that holds `still_holds` where the policy can narrow it.
    #[inline]
    fn each_tried<L: Listener>(&self, listener: &mut L, still_holds: impl Fn(Narrowed, &mut L) -> bool) -> KeepReasons {
        let mut reasons = KeepReasons::default();
        let mut tried = |reason, Tried { holds, term }| {
            listener.hear(|| Event::Keep { library: self.library, reason, holds, term });
            let holds = holds && reason.narrowed().is_none_or(|narrowed| still_holds(narrowed, listener));
            reasons.add_if(reason, holds);
        };
        tried(KeepReason::BadInput, bad_input(self.patron).into());
        tried(KeepReason::AccountsUnknown, accounts_unknown(self.patron, self.here).into());
        tried(KeepReason::ValidMembership, self.valid_membership.into());
        tried(KeepReason::ValidInGroup, valid_in_group(self).into());
        tried(KeepReason::EndedRecently, ended_recently(self));
        tried(KeepReason::Owes, owes(self.account).into());
        tried(KeepReason::Credit, credit(self.account).into());
        tried(KeepReason::Blocked, blocked(self.account, self.here, self.rules).into());
        tried(KeepReason::Items, items(self.account).into());
        tried(KeepReason::SettledRecently, settled_recently(self.account, self.here, self.rules.run));
        tried(KeepReason::NoMembership, no_membership(self).into());
        tried(KeepReason::NoPolicy, no_policy(self.here).into());
        reasons
    }

    /// Whether a reason that holds by its own condition holds with its narrowing. No run deletes what it ends: for a record at
    /// which this run deregistered a membership, `ended-recently` is not narrowed.
    fn still_holds<L: Listener>(&self, reason: Narrowed, listener: &mut L) -> bool {
        let deregisters = |(membership, decided): (&Membership, &MembershipDecision)| {
            membership.library == self.library && decided.outcome == MembershipOutcome::Deregistered
        };
        if reason == Narrowed::EndedRecently && self.patron.memberships.iter().zip(self.decided).any(deregisters) {
            return true;
        }
        self.here.entries.still_holds(reason, &self.looked(), listener)
    }

    /// Adds the keeps of the policy that hold, each tried, by name.
    fn keeps<L: Listener>(&self, keeps: &mut Vec<RecordKeep>, listener: &mut L) {
        if self.here.entries.keep_record.is_empty() {
            return;
        }
        let looked = self.looked();
        for keep in &self.here.entries.keep_record {
            let truth = keep.of_record(&looked, listener);
            if truth != Truth::False {
                let unknown = truth == Truth::Unknown;
                keeps.push(RecordKeep { library: self.library, keep: keep.name, unknown });
            }
        }
    }

    /// What tests of facts look at in the record.
    fn looked(&self) -> Looked<'a> {
        let Record { library, patron, rules, here, .. } = *self;
        let begun = patron.memberships.iter().filter(|membership| membership.library == library);
        let begun_on = begun.map(|membership| membership.valid_from).max();
        let last_activity = last_activity(patron.activity, library, here, rules.run);
        Looked {
            patron,
            rules,
            library,
            account: account_at(patron, library),
            membership: None,
            last_activity: FactValue::of_day(last_activity),
            begun_on: begun_on.map_or(FactValue::UNKNOWN, |day| FactValue::of_day(Some(day))),
            ended_on: self.ended_on(),
        }
    }

    /// The fact `ended_on`: none while a membership here is valid or starts later, and unknown where there is none, or one
    /// has no end (9999-12-31 is none).
    fn ended_on(&self) -> FactValue {
        let has_no_end = |(membership, decided): (&Membership, &MembershipDecision)| {
            membership.library == self.library && decided.valid_until == Some(Day::MAX)
        };
        match self.last_end {
            _ if self.valid_membership => FactValue::NONE,
            LastEnd::NoMembership | LastEnd::Unknown => FactValue::UNKNOWN,
            LastEnd::On(_) if self.patron.memberships.iter().zip(self.decided).any(has_no_end) => FactValue::UNKNOWN,
            LastEnd::On(until) => FactValue::of_day(Some(until)),
        }
    }
}

/// `bad-input`: a row of this patron was rejected, so the facts are incomplete.
fn bad_input(patron: &Patron<'_>) -> bool {
    patron.held
}

/// `accounts-unknown`: the accounts table lacks a column that `cleanup.accounts_needed` lists, so that nobody's account is
/// known.
fn accounts_unknown(patron: &Patron<'_>, here: &LibraryRules) -> bool {
    !here.accounts_needed.without(patron.told.accounts).is_empty()
}

/// `valid-membership`: some membership here is valid after stage 1.
fn valid_membership<'d>(mut here: impl Iterator<Item = &'d MembershipDecision>) -> bool {
    here.any(MembershipDecision::is_valid)
}

/// `valid-in-group`: none is valid here, the library is in a group of kind 3, and the patron has a membership valid
/// after stage 1 at another library of that group.
fn valid_in_group(record: &Record<'_>) -> bool {
    !record.valid_membership && recognised_at(record.library, record.patron, record.decided, record.rules).is_some()
}

/// The first other library, in the order of the memberships, where the patron has a membership valid after stage 1
/// (`decided`) that `library` recognises, since both are in one group of kind 3.
pub fn recognised_at(
    library: LibraryId,
    patron: &Patron<'_>,
    decided: &[MembershipDecision],
    rules: &Rules,
) -> Option<LibraryId> {
    let group = rules.library(library).recognising_group?;
    let mut all = patron.memberships.iter().zip(decided);
    let recognised = all.find(|(membership, decided)| {
        membership.library != library
            && decided.is_valid()
            && rules.library(membership.library).recognising_group == Some(group)
    });
    recognised.map(|(membership, _)| membership.library)
}

/// `ended-recently`: there were memberships here, none is valid, and the first day without one + `ended_months` > D.
/// That first day is the day after the latest `valid_until`. An unknown end holds for as long as it is unknown.
fn ended_recently(record: &Record<'_>) -> Tried {
    match record.last_end {
        _ if record.valid_membership => false.into(),
        LastEnd::NoMembership => false.into(),
        LastEnd::Unknown => true.into(),
        LastEnd::On(until) => {
            let without = Term::new(until.next(), record.here.ended_months);
            Tried { holds: !without.has_passed(record.rules.run), term: Some(without) }
        }
    }
}

/// `owes`: outstanding costs here are not zero.
fn owes(account: Option<&Account>) -> bool {
    account.is_some_and(|account| account.owes)
}

/// `credit`: credit here is not zero.
fn credit(account: Option<&Account>) -> bool {
    account.is_some_and(|account| account.has_credit)
}

/// `blocked`: a block here of a kind that holds records, as the policy lists them (`cleanup.blocks`). A kind that is not
/// listed, to hold or not to (`cleanup.blocks_ignored`), holds: it may be a misspelt one.
fn blocked(account: Option<&Account>, here: &LibraryRules, rules: &Rules) -> bool {
    account.and_then(|account| account.blocks).is_some_and(|blocks| rules.holds(here, blocks))
}

/// `items`: items in possession here.
fn items(account: Option<&Account>) -> bool {
    account.is_some_and(|account| account.has_items)
}

/// `settled-recently`: `settled_on` + `settled_months` > D.
fn settled_recently(account: Option<&Account>, here: &LibraryRules, run: Day) -> Tried {
    match account.and_then(|account| account.settled_on) {
        None => false.into(),
        Some(settled_on) => {
            let settled = Term::new(settled_on, here.settled_months);
            Tried { holds: !settled.has_passed(run), term: Some(settled) }
        }
    }
}

/// `no-membership`: the accounts table has a row here, memberships has none, so the end date is unknown.
fn no_membership(record: &Record<'_>) -> bool {
    record.account.is_some() && record.last_end == LastEnd::NoMembership
}

/// `no-policy`: the library is not in the policy. The consortium's settings judge its other rows.
fn no_policy(here: &LibraryRules) -> bool {
    !here.in_policy
}

#[cfg(test)]
mod tests;
