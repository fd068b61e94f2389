#![doc = include_str!("../README.md")]

mod age;
mod attention;
pub mod carry;
pub mod cleanup;
mod codes;
mod conditions;
pub mod customer_run;
mod decision;
mod entries;
mod entry_rules;
mod evaluate;
#[cfg(test)]
mod example;
mod extra;
mod fact_columns;
mod fact_terms;
mod fact_values;
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
mod test_day;
mod verdict;
mod whole_terms;

pub use age::AgeBand;
pub use attention::{Attention, meant};
pub use codes::{BlocksId, Code, Codes, Interner, LibraryId, NamedId, SourceId, SubscriptionId, kind};
pub use decision::{Decisions, MembershipDecision, ProfileDecision, RecordDecision, RecordKeep};
pub use entry_rules::EntryOf;
pub use evaluate::{Room, evaluate, evaluate_batch, evaluate_heard};
pub use extra::{Batch, ExtraError, ExtraRules};
pub use fact_columns::{FactColumn, FactColumns, FactColumnsTold};
pub use fact_terms::{FactTerm, Period, TermsOf};
pub use fact_values::{FactValue, Facts, Truth};
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
pub use tally::{ByUnknown, Expired, LibraryTally, Oddities, Tally};
pub use term::Term;
pub use test_day::TestDay;
pub use verdict::{ExtraReason, ExtraVerdict, Verdict};
pub use whole_terms::WholeTerms;
