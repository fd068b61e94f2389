//! Why a value does not fit its key: what is wrong, what was expected instead, and what to write.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use crate::schema::Kind;
use crate::suggest::nearest;

/// Why a value does not fit.
#[derive(Debug)]
pub(crate) struct Misfit {
    /// What is wrong, worded to follow the path of the key: "has the wrong type".
    pub problem: String,
    /// What to say under the value.
    pub label: String,
    /// What is underlined: the value or a part of it.
    pub span: Range<usize>,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl Misfit {
    pub fn new(problem: impl Into<String>, label: impl Into<String>, span: Range<usize>) -> Misfit {
        Misfit { problem: problem.into(), label: label.into(), span, help: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Misfit {
        self.help = Some(help.into());
        self
    }
}

pub fn out_of_range(kind: Kind, span: Range<usize>) -> Misfit {
    Misfit::new("is out of range", format!("expected {}", kind.expected()), span)
}

pub fn unknown_word(kind: Kind, word: &str, span: Range<usize>) -> Misfit {
    let words = kind.words();
    let misfit = Misfit::new(format!("does not know `{word}`"), format!("expected {}", kind.expected()), span);
    match nearest(word, words.into_iter()) {
        Some(near) => misfit.help(format!("did you mean `{near}`?")),
        None => misfit,
    }
}

pub fn wrong_type(kind: Kind, value: &Spanned<DeValue<'_>>) -> Misfit {
    let label = format!("expected {}, found {}", kind.expected(), type_name(value.get_ref()));
    Misfit::new("has the wrong type", label, value.span())
}

/// What a value is, worded to stand in a sentence.
pub(crate) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with decimals",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(moment) if moment.date.is_none() => "a time of day",
        DeValue::Datetime(moment) if moment.time.is_some() => "a date with a time",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
