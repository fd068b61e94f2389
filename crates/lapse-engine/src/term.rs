//! Months counted from a day, which most rules compare with the run day: "more than", "for" and "younger than" two
//! years (domain.md, "Dates"). Boundary cases and made-up data ask here on which day such a comparison turns.

use lapse_policy::Day;

/// A number of months counted from a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The day from which the months count.
    pub since: Day,
    /// The number of months.
    pub months: u32,
    /// The day that lies that number of months after `since`; none where that is past the end of the calendar, so that
    /// the term has not passed on any day.
    pub until: Option<Day>,
}

impl Term {
    /// `months` from `since`.
    pub fn new(since: Day, months: u32) -> Term {
        Term { since, months, until: since.checked_add_months(months.cast_signed()) }
    }

    /// The day that lies that number of months after `since`, for a sentence.
    pub fn until_in_words(self) -> String {
        self.until.map_or_else(|| "past the end of the calendar".to_owned(), |until| until.to_string())
    }

    /// **More than** 24 months: `since + 24 months < D`. What is exactly 24 months old is not yet more.
    pub fn is_exceeded(self, run: Day) -> bool {
        self.until.is_some_and(|until| until < run)
    }

    /// **For** 24 months: `since + 24 months <= D`. Where this does not hold, `since` is **younger than** 24 months:
    /// `since + 24 months > D`.
    pub fn has_passed(self, run: Day) -> bool {
        self.until.is_some_and(|until| until <= run)
    }

    /// The last day from which more than `months` have passed on `run`; the calendar's first day where there is none.
    pub fn last_exceeded(months: u32, run: Day) -> Day {
        last_since(months, run, |term| term.is_exceeded(run))
    }

    /// The last day from which `months` have passed on `run`; the calendar's first day where there is none. After 24
    /// months 28 and 29 February 2020 both reach 28 February 2022: this gives the later one.
    pub fn last_passed(months: u32, run: Day) -> Day {
        last_since(months, run, |term| term.has_passed(run))
    }
}

/// The last day up to `run` from which a term of `months` is over.
fn last_since(months: u32, run: Day, is_over: impl Fn(Term) -> bool) -> Day {
    let is_over = |since| is_over(Term::new(since, months));
    let mut since = run.add_months(-months.cast_signed());
    while since > Day::MIN && !is_over(since) {
        since = since.previous();
    }
    while since < run && is_over(since.next()) {
        since = since.next();
    }
    since
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::day;

    #[test]
    fn two_years_are_not_more_than_two_years_but_they_have_passed() {
        let run = day("2022-07-01");
        let compared = |since| {
            let term = Term::new(day(since), 24);
            (term.is_exceeded(run), term.has_passed(run))
        };
        assert_eq!(compared("2020-06-30"), (true, true));
        assert_eq!(compared("2020-07-01"), (false, true));
        assert_eq!(compared("2020-07-02"), (false, false));
    }

    #[test]
    fn a_term_that_runs_past_the_end_of_the_calendar_has_not_passed_on_any_day() {
        let term = Term::new(day("9998-01-01"), 24);
        assert_eq!((term.until, term.is_exceeded(Day::MAX), term.has_passed(Day::MAX)), (None, false, false));
        assert!(Term::new(day("9997-12-31"), 24).has_passed(Day::MAX));
    }

    #[test]
    fn the_last_day_from_which_a_term_is_over_is_the_latest_of_those_that_reach_the_run_day() {
        for (run, months, passed, exceeded) in [
            ("2022-07-01", 24, "2020-07-01", "2020-06-30"),
            ("2022-02-28", 24, "2020-02-29", "2020-02-27"),
            ("2022-03-01", 24, "2020-03-01", "2020-02-29"),
            ("2024-02-29", 24, "2022-02-28", "2022-02-28"),
            ("2024-03-30", 1, "2024-02-29", "2024-02-29"),
            ("2023-02-28", 1, "2023-01-31", "2023-01-27"),
            ("0001-01-01", 24, "0001-01-01", "0001-01-01"),
            ("9999-12-31", 24, "9997-12-31", "9997-12-30"),
        ] {
            assert_eq!(Term::last_passed(months, day(run)), day(passed), "{months} months on {run}");
            assert_eq!(Term::last_exceeded(months, day(run)), day(exceeded), "more than {months} months on {run}");
        }
    }
}
