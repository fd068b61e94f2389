//! Facts about patrons and the policy of a day -> decisions. Pure: no I/O, no clock, no globals, no logging.
//!
//! The way of one patron, which [`evaluate`] walks once:
//! 1. the customer run decides each membership ([`customer_run`]),
//! 2. the cleanup decides each record, on the memberships after the run ([`cleanup`]),
//! 3. the Mijn Bibliotheek profile is kept or deleted ([`profile`]).
//!
//! Plugins have their say between 1 and 2: [`evaluate_batch`] asks [`ExtraRules`] about many patrons at once, and knows
//! no file and no library of theirs ([`extra`]).
//!
//! [`Rules`] is the policy of the run day made ready for this: codes are numbers, each setting stands where the rule
//! needs it. A [`Listener`] hears each rule that is tried; `explain` is such a listener, so there is no second copy of
//! the rules. [`carry`] gives the facts as the next run finds them, [`runs`] gives the runs to come
//! and walks one patron through them, and [`forecast`] walks many. [`MoveTally`] counts what two policies make of the same patrons.

mod age;
mod attention;
pub mod carry;
pub mod cleanup;
mod codes;
pub mod customer_run;
mod decision;
#[cfg(test)]
mod example;
pub mod extra;
mod facts;
pub mod forecast;
pub mod guards;
pub mod keys;
mod listen;
mod moves;
pub mod profile;
#[cfg(test)]
mod properties;
mod rules;
pub mod runs;
mod source_age;
mod tally;

pub use age::AgeBand;
pub use attention::Attention;
pub use codes::{BlocksId, Code, Codes, Interner, LibraryId, SourceId, SubscriptionId, kind};
pub use decision::{
    Decisions, KeepReason, KeepReasons, MembershipDecision, MembershipOutcome, MembershipReason, ProfileDecision,
    ProfileOutcome, ProfileReason, ProfileReasons, RecordDecision, RecordOutcome,
};
pub use extra::{Batch, ExtraError, ExtraReason, ExtraRules, ExtraVerdict, Verdict};
pub use facts::{Account, Activity, Membership, Patron, Status};
pub use listen::{Event, Listener, Row, Silent, Term};
pub use moves::{BeforeAfter, MoveTally, Moves, moved};
pub use rules::{LibraryRules, Rules, SubscriptionRules};
pub use runs::{Run, RunDays, Runs, next_run};
pub use source_age::{NewestActivity, SourceDays};
pub use tally::{LibraryTally, Tally};

/// Decides everything about one patron into `decisions`, which is emptied first and can be used again for the next.
pub fn evaluate(patron: &Patron<'_>, rules: &Rules, decisions: &mut Decisions) {
    evaluate_heard(patron, rules, decisions, &mut Silent);
}

/// As [`evaluate`], while `listener` hears each rule that is tried.
pub fn evaluate_heard<L: Listener>(patron: &Patron<'_>, rules: &Rules, decisions: &mut Decisions, listener: &mut L) {
    decisions.clear();
    customer_run::decide(patron, rules, &mut decisions.memberships, listener);
    after_the_run(patron, rules, &[], decisions, listener);
}

/// Decides everything about a batch of patrons, with what `extra` says of them; `each` gets the decisions on each, with
/// its place in the batch. `first` is the place of the first of them among all patrons, for `extra` to know them by.
/// `room` can be used again for the next batch.
pub fn evaluate_batch<L: Listener>(
    first: usize,
    patrons: &[Patron<'_>],
    rules: &Rules,
    extra: &dyn ExtraRules,
    room: &mut Room,
    listener: &mut L,
    mut each: impl FnMut(usize, &Decisions),
) -> Result<(), ExtraError> {
    let Room { decided, verdicts, decisions } = room;
    decided.clear();
    verdicts.clear();
    for patron in patrons {
        customer_run::decide(patron, rules, decided, listener);
    }
    extra.judge(&Batch { first, patrons, decided }, verdicts)?;
    // Stable, so that the verdicts on one patron stay in the order of the plugins.
    verdicts.sort_by_key(|verdict| verdict.patron);
    let (mut decided, mut verdicts) = (&decided[..], &verdicts[..]);
    for (index, patron) in patrons.iter().enumerate() {
        let of_patron = decided.split_off(..patron.memberships.len()).expect("a decision for each membership");
        let about = verdicts.iter().take_while(|verdict| verdict.patron == index).count();
        let about = verdicts.split_off(..about).expect("just counted");
        decisions.clear();
        decisions.memberships.extend_from_slice(of_patron);
        after_the_run(patron, rules, about, decisions, listener);
        each(index, decisions);
    }
    Ok(())
}

/// What [`evaluate_batch`] works in.
#[derive(Debug, Default)]
pub struct Room {
    decided: Vec<MembershipDecision>,
    verdicts: Vec<ExtraVerdict>,
    decisions: Decisions,
}

/// The extra verdicts on a patron, then stages 2 and 3.
fn after_the_run<L: Listener>(
    patron: &Patron<'_>,
    rules: &Rules,
    verdicts: &[ExtraVerdict],
    decisions: &mut Decisions,
    listener: &mut L,
) {
    if !verdicts.is_empty() {
        extra::apply(patron, rules, verdicts, decisions, listener);
    }
    let valid_anywhere = decisions.memberships.iter().any(MembershipDecision::is_valid);
    cleanup::decide(patron, rules, decisions, listener);
    decisions.profile = profile::decide(patron, valid_anywhere, rules, listener);
}
