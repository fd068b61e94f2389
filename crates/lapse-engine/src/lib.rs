#![doc = include_str!("../README.md")]

mod age;
mod attention;
pub mod carry;
pub mod cleanup;
mod codes;
pub mod customer_run;
mod decision;
mod evaluate;
#[cfg(test)]
mod example;
mod extra;
mod facts;
pub mod forecast;
pub mod guards;
pub mod keys;
mod listen;
mod moves;
pub mod profile;
#[cfg(test)]
mod properties;
mod reasons;
mod rules;
mod runs;
pub mod settings;
mod source_age;
mod tally;
mod term;
mod verdict;
mod whole_terms;

pub use age::AgeBand;
pub use attention::Attention;
pub use codes::{BlocksId, Code, Codes, Interner, LibraryId, SourceId, SubscriptionId, kind};
pub use decision::{Decisions, MembershipDecision, ProfileDecision, RecordDecision};
pub use evaluate::{Room, evaluate, evaluate_batch, evaluate_heard};
pub use extra::{Batch, ExtraError, ExtraRules};
pub use facts::{Account, AccountColumns, Activity, Membership, Patron, Status, Told};
pub use listen::{Event, Listener, Rule, Silent};
pub use moves::{BeforeAfter, MoveTally, Moves, moved};
pub use reasons::{
    KeepReason, KeepReasons, MembershipOutcome, MembershipReason, ProfileOutcome, ProfileReason, ProfileReasons,
    RecordOutcome,
};
pub use rules::{LibraryRules, Rules, SubscriptionRules, kinds_of_block, recognising_group};
pub use runs::{Run, RunDays, Runs, last_run, next_run};
pub use source_age::{NewestActivity, SourceDays};
pub use tally::{Expired, LibraryTally, Oddities, Tally};
pub use term::Term;
pub use verdict::{ExtraReason, ExtraVerdict, Verdict};
pub use whole_terms::WholeTerms;
