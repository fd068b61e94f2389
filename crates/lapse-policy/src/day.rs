//! The calendar day, the only notion of time that a decision knows.
//! A day is kept as one integer, so that comparing two days costs one instruction; dates run from 0001-01-01 to
//! 9999-12-31 and arithmetic stops at the ends (domain.md, "Dates").

use std::fmt;
use std::num::NonZeroU32;

use chrono::{Datelike, NaiveDate};

/// A calendar day between [`Day::MIN`] and [`Day::MAX`]: `year << 9 | month << 5 | day`.
/// It is never zero, so that an `Option<Day>` is no larger than a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NonZeroU32);

impl Day {
    /// 0001-01-01, the first day that a table can hold.
    pub const MIN: Day = Day::pack(1, 1, 1);
    /// 9999-12-31, which systems write for "no end".
    pub const MAX: Day = Day::pack(9999, 12, 31);
    /// 1900-01-01, before which no date but that of a birth tells anything about a patron, and no run or policy is made
    /// (domain.md, "Dates"): an earlier one has a year of two digits, or is the empty field of a spreadsheet.
    pub const FIRST_FACT: Day = Day::pack(1900, 1, 1);

    /// 1970-01-01, from which systems count, and which they write for nothing.
    pub const UNIX_EPOCH: Day = Day::pack(1970, 1, 1);

    const fn pack(year: u32, month: u32, day: u32) -> Day {
        Day(NonZeroU32::new(year << 9 | month << 5 | day).expect("a day has a year, a month and a day of the month"))
    }

    /// The day with this year, month and day of the month, or none where the calendar has no such day.
    pub const fn new(year: u32, month: u32, day: u32) -> Option<Day> {
        if year >= 1
            && year <= 9999
            && month >= 1
            && month <= 12
            && day >= 1
            && (day <= 28 || day <= days_in_month(year, month))
        {
            Some(Day::pack(year, month, day))
        } else {
            None
        }
    }

    /// Reads `YYYY-MM-DD` exactly: ten bytes with nothing around them. Gives none for any other text.
    pub fn parse(text: &[u8]) -> Option<Day> {
        let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text else {
            return None;
        };
        let digits = [y0, y1, y2, y3, m0, m1, d0, d1];
        if digits.iter().any(|byte| !byte.is_ascii_digit()) {
            return None;
        }
        let [y0, y1, y2, y3, m0, m1, d0, d1] = digits.map(|byte| u32::from(byte - b'0'));
        Day::new(y0 * 1000 + y1 * 100 + y2 * 10 + y3, m0 * 10 + m1, d0 * 10 + d1)
    }

    /// The day itself, where a run or a policy can be of it. Fails before [`Day::FIRST_FACT`], with the likely slip.
    pub fn since_1900(self) -> Result<Day, Before1900> {
        if self >= Day::FIRST_FACT {
            return Ok(self);
        }
        let meant = (self.year() < 100).then(|| Day::new(2000 + self.year(), self.month(), self.day_of_month()));
        Err(Before1900 { meant: meant.flatten() })
    }

    /// The year, 1 to 9999.
    pub const fn year(self) -> u32 {
        self.to_bits() >> 9
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u32 {
        self.to_bits() >> 5 & 15
    }

    /// The day of the month, 1 to 31.
    pub const fn day_of_month(self) -> u32 {
        self.to_bits() & 31
    }

    /// The same day of the month `months` later (earlier when negative), or that month's last day where it has no
    /// such day; stops at the ends of the calendar.
    #[must_use]
    pub const fn add_months(self, months: i32) -> Day {
        match self.checked_add_months(months) {
            Some(day) => day,
            None if months < 0 => Day::MIN,
            None => Day::MAX,
        }
    }

    /// As [`Day::add_months`], but none where that lies outside the calendar.
    pub const fn checked_add_months(self, months: i32) -> Option<Day> {
        let month = (self.year() as i64) * 12 + (self.month() as i64) - 1 + months as i64;
        if month < 12 || month >= 10_000 * 12 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "12 to 119,999, just checked")]
        let month = month as u32;
        let (year, month) = (month / 12, month % 12 + 1);
        let mut day = self.day_of_month();
        if day > 28 {
            let last = days_in_month(year, month);
            if day > last {
                day = last;
            }
        }
        Some(Day::pack(year, month, day))
    }

    /// The last day of its month, 28 to 31.
    pub const fn last_of_month(self) -> u32 {
        days_in_month(self.year(), self.month())
    }

    /// The day `days` later (earlier when negative); stops at the ends of the calendar.
    #[must_use]
    pub fn add_days(self, days: i32) -> Day {
        let end = if days < 0 { Day::MIN } else { Day::MAX };
        NaiveDate::from(self)
            .checked_add_signed(chrono::TimeDelta::days(i64::from(days)))
            .and_then(|date| Day::try_from(date).ok())
            .unwrap_or(end)
    }

    /// The day after, or the last day of the calendar on that day.
    #[must_use]
    pub const fn next(self) -> Day {
        let (year, month, day) = (self.year(), self.month(), self.day_of_month());
        if day < 28 || day < days_in_month(year, month) {
            Day::pack(year, month, day + 1)
        } else {
            Day::pack(year, month, 1).add_months(1)
        }
    }

    /// The day before, or the first day of the calendar on that day.
    #[must_use]
    pub const fn previous(self) -> Day {
        if self.0.get() == Day::MIN.0.get() {
            return Day::MIN;
        }
        if self.day_of_month() > 1 {
            return Day::pack(self.year(), self.month(), self.day_of_month() - 1);
        }
        let before = self.add_months(-1);
        Day::pack(before.year(), before.month(), days_in_month(before.year(), before.month()))
    }

    /// How many days lie between `earlier` and this day; negative when `earlier` is the later one.
    pub fn days_since(self, earlier: Day) -> i64 {
        (NaiveDate::from(self) - NaiveDate::from(earlier)).num_days()
    }

    /// How many days after 1970-01-01 it is, as column formats count days; negative before.
    pub const fn days_since_1970(self) -> i32 {
        // Let the year start in March: its leap day is then its last, and the months before it always have the same lengths.
        let [year, month, day] =
            [self.year().cast_signed(), self.month().cast_signed(), self.day_of_month().cast_signed()];
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - MARCH_OF_YEAR_0_TO_1970
    }

    /// The day that is `days` after 1970-01-01 (before it when negative); none outside the calendar.
    pub const fn from_days_since_1970(days: i32) -> Option<Day> {
        if days < Day::MIN.days_since_1970() || days > Day::MAX.days_since_1970() {
            return None;
        }
        // The same in reverse: find the century, then the year in it, then the month.
        let days = (days + MARCH_OF_YEAR_0_TO_1970 - 1).cast_unsigned();
        let century = (4 * days + 3) / DAYS_OF_400_YEARS;
        let of_century = days - DAYS_OF_400_YEARS * century / 4;
        let year_of_century = (4 * of_century + 3) / DAYS_OF_4_YEARS;
        let of_year = of_century - DAYS_OF_4_YEARS * year_of_century / 4;
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let year = 100 * century + year_of_century;
        let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
        Some(Day::pack(year, month, day))
    }

    /// `YYYY-MM-DD` as ASCII bytes, for the tables.
    pub const fn to_bytes(self) -> [u8; 10] {
        let [y0, y1] = TWO_DIGITS[(self.year() / 100) as usize];
        let [y2, y3] = TWO_DIGITS[(self.year() % 100) as usize];
        let [m0, m1] = TWO_DIGITS[self.month() as usize];
        let [d0, d1] = TWO_DIGITS[self.day_of_month() as usize];
        [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1]
    }

    /// The day in English, for sentences: `30 June 2020`.
    pub fn in_english(self) -> String {
        let month = ENGLISH_MONTHS[self.month() as usize - 1];
        format!("{} {month} {}", self.day_of_month(), self.year())
    }

    /// The packed integer, whose order is the order of the days.
    pub const fn to_bits(self) -> u32 {
        self.0.get()
    }

    /// The day whose packed integer this is; none where it is that of no day.
    pub const fn from_bits(bits: u32) -> Option<Day> {
        Day::new(bits >> 9, bits >> 5 & 15, bits & 31)
    }
}

/// The names of the months, January first.
pub const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The numbers `00` to `99` as digits, so that writing a date divides as little as possible.
const TWO_DIGITS: [[u8; 2]; 100] = {
    let mut all = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        all[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    all
};

/// The days from 1 March of the year 0 to 1970-01-01.
const MARCH_OF_YEAR_0_TO_1970: i32 = 719_469;
const DAYS_OF_400_YEARS: u32 = 146_097;
const DAYS_OF_4_YEARS: u32 = 1_461;

const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl From<Day> for NaiveDate {
    fn from(day: Day) -> NaiveDate {
        #[expect(clippy::cast_possible_wrap, reason = "a year is at most 9999")]
        let year = day.year() as i32;
        NaiveDate::from_ymd_opt(year, day.month(), day.day_of_month()).expect("a Day is a day of the calendar")
    }
}

impl TryFrom<NaiveDate> for Day {
    type Error = NaiveDate;

    /// Fails, giving the date back, outside the years 1 to 9999.
    fn try_from(date: NaiveDate) -> Result<Day, NaiveDate> {
        u32::try_from(date.year()).ok().and_then(|year| Day::new(year, date.month(), date.day())).ok_or(date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day_of_month())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Day, NotADay> {
        Day::parse(text.as_bytes()).ok_or(NotADay)
    }
}

/// The text is not a calendar day written as `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a calendar day written as YYYY-MM-DD, such as 2022-07-01")]
pub struct NotADay;

/// The day lies before 1900, so that no run and no policy can be of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a date before 1900; {}", self.slip())]
pub struct Before1900 {
    /// The day that was likely meant, where the year seems to have been written with two digits.
    pub meant: Option<Day>,
}

impl Before1900 {
    /// What to do about it, to follow what is wrong.
    pub fn slip(&self) -> String {
        match self.meant {
            Some(meant) => format!("its year seems to have two digits, did you mean {meant}?"),
            None => "check its year".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Months;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect(text)
    }

    #[test]
    fn a_month_without_such_a_day_gives_its_last_day() {
        assert_eq!(day("2020-02-29").add_months(24), day("2022-02-28"));
        assert_eq!(day("2020-01-31").add_months(1), day("2020-02-29"));
        assert_eq!(day("2020-02-29").add_months(48), day("2024-02-29"));
        assert_eq!(day("2022-05-31").add_months(-3), day("2022-02-28"));
    }

    #[test]
    fn arithmetic_stops_at_the_ends_of_the_calendar() {
        assert_eq!(Day::MAX.add_months(1), Day::MAX);
        assert_eq!(Day::MAX.next(), Day::MAX);
        assert_eq!(Day::MIN.add_months(-1), Day::MIN);
        assert_eq!(Day::MIN.previous(), Day::MIN);
        assert_eq!(Day::MIN.add_days(i32::MIN), Day::MIN);
        assert_eq!(Day::MIN.add_months(i32::MAX), Day::MAX);
    }

    #[test]
    fn only_real_days_written_in_full_are_days() {
        for text in [
            "2021-02-29",
            "2022-13-01",
            "2022-00-01",
            "2022-01-00",
            "2022-04-31",
            "0000-01-01",
            "2022-1-1",
            "20220101",
            "2022-01-01 ",
            " 2022-01-01",
            "2022/01/01",
            "+022-01-01",
            "",
        ] {
            assert_eq!(Day::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(day("0001-01-01"), Day::MIN);
        assert_eq!(day("9999-12-31"), Day::MAX);
        assert_eq!(day("2000-02-29").to_string(), "2000-02-29");
    }

    #[test]
    fn a_run_or_policy_of_the_year_21_names_the_year_that_was_meant() {
        let slip = |text| day(text).since_1900().unwrap_err().to_string();
        let two_digits = "a date before 1900; its year seems to have two digits, did you mean 2021-07-01?";
        assert_eq!(slip("0021-07-01"), two_digits);
        for early in ["1899-12-31", "0202-07-01", "0100-01-01"] {
            assert_eq!(slip(early), "a date before 1900; check its year", "{early}");
        }
        for told in ["1900-01-01", "2022-07-01", "9999-12-31"] {
            assert_eq!(day(told).since_1900(), Ok(day(told)));
        }
    }

    #[test]
    fn a_number_of_days_outside_the_calendar_is_no_day() {
        let (first, last) = (Day::MIN.days_since_1970(), Day::MAX.days_since_1970());
        assert_eq!([first, last].map(Day::from_days_since_1970), [Some(Day::MIN), Some(Day::MAX)]);
        assert_eq!([first - 1, last + 1, i32::MIN, i32::MAX].map(Day::from_days_since_1970), [None; 4]);
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(number in 1..=3_652_059_i32, months in 0..40_000_u32, days in -10_000..10_000_i32) {
            let date = NaiveDate::from_num_days_from_ce_opt(number).unwrap();
            let day = Day::try_from(date).unwrap();
            prop_assert_eq!(NaiveDate::from(day), date);
            prop_assert_eq!(day.to_string(), date.to_string());
            prop_assert_eq!(Day::parse(&day.to_bytes()), Some(day));
            let end = |date: Option<NaiveDate>, end| date.and_then(|date| Day::try_from(date).ok()).unwrap_or(end);
            let signed = i32::try_from(months).unwrap();
            prop_assert_eq!(day.add_months(signed), end(date.checked_add_months(Months::new(months)), Day::MAX));
            prop_assert_eq!(day.add_months(-signed), end(date.checked_sub_months(Months::new(months)), Day::MIN));
            prop_assert_eq!(day.next(), end(date.succ_opt(), Day::MAX));
            prop_assert_eq!(day.previous(), end(date.pred_opt(), Day::MIN));
            let limit = if days < 0 { Day::MIN } else { Day::MAX };
            let moved = day.add_days(days);
            prop_assert_eq!(moved, end(date.checked_add_signed(chrono::TimeDelta::days(days.into())), limit));
            if moved != limit {
                prop_assert_eq!(moved.days_since(day), i64::from(days));
            }
            let since_1970 = number - 719_163;
            prop_assert_eq!(day.days_since_1970(), since_1970);
            prop_assert_eq!(Day::from_days_since_1970(since_1970), Some(day));
        }
    }
}
