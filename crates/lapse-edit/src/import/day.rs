//! Dates as people write them in lists.

use lapse_policy::Day;

/// Reads a date as people in Belgium write it: day, month and year, or year, month and day. Gives none for one that no policy
/// can be of.
pub fn read_day(text: &str) -> Option<Day> {
    any_day(text)?.since_1900().ok()
}

fn any_day(text: &str) -> Option<Day> {
    if let Some(day) = Day::parse(text.as_bytes()) {
        return Some(day);
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let [day, month, year] = parts[..] else { return None };
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok())?;
    let whole = year.len() == 4 && day.len() <= 2 && month.len() <= 2;
    whole.then(|| Day::new(number(year)?, number(month)?, number(day)?))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_the_day_first_or_the_year_first() {
        let day = Day::new(2022, 7, 1);
        for text in ["2022-07-01", "01/07/2022", "1/7/2022", "1-7-2022", "01.07.2022"] {
            assert_eq!(read_day(text), day, "{text}");
        }
        for text in [
            "1/7/22",
            "7/13/2022",
            "31/02/2022",
            "2022",
            "",
            "1/7",
            "1/7/2022 0:00",
            "+1/7/2022",
            "0022-07-01",
            "1/7/0022",
        ] {
            assert_eq!(read_day(text), None, "{text}");
        }
    }
}
