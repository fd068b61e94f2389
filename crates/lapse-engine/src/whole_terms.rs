//! Whole terms (domain.md): a renewal adds terms that each begin on the membership's own day of the month, so that a run
//! that comes late gives the same end as runs in time.

use lapse_policy::{Day, MonthDay};

/// The terms that follow the end of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeTerms {
    /// The first day of the next term: the day after `valid_until`.
    next: Day,
    /// The day of the month on which each term begins, or the last day of a month that has no such day.
    own_day: u32,
    months: u32,
    /// The day of the year on which each term ends, where the policy fixes it.
    term_ends: Option<MonthDay>,
}

impl WholeTerms {
    /// The terms of `months` after `valid_until`, of a membership from `valid_from`. Its own day of the month is that of
    /// `valid_from` where the next term begins on it, or on the last day of a month that has no such day; else it is the
    /// day on which the next term begins. With `term_ends` the first term ends on the first such day, later ones each
    /// `months` on.
    pub fn after(valid_from: Day, valid_until: Day, months: u32, term_ends: Option<MonthDay>) -> WholeTerms {
        let next = valid_until.next();
        let own_day = valid_from.day_of_month();
        let begins_on_it = in_month(next, own_day) == next;
        WholeTerms { next, own_day: if begins_on_it { own_day } else { next.day_of_month() }, months, term_ends }
    }

    /// The last day of the term with this number, from 1: the day before the next one begins. It stops at the end of the
    /// calendar.
    pub fn end(self, term: u32) -> Day {
        if let Some(ends) = self.term_ends {
            let first = self.first_end(ends);
            let later = |first: Day| first.checked_add_months(((term - 1) * self.months).cast_signed());
            return first.and_then(later).unwrap_or(Day::MAX);
        }
        match self.next.checked_add_months((term * self.months).cast_signed()) {
            Some(day) => in_month(day, self.own_day).previous(),
            None => Day::MAX,
        }
    }

    /// The first such day of the year after `valid_until`; none where that lies past the calendar.
    fn first_end(self, ends: MonthDay) -> Option<Day> {
        let this_year = ends.in_year(self.next.year())?;
        if this_year >= self.next { Some(this_year) } else { ends.in_year(self.next.year() + 1) }
    }

    /// The end of the first term that covers `run`, which does not lie before these terms.
    pub fn first_that_covers(self, run: Day) -> Day {
        if self.term_ends.is_some() {
            // The first end lies in the year of the next term or in the one after it.
            let years_between = run.year().saturating_sub(self.end(1).year());
            let before = years_between * 12 / self.months;
            let end = self.end(before + 1);
            return if end >= run { end } else { self.end(before + 2) };
        }
        let months_between = (run.year() * 12 + run.month()).saturating_sub(self.next.year() * 12 + self.next.month());
        // This many terms end in the month of the run or before it; at most one more is needed to cover the run day.
        let terms = (months_between / self.months).max(1);
        let end = self.end(terms);
        if end >= run { end } else { self.end(terms + 1) }
    }
}

/// This day of the month in the month of `of`, or the last day of a month that has no such day.
fn in_month(of: Day, day: u32) -> Day {
    Day::new(of.year(), of.month(), day.min(of.last_of_month())).expect("each month has its days up to the last")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::day;

    /// The ends of the first terms after `until`.
    fn ends(from: &str, until: &str, months: u32) -> [String; 3] {
        let terms = WholeTerms::after(day(from), day(until), months, None);
        [1, 2, 3].map(|term| terms.end(term).to_string())
    }

    #[test]
    fn half_yearly_terms_do_not_drift_into_the_month() {
        assert_eq!(ends("2022-03-01", "2022-08-31", 6), ["2023-02-28", "2023-08-31", "2024-02-29"]);
        assert_eq!(ends("2022-02-28", "2022-08-27", 6), ["2023-02-27", "2023-08-27", "2024-02-27"]);
    }

    #[test]
    fn a_term_that_begins_on_the_31st_begins_on_the_last_day_of_a_shorter_month() {
        assert_eq!(ends("2021-08-31", "2022-02-27", 6), ["2022-08-30", "2023-02-27", "2023-08-30"]);
        assert_eq!(ends("2021-12-31", "2022-02-27", 1), ["2022-03-30", "2022-04-29", "2022-05-30"]);
        assert_eq!(ends("2020-02-29", "2021-02-27", 12), ["2022-02-27", "2023-02-27", "2024-02-28"]);
    }

    #[test]
    fn without_the_day_of_the_start_the_day_after_the_end_counts() {
        assert_eq!(ends("2022-03-15", "2022-08-31", 6), ["2023-02-28", "2023-08-31", "2024-02-29"]);
        assert_eq!(ends("2022-03-15", "2022-08-30", 6), ["2023-02-27", "2023-08-30", "2024-02-28"]);
        // The day after this end is the last of its month, and the month has no 31st, but the start is no 31st either.
        assert_eq!(ends("2022-03-15", "2023-02-27", 1), ["2023-03-27", "2023-04-27", "2023-05-27"]);
    }

    #[test]
    fn a_run_that_comes_late_gives_the_same_end_as_runs_in_time() {
        for from in ["2020-01-29", "2020-01-30", "2020-01-31", "2020-02-29", "2020-03-01", "2020-03-15", "2020-08-31"] {
            for months in [1, 2, 5, 6, 7, 12, 13, 24] {
                let from = day(from);
                let first = WholeTerms::after(from, from.previous(), months, None).end(1);
                let (mut in_time, mut run) = (first, first);
                while run < day("2027-01-01") {
                    run = run.next();
                    if in_time < run {
                        in_time = WholeTerms::after(from, in_time, months, None).first_that_covers(run);
                    }
                    let late = WholeTerms::after(from, first, months, None).first_that_covers(run);
                    assert_eq!(late, in_time, "from {from} by {months} months in a run of {run}");
                    assert!(late >= run);
                }
            }
        }
    }

    #[test]
    fn terms_stop_at_the_end_of_the_calendar() {
        assert_eq!(ends("9998-01-01", "9998-12-31", 12), ["9999-12-31", "9999-12-31", "9999-12-31"]);
        let terms = WholeTerms::after(Day::MIN, day("9999-12-30"), 1200, None);
        assert_eq!(terms.first_that_covers(Day::MAX), Day::MAX);
    }
}
