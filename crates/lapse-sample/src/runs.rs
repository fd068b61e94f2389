//! The customer runs around the run day: which days matter for what this run does, and for what earlier runs have done.
//! The data are those of a consortium that has held its runs each month under the policy of the run day.

use lapse_engine::{Term, last_run};
use lapse_policy::Day;

use crate::chance::Chance;

/// The days from the first up to, not including, the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Day, pub Day);

impl Span {
    /// One of its days; the first day where it has none.
    pub fn draw(self, chance: &mut Chance) -> Day {
        chance.day(self.0, self.1)
    }
}

/// The run day and the monthly runs before it.
#[derive(Clone, Copy, Debug)]
pub struct Runs {
    /// The run day D, for which the data are made.
    pub run: Day,
    /// The last customer run before it.
    pub previous: Day,
    /// The day of the month of a customer run.
    run_day: u32,
}

impl Runs {
    /// The runs before `run`, on day `run_day` of each month.
    pub fn around(run: Day, run_day: u32) -> Runs {
        Runs { run, previous: last_run(run.previous(), run_day), run_day }
    }

    /// The day that lies `months` months before the run day.
    pub fn months_ago(&self, months: u32) -> Day {
        self.run.add_months(-months.cast_signed())
    }

    /// The first day from which `months` have not passed on the run day.
    pub fn first_within(&self, months: u32) -> Day {
        Term::last_passed(months, self.run).next()
    }

    /// The days from which `months` have passed on the run day and had not passed on the previous one. There is always one.
    pub fn just_passed(&self, months: u32) -> Span {
        let end = self.first_within(months);
        Span(self.previous.add_months(-months.cast_signed()).next().min(end.previous()), end)
    }

    /// The days from which more than `months` have passed on the run day and had not passed on the previous one.
    pub fn just_exceeded(&self, months: u32) -> Span {
        // On the last days of a month the engine may count a day or two more. They are left out, so that a seed goes on to
        // give the data that it has always given.
        Span(first_not_exceeded(months, self.previous), self.months_ago(months))
    }

    /// The days from which more than `months` had passed on an earlier run and had not passed on the one before it.
    pub fn exceeded_first_on(&self, run: Day, months: u32) -> Span {
        let before = last_run(run.previous(), self.run_day);
        Span(first_not_exceeded(months, before), first_not_exceeded(months, run))
    }

    /// An earlier customer run that lies in `span`, close to `day`; `None` where no run lies in it.
    pub fn earlier_within(&self, span: Span, day: Day) -> Option<Day> {
        let mut run = last_run(day.min(self.previous), self.run_day);
        if run < span.0 {
            run = run.add_months(1);
        }
        (run >= span.0 && run < span.1 && run <= self.previous).then_some(run)
    }
}

/// The first day from which not more than `months` have passed on `run`.
fn first_not_exceeded(months: u32, run: Day) -> Day {
    Term::last_exceeded(months, run).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn the_previous_run_is_a_month_ago_or_earlier_this_month() {
        let previous = |run, run_day| Runs::around(day(run), run_day).previous.to_string();
        assert_eq!(previous("2022-07-01", 1), "2022-06-01");
        assert_eq!(previous("2022-07-15", 1), "2022-07-01");
        assert_eq!(previous("2022-03-05", 28), "2022-02-28");
        assert_eq!(previous("2022-01-01", 1), "2021-12-01");
        assert_eq!(previous("0001-01-01", 1), "0001-01-01");
    }

    #[test]
    fn what_a_run_ends_was_not_yet_for_the_run_before() {
        for run in ["2022-07-01", "2024-02-29", "2022-03-31", "2022-07-15"] {
            let runs = Runs::around(day(run), 1);
            for months in [1, 6, 24, 60] {
                let Span(from, end) = runs.just_exceeded(months);
                let exceeded = |since: Day, on| Term::new(since, months).is_exceeded(on);
                let passed = |since: Day, on| Term::new(since, months).has_passed(on);
                assert!(!exceeded(from, runs.previous) && exceeded(end.previous(), runs.run), "{run} {months}");
                let Span(from, end) = runs.just_passed(months);
                assert!(!passed(from, runs.previous) && passed(end.previous(), runs.run), "{run} {months}");
                assert!(!passed(runs.first_within(months), runs.run), "{run} {months}");
            }
        }
    }

    #[test]
    fn an_earlier_run_lies_within_the_span_or_there_is_none() {
        let runs = Runs::around(day("2022-07-01"), 1);
        let within =
            |from, end, near| runs.earlier_within(Span(day(from), day(end)), day(near)).map(|run| run.to_string());
        assert_eq!(within("2020-07-02", "2022-07-02", "2021-03-15").as_deref(), Some("2021-03-01"));
        assert_eq!(within("2020-07-02", "2022-07-02", "2020-07-15").as_deref(), Some("2020-08-01"));
        assert_eq!(within("2020-07-02", "2022-07-02", "2022-07-01").as_deref(), Some("2022-06-01"));
        assert_eq!(within("2022-06-02", "2022-07-02", "2022-06-15"), None);
    }
}
