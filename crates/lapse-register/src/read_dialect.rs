//! The keys of a register that say how files are written. They stand under `[files]` for all files, and may stand below a
//! table for one that is written otherwise.

use lapse_policy::Mistake;
use toml::Spanned;
use toml::de::DeValue;

use crate::dialect::{DELIMITERS, Dialect, Encoding};
use crate::form::DateForm;
use crate::read_value::{entries, text_of, texts};

/// What may be said of how files are written.
pub(crate) const DIALECT_KEYS: [&str; 6] = ["delimiter", "encoding", "dates", "decimals", "booleans", "empty"];

pub(crate) fn is_dialect_key(key: &str) -> bool {
    DIALECT_KEYS.contains(&key)
}

/// Reads the value of one of these keys.
pub(crate) fn read_key(key: &str, value: &Spanned<DeValue<'_>>, dialect: &mut Dialect, mistakes: &mut Vec<Mistake>) {
    let text = text_of(value);
    let text = text.as_deref();
    let fits = match key {
        "delimiter" => match text {
            Some(sign) if DELIMITERS.contains(&sign) => {
                dialect.delimiter = sign.bytes().next();
                true
            }
            _ => false,
        },
        "encoding" => text.and_then(Encoding::named).map(|encoding| dialect.encoding = encoding).is_some(),
        "dates" => text.and_then(DateForm::named).map(|form| dialect.dates = form).is_some(),
        "decimals" => match text {
            Some(sign @ ("," | ".")) => {
                dialect.decimal_comma = sign == ",";
                true
            }
            _ => false,
        },
        "booleans" => booleans(value, dialect),
        "empty" => {
            texts(value).map(|found| dialect.empty = found.into_iter().map(|(text, _)| text).collect()).is_some()
        }
        _ => true,
    };
    if !fits {
        mistakes.push(misfit(key, text, value));
    }
}

fn booleans(value: &Spanned<DeValue<'_>>, dialect: &mut Dialect) -> bool {
    let DeValue::Table(table) = value.get_ref() else { return false };
    entries(table).into_iter().all(|(key, value)| {
        let at = match key.get_ref().as_ref() {
            "true" => 0,
            "false" => 1,
            _ => return false,
        };
        texts(value).map(|found| dialect.booleans[at] = found.into_iter().map(|(text, _)| text).collect()).is_some()
    })
}

/// A value that its key cannot have, with those that it can.
fn misfit(key: &str, text: Option<&str>, value: &Spanned<DeValue<'_>>) -> Mistake {
    let mistake = |label: &str| Mistake::new(format!("`{key}` has no such value"), value.span(), label);
    let word = text.unwrap_or_default();
    match key {
        "delimiter" => mistake("expected one sign").help("one of \",\" \";\" \"\\t\" \"|\""),
        "encoding" => mistake("not an encoding that is read").nearest(word, Encoding::ALL.iter().map(|one| one.name())),
        "dates" => mistake("not a form of days that is read").nearest(word, DateForm::ALL.iter().map(|one| one.name())),
        "decimals" => mistake("expected the sign before a fraction").help("one of \".\" \",\""),
        "booleans" => mistake("expected { true = [\"J\"], false = [\"N\"] }"),
        _ => mistake("expected a list of texts: [\"NULL\"]"),
    }
}
