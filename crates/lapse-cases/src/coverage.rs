//! What cases exercise of domain.md and of a policy: the rows of stage 1, the reasons of every stage, each library's
//! subscriptions, each amendment; and what no case does.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use lapse_engine::{KeepReason, MembershipReason, ProfileOutcome, ProfileReason, RecordOutcome, Row};
use lapse_explain::{Chapter, Why};
use lapse_policy::{Day, Key, Policy, Setting};

use crate::terminal::{FAINT, STRONG, WARNING};
use crate::trial::Heard;
use lapse_policy::provenance::{Provenance, deciding};

/// The keys of a subscription that a decision reads.
pub const SUBSCRIPTION_KEYS: [Key; 5] = [Key::Holder, Key::Fee, Key::Renewal, Key::TermMonths, Key::LapseMonths];
/// The other keys of a library that a decision reads.
pub const LIBRARY_KEYS: [Key; 7] = [
    Key::Sources,
    Key::Scope,
    Key::EndedMonths,
    Key::SettledMonths,
    Key::Blocks,
    Key::PseudonymiseDays,
    Key::FinanceMonths,
];

/// What there is to exercise, and what was.
pub struct Coverage {
    rows: Part,
    reasons: Part,
    subscriptions: Part,
    amendments: Part,
}

/// Something to exercise: what it belongs to, and its name there.
type Item = (String, String);

/// Things of one kind.
struct Part {
    title: &'static str,
    all: Vec<Item>,
    exercised: BTreeSet<Item>,
}

impl Part {
    fn new(title: &'static str, all: Vec<Item>) -> Part {
        Part { title, all, exercised: BTreeSet::new() }
    }

    fn missing(&self) -> Vec<&Item> {
        self.all.iter().filter(|item| !self.exercised.contains(item)).collect()
    }
}

impl Coverage {
    /// Nothing is exercised yet.
    pub fn of(policy: &Policy) -> Coverage {
        let rows = [
            Row::NotInPolicy,
            Row::NotActive,
            Row::StartsLater,
            Row::Lapses,
            Row::NotPastItsEnd,
            Row::Renews,
            Row::NotRenewed,
        ];
        let memberships = MembershipReason::ALL.iter().map(|reason| membership(reason.as_str()));
        let clear = [RecordOutcome::Archived, RecordOutcome::Deleted].map(RecordOutcome::clear_reason);
        let records = KeepReason::ALL.iter().map(|reason| reason.as_str()).chain(clear).map(record);
        let deleted = [ProfileOutcome::DELETED_REASON];
        let profiles = ProfileReason::ALL.iter().map(|reason| reason.as_str()).chain(deleted).map(profile);
        Coverage {
            rows: Part::new("rows of stage 1", rows.into_iter().map(row).collect()),
            reasons: Part::new("reasons", memberships.chain(records).chain(profiles).collect()),
            subscriptions: Part::new("subscriptions", subscriptions(policy)),
            amendments: Part::new("amendments", amendments(policy)),
        }
    }

    /// Notes what one case exercises.
    pub fn add(&mut self, heard: &Heard) {
        let outcomes = &heard.outcomes;
        self.rows.exercised.extend(heard.rows.iter().copied().map(row));
        for decided in &outcomes.memberships {
            self.reasons.exercised.insert(membership(&decided.reason));
            if decided.reason != MembershipReason::NoPolicy.as_str() {
                self.subscriptions.exercised.insert((decided.library.clone(), decided.subscription.clone()));
            }
        }
        let records = outcomes.records.iter().flat_map(|decided| &decided.reasons);
        self.reasons.exercised.extend(records.map(|reason| record(reason)));
        let profiles = outcomes.profile.iter().flat_map(|decided| &decided.reasons);
        self.reasons.exercised.extend(profiles.map(|reason| profile(reason)));
        let Why { memberships, records, profile } = &heard.why;
        let steps = memberships.iter().chain(records).chain(profile).flat_map(|chapter: &Chapter| &chapter.steps);
        self.amendments.exercised.extend(steps.flat_map(|step| &step.policy).filter_map(amendment));
    }

    fn parts(&self) -> [&Part; 4] {
        [&self.rows, &self.reasons, &self.subscriptions, &self.amendments]
    }

    /// How many things are exercised, of how many.
    fn counts(&self) -> (usize, usize) {
        let all: usize = self.parts().iter().map(|part| part.all.len()).sum();
        let missing: usize = self.parts().iter().map(|part| part.missing().len()).sum();
        (all - missing, all)
    }

    /// Rounded down, so that 100 means everything.
    pub fn percent(&self) -> usize {
        let (exercised, all) = self.counts();
        exercised * 100 / all
    }

    /// The percentage, and what no case exercises.
    pub fn to_text(&self) -> String {
        let (exercised, all) = self.counts();
        let mut text = format!("{STRONG}Coverage: {}% ({exercised} of {all}){STRONG:#}\n", self.percent());
        for part in self.parts() {
            let missing = part.missing();
            let _ = writeln!(text, "  {:<16}  {} of {}", part.title, part.all.len() - missing.len(), part.all.len());
            for of_one in missing.chunk_by(|one, next| one.0 == next.0) {
                let names: Vec<&str> = of_one.iter().map(|item| &*item.1).collect();
                let (of, names) = (&of_one[0].0, names.join(", "));
                let _ = writeln!(text, "    {WARNING}no case{WARNING:#}  {of}: {FAINT}{names}{FAINT:#}");
            }
        }
        text
    }
}

fn row(row: Row) -> Item {
    ("row".into(), (row as u8).to_string())
}

fn membership(reason: &str) -> Item {
    ("membership".into(), reason.into())
}

fn record(reason: &str) -> Item {
    ("record".into(), reason.into())
}

fn profile(reason: &str) -> Item {
    ("profile".into(), reason.into())
}

/// An amendment, where a policy line stands in one.
fn amendment(line: &Provenance) -> Option<Item> {
    let (file, amendment) = (line.file.as_deref()?, line.amendment.as_ref()?);
    Some((format!("{file}, amendment of {}", amendment.from), amendment.reason.clone()))
}

/// The first day of all, and every day on which an amendment begins.
pub fn days(policy: &Policy) -> Vec<Day> {
    std::iter::once(Day::MIN).chain(policy.change_days()).collect()
}

/// Every subscription that a library offers on some day.
fn subscriptions(policy: &Policy) -> Vec<Item> {
    let mut all = BTreeSet::new();
    for day in days(policy) {
        for library in policy.on(day).libraries {
            all.extend(library.subscriptions.iter().map(|one| (library.code.clone(), one.code.clone())));
        }
    }
    all.into_iter().collect()
}

/// Every amendment that, on some day, decides a setting that decisions read.
fn amendments(policy: &Policy) -> Vec<Item> {
    let mut all = BTreeSet::new();
    for day in policy.change_days() {
        let mut add = |library: Option<&str>, setting| all.extend(amendment(&deciding(policy, day, library, setting)));
        add(None, Setting::of(Key::ProfileInactiveMonths));
        for library in &policy.on(day).libraries {
            let code = Some(&*library.code);
            for key in LIBRARY_KEYS {
                add(code, Setting::of(key));
            }
            for subscription in &library.subscriptions {
                for key in SUBSCRIPTION_KEYS {
                    add(code, Setting::of_subscription(key, &subscription.code));
                }
            }
        }
    }
    all.into_iter().collect()
}
