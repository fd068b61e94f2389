//! The forms in which people write days and amounts, and how a text in one of them is read.

use lapse_policy::Day;

/// A part of a day as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    Year,
    Month,
    Day,
}

/// The form of a day, such as `DD/MM/YYYY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateForm {
    order: [Part; 3],
    /// What stands between the parts; none where they follow each other.
    between: Option<u8>,
    /// Days and months below ten begin with a zero.
    padded: bool,
    name: &'static str,
}

const YEAR_FIRST: [Part; 3] = [Part::Year, Part::Month, Part::Day];
const DAY_FIRST: [Part; 3] = [Part::Day, Part::Month, Part::Year];
const MONTH_FIRST: [Part; 3] = [Part::Month, Part::Day, Part::Year];

const fn form(name: &'static str, order: [Part; 3], between: Option<u8>, padded: bool) -> DateForm {
    DateForm { order, between, padded, name }
}

impl DateForm {
    /// The form of the tables themselves.
    pub const ISO: DateForm = form("YYYY-MM-DD", YEAR_FIRST, Some(b'-'), true);

    /// Every form that is read. Of two that fit the same texts, the stricter stands first.
    pub const ALL: [DateForm; 12] = [
        DateForm::ISO,
        form("YYYYMMDD", YEAR_FIRST, None, true),
        form("YYYY/MM/DD", YEAR_FIRST, Some(b'/'), true),
        form("DD/MM/YYYY", DAY_FIRST, Some(b'/'), true),
        form("D/M/YYYY", DAY_FIRST, Some(b'/'), false),
        form("MM/DD/YYYY", MONTH_FIRST, Some(b'/'), true),
        form("M/D/YYYY", MONTH_FIRST, Some(b'/'), false),
        form("DD-MM-YYYY", DAY_FIRST, Some(b'-'), true),
        form("D-M-YYYY", DAY_FIRST, Some(b'-'), false),
        form("MM-DD-YYYY", MONTH_FIRST, Some(b'-'), true),
        form("DD.MM.YYYY", DAY_FIRST, Some(b'.'), true),
        form("D.M.YYYY", DAY_FIRST, Some(b'.'), false),
    ];

    /// As a register names it.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The form with this name.
    pub fn named(name: &str) -> Option<DateForm> {
        DateForm::ALL.into_iter().find(|form| form.name == name)
    }

    /// Whether a text in this form may be one with day and month the other way round.
    pub fn has_twin(self) -> bool {
        self.twin().is_some()
    }

    /// The form with day and month the other way round.
    pub fn twin(self) -> Option<DateForm> {
        let order = match self.order {
            DAY_FIRST => MONTH_FIRST,
            MONTH_FIRST => DAY_FIRST,
            _ => return None,
        };
        let same = |form: &DateForm| form.order == order && form.between == self.between && form.padded == self.padded;
        DateForm::ALL.into_iter().find(same)
    }

    /// The day that a text tells in this form. A time of the day behind it is cut.
    pub fn read(self, text: &str) -> Option<Day> {
        let bytes = text.as_bytes();
        let mut at = 0;
        let [mut year, mut month, mut day] = [0; 3];
        for (number, part) in self.order.into_iter().enumerate() {
            if let Some(between) = self.between.filter(|_| number > 0) {
                if bytes.get(at) != Some(&between) {
                    return None;
                }
                at += 1;
            }
            let (least, most) = match part {
                Part::Year => (4, 4),
                Part::Month | Part::Day if self.padded => (2, 2),
                Part::Month | Part::Day => (1, 2),
            };
            let digits = bytes[at..].iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
            if digits < least {
                return None;
            }
            let value = bytes[at..at + digits].iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
            at += digits;
            match part {
                Part::Year => year = value,
                Part::Month => month = value,
                Part::Day => day = value,
            }
        }
        if at < bytes.len() && !is_time(&bytes[at..]) {
            return None;
        }
        Day::new(year, month, day)
    }
}

/// Whether this is a time of the day behind a day: `T00:00:00Z`, ` 13:45`, ` 1:45:00 PM`.
fn is_time(rest: &[u8]) -> bool {
    let [b' ' | b'T', time @ ..] = rest else { return false };
    let hours = time.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = |byte: &u8| byte.is_ascii_digit() || b":.,+- ZAPMapm".contains(byte);
    matches!(hours, 1 | 2) && time.get(hours) == Some(&b':') && time.iter().all(sign)
}

/// An amount that is written with a comma before its fraction, with a point; none where it is no such amount.
pub fn amount_with_comma(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once(',')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(fraction)).then(|| format!("{whole}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str, text: &str) -> Option<String> {
        DateForm::named(form).unwrap().read(text).map(|day| day.to_string())
    }

    #[test]
    fn each_form_reads_its_days() {
        for (form, text) in [
            ("YYYY-MM-DD", "2022-02-09"),
            ("YYYYMMDD", "20220209"),
            ("YYYY/MM/DD", "2022/02/09"),
            ("DD/MM/YYYY", "09/02/2022"),
            ("D/M/YYYY", "9/2/2022"),
            ("D/M/YYYY", "09/02/2022"),
            ("MM/DD/YYYY", "02/09/2022"),
            ("M/D/YYYY", "2/9/2022"),
            ("DD-MM-YYYY", "09-02-2022"),
            ("DD.MM.YYYY", "09.02.2022"),
        ] {
            assert_eq!(read(form, text).as_deref(), Some("2022-02-09"), "{form} {text}");
        }
    }

    #[test]
    fn a_time_behind_a_day_is_cut() {
        for time in ["T00:00:00Z", " 13:45", " 1:45:00 PM", "T23:59:59.999+02:00", " 00:00:00.000"] {
            assert_eq!(read("DD/MM/YYYY", &format!("09/02/2022{time}")).as_deref(), Some("2022-02-09"), "{time}");
        }
        assert_eq!(read("YYYYMMDD", "20220209 12:00").as_deref(), Some("2022-02-09"));
    }

    #[test]
    fn what_is_no_day_in_the_form_is_none() {
        for (form, text) in [
            ("DD/MM/YYYY", "9/2/2022"),
            ("DD/MM/YYYY", "31/02/2022"),
            ("DD/MM/YYYY", "02/13/2022"),
            ("DD/MM/YYYY", "09/02/22"),
            ("DD/MM/YYYY", "09/02/2022 noon"),
            ("DD/MM/YYYY", "09/02/2022x"),
            ("DD/MM/YYYY", "09/02/20222"),
            ("DD/MM/YYYY", ""),
            ("DD/MM/YYYY", "09/é"),
            ("YYYYMMDD", "2022-02-09"),
        ] {
            assert_eq!(read(form, text), None, "{form} {text}");
        }
    }

    #[test]
    fn day_and_month_change_places_in_a_twin() {
        let twin = |name| DateForm::named(name).unwrap().twin().map(DateForm::name);
        assert_eq!(twin("DD/MM/YYYY"), Some("MM/DD/YYYY"));
        assert_eq!(twin("M/D/YYYY"), Some("D/M/YYYY"));
        assert_eq!(twin("YYYY/MM/DD"), None);
    }

    #[test]
    fn commas_of_amounts_become_points() {
        assert_eq!(amount_with_comma("12,50").as_deref(), Some("12.50"));
        assert_eq!(amount_with_comma("-0,00").as_deref(), Some("-0.00"));
        for other in ["12.50", "1.234,50", "1,2,3", ",5", "5,", "12", ""] {
            assert_eq!(amount_with_comma(other), None, "{other}");
        }
    }
}
