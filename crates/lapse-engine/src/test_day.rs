//! What tests of facts come to of made-up values on a day, for those who make up patrons around the bounds of a test.

use lapse_policy::{DayPolicy, FactTest};

use crate::codes::BlockId;
use crate::conditions::{Is, Making, ValueOf};
use crate::{FactValue, Truth};

/// A day on which tests are tried on values that no table has.
pub struct TestDay<'a> {
    of_day: &'a DayPolicy,
}

impl<'a> TestDay<'a> {
    /// The day of a policy.
    pub const fn of(of_day: &'a DayPolicy) -> TestDay<'a> {
        TestDay { of_day }
    }

    /// Whether a test is so of a value, where that with which `after` compares it is `other`; none of a test of codes, whose
    /// values are numbers of the cells of some tables.
    pub fn truth(&self, test: &FactTest, value: FactValue, other: FactValue) -> Option<Truth> {
        let making = Making {
            run: self.of_day.date,
            year_starts: self.of_day.consortium.year_starts.value,
            place: &|_| ValueOf::Nowhere,
            is_amount: &|fact| fact.is_amount(&self.of_day.facts),
            kind: &|_| None::<BlockId>,
        };
        let condition = making.condition(test);
        match condition.is {
            Is::AnyOf(_) => None,
            Is::There(_) | Is::Between(..) | Is::Date(_) | Is::Always(_) => {
                Some(condition.truth(value, other, |_, _| false))
            }
        }
    }
}
