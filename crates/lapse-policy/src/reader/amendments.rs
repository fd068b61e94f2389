//! `[[amendment]]`: a dated change with its reason, perhaps enforced, perhaps limited by `only` (policy.md, rules 1, 3 and 4).

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::diagnostics::Diagnostic;
use crate::file::{Amendment, AmendmentPlaces, Only};
use crate::schema::{Key, Table};
use crate::suggest::nearest;
use crate::syntax::entries;
use crate::value::{self, FromValue, Value};

use super::{Reader, Standing};

impl Reader<'_> {
    /// Reads every amendment of the file.
    pub fn amendments(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let DeValue::Array(array) = value.get_ref() else {
            let finding = Diagnostic::error("`amendment` has the wrong type", self.place(key.span()))
                .label(format!("expected a list of tables, found {}", value::type_name(value.get_ref())))
                .help("write the header with double brackets: [[amendment]]");
            self.findings.push(finding);
            self.file.unsure = true;
            return;
        };
        for element in array {
            match element.get_ref() {
                DeValue::Table(table) => self.amendment(element.span(), table),
                other => {
                    let finding = Diagnostic::error("`amendment` has the wrong type", self.place(element.span()))
                        .label(format!("expected a table, found {}", value::type_name(other)))
                        .help("write each amendment below a header of its own: [[amendment]]");
                    self.findings.push(finding);
                }
            }
        }
    }

    fn amendment(&mut self, header: Range<usize>, table: &DeTable<'_>) {
        let from = typed(self.own(table, Key::From).as_ref());
        let reason: Option<String> = typed(self.own(table, Key::Reason).as_ref());
        let enforce = typed(self.own(table, Key::Enforce).as_ref()).unwrap_or(false);
        let only = self.only(table);
        self.required(Table::Amendment, "amendment", &header, table);

        let standing = match from {
            Some(from) => Standing::Amendment(Some((self.file.amendments.len(), from, enforce))),
            None => Standing::Amendment(None),
        };
        match from {
            Some(from) => {
                let line = self.source.line(header.start);
                let limits = only.as_ref().map(|limits| limits.only.clone());
                let reason = reason.unwrap_or_default();
                self.file.amendments.push(Amendment { from, reason, enforce, only: limits, line });
                let (only_holder, only_category) =
                    only.as_ref().map(|limits| (limits.holder.clone(), limits.category.clone())).unwrap_or_default();
                self.file.amendment_places.push(AmendmentPlaces { header, only_holder, only_category });
            }
            None => self.file.unsure = true,
        }
        let amendment = match standing {
            Standing::Amendment(Some((index, from, _))) => Some((index, from)),
            Standing::Amendment(None) | Standing::Base => None,
        };
        let releases = self.release(table, amendment).is_some();
        let before = self.file.statements.len();
        for (key, value) in entries(table) {
            // That a release sets nothing beside it has been told.
            if releases && Table::TOP.iter().any(|table| table.as_str() == key.get_ref().as_ref()) {
                continue;
            }
            if !Table::Amendment.keys().any(|spec| spec.name == key.get_ref().as_ref()) {
                self.top(key, value, &standing);
            }
        }
        if let Some(Limits { key, .. }) = only {
            self.only_limits_nothing(table, key.clone());
            self.only_cannot_set(before, key);
        }
    }

    /// Reports an amendment with `only` that has no `subscription` table. `only` limits no other table, so that what the
    /// amendment sets would hold for everybody.
    fn only_limits_nothing(&mut self, table: &DeTable<'_>, only: Range<usize>) {
        let limited = Table::Subscription.as_str();
        if self.broken || table.contains_key(limited) {
            return;
        }
        // A misspelt `subscription` is told as such; this would tell it twice.
        let known = |name: &str| Table::TOP.iter().any(|table| table.as_str() == name);
        if table.keys().any(|key| !known(key.get_ref()) && nearest(key.get_ref(), [limited].into_iter()).is_some()) {
            return;
        }
        let mut finding =
            Diagnostic::error(format!("an amendment with `only` has no `{limited}` table"), self.place(only))
                .label(format!("`only` limits the `{limited}` table, and no other"))
                .help(format!("set what is limited in `{limited}`, or remove `only`"));
        for (key, _) in entries(table) {
            let name: &str = key.get_ref();
            if known(name) {
                finding = finding.also(self.place(key.span()), "this would hold for everybody");
            }
        }
        self.findings.push(finding);
    }

    /// The value of one of the keys that describe the amendment itself, such as `from`.
    fn own(&mut self, table: &DeTable<'_>, key: Key) -> Option<Value> {
        let spec = key.spec();
        let (found, value) = table.get_key_value(spec.name)?;
        if !spec.layers.contains(&self.file.layer) {
            let finding = Diagnostic::error(
                format!("`{}` does not belong in {}", spec.name, self.file.layer.file()),
                self.place(found.span()),
            )
            .label("only the consortium and groups may enforce")
            .help("remove the line: no file is below a library's");
            self.findings.push(finding);
            return None;
        }
        self.value(spec, spec.name, value)
    }

    /// `only` of an amendment; none where the amendment has none that can be read.
    fn only(&mut self, table: &DeTable<'_>) -> Option<Limits> {
        let (key, value) = table.get_key_value(Key::Only.spec().name)?;
        let Some(content) = self.table("only", key, value) else {
            self.file.unsure = true;
            return None;
        };
        let mut limits = Limits { only: Only::default(), key: key.span(), holder: None, category: None };
        for (key, value) in entries(content) {
            let Some(spec) = Table::Only.keys().find(|spec| spec.name == key.get_ref().as_ref()) else {
                self.unknown_key(Table::Only, None, key, value, &Standing::Amendment(None));
                self.file.unsure = true;
                continue;
            };
            let read = self.value(spec, &format!("only.{}", spec.name), value);
            self.file.unsure |= read.is_none();
            if spec.key == Key::OnlyHolder {
                limits.only.holder = typed(read.as_ref());
                limits.holder = Some(value.span());
            } else {
                limits.only.category = typed(read.as_ref());
                limits.category = Some(value.span());
            }
        }
        if content.is_empty() {
            let finding = Diagnostic::error("`only` is empty", self.place(value.span()))
                .label("expected `holder`, `category` or both")
                .help("without `only` an amendment holds for every subscription");
            self.findings.push(finding);
            return None;
        }
        Some(limits)
    }

    /// Rule 4: an amendment with `only` cannot set what `only` looks at.
    fn only_cannot_set(&mut self, before: usize, only: Range<usize>) {
        for statement in &self.file.statements[before..] {
            if matches!(statement.target.key, Key::Holder | Key::Category) {
                let assignment = &self.pool.assignments[statement.assignment.0 as usize];
                let name = statement.target.key.spec().name;
                let message = format!("an amendment with `only` cannot set `{name}`");
                let finding = Diagnostic::error(message, assignment.key_place())
                    .label("set here")
                    .also(self.place(only.clone()), "limited here")
                    .help(format!("set `{name}` in an amendment of its own, without `only`"));
                self.findings.push(finding);
            }
        }
    }
}

/// A value of an amendment or of its `only`, as the type that its key has.
fn typed<T: FromValue>(value: Option<&Value>) -> Option<T> {
    value.and_then(T::from_value)
}

/// `only` of an amendment as it was read, with the places of the word itself and of its values.
struct Limits {
    only: Only,
    key: Range<usize>,
    holder: Option<Range<usize>>,
    category: Option<Range<usize>>,
}
