//! Whether one keep implies another, as far as their tests can tell: each test of the other must follow from one test of the
//! same fact. Other keeps may imply each other too; of those nothing is said.

use crate::{DateTest, EntryOnly, FactTest, Keep, NumberTest, Round, Sourced, Test};

/// Whether `other` holds wherever `keep` does, also where a value is not known: a test of an unknown value is unknown, and
/// both look at the same one.
pub(super) fn implies(keep: &Keep, other: &Keep) -> bool {
    let tests = |tests: &[FactTest]| tests.iter().map(|test| (test.fact, test.test.value.clone())).collect::<Vec<_>>();
    let same_unless = other.entry.unless.is_empty() || tests(&keep.entry.unless) == tests(&other.entry.unless);
    let follows = |wanted: &FactTest| {
        keep.entry.when.iter().any(|test| test.fact == wanted.fact && is_stricter(&test.test.value, &wanted.test.value))
    };
    keep.of.value.iter().all(|of| other.of.value.contains(of))
        && (keep.review.value || !other.review.value)
        && is_within(&keep.entry.only, &other.entry.only)
        && same_unless
        && other.entry.when.iter().all(follows)
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
fn is_stricter(test: &Test, other: &Test) -> bool {
    match (test, other) {
        (Test::Is(one), Test::Is(two)) => one == two,
        // A date that any condition holds for is there.
        (Test::Date(_), Test::Is(there)) => *there,
        (Test::Number(one), Test::Number(two)) => bounds(*one).is_within(&bounds(*two)),
        (Test::Age { at_least: one, under: to }, Test::Age { at_least: two, under: end }) => {
            one.unwrap_or(0) >= two.unwrap_or(0) && to.unwrap_or(u32::MAX) <= end.unwrap_or(u32::MAX)
        }
        (Test::Date(one), Test::Date(two)) => is_stricter_date(one, two),
        (Test::AnyOf(one), Test::AnyOf(two)) => one.iter().all(|code| two.contains(code)),
        (Test::Months(one), Test::Months(two)) => one.iter().all(|month| two.contains(month)),
        _ => false,
    }
}

/// The numbers that a test lets through: from the first on, up to the second without it.
struct Bounds(u64, u64);

impl Bounds {
    const fn is_within(&self, other: &Bounds) -> bool {
        self.0 >= other.0 && self.1 <= other.1
    }
}

fn bounds(test: NumberTest) -> Bounds {
    let least = test.over.map(|over| over + 1).max(test.at_least).unwrap_or(0);
    let end = [test.under, test.at_most.map(|most| most + 1)].into_iter().flatten().min();
    Bounds(least, end.unwrap_or(u64::MAX))
}

fn is_stricter_date(test: &DateTest, other: &DateTest) -> bool {
    let same_round = |one: Option<Round>, two: Option<Round>| one == two;
    let no_later = |one: Option<u32>, two: Option<u32>| two.is_none_or(|two| one.is_some_and(|one| one <= two));
    let no_earlier = |one: Option<u32>, two: Option<u32>| two.is_none_or(|two| one.is_some_and(|one| one >= two));
    let has_term =
        [other.within_months, other.within_days, other.past_months, other.past_days].iter().any(Option::is_some);
    (!has_term || same_round(test.round, other.round))
        && no_later(test.within_months, other.within_months)
        && no_later(test.within_days, other.within_days)
        && no_earlier(test.past_months, other.past_months)
        && no_earlier(test.past_days, other.past_days)
        && (other.after.is_none() || test.after == other.after)
}
