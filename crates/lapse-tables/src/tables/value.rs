//! The kinds of value that columns hold, and what makes one unusable.
//! Values are taken as they are, untrimmed.

use lapse_policy::Day;

use crate::reject::{Fault, RowFault};
use crate::source::Field;

/// A date that may be empty.
pub(crate) fn optional_date(column: usize, value: &Field<'_>) -> Result<Option<Day>, RowFault> {
    match value {
        Field::Text(text) if text.is_empty() => Ok(None),
        value => date(column, value).map(Some),
    }
}

/// A date that must be there.
#[inline]
pub(crate) fn date(column: usize, value: &Field<'_>) -> Result<Day, RowFault> {
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
pub(crate) fn is_amount_above_zero(column: usize, value: &Field<'_>) -> Result<bool, RowFault> {
    let value = value.as_str();
    if is_amount(value) {
        Ok(has_other_than_zero(value))
    } else if value.is_empty() {
        Ok(false)
    } else {
        let below_zero = value.strip_prefix('-').is_some_and(is_amount);
        Err(RowFault::new(column, value, if below_zero { Fault::NegativeAmount } else { Fault::NotAnAmount }))
    }
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

    fn fault<T: std::fmt::Debug>(result: Result<T, RowFault>) -> Fault {
        result.unwrap_err().fault
    }

    #[test]
    fn amounts_are_digits_with_an_optional_point_and_digits() {
        for zero in ["", "0", "0.00", "000", "0.0"] {
            assert_eq!(is_amount_above_zero(2, &text(zero)), Ok(false), "{zero}");
        }
        for above in ["0.01", "3", "12.5", "99999999999999999999999999.99", "0.000000000000000000000001"] {
            assert_eq!(is_amount_above_zero(2, &text(above)), Ok(true), "{above}");
        }
        for other in ["1,5", ".5", "5.", "1.2.3", "+1", "1e3", " 1", "1 ", "€1", "--1", "-", "١"] {
            assert_eq!(fault(is_amount_above_zero(2, &text(other))), Fault::NotAnAmount, "{other}");
        }
        for below in ["-1", "-0.01", "-0"] {
            assert_eq!(fault(is_amount_above_zero(2, &text(below))), Fault::NegativeAmount, "{below}");
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
    fn a_long_value_is_cut_in_the_reject() {
        let fault = date(3, &text(&"é".repeat(5000))).unwrap_err();
        assert_eq!(fault.value.chars().count(), 1001);
    }
}
