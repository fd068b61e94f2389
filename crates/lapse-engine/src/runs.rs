//! The runs to come: their days, each with its policy; and what each of them decides about one patron if nobody does
//! anything, where the decisions of a run are carried out before the next. [`crate::forecast`] does this for all
//! patrons.

use lapse_policy::{Day, DayPolicy, Policy};

use crate::carry::PatronRows;
use crate::{Codes, Decisions, ExtraError, Membership, Patron, Rules};

/// The number of months to look ahead. It is longer than the longest term that a policy can set (1200 months).
const MONTHS: usize = 1210;

/// Decides about the patron in a run by the policy of its day.
pub type Decide<'a> = &'a dyn Fn(&DayPolicy, &Rules, &Patron<'_>) -> Result<Decisions, ExtraError>;

/// The days of the runs, one after the other, each with its policy.
pub struct RunDays<'a> {
    policy: &'a Policy,
    change_days: Vec<Day>,
    /// The policy on the day of the last run.
    pub of_day: DayPolicy,
}

impl<'a> RunDays<'a> {
    /// The days of the runs after a first one, whose policy is `of_day`.
    pub fn after(policy: &'a Policy, of_day: DayPolicy) -> RunDays<'a> {
        RunDays { policy, change_days: policy.change_days(), of_day }
    }

    /// Goes on to the next run, and says whether an amendment has taken force since the one before; none at the end of
    /// the calendar, where there is no next run.
    pub fn advance(&mut self) -> Option<bool> {
        let before = self.of_day.date;
        let date = next_run(before, self.of_day.consortium.run_day.value);
        if date <= before {
            return None;
        }
        let changes = self.change_days.iter().any(|&day| before < day && day <= date);
        if changes {
            // Someone who looks at one patron may have left out the libraries that do not matter for that patron.
            let known = |code: &str| self.of_day.libraries.iter().any(|library| library.code == code);
            self.of_day = self.policy.on_for(date, known);
        } else {
            self.of_day.date = date;
        }
        Some(changes)
    }
}

/// The later runs over one patron, one after the other, until nothing is left of the patron.
pub struct Runs<'a> {
    days: RunDays<'a>,
    codes: &'a Codes,
    decide: Decide<'a>,
    /// The facts as the next run finds them.
    rows: PatronRows,
    left: usize,
}

/// A later run over one patron.
pub struct Run {
    /// Its day.
    pub date: Day,
    /// The memberships as it found them.
    pub memberships: Vec<Membership>,
    /// What it decides.
    pub decisions: Decisions,
}

impl<'a> Runs<'a> {
    /// The runs after that of `of_day`, which made these decisions about the patron.
    pub fn after(
        policy: &'a Policy,
        of_day: &DayPolicy,
        codes: &'a Codes,
        decide: Decide<'a>,
        patron: &Patron<'_>,
        decisions: &Decisions,
    ) -> Runs<'a> {
        let mut rows = PatronRows::from(patron);
        rows.carry_out(decisions);
        Runs { days: RunDays::after(policy, of_day.clone()), codes, decide, rows, left: MONTHS }
    }

    /// The day of the last run.
    pub fn last_day(&self) -> Day {
        self.days.of_day.date
    }

    /// Nothing is left that a run could decide about.
    pub fn is_gone(&self) -> bool {
        self.rows.is_gone()
    }
}

impl Iterator for Runs<'_> {
    type Item = Result<Run, ExtraError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 || self.is_gone() {
            return None;
        }
        self.left -= 1;
        self.days.advance()?;
        let of_day = &self.days.of_day;
        let rules = Rules::new(of_day, self.codes);
        let decisions = match (self.decide)(of_day, &rules, &self.rows.as_patron()) {
            Ok(decisions) => decisions,
            Err(error) => return Some(Err(error)),
        };
        let memberships = self.rows.memberships.clone();
        self.rows.carry_out(&decisions);
        Some(Ok(Run { date: self.last_day(), memberships, decisions }))
    }
}

/// The first day after `day` that is a run day, or the last day of the calendar where there is none.
pub fn next_run(day: Day, run_day: u32) -> Day {
    let in_month = |month: Day| Day::new(month.year(), month.month(), run_day).unwrap_or(month);
    let this_month = in_month(day);
    if this_month > day { this_month } else { in_month(day.add_months(1)) }
}

/// The last run day on `day` or before it, or the first day of the calendar where there is none.
pub fn last_run(day: Day, run_day: u32) -> Day {
    let month = if day.day_of_month() < run_day { day.add_months(-1) } else { day };
    Day::new(month.year(), month.month(), run_day).filter(|&run| run <= day).unwrap_or(Day::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_run_is_on_the_run_day_of_this_month_or_the_next() {
        let next = |from: &str, run_day| next_run(from.parse().unwrap(), run_day).to_string();
        assert_eq!(next("2022-07-01", 1), "2022-08-01");
        assert_eq!(next("2022-07-14", 15), "2022-07-15");
        assert_eq!(next("2022-07-15", 15), "2022-08-15");
        assert_eq!(next("2022-01-31", 28), "2022-02-28");
        assert_eq!(next("2022-12-31", 1), "2023-01-01");
    }

    #[test]
    fn the_last_run_was_on_the_run_day_of_this_month_or_of_the_one_before() {
        let last = |day: &str, run_day| last_run(day.parse().unwrap(), run_day).to_string();
        assert_eq!(last("2022-07-01", 1), "2022-07-01");
        assert_eq!(last("2022-07-14", 15), "2022-06-15");
        assert_eq!(last("2022-07-15", 15), "2022-07-15");
        assert_eq!(last("2022-03-05", 28), "2022-02-28");
        assert_eq!(last("2022-01-01", 2), "2021-12-02");
        assert_eq!(last("0001-01-10", 15), "0001-01-01");
    }
}
