//! Days: those of the calendar, without quotes, and those of every year, as texts.

use toml::Spanned;
use toml::de::DeValue;

use super::misfit::{Misfit, wrong_type};
use super::{UNSET, Value};
use crate::schema::Kind;
use crate::{Day, MonthDay};

/// Reads a day as a kind of the schema.
pub(super) fn read(kind: Kind, value: &Spanned<DeValue<'_>>) -> Result<Value, Misfit> {
    let span = value.span();
    match (kind, value.get_ref()) {
        (Kind::MonthDayOrNone, DeValue::String(word)) if word == UNSET => Ok(Value::Unset),
        (Kind::MonthDay | Kind::MonthDayOrNone, DeValue::String(text)) => {
            MonthDay::parse(text).map(Value::MonthDay).ok_or_else(|| {
                let misfit = Misfit::new("is no day of every year", format!("expected {}", kind.expected()), span);
                if text == "02-29" {
                    misfit.help("29 February is not in every year: write 02-28 or 03-01")
                } else {
                    misfit
                }
            })
        }
        (Kind::MonthDay | Kind::MonthDayOrNone, DeValue::Datetime(moment)) if moment.time.is_none() => {
            let misfit = wrong_type(kind, value);
            Err(match moment.date {
                Some(date) => {
                    misfit.help(format!("leave the year out, in quotes: \"{:02}-{:02}\"", date.month, date.day))
                }
                None => misfit,
            })
        }
        (Kind::Date, DeValue::Datetime(moment)) => {
            if moment.time.is_some() || moment.offset.is_some() {
                return Err(wrong_type(kind, value).help("leave the time out: a policy changes at the start of a day"));
            }
            let day = moment.date.and_then(|date| Day::new(date.year.into(), date.month.into(), date.day.into()));
            let expected = format!("expected {} to {}", Day::FIRST_FACT, Day::MAX);
            match day.map(Day::since_1900) {
                Some(Ok(day)) => Ok(Value::Date(day)),
                Some(Err(early)) => Err(Misfit::new("is a date before 1900", expected, span).help(early.slip())),
                None => Err(Misfit::new("is no date of the calendar", expected, span)),
            }
        }
        (Kind::Date, DeValue::String(text)) => {
            let misfit = wrong_type(kind, value);
            Err(match Day::parse(text.as_bytes()).and_then(|day| day.since_1900().ok()) {
                Some(day) => misfit.help(format!("drop the quotes: {day}")),
                None => misfit,
            })
        }
        _ => Err(wrong_type(kind, value)),
    }
}
