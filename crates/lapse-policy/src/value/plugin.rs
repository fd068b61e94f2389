//! The values of `[plugins.NAME]` that no other table has: the plugin's name and file, its pin, its grants and columns.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::Value;
use super::misfit::{Misfit, type_name, wrong_type};
use crate::schema::Kind;
use crate::suggest::nearest;
use crate::{Grant, PluginColumn, PluginTable};

/// Why a plugin, fact, keep or end cannot have this name; none where it can.
pub(crate) fn bad_name(name: &str) -> Option<&'static str> {
    let words = name
        .split(['-', '_'])
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    (!words).then_some("has other characters than small letters and digits with single `-` or `_` between")
}

/// Reads the name or path of a plugin's file, which may not lead out of the plugin directories.
pub fn file(text: &str, span: Range<usize>) -> Result<Value, Misfit> {
    if text.trim().is_empty() || text.ends_with(['/', '\\']) || text.contains('\0') {
        return Err(Misfit::new("names no file", format!("expected {}", Kind::PluginFile.expected()), span));
    }
    if text.split(['/', '\\']).any(|part| part == "..") {
        return Err(Misfit::new("leads out of the plugin directories", "`..` is not allowed here", span)
            .help("put the file into the folder `plugins` of the policy directory, or say --plugin-dir"));
    }
    Ok(Value::Text(text.to_owned()))
}

/// Reads a pin: the SHA-256 of the plugin's file.
pub fn sha256(text: &str, span: Range<usize>) -> Result<Value, Misfit> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Value::Text(text.to_ascii_lowercase()));
    }
    Err(Misfit::new("is no SHA-256", format!("expected {}", Kind::Sha256.expected()), span)
        .help("remove the line, and `lapse check` shows the one to paste"))
}

/// Reads a list of grants, with at least one and none twice.
pub fn grants(value: &Spanned<DeValue<'_>>) -> Result<Value, Vec<Misfit>> {
    let array = list(Kind::Grants, value)?;
    if array.is_empty() {
        let misfit = Misfit::new("is empty", format!("expected {}", Kind::Grants.expected()), value.span());
        return Err(vec![misfit.help("a plugin without grants can decide nothing: grant something, or remove it")]);
    }
    let grants = each_once(Kind::Grants, array, |text, span| {
        Grant::from_word(text).ok_or_else(|| {
            let misfit = Misfit::new(format!("does not know `{text}`"), "no such grant", span);
            match nearest(text, Grant::ALL.iter().map(|grant| grant.as_str())) {
                Some(near) => misfit.help(format!("did you mean `{near}`?")),
                None => misfit.help(format!("expected {}", Kind::Grants.expected())),
            }
        })
    })?;
    Ok(Value::Grants(grants))
}

/// Reads a list of columns, with none twice.
pub fn columns(value: &Spanned<DeValue<'_>>) -> Result<Value, Vec<Misfit>> {
    let array = list(Kind::Columns, value)?;
    let columns = each_once(Kind::Columns, array, |text, span| {
        let column = text.split_once('.').filter(|(_, name)| !name.trim().is_empty());
        let Some((table, name)) = column else {
            let label = "expected a table and a column with a point between, such as \"patrons.deceased_on\"";
            return Err(Misfit::new(format!("has `{text}`, which is no column"), label, span));
        };
        if let Some(table) = PluginTable::from_word(table) {
            return Ok(PluginColumn { table, name: name.to_owned() });
        }
        let misfit = Misfit::new(format!("does not know the table `{table}`"), "no such table", span);
        Err(match nearest(table, PluginTable::ALL.iter().map(|table| table.as_str())) {
            Some(near) => misfit.help(format!("did you mean `{near}`?")),
            None => misfit.help("plugins get columns of `patrons`, `memberships` and `accounts`"),
        })
    })?;
    Ok(Value::Columns(columns))
}

fn list<'v, 'i>(kind: Kind, value: &'v Spanned<DeValue<'i>>) -> Result<&'v DeArray<'i>, Vec<Misfit>> {
    match value.get_ref() {
        DeValue::Array(array) => Ok(array),
        DeValue::String(text) => Err(vec![wrong_type(kind, value).help(format!("put it in brackets: [{text:?}]"))]),
        _ => Err(vec![wrong_type(kind, value)]),
    }
}

fn each_once<T: PartialEq>(
    kind: Kind,
    array: &DeArray<'_>,
    read: impl Fn(&str, Range<usize>) -> Result<T, Misfit>,
) -> Result<Vec<T>, Vec<Misfit>> {
    let mut items: Vec<T> = Vec::with_capacity(array.len());
    let mut misfits = Vec::new();
    for element in array {
        let span = element.span();
        let DeValue::String(text) = element.get_ref() else {
            let label = format!("expected {}, found {}", kind.expected(), type_name(element.get_ref()));
            misfits.push(Misfit::new("has the wrong type", label, span));
            continue;
        };
        match read(text, span.clone()) {
            Ok(item) if items.contains(&item) => {
                misfits.push(Misfit::new(format!("names `{text}` twice"), "the second time", span));
            }
            Ok(item) => items.push(item),
            Err(misfit) => misfits.push(misfit),
        }
    }
    if misfits.is_empty() { Ok(items) } else { Err(misfits) }
}
