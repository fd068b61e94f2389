//! The consortium's list of subscriptions -> changes of library files.
//!
//! 1. `sheet` reads a workbook or a CSV file as cells with addresses.
//! 2. `columns` finds out what each column holds, by its header.
//! 3. `rows` reads each row: what holds now, what from a date on.
//! 4. `plan` compares that with the policy and decides what to change.
//! 5. `edit` changes a file's text, and leaves the rest of it as it is.
//! 6. `draft` loads the changed files, so that the plan is held against the policy that they make.

mod columns;
mod draft;
mod edit;
mod plan;
mod rows;
mod sheet;

use lapse_policy::Day;

pub use columns::{Columns, Mapping};
pub use draft::Draft;
pub use plan::{Plan, plan};
pub use rows::read_rows;
pub use sheet::Sheet;

/// Something in the list that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The cell, such as `D17`.
    pub address: String,
    /// What is wrong, in one sentence.
    pub sentence: String,
}

/// Reads a date as people in Belgium write it: day, month, year; or year, month, day.
fn read_day(text: &str) -> Option<Day> {
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
        for text in ["1/7/22", "7/13/2022", "31/02/2022", "2022", "", "1/7", "1/7/2022 0:00", "+1/7/2022"] {
            assert_eq!(read_day(text), None, "{text}");
        }
    }
}
