//! Tests of facts made ready for a run day: each is one comparison with a cut-off of that day (domain.md, "Facts, keeps and
//! ends"). What is not known is told here, once, for keeps, ends and narrowings.

use std::ops::Range;

use lapse_policy::{BuiltInFact, DateTest, Day, FactTest, MonthDay, NumberTest, Test, TestedFact};

use crate::codes::BlockId;
use crate::fact_terms::{FactTerm, TermsOf, first_of_next_month};
use crate::{BlocksId, FactValue, Truth};

/// Where a test finds its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueOf {
    /// A fact that every extract tells.
    BuiltIn(BuiltInFact),
    /// A number of the account, by its place among the columns of accounts.
    Account(usize),
    /// A declared fact of the patron.
    Patron(usize),
    /// A declared fact of the membership.
    Membership(usize),
    /// The latest activity of some sources, by their place among those of all facts.
    Activity(usize),
    /// A fact that cannot be told, which is unknown.
    Nowhere,
}

/// A test of one fact.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub value: ValueOf,
    pub is: Is,
    /// The test as the policy has it.
    pub fact: TestedFact,
}

/// What a value is compared with.
#[derive(Clone, Debug)]
pub(crate) enum Is {
    /// Whether there is one.
    There(bool),
    /// It lies between two bounds, both included; nothing lies between them where the first is above the second.
    Between(u64, u64),
    /// A date.
    Date(Box<DateIs>),
    /// One of these kinds is among those of the cell.
    AnyOf(Box<[BlockId]>),
    /// It is so on the run day, whoever is looked at.
    Always(bool),
}

/// What a date is compared with.
#[derive(Clone, Debug)]
pub(crate) struct DateIs {
    /// The first and the last day between which it lies.
    first: u64,
    last: u64,
    /// It is strictly later than this date.
    pub after: Option<ValueOf>,
    /// The terms that were made into these days.
    terms: Vec<FactTerm>,
}

/// What makes tests ready: where each fact is found, and the kinds of block and code that they name.
pub(crate) struct Making<'a> {
    pub run: Day,
    pub year_starts: MonthDay,
    pub place: &'a dyn Fn(TestedFact) -> ValueOf,
    /// Whether a fact is an amount, and so counted in half cents.
    pub is_amount: &'a dyn Fn(TestedFact) -> bool,
    pub kind: &'a dyn Fn(&str) -> Option<BlockId>,
}

impl Making<'_> {
    pub fn condition(&self, test: &FactTest) -> Condition {
        let fact = test.fact;
        let is = match &test.test.value {
            Test::Is(there) => Is::There(*there),
            Test::Number(bounds) => self.number(fact, bounds),
            Test::Age { .. } => self.days(FactTerm::of(&test.test.value, self.year_starts), None),
            Test::Date(DateTest { after, .. }) => {
                let after = after.map(|fact| (self.place)(fact));
                self.days(FactTerm::of(&test.test.value, self.year_starts), after)
            }
            Test::AnyOf(kinds) => Is::AnyOf(kinds.iter().filter_map(|kind| (self.kind)(kind)).collect()),
            Test::Months(months) => Is::Always(months.contains(&self.run.month())),
        };
        Condition { value: (self.place)(fact), is, fact }
    }

    /// Bounds of a count, or of an amount, which is counted in half cents.
    fn number(&self, fact: TestedFact, bounds: &NumberTest) -> Is {
        let Range { start, end } = bounds.range((self.is_amount)(fact));
        // Nothing lies under 0, which has no number before it.
        if end == 0 { Is::Between(1, 0) } else { Is::Between(start, end - 1) }
    }

    /// A date within some terms, past others, and after another date.
    fn days(&self, TermsOf { within, past }: TermsOf, after: Option<ValueOf>) -> Is {
        let bits = |day: Day| u64::from(day.to_bits());
        let (mut first, mut last) = (1, u64::MAX);
        for term in &within {
            // Without a last day on which such a term was over, every term is still running.
            first = term.last_over(self.run).map_or(first, |over| first.max(bits(over) + 1));
        }
        for term in &past {
            last = term.last_over(self.run).map_or(0, |over| last.min(bits(over)));
        }
        let terms = within.into_iter().chain(past).collect();
        Is::Date(Box::new(DateIs { first, last, after, terms }))
    }
}

impl Condition {
    /// Whether it is so of a value, where that with which `after` compares it is `other`, and
    /// `names_any` tells whether a cell of codes names one of some kinds. A test of a value that nobody knows
    /// is not known. Of a date that is none, no test but `false` is so.
    #[inline]
    pub fn truth(&self, value: FactValue, other: FactValue, names_any: impl Fn(BlocksId, &[BlockId]) -> bool) -> Truth {
        match &self.is {
            Is::Always(truth) => (*truth).into(),
            _ if value.is_unknown() => Truth::Unknown,
            Is::There(there) => ((value != FactValue::NONE) == *there).into(),
            Is::Between(least, most) => (*least..=*most).contains(&value.bits()).into(),
            Is::Date(_) if value == FactValue::NONE => Truth::False,
            Is::Date(date) => {
                let lies_between: Truth = (date.first..=date.last).contains(&value.bits()).into();
                lies_between.min(if date.after.is_some() { after(value, other) } else { Truth::True })
            }
            Is::AnyOf(kinds) => value.codes().is_some_and(|cell| names_any(cell, kinds)).into(),
        }
    }

    /// The other date with which it compares one.
    pub fn after(&self) -> Option<ValueOf> {
        match &self.is {
            Is::Date(date) => date.after,
            Is::There(_) | Is::Between(..) | Is::AnyOf(_) | Is::Always(_) => None,
        }
    }

    /// The first day after the run on which it may come out otherwise of these values, if nothing else changes.
    pub fn turns(&self, value: FactValue, other: FactValue, run: Day) -> Option<Day> {
        match &self.is {
            Is::Always(_) => first_of_next_month(run),
            Is::There(_) | Is::Between(..) | Is::AnyOf(_) => None,
            Is::Date(date) => {
                let since = value.day()?;
                // A date after the run counts as the run day, and so as another one in the next run.
                let moves = date.after.is_some() && (since == run || other.day() == Some(run));
                let over = date.terms.iter().filter_map(|term| term.over(since)).filter(|&over| over > run);
                over.chain(moves.then(|| run.next())).min()
            }
        }
    }
}

/// Whether a date, which is there, is strictly later than another.
fn after(date: FactValue, other: FactValue) -> Truth {
    if other.is_unknown() { Truth::Unknown } else { (other != FactValue::NONE && date > other).into() }
}

#[cfg(test)]
mod tests;
