//! The kinds of value that columns hold, and what makes one unusable.
//! Values are taken as they are, untrimmed.

use lapse_policy::Day;

use crate::reject::{Fault, RowFault};
use crate::source::Field;

/// A date that may be empty, and that any day can be: the date on which somebody was born.
pub(crate) fn optional_birth_date(column: usize, value: &Field<'_>) -> Result<Option<Day>, RowFault> {
    match value {
        Field::Text(text) if text.is_empty() => Ok(None),
        value => any_date(column, value).map(Some),
    }
}

/// A date that may be empty, and then is empty: one that looks like an empty date is told.
pub(crate) fn optional_date(column: usize, value: &Field<'_>) -> Result<Option<Day>, RowFault> {
    match value {
        Field::Text(text) if text.is_empty() => Ok(None),
        value => match date(column, value)? {
            day if looks_empty(day) => Err(RowFault::new(column, &value.text(), Fault::LooksEmpty)),
            day => Ok(Some(day)),
        },
    }
}

/// Whether a date looks like an empty one: spreadsheets and systems write these for nothing.
pub(crate) fn looks_empty(day: Day) -> bool {
    day == Day::FIRST_FACT || day == Day::UNIX_EPOCH
}

/// A date that must be there, and that can be a fact about a patron.
#[inline]
pub(crate) fn date(column: usize, value: &Field<'_>) -> Result<Day, RowFault> {
    let day = any_date(column, value)?;
    if day < Day::FIRST_FACT {
        return Err(RowFault::new(column, &value.text(), Fault::BeforeAnyFact));
    }
    Ok(day)
}

/// A date that must be there.
#[inline]
fn any_date(column: usize, value: &Field<'_>) -> Result<Day, RowFault> {
    match value {
        Field::Text(_) => {
            let text = required(column, value)?;
            Day::parse(text.as_bytes()).ok_or_else(|| RowFault::new(column, text, Fault::NotADate))
        }
        Field::Day(day) => Ok(*day),
    }
}

/// A value that must be there.
pub(crate) fn required<'f>(column: usize, value: &'f Field<'_>) -> Result<&'f str, RowFault> {
    let value = value.as_str();
    if value.is_empty() { Err(RowFault::new(column, value, Fault::Empty)) } else { Ok(value) }
}

/// An amount of money, of which only whether it is zero matters: digits with an optional point and digits; empty: zero.
/// `below_zero` is what is wrong with one that is below.
pub(crate) fn is_amount_above_zero(column: usize, value: &Field<'_>, below_zero: Fault) -> Result<bool, RowFault> {
    let value = value.as_str();
    if is_amount(value) {
        return Ok(has_other_than_zero(value));
    }
    if value.is_empty() {
        return Ok(false);
    }
    let fault = match value.strip_prefix('-') {
        Some(below) if is_amount(below) && !has_other_than_zero(below) => return Ok(false),
        Some(below) if is_amount(below) => below_zero,
        _ if is_amount(&value.replacen(',', ".", 1)) => Fault::CommaInAmount,
        _ => Fault::NotAnAmount,
    };
    Err(RowFault::new(column, value, fault))
}

/// A count, of which only whether it is zero matters: digits; empty: zero.
pub(crate) fn is_count_above_zero(column: usize, value: &Field<'_>) -> Result<bool, RowFault> {
    let value = value.as_str();
    if is_digits(value) {
        Ok(has_other_than_zero(value))
    } else if value.is_empty() {
        Ok(false)
    } else {
        let below_zero = value.strip_prefix('-').is_some_and(is_digits);
        Err(RowFault::new(column, value, if below_zero { Fault::NegativeCount } else { Fault::NotACount }))
    }
}

/// An amount of money in whole cents, and whether there is a part of a cent beyond them. An amount that is too large for a
/// number counts as the largest.
pub(crate) fn amount(column: usize, value: &Field<'_>) -> Result<(u64, bool), RowFault> {
    if !is_amount_above_zero(column, value, Fault::AmountBelowZero)? {
        return Ok((0, false));
    }
    let value = value.as_str();
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let (cents, beyond) = fraction.split_at(fraction.len().min(2));
    let cents = match cents.len() {
        0 => 0,
        1 => number(cents) * 10,
        _ => number(cents),
    };
    Ok((number(whole).saturating_mul(100).saturating_add(cents), has_other_than_zero(beyond)))
}

/// A count; one that is too large for a number counts as the largest.
pub(crate) fn count(column: usize, value: &Field<'_>) -> Result<u64, RowFault> {
    is_count_above_zero(column, value).map(|_| number(value.as_str()))
}

/// The number that digits are; the largest where they are too many, and zero of none.
fn number(digits: &str) -> u64 {
    let add = |number: u64, digit: u8| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    digits.bytes().fold(0, add)
}

fn is_amount(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    is_digits(whole) && is_digits(fraction)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_other_than_zero(number: &str) -> bool {
    number.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Field<'_> {
        Field::Text(text.into())
    }

    fn owes(value: &Field<'_>) -> Result<bool, RowFault> {
        is_amount_above_zero(2, value, Fault::OwedBelowZero)
    }

    fn fault<T: std::fmt::Debug>(result: Result<T, RowFault>) -> Fault {
        result.unwrap_err().fault.clone()
    }

    #[test]
    fn amounts_are_digits_with_an_optional_point_and_digits() {
        for zero in ["", "0", "0.00", "000", "0.0", "-0.00", "-0"] {
            assert_eq!(owes(&text(zero)), Ok(false), "{zero}");
        }
        for above in ["0.01", "3", "12.5", "99999999999999999999999999.99", "0.000000000000000000000001"] {
            assert_eq!(owes(&text(above)), Ok(true), "{above}");
        }
        for other in ["1,2,3", ".5", "5.", "1.2.3", "+1", "1e3", " 1", "1 ", "€1", "--1", "-", "١"] {
            assert_eq!(fault(owes(&text(other))), Fault::NotAnAmount, "{other}");
        }
        for comma in ["12,50", "1,5"] {
            assert_eq!(fault(owes(&text(comma))), Fault::CommaInAmount, "{comma}");
        }
        for below in ["-1", "-0.01"] {
            assert_eq!(fault(owes(&text(below))), Fault::OwedBelowZero, "{below}");
        }
    }

    #[test]
    fn counts_are_digits_of_any_length() {
        assert_eq!(is_count_above_zero(5, &text("")), Ok(false));
        assert_eq!(is_count_above_zero(5, &text("000")), Ok(false));
        assert_eq!(is_count_above_zero(5, &text("99999999999999999999999999")), Ok(true));
        assert_eq!(fault(is_count_above_zero(5, &text("-2"))), Fault::NegativeCount);
        for other in ["1.0", "two", " 1", "+1"] {
            assert_eq!(fault(is_count_above_zero(5, &text(other))), Fault::NotACount, "{other}");
        }
    }

    #[test]
    fn the_year_0022_was_taken_as_activity() {
        let read = |value| date(3, &text(value)).map_err(|fault| fault.fault.clone());
        for early in ["0022-06-30", "0019-12-31", "0001-01-01", "1899-12-31"] {
            assert_eq!(read(early), Err(Fault::BeforeAnyFact), "{early}");
        }
        assert!(read("1900-01-01").is_ok() && read("1900-01-02").is_ok());
        let day = Field::Day(Day::new(1899, 12, 30).unwrap());
        assert_eq!(date(3, &day).unwrap_err(), RowFault::new(3, "1899-12-30", Fault::BeforeAnyFact));
        assert!(optional_birth_date(1, &text("1822-01-01")).is_ok());
    }

    #[test]
    fn what_looks_like_an_empty_date_is_told_where_a_date_may_be_empty() {
        for empty in ["1900-01-01", "1970-01-01"] {
            assert_eq!(fault(optional_date(4, &text(empty))), Fault::LooksEmpty, "{empty}");
            assert!(date(3, &text(empty)).is_ok(), "the day on which a membership begins stands");
            assert!(optional_birth_date(1, &text(empty)).is_ok());
        }
        assert!(optional_date(4, &text("1970-01-02")).is_ok());
    }

    #[test]
    fn a_long_value_is_cut_in_the_reject() {
        let fault = date(3, &text(&"é".repeat(5000))).unwrap_err();
        assert_eq!(fault.value.chars().count(), 1001);
    }
}
