//! `[keeps.NAME]` and `[ends.NAME]`, at the top of a file or in an amendment (policy.md, "Facts, keeps, ends"). Each key of
//! `only`, and each fact of `when` and `unless`, is a key of its own.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::diagnostics::Diagnostic;
use crate::file::{EntryId, NamedEntry, Target};
use crate::schema::{Key, KeySpec, Kind, Table};
use crate::syntax::entries;
use crate::value::{self, Misfit, Value};
use crate::{BuiltInFact, Narrowed, Test, TestedFact};

use super::{Reader, Standing};

/// The built-in reasons to keep a record that no policy can narrow. No keep and no end has their names.
const RESERVED: [&str; 6] =
    ["bad-input", "accounts-unknown", "valid-membership", "valid-in-group", "no-membership", "no-policy"];

/// What an entry of a table is called, and that with its article.
const fn noun(table: Table) -> (&'static str, &'static str) {
    if matches!(table, Table::Ends) { ("end", "an end") } else { ("keep", "a keep") }
}

impl Reader<'_> {
    /// Reads every keep or end of `[keeps]` or `[ends]`.
    pub fn entries_of(
        &mut self,
        table: Table,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        standing: &Standing,
    ) {
        let Some(content) = self.table(table.as_str(), key, value) else { return };
        for (name, value) in entries(content) {
            self.entry(table, name, value, standing);
        }
    }

    fn entry(
        &mut self,
        table: Table,
        name_key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        standing: &Standing,
    ) {
        let name: &str = name_key.get_ref();
        let (noun, a_noun) = noun(table);
        if let Some(problem) = value::bad_name(name) {
            let finding = Diagnostic::error(format!("the {noun}'s name {problem}"), self.place(name_key.span()));
            self.findings.push(finding.label("expected a name such as `open-holds`"));
            return;
        }
        if RESERVED.contains(&name) {
            let finding =
                Diagnostic::error(format!("`{name}` cannot be the name of {a_noun}"), self.place(name_key.span()))
                    .label("a built-in reason has this name")
                    .help(format!("choose another name; {} can be narrowed", narrowed_names()));
            self.findings.push(finding);
            return;
        }
        let path = format!("{}.{name}", table.as_str());
        let id = EntryId { table, name: self.pool.codes.intern(name) };
        if matches!(standing, Standing::Amendment(None)) {
            self.pool.unsure.insert(id);
        }
        let Some(content) = self.table(&path, name_key, value) else {
            self.pool.unsure.insert(id);
            return;
        };
        if content.is_empty() && !self.broken {
            let finding = Diagnostic::error(format!("`{path}` says nothing"), self.place(name_key.span()))
                .label("expected its keys")
                .help("say what it keeps or ends, or remove it");
            self.findings.push(finding);
            self.pool.unsure.insert(id);
            return;
        }
        let from = match standing {
            Standing::Base => Some(None),
            Standing::Amendment(amendment) => amendment.map(|(_, from, _)| Some(from)),
        };
        if let Some(from) = from {
            self.file.entries.push(NamedEntry { id, from, span: name_key.span() });
        }
        let before = self.findings.len();
        let narrowed = (table == Table::Keeps).then(|| Narrowed::from_word(name)).flatten();
        for (key, value) in entries(content) {
            let Some(spec) = table.keys().find(|spec| spec.name == key.get_ref().as_ref()) else {
                self.unknown_key(table, Some(name), key, value, standing);
                continue;
            };
            if self.belongs(spec, narrowed, key) {
                self.entry_key(spec, id, key, value, standing);
            }
        }
        if self.findings.len() > before {
            self.pool.unsure.insert(id);
        }
    }

    /// Whether a key belongs to a keep, or to the narrowing of a built-in reason. Reports one that does not.
    fn belongs(&mut self, spec: &KeySpec, narrowed: Option<Narrowed>, key: &Spanned<DeString<'_>>) -> bool {
        let finding = match (spec.key, narrowed) {
            (Key::KeepOf | Key::KeepOnly | Key::KeepReview, Some(reason)) => {
                let message = format!("`{}` does not belong where `{reason}` is narrowed", spec.name);
                Diagnostic::error(message, self.place(key.span()))
                    .label(format!("`{reason}` is a built-in reason: this only says when it holds"))
                    .help("remove the line, or give the keep another name")
            }
            (Key::KeepHolds, None) => {
                let message = "`holds` belongs only where a built-in reason is narrowed";
                Diagnostic::error(message, self.place(key.span()))
                    .label("this keep has the name of no built-in reason that can be narrowed")
                    .help(format!("write active = false to switch the keep off; {} can be narrowed", narrowed_names()))
            }
            _ => return true,
        };
        self.findings.push(finding);
        false
    }

    fn entry_key(
        &mut self,
        spec: &KeySpec,
        id: EntryId,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        standing: &Standing,
    ) {
        let target = Target::named(spec.key, id.name);
        let path = target.path(&self.pool.codes);
        match spec.kind {
            Kind::Table(only) => {
                let Some(content) = self.inner_table(spec.kind, &path, key, value) else { return };
                for (key, value) in entries(content) {
                    let Some(spec) = only.keys().find(|spec| spec.name == key.get_ref().as_ref()) else {
                        self.unknown_key(only, None, key, value, standing);
                        continue;
                    };
                    let target = Target::named(spec.key, id.name);
                    let path = target.path(&self.pool.codes);
                    if let Some(read) = self.value(spec, &path, value) {
                        self.assign(target, key.span(), value.span(), read, standing);
                    }
                }
            }
            Kind::Tests => {
                let Some(content) = self.inner_table(spec.kind, &path, key, value) else { return };
                for (fact, value) in entries(content) {
                    self.fact_test(target, fact, value, standing);
                }
            }
            _ => {
                if let Some(read) = self.value(spec, &path, value) {
                    self.assign(target, key.span(), value.span(), read, standing);
                }
            }
        }
    }

    /// The table that `only`, `when` or `unless` is, with something in it.
    fn inner_table<'v, 'i>(
        &mut self,
        kind: Kind,
        path: &str,
        key: &Spanned<DeString<'_>>,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Option<&'v DeTable<'i>> {
        let content = self.table(path, key, value)?;
        if content.is_empty() && !self.broken {
            let finding = Diagnostic::error(format!("`{path}` is empty"), self.place(value.span()));
            self.findings.push(if kind == Kind::Tests {
                finding
                    .label("expected tests such as { age = { at_least = 18 } }")
                    .help("add a test, or remove the line")
            } else {
                finding
                    .label("expected `holder`, `category` or `subscription`")
                    .help("without `only` it is about every membership")
            });
            return None;
        }
        Some(content)
    }

    /// A test that the file writes as several lines, such as `when.owed.over = 5`, as one table.
    fn in_one_line(&self, test: &Spanned<DeValue<'_>>) -> Option<String> {
        let file = &self.source.text;
        let DeValue::Table(conditions) = test.get_ref() else { return None };
        if file[test.span()].starts_with('{') {
            return None;
        }
        let conditions = entries(conditions).into_iter();
        let conditions: Vec<_> =
            conditions.map(|(key, value)| format!("{} = {}", key.get_ref(), &file[value.span()])).collect();
        Some(format!("{{ {} }}", conditions.join(", ")))
    }

    fn fact_test(
        &mut self,
        target: Target,
        fact_key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        standing: &Standing,
    ) {
        let name: &str = fact_key.get_ref();
        let path = target.path(&self.pool.codes);
        let Some(fact) = self.pool.facts.tested(name) else {
            if !self.pool.facts.unsure {
                let misfit = value::unknown_fact(name, &self.pool.facts, false, fact_key.span());
                self.misfits(&path, vec![misfit]);
            }
            self.pool.unsure.extend(target.entry());
            return;
        };
        let Some(testable) = self.pool.facts.testable(fact) else {
            self.pool.unsure.extend(target.entry());
            return;
        };
        let ended_on = TestedFact::BuiltIn(BuiltInFact::EndedOn);
        let is_end = target.key.spec().table == Table::Ends;
        let of_record = |span| {
            Misfit::new("cannot look at `ended_on`", "a record has this, and a membership does not", span)
                .help("look at `begun_on` or `last_activity`, or make it a keep of `record`")
        };
        if is_end && fact == ended_on {
            self.misfits(&path, vec![of_record(fact_key.span())]);
            return;
        }
        let target = Target { fact: Some(self.pool.codes.intern(name)), ..target };
        match value::test(fact, testable, &self.pool.facts, value) {
            Ok(Value::Test(Test::Date(date))) if is_end && date.after == Some(ended_on) => {
                self.misfits(&path, vec![of_record(value.span())]);
            }
            Ok(read) => {
                let before = self.pool.assignments.len();
                self.assign(target, fact_key.span(), value.span(), read, standing);
                let written = self.in_one_line(value);
                if let Some(assignment) = self.pool.assignments.get_mut(before) {
                    assignment.written = written;
                }
            }
            Err(misfits) => self.misfits(&target.path(&self.pool.codes), misfits),
        }
    }
}

/// The built-in reasons that a policy can narrow, for a sentence.
fn narrowed_names() -> String {
    let names: Vec<_> = Narrowed::ALL.iter().map(|reason| format!("`{reason}`")).collect();
    match &names[..] {
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        [] => String::new(),
    }
}
