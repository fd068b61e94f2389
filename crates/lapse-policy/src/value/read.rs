//! From what TOML gave to a value: each kind of the schema with what it takes. A value that does not fit says why, where,
//! and what to write instead.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeValue};

use super::misfit::{Misfit, out_of_range, type_name, unknown_word, wrong_type};
use super::{UNSET, Value, code, config, dates, plugin};
use crate::schema::{ACCOUNT_COLUMNS, Counted, Kind};
use crate::{EmptyCell, FactKind, Fee, GroupKind, Holder, Isolation, KeepOf, Removal, Renewal, Scope};

/// Reads a value as a kind of the schema. Fails with every reason why it does not fit.
pub(crate) fn read(kind: Kind, value: &Spanned<DeValue<'_>>) -> Result<Value, Vec<Misfit>> {
    match kind {
        Kind::Sources => texts(kind, value, |texts, span| {
            if texts.is_empty() {
                let label = "expected at least one source";
                return Err(
                    Misfit::new("is empty", label, span).help("without a source every patron would look inactive")
                );
            }
            Ok(())
        }),
        Kind::RestingSources | Kind::Blocks | Kind::AccountColumns => texts(kind, value, |_, _| Ok(())),
        Kind::Grants => plugin::grants(value),
        Kind::Columns => plugin::columns(value),
        Kind::Config => config::config(value),
        Kind::KeepOf => words(kind, value, KeepOf::from_word).map(|mut of| {
            of.sort_unstable();
            Value::KeepOf(of)
        }),
        Kind::Holders if !value.get_ref().is_array() => {
            single(Kind::Holder, value).map(in_list).map_err(|misfit| vec![misfit])
        }
        Kind::Holders => words(kind, value, Holder::from_word).map(Value::Holders),
        Kind::OneOrMore if !value.get_ref().is_array() => {
            single(Kind::Text, value).map(in_list).map_err(|misfit| vec![misfit])
        }
        Kind::OneOrMore | Kind::Names => texts(kind, value, |texts, span| {
            if texts.is_empty() {
                return Err(Misfit::new("is empty", "expected at least one text", span));
            }
            Ok(())
        }),
        _ => single(kind, value).map_err(|misfit| vec![misfit]),
    }
}

/// One value as the list that a key takes as well.
fn in_list(value: Value) -> Value {
    match value {
        Value::Holder(holder) => Value::Holders(vec![holder]),
        Value::Text(text) => Value::Texts(vec![text]),
        other => other,
    }
}

/// A kind that is written as one of some fixed words, with the value of each.
fn word(kind: Kind, word: &str) -> Option<Value> {
    match kind {
        Kind::Holder => Holder::from_word(word).map(Value::Holder),
        Kind::Renewal => Renewal::from_word(word).map(Value::Renewal),
        Kind::Scope => Scope::from_word(word).map(Value::Scope),
        Kind::Isolation => Isolation::from_word(word).map(Value::Isolation),
        Kind::Removal => Removal::from_word(word).map(Value::Removal),
        Kind::FactKind => FactKind::from_word(word).map(Value::FactKind),
        Kind::EmptyCell => EmptyCell::from_word(word).map(Value::EmptyCell),
        Kind::FactTable => kind.words().contains(&word).then(|| Value::Text(word.to_owned())),
        _ => None,
    }
}

const fn is_word(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Holder
            | Kind::Renewal
            | Kind::Scope
            | Kind::Isolation
            | Kind::Removal
            | Kind::FactKind
            | Kind::EmptyCell
            | Kind::FactTable
    )
}

fn single(kind: Kind, value: &Spanned<DeValue<'_>>) -> Result<Value, Misfit> {
    let span = value.span();
    match (kind, value.get_ref()) {
        (kind, DeValue::String(text)) if is_word(kind) => {
            word(kind, text).ok_or_else(|| unknown_word(kind, text, span))
        }
        (Kind::Date | Kind::MonthDay | Kind::MonthDayOrNone, text) if !text.is_array() => dates::read(kind, value),
        (Kind::Text, DeValue::String(text)) => {
            if text.trim().is_empty() {
                return Err(Misfit::new("is empty", "expected some text", span));
            }
            Ok(Value::Text(text.to_string()))
        }
        (Kind::Code, DeValue::String(text)) => match code::bad_code(text) {
            Some(problem) => Err(Misfit::new(problem, format!("expected {}", kind.expected()), span)),
            None => Ok(Value::Text(text.to_string())),
        },
        (Kind::Whole { min, max, .. }, DeValue::Integer(number)) => match whole(number) {
            Some(number) if (min..=max).contains(&number) => Ok(Value::Number(number)),
            Some(_) | None => Err(out_of_range(kind, span)),
        },
        (Kind::GroupKind, DeValue::Integer(number)) => match whole(number) {
            Some(1) => Ok(Value::GroupKind(GroupKind::Cooperates)),
            Some(2) => Ok(Value::GroupKind(GroupKind::SharesRules)),
            Some(3) => Ok(Value::GroupKind(GroupKind::RecognisesMemberships)),
            Some(_) | None => Err(out_of_range(kind, span)),
        },
        (Kind::Fee, DeValue::String(text)) => amount(text).map(Value::Fee).ok_or_else(|| {
            let misfit = Misfit::new("is not an amount in euro", format!("expected {}", kind.expected()), span);
            let comma = text.replacen(',', ".", 1);
            if amount(&comma).is_some() {
                misfit.help(format!("write the decimals after a point: \"{comma}\""))
            } else {
                misfit
            }
        }),
        (Kind::Fee, DeValue::Integer(number)) => u64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .and_then(|euros| euros.checked_mul(100))
            .map(|cents| Value::Fee(Fee { cents }))
            .ok_or_else(|| out_of_range(kind, span)),
        (Kind::Fee, DeValue::Float(number)) => {
            let misfit = wrong_type(kind, value);
            let text = number.as_str();
            Err(if amount(text).is_some() { misfit.help(format!("put it in quotes: \"{text}\"")) } else { misfit })
        }
        (Kind::MonthsOrNone, DeValue::String(word)) if word == UNSET => Ok(Value::Unset),
        (Kind::MonthsOrNone, DeValue::Integer(_)) => {
            single(Kind::Whole { min: 1, max: 1200, of: Counted::Months }, value)
        }
        (Kind::PluginFile, DeValue::String(text)) => plugin::file(text, span),
        (Kind::Sha256, DeValue::String(text)) => plugin::sha256(text, span),
        (Kind::Renewal, DeValue::Integer(number)) => {
            let misfit = wrong_type(kind, value);
            Err(match whole(number) {
                Some(0) => misfit.help(r#"mode 0 is written "automatic""#),
                Some(1) => misfit.help(r#"mode 1 is written "conditional""#),
                Some(_) | None => misfit,
            })
        }
        (Kind::Boolean, DeValue::Boolean(truth)) => Ok(Value::Boolean(*truth)),
        (Kind::Whole { .. } | Kind::MonthsOrNone | Kind::GroupKind | Kind::Boolean, DeValue::String(text)) => {
            let misfit = wrong_type(kind, value);
            let bare = text.trim();
            let fits =
                DeValue::parse(bare).is_ok_and(|inner| !inner.get_ref().is_str() && single(kind, &inner).is_ok());
            Err(if fits { misfit.help(format!("drop the quotes: {bare}")) } else { misfit })
        }
        (_, DeValue::Array(array)) => {
            let misfit = wrong_type(kind, value);
            let fits = array.len() == 1 && single(kind, &array[0]).is_ok();
            Err(if fits { misfit.help("drop the brackets") } else { misfit })
        }
        _ => Err(wrong_type(kind, value)),
    }
}

/// Reads a list of texts. None may be blank or stand there twice, and a kind of block may not hold the `|` that separates
/// kinds in the accounts table.
fn texts(
    kind: Kind,
    value: &Spanned<DeValue<'_>>,
    check: impl Fn(&DeArray<'_>, Range<usize>) -> Result<(), Misfit>,
) -> Result<Value, Vec<Misfit>> {
    let DeValue::Array(array) = value.get_ref() else {
        let misfit = wrong_type(kind, value);
        return Err(vec![match value.get_ref() {
            DeValue::String(text) => misfit.help(format!("put it in brackets: [{text:?}]")),
            _ => misfit,
        }]);
    };
    let checked = check(array, value.span());
    let texts = each_text(array, |text, span| {
        if kind == Kind::Blocks && text.contains('|') {
            let label = "`|` separates kinds in the accounts table, so no kind can hold it";
            return Err(Misfit::new("has a kind with `|`", label, span).help("write two kinds as two texts"));
        }
        if kind == Kind::AccountColumns && !ACCOUNT_COLUMNS.contains(&text) {
            return Err(unknown_word(kind, text, span));
        }
        Ok(())
    });
    match (checked, texts) {
        (Ok(()), texts) => texts.map(Value::Texts),
        (Err(misfit), texts) => Err(std::iter::once(misfit).chain(texts.err().into_iter().flatten()).collect()),
    }
}

/// Reads a list of fixed words, at least one and none twice.
fn words<T: PartialEq>(
    kind: Kind,
    value: &Spanned<DeValue<'_>>,
    from_word: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Vec<Misfit>> {
    let array = match value.get_ref() {
        DeValue::Array(array) => array,
        DeValue::String(text) => {
            return Err(vec![wrong_type(kind, value).help(format!("put it in brackets: [{text:?}]"))]);
        }
        _ => return Err(vec![wrong_type(kind, value)]),
    };
    if array.is_empty() {
        return Err(vec![Misfit::new("is empty", format!("expected {}", kind.expected()), value.span())]);
    }
    let texts = each_text(array, |text, span| match from_word(text) {
        Some(_) => Ok(()),
        None => Err(unknown_word(kind, text, span)),
    })?;
    Ok(texts.iter().filter_map(|text| from_word(text)).collect())
}

/// The texts of a list, none blank or twice, each after a `check` of its own.
pub(super) fn each_text(
    array: &DeArray<'_>,
    check: impl Fn(&str, Range<usize>) -> Result<(), Misfit>,
) -> Result<Vec<String>, Vec<Misfit>> {
    let mut misfits = Vec::new();
    let mut texts: Vec<String> = Vec::with_capacity(array.len());
    for element in array {
        let span = element.span();
        match element.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                misfits.push(Misfit::new("has an empty text", "expected a name", span));
            }
            DeValue::String(text) if texts.iter().any(|other| other == text.as_ref()) => {
                misfits.push(Misfit::new(format!("names `{text}` twice"), "the second time", span));
            }
            DeValue::String(text) => match check(text, span) {
                Ok(()) => texts.push(text.to_string()),
                Err(misfit) => misfits.push(misfit),
            },
            other => {
                let label = format!("expected a text in quotes, found {}", type_name(other));
                misfits.push(Misfit::new("has the wrong type", label, span));
            }
        }
    }
    if misfits.is_empty() { Ok(texts) } else { Err(misfits) }
}

/// Reads an amount in euro with at most two decimals after a point.
pub(super) fn amount(text: &str) -> Option<Fee> {
    let (euros, decimals) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(euros) || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let cents: u64 = decimals.parse().ok()?;
    let cents = if decimals.len() == 1 { cents * 10 } else { cents };
    let cents = euros.parse::<u64>().ok()?.checked_mul(100)?.checked_add(cents)?;
    Some(Fee { cents })
}

pub(super) fn whole(number: &DeInteger<'_>) -> Option<u32> {
    u32::from_str_radix(number.as_str(), number.radix()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Day;
    use crate::schema::KEYS;

    fn reads(kind: Kind, text: &str) -> Result<Value, String> {
        let value = DeValue::parse(text).expect(text);
        read(kind, &value).map_err(|misfits| {
            let told: Vec<_> = misfits.into_iter().map(|misfit| misfit.help.unwrap_or(misfit.problem)).collect();
            told.join("; ")
        })
    }

    fn cents(text: &str) -> Option<u64> {
        match reads(Kind::Fee, text) {
            Ok(Value::Fee(fee)) => Some(fee.cents),
            _ => None,
        }
    }

    #[test]
    fn every_default_fits_its_key() {
        for spec in KEYS {
            if let Some(default) = spec.default {
                assert!(reads(spec.kind, default).is_ok(), "{} = {default}", spec.name);
            }
        }
    }

    #[test]
    fn a_fee_has_at_most_two_decimals() {
        assert_eq!(cents(r#""5.00""#), Some(500));
        assert_eq!(cents(r#""5.5""#), Some(550));
        assert_eq!(cents(r#""0.01""#), Some(1));
        assert_eq!(cents(r#""5""#), Some(500));
        assert_eq!(cents("5"), Some(500));
        for text in [
            r#""5.001""#,
            r#""5.""#,
            r#"".5""#,
            r#""-1""#,
            r#""+1""#,
            r#""""#,
            "-1",
            "5.0",
            r#""99999999999999999999""#,
        ] {
            assert_eq!(cents(text), None, "{text}");
        }
        assert_eq!(cents("184467440737095516"), Some(18_446_744_073_709_551_600));
        assert_eq!(cents("184467440737095517"), None);
        assert_eq!(cents("99999999999999999999999999"), None);
    }

    #[test]
    fn a_fee_in_another_notation_is_told_how_to_write_it() {
        assert_eq!(reads(Kind::Fee, r#""5,00""#), Err("write the decimals after a point: \"5.00\"".to_owned()));
        assert_eq!(reads(Kind::Fee, "5.00"), Err("put it in quotes: \"5.00\"".to_owned()));
    }

    #[test]
    fn both_bounds_of_a_number_are_allowed() {
        let months = Kind::Whole { min: 1, max: 1200, of: Counted::Months };
        assert_eq!(reads(months, "1"), Ok(Value::Number(1)));
        assert_eq!(reads(months, "1_200"), Ok(Value::Number(1200)));
        assert_eq!(reads(months, "0x10"), Ok(Value::Number(16)));
        for text in ["0", "1201", "-1", "99999999999999999999999999"] {
            assert_eq!(reads(months, text), Err("is out of range".to_owned()), "{text}");
        }
        assert_eq!(reads(months, r#""12""#), Err("drop the quotes: 12".to_owned()));
        assert_eq!(reads(months, "12.0"), Err("has the wrong type".to_owned()));
    }

    #[test]
    fn a_date_is_a_calendar_day_without_quotes_and_without_time() {
        assert_eq!(reads(Kind::Date, "2022-07-01"), Ok(Value::Date(Day::new(2022, 7, 1).unwrap())));
        assert_eq!(reads(Kind::Date, r#""2022-07-01""#), Err("drop the quotes: 2022-07-01".to_owned()));
        assert_eq!(reads(Kind::Date, r#""soon""#), Err("has the wrong type".to_owned()));
        assert_eq!(reads(Kind::Date, "0000-01-01"), Err("is no date of the calendar".to_owned()));
        let two_digits = "its year seems to have two digits, did you mean 2021-07-01?";
        assert_eq!(reads(Kind::Date, "0021-07-01"), Err(two_digits.to_owned()));
        assert_eq!(reads(Kind::Date, "1899-12-31"), Err("check its year".to_owned()));
        for text in ["2022-07-01T00:00:00", "2022-07-01T00:00:00Z", "07:32:00"] {
            let help = "leave the time out: a policy changes at the start of a day";
            assert_eq!(reads(Kind::Date, text), Err(help.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_word_is_spelt_exactly() {
        assert_eq!(reads(Kind::Holder, r#""person""#), Ok(Value::Holder(Holder::Person)));
        assert_eq!(reads(Kind::Holder, r#""Persn""#), Err("did you mean `person`?".to_owned()));
        assert_eq!(reads(Kind::Renewal, r#""xyz""#), Err("does not know `xyz`".to_owned()));
        assert_eq!(reads(Kind::Renewal, "1"), Err("mode 1 is written \"conditional\"".to_owned()));
    }

    #[test]
    fn a_list_may_not_repeat_itself_and_sources_may_not_be_empty() {
        assert_eq!(reads(Kind::Blocks, "[]"), Ok(Value::Texts(Vec::new())));
        assert!(reads(Kind::Sources, "[]").is_err());
        assert_eq!(reads(Kind::Sources, r#"["wise", "wise"]"#), Err("names `wise` twice".to_owned()));
        assert_eq!(reads(Kind::Blocks, r#"["a|b", " ", 3]"#).map_err(|told| told.split("; ").count()), Err(3));
        assert_eq!(reads(Kind::Sources, r#""wise""#), Err("put it in brackets: [\"wise\"]".to_owned()));
    }
}
