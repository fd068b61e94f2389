//! A calendar day as the ABI has it: days since 1970-01-01.

use std::fmt;

/// Days from 0001-01-01 to 1970-01-01.
const BEFORE_1970: i32 = 719_162;
/// Days of 400 years.
const CYCLE: i32 = 146_097;
/// Days of a common year before each month.
const BEFORE_MONTH: [i32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// A day from 0001-01-01 to 9999-12-31.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// 0001-01-01
    pub const MIN: Date = Date(-BEFORE_1970);
    /// 9999-12-31
    pub const MAX: Date = Date(before_year(10_000) - 1 - BEFORE_1970);

    /// The day that is `days` days after 1970-01-01, or before it where the number is negative; none outside the calendar.
    pub const fn from_days(days: i32) -> Option<Date> {
        if days >= Date::MIN.0 && days <= Date::MAX.0 { Some(Date(days)) } else { None }
    }

    /// The day with this year, month and day of the month; none where the calendar has no such day.
    pub const fn new(year: i32, month: u32, day: u32) -> Option<Date> {
        if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        Some(Date(before_year(year) + before_month(year, month) + day.cast_signed() - 1 - BEFORE_1970))
    }

    /// Reads `YYYY-MM-DD` exactly.
    pub fn parse(text: &str) -> Option<Date> {
        let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
        let number = |part: &[u8]| {
            part.iter().try_fold(0, |number, &byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
        };
        if bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        Date::new(number(&bytes[..4])?.cast_signed(), number(&bytes[5..7])?, number(&bytes[8..])?)
    }

    /// Days since 1970-01-01, negative before it.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The year, 1 to 9999.
    pub const fn year(self) -> i32 {
        let days = self.0 + BEFORE_1970;
        // This is at most one year too early or too late, as the years of a cycle of 400 drift by two days at most.
        let mut year = days / CYCLE * 400 + days % CYCLE * 400 / CYCLE + 1;
        if before_year(year) > days {
            year -= 1;
        } else if before_year(year + 1) <= days {
            year += 1;
        }
        year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u32 {
        self.month_and_day().0
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u32 {
        self.month_and_day().1
    }

    const fn month_and_day(self) -> (u32, u32) {
        let year = self.year();
        let in_year = self.0 + BEFORE_1970 - before_year(year);
        let mut month = 12;
        while before_month(year, month) > in_year {
            month -= 1;
        }
        (month, (in_year - before_month(year, month)).cast_unsigned() + 1)
    }

    /// The same day of the month `months` months later, or earlier where the number is negative. Where that month has no
    /// such day, its last day; at the ends of the calendar, the first or the last day of it. A rule that asks whether a term
    /// has passed takes [`Date::checked_add_months`].
    #[must_use]
    pub const fn add_months(self, months: i32) -> Date {
        match self.checked_add_months(months) {
            Some(date) => date,
            None if months < 0 => Date::MIN,
            None => Date::MAX,
        }
    }

    /// As [`Date::add_months`], but none outside the calendar: a term that would run past its end has not passed on any day.
    pub const fn checked_add_months(self, months: i32) -> Option<Date> {
        let (month, day) = self.month_and_day();
        let all = self.year() as i64 * 12 + month as i64 - 1 + months as i64;
        if all < 12 || all >= 120_000 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "12 to 119,999, just checked")]
        let (year, month) = ((all / 12) as i32, (all % 12) as u32 + 1);
        let last = days_in_month(year, month);
        Date::new(year, month, if day < last { day } else { last })
    }
}

/// Days from 0001-01-01 to the start of a year.
const fn before_year(year: i32) -> i32 {
    let years = year - 1;
    years * 365 + years / 4 - years / 100 + years / 400
}

const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn before_month(year: i32, month: u32) -> i32 {
    BEFORE_MONTH[month as usize - 1] + (month > 2 && is_leap(year)) as i32
}

const fn days_in_month(year: i32, month: u32) -> u32 {
    let end = if month == 12 { 365 + is_leap(year) as i32 } else { before_month(year, month + 1) };
    (end - before_month(year, month)).cast_unsigned()
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (month, day) = self.month_and_day();
        write!(f, "{:04}-{month:02}-{day:02}", self.year())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_calendar_follows_the_day_before() {
        let mut date = Date::MIN;
        for year in 1..=9999 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    assert_eq!((date.year(), date.month(), date.day()), (year, month, day));
                    assert_eq!(Date::new(year, month, day), Some(date));
                    date = Date(date.0 + 1);
                }
            }
        }
        assert_eq!(Date(date.0 - 1), Date::MAX);
        assert_eq!(Date::from_days(date.0), None);
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (text, days) in [("1970-01-01", 0), ("1969-12-31", -1), ("2022-07-01", 19_174), ("0001-01-01", -719_162)] {
            let date = Date::parse(text).unwrap();
            assert_eq!((date.days(), date.to_string().as_str()), (days, text));
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "2022-02-29", "2022-13-01", "0000-01-01", "2022-7-1", "2022-07-01 ", "22-07-0001", "+022-07-01"]
        {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_month_later_is_the_same_day_or_the_last_of_the_month() {
        let later = |text, months| Date::parse(text).unwrap().add_months(months).to_string();
        assert_eq!(later("2020-02-29", 24), "2022-02-28");
        assert_eq!(later("2022-01-31", 1), "2022-02-28");
        assert_eq!(later("2022-07-01", -12), "2021-07-01");
        assert_eq!(later("9999-12-01", 1), "9999-12-31");
        assert_eq!(later("0001-01-31", -1), "0001-01-01");
        assert_eq!(Date::MAX.checked_add_months(1), None);
        assert_eq!(Date::MIN.checked_add_months(-1), None);
        assert_eq!(Date::parse("9999-11-30").unwrap().checked_add_months(1), Date::parse("9999-12-30"));
    }
}
