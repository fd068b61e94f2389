//! Facts about patrons and the policy of a day -> decisions. Pure: no I/O, no clock, no globals, no logging.
//!
//! The way of one patron, which [`evaluate`] walks once:
//! 1. the customer run decides each membership ([`customer_run`]),
//! 2. the cleanup decides each record, on the memberships after the run ([`cleanup`]),
//! 3. the Mijn Bibliotheek profile is kept or deleted ([`profile`]).
//!
//! [`Rules`] is the policy of the run day made ready for this: codes are numbers, each setting stands where the rule
//! needs it. A [`Listener`] hears each rule that is tried; `explain` is such a listener, so there is no second copy of
//! the rules. [`carry`] gives the facts as the next run finds them.

pub mod carry;
pub mod cleanup;
mod codes;
pub mod customer_run;
mod decision;
#[cfg(test)]
mod example;
mod facts;
pub mod guards;
mod listen;
pub mod profile;
#[cfg(test)]
mod properties;
mod rules;
mod source_age;
mod tally;

pub use codes::{BlocksId, Code, Codes, Interner, LibraryId, SourceId, SubscriptionId, kind};
pub use decision::{
    Decisions, KeepReason, KeepReasons, MembershipDecision, MembershipOutcome, MembershipReason, ProfileDecision,
    ProfileOutcome, ProfileReason, ProfileReasons, RecordDecision, RecordOutcome,
};
pub use facts::{Account, Activity, Membership, Patron, Status};
pub use listen::{Event, Listener, Row, Silent, Term};
pub use rules::{LibraryRules, Rules, SubscriptionRules};
pub use source_age::NewestActivity;
pub use tally::{LibraryTally, Tally};

/// Decides everything about one patron into `decisions`, which is emptied first and can be used again for the next.
pub fn evaluate(patron: &Patron<'_>, rules: &Rules, decisions: &mut Decisions) {
    evaluate_heard(patron, rules, decisions, &mut Silent);
}

/// As [`evaluate`], while `listener` hears each rule that is tried.
pub fn evaluate_heard<L: Listener>(patron: &Patron<'_>, rules: &Rules, decisions: &mut Decisions, listener: &mut L) {
    decisions.clear();
    customer_run::decide(patron, rules, &mut decisions.memberships, listener);
    let valid_anywhere = decisions.memberships.iter().any(MembershipDecision::is_valid);
    cleanup::decide(patron, rules, decisions, listener);
    decisions.profile = profile::decide(patron, valid_anywhere, rules, listener);
}
