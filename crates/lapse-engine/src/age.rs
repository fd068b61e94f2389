//! The age bands by which the effect of a change is counted.

use lapse_policy::Day;

use crate::term::Term;

/// The age of a patron on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgeBand {
    /// Up to 11.
    Child,
    /// 12 to 17.
    Teenager,
    /// 18 to 25.
    YoungAdult,
    /// 26 to 64.
    Adult,
    /// 65 and over.
    Senior,
    /// No birth date, or one after that day.
    Unknown,
}

impl AgeBand {
    /// Every band, youngest first.
    pub const ALL: [AgeBand; 6] =
        [AgeBand::Child, AgeBand::Teenager, AgeBand::YoungAdult, AgeBand::Adult, AgeBand::Senior, AgeBand::Unknown];

    /// The band, on `day`, of a patron with this birth date.
    pub fn of(birth_date: Option<Day>, day: Day) -> AgeBand {
        let Some(born) = birth_date.filter(|&born| born <= day) else { return AgeBand::Unknown };
        let is_at_least = |years: u32| Term::new(born, years * 12).has_passed(day);
        if is_at_least(65) {
            AgeBand::Senior
        } else if is_at_least(26) {
            AgeBand::Adult
        } else if is_at_least(18) {
            AgeBand::YoungAdult
        } else if is_at_least(12) {
            AgeBand::Teenager
        } else {
            AgeBand::Child
        }
    }

    /// The word for it in tables and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            AgeBand::Child => "0-11",
            AgeBand::Teenager => "12-17",
            AgeBand::YoungAdult => "18-25",
            AgeBand::Adult => "26-64",
            AgeBand::Senior => "65+",
            AgeBand::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::day;

    #[test]
    fn nobody_comes_of_age_because_the_calendar_ends() {
        assert_eq!(AgeBand::of(Some(day("9990-01-01")), Day::MAX).as_str(), "0-11");
    }

    #[test]
    fn a_band_begins_on_the_birthday() {
        let on = |born: &str| AgeBand::of(Some(day(born)), day("2022-07-01")).as_str();
        assert_eq!([on("2022-07-02"), on("2022-07-01"), on("2010-07-02")], ["unknown", "0-11", "0-11"]);
        assert_eq!([on("2010-07-01"), on("2004-07-02"), on("2004-07-01")], ["12-17", "12-17", "18-25"]);
        assert_eq!([on("1996-07-02"), on("1996-07-01"), on("1957-07-02")], ["18-25", "26-64", "26-64"]);
        assert_eq!([on("1957-07-01"), on("0001-01-01")], ["65+", "65+"]);
        assert_eq!(AgeBand::of(None, day("2022-07-01")).as_str(), "unknown");
        assert_eq!(AgeBand::of(Some(day("2004-02-29")), day("2022-02-28")).as_str(), "18-25");
    }
}
