//! The test of a fact, in `when` and `unless` of a keep or an end: what it can say depends on what the fact is (policy.md,
//! "Facts, keeps, ends").

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

use super::misfit::{Misfit, type_name};
use super::read::{amount, each_text, whole};
use super::{UNSET, Value};
use crate::facts::{Facts, Testable};
use crate::schema::any_of;
use crate::suggest::nearest;
use crate::syntax::entries;
use crate::words::{BuiltInFact, Round};
use crate::{DateTest, NumberTest, Test, TestedFact};

/// The greatest count, and the greatest amount in euro, that a test can name.
const MOST: u64 = 999_999_999;
const MOST_MONTHS: u32 = 1200;
const MOST_DAYS: u32 = 36_500;
const MOST_YEARS: u32 = 150;

/// Every word that a test can have, in the order of policy.md.
pub const CONDITIONS: [&str; 10] = [
    "over",
    "at_least",
    "under",
    "at_most",
    "within_months",
    "within_days",
    "past_months",
    "past_days",
    "round",
    "after",
];

const BOUNDS: [&str; 4] = ["over", "at_least", "under", "at_most"];
const AGE_BOUNDS: [&str; 2] = ["at_least", "under"];
const TERMS: [&str; 4] = ["within_months", "within_days", "past_months", "past_days"];
const OF_DATE: [&str; 6] = ["within_months", "within_days", "past_months", "past_days", "round", "after"];

/// Reads the test of a fact. Fails with every reason why it does not fit what the fact is.
pub(crate) fn test(
    fact: TestedFact,
    testable: Testable,
    facts: &Facts,
    value: &Spanned<DeValue<'_>>,
) -> Result<Value, Vec<Misfit>> {
    if matches!(value.get_ref(), DeValue::String(text) if text == UNSET) {
        return Ok(Value::Unset);
    }
    let test = match (testable, value.get_ref()) {
        (Testable::Flag | Testable::Date, DeValue::Boolean(there)) => Test::Is(*there),
        (Testable::Count | Testable::Amount, DeValue::Table(table)) => number_test(testable, table, &value.span())?,
        (Testable::Age, DeValue::Table(table)) => age_test(table, &value.span())?,
        (Testable::Date, DeValue::Table(table)) => date_test(fact, facts, table, &value.span())?,
        (Testable::Code, DeValue::Array(array)) => Test::AnyOf(kinds(array, value.span())?),
        (Testable::RunMonth, DeValue::Array(array)) => Test::Months(months(array, value.span())?),
        _ => return Err(vec![unfit(testable, value)]),
    };
    Ok(Value::Test(test))
}

/// What a test of a fact looks like, to follow "expected".
fn expected(testable: Testable) -> &'static str {
    match testable {
        Testable::Flag => "true or false",
        Testable::Count => "bounds such as { at_least = 1 }",
        Testable::Amount => r#"bounds such as { at_least = "20.00" }"#,
        Testable::Date => "conditions such as { past_months = 24 }, or true or false",
        Testable::Code => r#"a list of codes such as ["staff"]"#,
        Testable::Age => "bounds such as { at_least = 18 }",
        Testable::RunMonth => "a list of months, 1 to 12, such as [7, 8]",
    }
}

/// A test that does not fit what the fact is.
fn unfit(testable: Testable, value: &Spanned<DeValue<'_>>) -> Misfit {
    let found = type_name(value.get_ref());
    let misfit =
        Misfit::new("has the wrong type", format!("expected {}, found {found}", expected(testable)), value.span());
    match (testable, value.get_ref()) {
        (Testable::Code, DeValue::String(text)) => misfit.help(format!("put it in brackets: [{text:?}]")),
        (Testable::RunMonth, DeValue::Integer(number)) => {
            misfit.help(format!("put it in brackets: [{}]", number.as_str()))
        }
        (Testable::Count | Testable::Amount | Testable::Age, DeValue::Integer(number)) => {
            misfit.help(format!("say which bound it is: {{ at_least = {} }}", number.as_str()))
        }
        (Testable::Count | Testable::Amount, DeValue::Boolean(true)) => {
            misfit.help("for any at all write { over = 0 }")
        }
        (Testable::Count | Testable::Amount, DeValue::Boolean(false)) => misfit.help("for none write { at_most = 0 }"),
        (Testable::Flag, DeValue::String(text)) if matches!(&**text, "true" | "false") => {
            misfit.help(format!("drop the quotes: {text}"))
        }
        _ => misfit,
    }
}

/// The conditions of a test, each read by `read`, which is given its place and its value.
fn conditions(
    table: &DeTable<'_>,
    span: &Range<usize>,
    names: &[&str],
    mut read: impl FnMut(&str, &Spanned<DeValue<'_>>) -> Result<(), Misfit>,
) -> Result<(), Vec<Misfit>> {
    let mut misfits = Vec::new();
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if table.is_empty() {
        misfits.push(Misfit::new("is empty", format!("expected {}", any_of(&quoted)), span.clone()));
    }
    for (key, value) in entries(table) {
        let name: &str = key.get_ref();
        if !names.contains(&name) {
            let misfit =
                Misfit::new(format!("does not know `{name}`"), format!("expected {}", any_of(&quoted)), key.span());
            misfits.push(match nearest(name, names.iter().copied()) {
                Some(near) => misfit.help(format!("did you mean `{near}`?")),
                None => misfit,
            });
            continue;
        }
        misfits.extend(read(name, value).err());
    }
    if misfits.is_empty() { Ok(()) } else { Err(misfits) }
}

fn number_test(testable: Testable, table: &DeTable<'_>, span: &Range<usize>) -> Result<Test, Vec<Misfit>> {
    let mut test = NumberTest::default();
    conditions(table, span, &BOUNDS, |name, value| {
        let bound = if testable == Testable::Amount { cents(name, value)? } else { count(name, value)? };
        let place = match name {
            "over" => &mut test.over,
            "at_least" => &mut test.at_least,
            "under" => &mut test.under,
            _ => &mut test.at_most,
        };
        *place = Some(bound);
        Ok(())
    })?;
    // Nothing is less than 0, but one bound alone excludes no other.
    let is_one = [test.over, test.at_least, test.under, test.at_most].into_iter().flatten().count() == 1;
    if !is_one && test.range(testable == Testable::Amount).is_empty() {
        return Err(vec![excluded(span)]);
    }
    Ok(Test::Number(test))
}

fn age_test(table: &DeTable<'_>, span: &Range<usize>) -> Result<Test, Vec<Misfit>> {
    let (mut at_least, mut under) = (None, None);
    conditions(table, span, &AGE_BOUNDS, |name, value| {
        let years = number(name, value, 0, MOST_YEARS, "a whole number of years")?;
        *(if name == "under" { &mut under } else { &mut at_least }) = Some(years);
        Ok(())
    })?;
    if under.zip(at_least).is_some_and(|(under, at_least)| at_least >= under) {
        return Err(vec![excluded(span)]);
    }
    Ok(Test::Age { at_least, under })
}

fn date_test(fact: TestedFact, facts: &Facts, table: &DeTable<'_>, span: &Range<usize>) -> Result<Test, Vec<Misfit>> {
    let mut test = DateTest::default();
    conditions(table, span, &OF_DATE, |name, value| {
        match name {
            "round" => test.round = Some(round(value)?),
            "after" => test.after = after(fact, facts, value)?,
            term => {
                let days = term.ends_with("days");
                let (most, of) = if days {
                    (MOST_DAYS, "a whole number of days")
                } else {
                    (MOST_MONTHS, "a whole number of months")
                };
                let number = number(term, value, 0, most, of)?;
                let place = match term {
                    "within_months" => &mut test.within_months,
                    "within_days" => &mut test.within_days,
                    "past_months" => &mut test.past_months,
                    _ => &mut test.past_days,
                };
                *place = Some(number);
            }
        }
        Ok(())
    })?;
    let has_term = TERMS.iter().any(|&term| table.contains_key(term));
    if test.round.is_some() && !has_term {
        let terms: Vec<_> = TERMS.iter().map(|name| format!("`{name}`")).collect();
        let span = table.get_key_value("round").map_or(span.clone(), |(key, _)| key.span());
        return Err(vec![Misfit::new(
            "has `round` without a term",
            format!("expected {} beside it", any_of(&terms)),
            span,
        )]);
    }
    if terms_exclude(&test) {
        return Err(vec![excluded(span)]);
    }
    Ok(Test::Date(test))
}

/// Whether a date can pass no day on which both its `past` and its `within` hold. Terms of days and of months are compared by
/// the fewest and the most days that months can have, so that what might hold is not excluded.
fn terms_exclude(test: &DateTest) -> bool {
    let fewest = |months: u32| months / 12 * 365 + months % 12 * 28;
    let most = |months: u32| months / 12 * 366 + months % 12 * 31;
    let not_longer =
        |within: Option<u32>, past: Option<u32>| within.zip(past).is_some_and(|(within, past)| within <= past);
    not_longer(test.within_months, test.past_months)
        || not_longer(test.within_days, test.past_days)
        || not_longer(test.within_days, test.past_months.map(fewest))
        || not_longer(test.within_months.map(most), test.past_days)
}

fn excluded(span: &Range<usize>) -> Misfit {
    Misfit::new("can never hold", "these conditions exclude each other", span.clone())
        .help("all conditions of one test must hold together; two keeps are for either of two")
}

fn round(value: &Spanned<DeValue<'_>>) -> Result<Round, Misfit> {
    let words: Vec<_> = Round::ALL.iter().map(|word| format!("{:?}", word.as_str())).collect();
    let expected = any_of(&words);
    match value.get_ref() {
        DeValue::String(word) => Round::from_word(word).ok_or_else(|| {
            let misfit = Misfit::new(format!("does not know `{word}`"), format!("expected {expected}"), value.span());
            match nearest(word, Round::ALL.iter().map(|word| word.as_str())) {
                Some(near) => misfit.help(format!("did you mean `{near}`?")),
                None => misfit,
            }
        }),
        other => Err(wrong("round", &expected, other, value.span())),
    }
}

/// The fact that `after` names; none where its kind could not be read, which is told where it is declared.
fn after(fact: TestedFact, facts: &Facts, value: &Spanned<DeValue<'_>>) -> Result<Option<TestedFact>, Misfit> {
    let DeValue::String(name) = value.get_ref() else {
        return Err(wrong("after", "the name of a fact that is a date", value.get_ref(), value.span()));
    };
    let Some(other) = facts.tested(name) else {
        return if facts.unsure { Ok(None) } else { Err(unknown_fact(name, facts, true, value.span())) };
    };
    if other == fact {
        let misfit = Misfit::new("compares a date with itself", "no date is later than itself", value.span());
        return Err(misfit.help("name another fact that is a date"));
    }
    match facts.testable(other) {
        Some(Testable::Date) => Ok(Some(other)),
        Some(_) => Err(Misfit::new(
            format!("has `after` a fact that is no date, `{name}`"),
            "expected the name of a date",
            value.span(),
        )),
        None => Ok(None),
    }
}

/// A name that no fact has, worded to follow the path of a key.
pub(crate) fn unknown_fact(name: &str, facts: &Facts, only_dates: bool, span: Range<usize>) -> Misfit {
    let is_wanted = |name: &&str| {
        let testable = facts.tested(name).and_then(|fact| facts.testable(fact));
        !only_dates || testable == Some(Testable::Date)
    };
    let misfit = Misfit::new(format!("does not know the fact `{name}`"), "no fact has this name", span);
    // Nobody guesses what the month is called, and no letter of the beginning is the same.
    let is_month = !only_dates && matches!(&*name.to_lowercase(), "month" | "months");
    let of_run = is_month.then_some(BuiltInFact::RunMonth.as_str());
    match nearest(name, facts.names().filter(is_wanted)).or(of_run) {
        Some(near) => misfit.help(format!("did you mean `{near}`?")),
        None => misfit.help(format!("declare it as `[facts.{name}]` in consortium.toml, or name one that is there")),
    }
}

fn wrong(name: &str, expected: &str, found: &DeValue<'_>, span: Range<usize>) -> Misfit {
    let label = format!("expected {expected}, found {}", type_name(found));
    Misfit::new(format!("has `{name}` of the wrong type"), label, span)
}

fn out_of_range(name: &str, expected: &str, span: Range<usize>) -> Misfit {
    Misfit::new(format!("has `{name}` out of range"), format!("expected {expected}"), span)
}

fn number(name: &str, value: &Spanned<DeValue<'_>>, min: u32, max: u32, of: &str) -> Result<u32, Misfit> {
    let expected = format!("{of}, {min} to {max}");
    match value.get_ref() {
        DeValue::Integer(number) => match whole(number) {
            Some(number) if (min..=max).contains(&number) => Ok(number),
            Some(_) | None => Err(out_of_range(name, &expected, value.span())),
        },
        other => Err(drop_quotes(wrong(name, &expected, other, value.span()), other)),
    }
}

fn count(name: &str, value: &Spanned<DeValue<'_>>) -> Result<u64, Misfit> {
    let expected = format!("a whole number, 0 to {MOST}");
    match value.get_ref() {
        DeValue::Integer(number) => {
            large(number).filter(|&number| number <= MOST).ok_or_else(|| out_of_range(name, &expected, value.span()))
        }
        other => Err(drop_quotes(wrong(name, &expected, other, value.span()), other)),
    }
}

fn cents(name: &str, value: &Spanned<DeValue<'_>>) -> Result<u64, Misfit> {
    let expected = format!(r#"an amount in euro such as "20.00" or 20, at most {MOST}"#);
    let span = value.span();
    let cents = match value.get_ref() {
        DeValue::Integer(number) => large(number).and_then(|euros| euros.checked_mul(100)),
        DeValue::String(text) => {
            let Some(fee) = amount(text) else {
                let problem = format!("has `{name}` that is not an amount in euro");
                let misfit = Misfit::new(problem, format!("expected {expected}"), span);
                let comma = text.replacen(',', ".", 1);
                return Err(match amount(&comma) {
                    Some(_) => misfit.help(format!("write the decimals after a point: \"{comma}\"")),
                    None => misfit,
                });
            };
            Some(fee.cents)
        }
        other => {
            let misfit = wrong(name, &expected, other, span);
            return Err(match other {
                DeValue::Float(number) if amount(number.as_str()).is_some() => {
                    misfit.help(format!("put it in quotes: \"{}\"", number.as_str()))
                }
                _ => misfit,
            });
        }
    };
    cents.filter(|&cents| cents <= MOST * 100).ok_or_else(|| out_of_range(name, &expected, span))
}

fn large(number: &DeInteger<'_>) -> Option<u64> {
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn drop_quotes(misfit: Misfit, found: &DeValue<'_>) -> Misfit {
    match found {
        DeValue::String(text) if text.trim().parse::<u64>().is_ok() => {
            misfit.help(format!("drop the quotes: {}", text.trim()))
        }
        _ => misfit,
    }
}

/// The codes of a list, at least one and none twice.
fn kinds(array: &DeArray<'_>, span: Range<usize>) -> Result<Vec<String>, Vec<Misfit>> {
    if array.is_empty() {
        return Err(vec![Misfit::new("is empty", "expected at least one code", span)]);
    }
    each_text(array, |text, span| {
        if text.contains('|') {
            let label = "`|` separates codes in the tables, so no code can hold it";
            return Err(Misfit::new("has a code with `|`", label, span).help("write two codes as two texts"));
        }
        Ok(())
    })
}

/// The months of a list, at least one and none twice.
fn months(array: &DeArray<'_>, span: Range<usize>) -> Result<Vec<u32>, Vec<Misfit>> {
    let mut misfits = Vec::new();
    let mut months: Vec<u32> = Vec::with_capacity(array.len());
    if array.is_empty() {
        misfits.push(Misfit::new("is empty", "expected at least one month, 1 to 12", span));
    }
    for element in array {
        let span = element.span();
        match element.get_ref() {
            DeValue::Integer(number) => match whole(number) {
                Some(month) if !(1..=12).contains(&month) => {
                    misfits.push(Misfit::new("has a month out of range", "expected 1 to 12", span));
                }
                Some(month) if months.contains(&month) => {
                    misfits.push(Misfit::new(format!("names {month} twice"), "the second time", span));
                }
                Some(month) => months.push(month),
                None => misfits.push(Misfit::new("has a month out of range", "expected 1 to 12", span)),
            },
            other => {
                let label = format!("expected a month, 1 to 12, found {}", type_name(other));
                misfits.push(Misfit::new("has the wrong type", label, span));
            }
        }
    }
    if misfits.is_empty() { Ok(months) } else { Err(misfits) }
}
