//! Whether one keep, end or narrowing implies another, as far as their tests can tell: each test of the other must follow from
//! one test of the same fact. Others may imply each other too; of those nothing is said.
//!
//! Both look at the same values, so a test of an unknown value is unknown in both. What is shown is therefore more than that one
//! holds where the other does: its answer is never less, in the order false, unknown, true. That serves keeps, which hold where
//! it is not known, and ends, which apply only where it is.

use crate::{DateTest, Entry, EntryOnly, Fact, FactTest, Keep, KeepOf, Narrowing, Sourced, Test};

impl Entry {
    /// Whether every patron whom this entry touches falls under the other one as well. `facts` are those that tests of both
    /// name. Neither `active` is looked at.
    pub fn implies(&self, other: &Entry, facts: &[Fact]) -> bool {
        let has_exceptions_of_other = other.unless.is_empty()
            || !self.unless.is_empty() && self.unless.iter().all(|wanted| follows(wanted, &other.unless, facts));
        is_within(&self.only, &other.only)
            && has_exceptions_of_other
            && other.when.iter().all(|wanted| follows(wanted, &self.when, facts))
    }
}

impl Keep {
    /// Whether the other keep holds whatever this one holds.
    pub fn implies(&self, other: &Keep, facts: &[Fact]) -> bool {
        self.of.value.iter().all(|&of| self.implies_for(of, other, facts))
    }

    /// The same of one thing that this one keeps. A record that is for a person to look at is held less than any other.
    pub fn implies_for(&self, of: KeepOf, other: &Keep, facts: &[Fact]) -> bool {
        let holds_no_less = of != KeepOf::Record || self.review.value || !other.review.value;
        other.of.value.contains(&of) && holds_no_less && self.entry.implies(&other.entry, facts)
    }
}

impl Narrowing {
    /// Whether the built-in reason, narrowed by the other, holds wherever it does narrowed by this one.
    pub fn implies(&self, other: &Narrowing, facts: &[Fact]) -> bool {
        !self.holds.value || other.holds.value && self.entry.implies(&other.entry, facts)
    }

    /// Whether the built-in reason holds as if nothing narrowed it.
    pub fn leaves_all(&self) -> bool {
        self.holds.value && self.entry.when.is_empty() && self.entry.unless.is_empty()
    }
}

/// Whether a test follows from one of these, which all hold.
fn follows(wanted: &FactTest, tests: &[FactTest], facts: &[Fact]) -> bool {
    let is_amount = wanted.fact.is_amount(facts);
    tests.iter().any(|test| test.fact == wanted.fact && is_stricter(&test.test.value, &wanted.test.value, is_amount))
}

fn is_within(only: &EntryOnly, other: &EntryOnly) -> bool {
    fn within<T: PartialEq>(one: Option<&Sourced<Vec<T>>>, other: Option<&Sourced<Vec<T>>>) -> bool {
        match (one, other) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(one), Some(other)) => one.value.iter().all(|item| other.value.contains(item)),
        }
    }
    within(only.holder.as_ref(), other.holder.as_ref())
        && within(only.category.as_ref(), other.category.as_ref())
        && within(only.subscription.as_ref(), other.subscription.as_ref())
}

/// Whether a test that holds makes another one of the same fact hold.
fn is_stricter(test: &Test, other: &Test, is_amount: bool) -> bool {
    match (test, other) {
        (Test::Is(one), Test::Is(two)) => one == two,
        // A date that any condition holds for is there.
        (Test::Date(_), Test::Is(there)) => *there,
        (Test::Number(one), Test::Number(two)) => {
            let [one, two] = [one, two].map(|test| test.range(is_amount));
            one.start >= two.start && one.end <= two.end
        }
        (Test::Age { at_least: one, under: to }, Test::Age { at_least: two, under: end }) => {
            no_less(*one, *two) && no_more(*to, *end)
        }
        (Test::Date(one), Test::Date(two)) => is_stricter_date(one, two),
        (Test::AnyOf(one), Test::AnyOf(two)) => one.iter().all(|code| two.contains(code)),
        (Test::Months(one), Test::Months(two)) => one.iter().all(|month| two.contains(month)),
        _ => false,
    }
}

fn no_more(one: Option<u32>, two: Option<u32>) -> bool {
    two.is_none_or(|two| one.is_some_and(|one| one <= two))
}

fn no_less(one: Option<u32>, two: Option<u32>) -> bool {
    two.is_none_or(|two| one.is_some_and(|one| one >= two))
}

/// Terms of months and of days are not compared with each other. A term that is rounded runs longer than one that is not.
fn is_stricter_date(test: &DateTest, other: &DateTest) -> bool {
    let same_round = test.round == other.round;
    let has_within = other.within_months.or(other.within_days).is_some();
    let has_past = other.past_months.or(other.past_days).is_some();
    (!has_within || same_round || test.round.is_none())
        && (!has_past || same_round || other.round.is_none())
        && no_more(test.within_months, other.within_months)
        && no_more(test.within_days, other.within_days)
        && no_less(test.past_months, other.past_months)
        && no_less(test.past_days, other.past_days)
        && (other.after.is_none() || test.after == other.after)
}

#[cfg(test)]
mod tests;
