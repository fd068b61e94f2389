//! The terms of tests of dates (domain.md, "Facts, keeps and ends"): how long after a date it is past, and no longer within.

use lapse_policy::{DateTest, Day, MonthDay, Round, Span, Test};

use crate::Term;

/// A term that a date is compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactTerm {
    /// How long it is.
    pub length: Span,
    /// The month or year to the end of which it runs, where it does.
    pub round: Option<Period>,
}

/// A month or a year to the end of which a term runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A month of the calendar.
    Month,
    /// A year that begins on this day.
    Year(MonthDay),
}

/// The terms of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TermsOf {
    /// Those that are not over yet.
    pub within: Vec<FactTerm>,
    /// Those that are over.
    pub past: Vec<FactTerm>,
}

impl Period {
    /// The first day of the period in which a day lies; none where that would lie before the calendar.
    fn start(self, day: Day) -> Option<Day> {
        match self {
            Period::Month => Day::new(day.year(), day.month(), 1),
            Period::Year(starts) => {
                let this_year = starts.in_year(day.year())?;
                if this_year <= day { Some(this_year) } else { starts.in_year(day.year().checked_sub(1)?) }
            }
        }
    }

    /// The first day of the next period; none where that lies past the calendar.
    fn next(self, day: Day) -> Option<Day> {
        match self {
            Period::Month => Day::new(day.year(), day.month(), 1)?.checked_add_months(1),
            Period::Year(starts) => {
                let this_year = starts.in_year(day.year())?;
                if this_year > day { Some(this_year) } else { starts.in_year(day.year() + 1) }
            }
        }
    }
}

impl FactTerm {
    /// The terms of a test of a date or an age, which is a term since the birth; none of another test.
    pub fn of(test: &Test, year_starts: MonthDay) -> TermsOf {
        match test {
            Test::Age { at_least, under } => {
                let years = |years: &Option<u32>| {
                    years.iter().map(|years| FactTerm { length: Span::Months(years * 12), round: None }).collect()
                };
                TermsOf { within: years(under), past: years(at_least) }
            }
            Test::Date(DateTest { within_months, within_days, past_months, past_days, round, after: _ }) => {
                let round = round.map(|round| match round {
                    Round::Month => Period::Month,
                    Round::Year => Period::Year(year_starts),
                });
                let terms = |months: &Option<u32>, days: &Option<u32>| {
                    let months = months.map(Span::Months);
                    let lengths = months.into_iter().chain(days.map(Span::Days));
                    lengths.map(|length| FactTerm { length, round }).collect()
                };
                TermsOf { within: terms(within_months, within_days), past: terms(past_months, past_days) }
            }
            Test::Is(_) | Test::Number(_) | Test::AnyOf(_) | Test::Months(_) => TermsOf::default(),
        }
    }

    /// The day that lies this long after another, whatever it is rounded to; none where that is past the calendar.
    pub fn until(self, since: Day) -> Option<Day> {
        match self.length {
            Span::Months(months) => since.checked_add_months(months.cast_signed()),
            Span::Days(days) => Day::from_days_since_1970(since.days_since_1970().checked_add(days.cast_signed())?),
        }
    }

    /// The day from which a term that begins on `since` is over: on it the date is past, and no longer within. None where
    /// it is over on no day.
    pub fn over(self, since: Day) -> Option<Day> {
        let until = self.until(since)?;
        match self.round {
            None => Some(until),
            Some(period) => period.next(until),
        }
    }

    /// The last day on which a term can have begun that is over on the run day; none where there is no such day.
    pub fn last_over(self, run: Day) -> Option<Day> {
        // A term that runs to the end of a period is over in the run's period where it would have been over, without that,
        // on the day before the period.
        let on = match self.round {
            None => run,
            Some(period) => {
                let start = period.start(run)?;
                if start == Day::MIN {
                    return None;
                }
                start.previous()
            }
        };
        let last = match self.length {
            Span::Months(months) => Term::last_passed(months, on),
            Span::Days(days) => on.add_days(-days.cast_signed()),
        };
        let unrounded = FactTerm { round: None, ..self };
        unrounded.over(last).is_some_and(|over| over <= on).then_some(last)
    }
}

/// The first day of the month after that of a day; none at the end of the calendar.
pub(crate) fn first_of_next_month(day: Day) -> Option<Day> {
    Period::Month.next(day)
}
