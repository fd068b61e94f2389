//! The values of facts as numbers (domain.md, "Facts, keeps and ends"): a value is there, is none, or is unknown. Which
//! columns patrons come with is told here once, for those who read them and for the rules that look at them.

use lapse_policy::Day;

use crate::BlocksId;

/// A value of a fact: a number that a test compares at once. A date is its bits, a count the number, an amount in half
/// cents, a flag 1, a code the number of its cell; none of each is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactValue(u64);

impl FactValue {
    /// Nobody knows.
    pub const UNKNOWN: FactValue = FactValue(u64::MAX);
    /// There is none: no date, 0 or false.
    pub const NONE: FactValue = FactValue(0);
    /// A flag that is set.
    pub const TRUE: FactValue = FactValue(1);
    /// The largest number; larger ones count as this, which is beyond every bound that a test can have.
    const MAX: u64 = u64::MAX - 1;

    /// A date, or none.
    pub fn of_day(day: Option<Day>) -> FactValue {
        FactValue(day.map_or(0, |day| u64::from(day.to_bits())))
    }

    /// A count.
    pub fn of_count(count: u64) -> FactValue {
        FactValue(count.min(FactValue::MAX))
    }

    /// An amount: its whole cents, and whether there is a part of a cent beyond them. Whether an amount is above a bound of
    /// whole cents needs no more.
    pub fn of_amount(cents: u64, and_more: bool) -> FactValue {
        FactValue(cents.saturating_mul(2).saturating_add(u64::from(and_more)).min(FactValue::MAX))
    }

    /// A cell of codes.
    pub fn of_codes(cell: BlocksId) -> FactValue {
        FactValue(cell.index() as u64 + 1)
    }

    /// Whether nobody knows it.
    pub fn is_unknown(self) -> bool {
        self == FactValue::UNKNOWN
    }

    /// The number: the count, or the amount in half cents; a value that is unknown has none.
    pub fn number(self) -> Option<u64> {
        (!self.is_unknown()).then_some(self.0)
    }

    /// The date, where there is one.
    pub fn day(self) -> Option<Day> {
        if self.is_unknown() { None } else { u32::try_from(self.0).ok().and_then(Day::from_bits) }
    }

    /// The cell of codes, where there is one.
    pub fn codes(self) -> Option<BlocksId> {
        let number = self.number()?.checked_sub(1)?;
        usize::try_from(number).ok().map(BlocksId::new)
    }

    pub(crate) const fn bits(self) -> u64 {
        self.0
    }
}

/// What is true, false, or not known. False comes first and true last, so that all of several are as true as the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It is not so.
    False,
    /// Nobody knows.
    Unknown,
    /// It is so.
    True,
}

impl From<bool> for Truth {
    fn from(truth: bool) -> Truth {
        if truth { Truth::True } else { Truth::False }
    }
}

/// The values of the facts of one patron, in the columns of [`crate::FactColumns`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// One for each column of patrons.
    pub patron: &'a [FactValue],
    /// For each membership, in their order, one for each column of memberships.
    pub memberships: &'a [FactValue],
    /// For each account, in their order, one for each column of accounts.
    pub accounts: &'a [FactValue],
}
