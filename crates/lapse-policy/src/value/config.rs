//! `config` of a plugin: a table of any content, which is handed to the plugin as JSON.

use std::fmt::Write as _;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Value;
use super::misfit::{Misfit, wrong_type};
use crate::schema::Kind;
use crate::syntax::entries;

/// Reads a table of any content and writes it as JSON, where dates become texts. Gives everything that JSON cannot say.
pub fn config(value: &Spanned<DeValue<'_>>) -> Result<Value, Vec<Misfit>> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err(vec![wrong_type(Kind::Config, value)]);
    };
    let mut json = Json::default();
    json.table(table);
    if json.misfits.is_empty() { Ok(Value::Config(json.text)) } else { Err(json.misfits) }
}

#[derive(Default)]
struct Json {
    text: String,
    misfits: Vec<Misfit>,
}

impl Json {
    fn table(&mut self, table: &DeTable<'_>) {
        self.text.push('{');
        for (index, (key, value)) in entries(table).into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.string(key.get_ref());
            self.text.push(':');
            self.value(value);
        }
        self.text.push('}');
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::String(text) => self.string(text),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => self.text.push_str(&number.to_string()),
                Err(_) => self.misfit("has a number that is too large", "expected a number of 64 bits", value.span()),
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    let _ = write!(self.text, "{number:?}");
                }
                Ok(_) | Err(_) => {
                    self.misfit("has a number that JSON cannot say", "expected a finite number", value.span());
                }
            },
            DeValue::Boolean(truth) => self.text.push_str(if *truth { "true" } else { "false" }),
            DeValue::Datetime(moment) => self.string(&moment.to_string()),
            DeValue::Array(array) => {
                self.text.push('[');
                for (index, element) in array.iter().enumerate() {
                    if index > 0 {
                        self.text.push(',');
                    }
                    self.value(element);
                }
                self.text.push(']');
            }
            DeValue::Table(table) => self.table(table),
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => {
                    self.text.push('\\');
                    self.text.push(character);
                }
                '\u{0}'..='\u{1f}' => {
                    let _ = write!(self.text, "\\u{:04x}", u32::from(character));
                }
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }

    fn misfit(&mut self, problem: &str, label: &str, span: Range<usize>) {
        self.misfits.push(Misfit::new(problem, label, span));
    }
}
