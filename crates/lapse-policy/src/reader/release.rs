//! `release` of an amendment: what its file no longer enforces, and for which libraries (policy.md, "An exception from what
//! is enforced").

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::Day;
use crate::diagnostics::Diagnostic;
use crate::file::{EntryId, Release, Released, Target};
use crate::schema::{Key, Layer, Table};
use crate::suggest::nearest;
use crate::syntax::entries;
use crate::value;

use super::{Reader, Standing};

impl Reader<'_> {
    /// Reads `release` of an amendment. Gives its place where the amendment has one.
    pub fn release(&mut self, table: &DeTable<'_>, amendment: Option<(usize, Day)>) -> Option<Range<usize>> {
        let (key, value) = table.get_key_value(Key::Release.spec().name)?;
        if self.file.layer == Layer::Library {
            let finding = Diagnostic::error("`release` does not belong in a library's file", self.place(key.span()))
                .label("only the file that enforces may let libraries go")
                .help("remove the line: no file is below a library's");
            self.findings.push(finding);
            return Some(key.span());
        }
        self.sets_something(table);
        let Some(content) = self.table("release", key, value) else { return Some(key.span()) };
        let mut release = Vec::new();
        let mut libraries = Vec::new();
        for (key, value) in entries(content) {
            let Some(spec) = Table::Release.keys().find(|spec| spec.name == key.get_ref().as_ref()) else {
                self.unknown_key(Table::Release, None, key, value, &Standing::Amendment(None));
                continue;
            };
            if self.value(spec, &format!("release.{}", spec.name), value).is_none() {
                continue;
            }
            let DeValue::Array(array) = value.get_ref() else { continue };
            if spec.key == Key::ReleaseLibraries {
                libraries = texts(array);
            } else {
                release = texts(array);
            }
        }
        self.required(Table::Release, "release", &value.span(), content);
        let mut keys = Vec::with_capacity(release.len());
        for (text, span) in release {
            if let Some(released) = self.released(&text, &span) {
                keys.push((released, span));
            }
        }
        if let Some((amendment, from)) = amendment {
            self.file.releases.push(Release { amendment, from, libraries, keys, files: Vec::new() });
        }
        Some(key.span())
    }

    /// Reports each table that an amendment with `release` sets, and that it enforces nothing.
    fn sets_something(&mut self, table: &DeTable<'_>) {
        for (key, _) in entries(table) {
            let name: &str = key.get_ref();
            let own = [Key::From, Key::Reason, Key::Release, Key::Only].map(|key| key.spec().name);
            if own.contains(&name) {
                continue;
            }
            let known = Table::TOP.iter().any(|table| table.as_str() == name);
            if known || name == Key::Enforce.spec().name {
                let finding = Diagnostic::error(
                    format!("an amendment with `release` cannot set `{name}`"),
                    self.place(key.span()),
                )
                .label("it only lets libraries go")
                .help(format!("set `{name}` in an amendment of its own"));
                self.findings.push(finding);
            }
        }
    }

    /// What a key of a release names. Reports one that no library could set.
    fn released(&mut self, text: &str, span: &Range<usize>) -> Option<Released> {
        let (table, rest) = text.split_once('.').unwrap_or((text, ""));
        let place = self.place(span.clone());
        let entry = |table, name: &str, reader: &mut Self| {
            Released::Entry(EntryId { table, name: reader.pool.codes.intern(name) })
        };
        let (table, code, name) = match table {
            "keeps" | "ends" => {
                let table = if table == "ends" { Table::Ends } else { Table::Keeps };
                if value::bad_name(rest).is_none() {
                    return Some(entry(table, rest, self));
                }
                let finding = Diagnostic::error(format!("`{text}` cannot be released"), place)
                    .label(format!("expected `{}.NAME`", table.as_str()));
                let name = rest.split('.').next().unwrap_or_default();
                self.findings.push(if value::bad_name(name).is_none() {
                    finding.help(format!(
                        "a keep or end is released as a whole: {:?}",
                        format!("{}.{name}", table.as_str())
                    ))
                } else {
                    finding
                });
                return None;
            }
            "subscriptions" => match rest.rsplit_once('.') {
                Some((code, name)) => (Table::Subscription, Some(unquoted(code)), name),
                None => (Table::Subscription, None, ""),
            },
            other => match Table::TOP.iter().find(|table| table.as_str() == other) {
                Some(&table) if is_released(table) => (table, None, rest),
                Some(_) | None => {
                    self.unknown_released(text, other, place);
                    return None;
                }
            },
        };
        let whose = if code.is_some() { Table::Subscriptions } else { table };
        let keys = || whose.keys().filter(|spec| spec.layers.contains(&Layer::Library));
        if let Some(spec) = keys().find(|spec| spec.name == name) {
            let code = code.map(|code| self.pool.codes.intern(&code));
            return Some(Released::Key(Target { key: spec.key, code, fact: None }.in_one_unit()));
        }
        let finding = Diagnostic::error(format!("`{text}` cannot be released"), place);
        if name.is_empty() {
            let table = if table == Table::Subscription { "subscriptions.CODE" } else { table.as_str() };
            self.findings.push(finding.label(format!("expected `{table}.KEY`")));
            return None;
        }
        let head = text.strip_suffix(name).unwrap_or(text);
        let finding =
            finding.label(format!("expected a key that a library may set, such as `{head}{}`", keys().next()?.name));
        self.findings.push(match nearest(name, keys().map(|spec| spec.name)) {
            Some(near) => finding.help(format!("did you mean `{head}{near}`?")),
            None => finding,
        });
        None
    }

    fn unknown_released(&mut self, text: &str, table: &str, place: crate::source::Place) {
        let names = Table::TOP.iter().filter(|&&table| is_released(table)).map(|table| table.as_str());
        let finding = Diagnostic::error(format!("`{text}` cannot be released"), place)
            .label("expected a key such as `subscription.lapse_months`, `keeps.NAME` or `cleanup.ended_months`");
        let tables: Vec<_> = names.chain(["keeps", "ends", "subscriptions"]).collect();
        self.findings.push(match nearest(table, tables.into_iter()).filter(|near| *near != table) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("only what a library may set can be enforced against it, and released"),
        });
    }
}

/// Whether keys of a table can be released, each by its name alone.
fn is_released(table: Table) -> bool {
    table.amendable()
        && table.allowed_in(Layer::Library)
        && !matches!(table, Table::Subscriptions | Table::Keeps | Table::Ends)
}

/// A code that may stand in quotes, as TOML writes it as a key.
fn unquoted(code: &str) -> String {
    let inner = DeValue::parse(code).ok().filter(|_| code.starts_with(['"', '\'']));
    match inner.as_ref().map(Spanned::get_ref) {
        Some(DeValue::String(text)) => text.to_string(),
        _ => code.to_owned(),
    }
}

fn texts(array: &DeArray<'_>) -> Vec<(String, Range<usize>)> {
    let text = |element: &Spanned<DeValue<'_>>| Some((element.get_ref().as_str()?.to_owned(), element.span()));
    array.iter().filter_map(text).collect()
}
