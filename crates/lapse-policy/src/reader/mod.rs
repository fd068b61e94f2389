//! From the TOML tables of one file to what the file says. Every table and key is compared with the schema; whatever does
//! not belong is reported, and the rest is read all the same.

mod amendments;
mod facts;
mod keeps;
mod misplaced;
mod release;

use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::diagnostics::Diagnostic;
use crate::facts::Facts;
use crate::file::{Assignment, CodeId, Codes, EntryId, Named, PolicyFile, Statement, Target};
use crate::schema::{Key, KeySpec, Kind, Layer, Table};
use crate::source::{FileId, Place, SourceFile};
use crate::syntax::entries;
use crate::value::{self, Misfit, Value, as_key};
use crate::{AssignmentId, Day, Fact};

/// What the files of a policy share, each adding to it as it is read.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    pub codes: Codes,
    pub assignments: Vec<Assignment>,
    /// The facts as tests name them.
    pub facts: Facts,
    /// The facts that could be read, in the order of consortium.toml.
    pub declared: Vec<Fact>,
    /// The keeps and ends of which something could not be read, so that nothing can be said to be missing from them.
    pub unsure: HashSet<EntryId>,
    /// Whether some term of a subscription, or the day on which it ends, could not be read.
    pub unsure_terms: bool,
    /// Whether the syntax of some file is broken, so that anything may be missing.
    pub broken: bool,
}

/// Reads one file. Where its syntax is `broken`, what seems to be missing may be there, so that nothing is reported as
/// missing.
pub(crate) fn read_file(
    id: FileId,
    source: &SourceFile,
    root: &DeTable<'_>,
    broken: bool,
    pool: &mut Pool,
) -> (PolicyFile, Vec<Diagnostic>) {
    let mut file = PolicyFile::new(id, source.layer);
    file.unsure = broken;
    let mut reader = Reader { source, broken, pool, file, findings: Vec::new(), unread: HashSet::new() };
    reader.pool.broken |= broken;
    reader.pool.facts.unsure |= broken && source.layer == Layer::Consortium;
    // Facts first: tests name them, and may stand above them.
    let is_facts = |(key, _): &(&Spanned<DeString<'_>>, _)| key.get_ref() == Table::Facts.as_str();
    let (facts, others): (Vec<_>, Vec<_>) = entries(root).into_iter().partition(is_facts);
    for (key, value) in facts.into_iter().chain(others) {
        reader.top(key, value, &Standing::Base);
    }
    let table = match source.layer {
        Layer::Consortium => Table::Consortium,
        Layer::Group => Table::Group,
        Layer::Library => Table::Library,
    };
    if !root.contains_key(table.as_str()) {
        reader.missing_table(table);
    }
    reader.file.statements.sort_unstable();
    let freezes = |statement: &&Statement| statement.enforced && statement.target.entry().is_some();
    reader.file.freezing = reader.file.statements.iter().filter(freezes).copied().collect();
    reader.same_day();
    (reader.file, reader.findings)
}

/// Where a table stands: at the top of the file or in an amendment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standing {
    /// At the top of the file.
    Base,
    /// In an amendment with this index; none where the amendment's date could not be read.
    Amendment(Option<(usize, Day, bool)>),
}

pub(crate) struct Reader<'a> {
    pub source: &'a SourceFile,
    broken: bool,
    pub pool: &'a mut Pool,
    pub file: PolicyFile,
    pub findings: Vec<Diagnostic>,
    /// Keys of facts that are there and could not be read.
    unread: HashSet<(CodeId, Key)>,
}

impl Reader<'_> {
    pub fn place(&self, span: Range<usize>) -> Place {
        Place { file: self.file.id, span: Some(span) }
    }

    /// Reads an entry at the top of the file or of an amendment: a table, or something that does not belong there.
    pub fn top(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>, standing: &Standing) {
        let name: &str = key.get_ref();
        let Some(&table) = Table::TOP.iter().find(|table| table.as_str() == name) else {
            return self.unknown_top(key, value, standing);
        };
        if !self.may_stand(table, key, standing) {
            return;
        }
        match table {
            Table::Amendment => self.amendments(key, value),
            Table::Subscriptions => self.subscriptions(key, value, standing),
            Table::Plugins => self.plugins(key, value),
            Table::Facts => self.facts(key, value),
            Table::Keeps | Table::Ends => self.entries_of(table, key, value, standing),
            Table::Consortium
            | Table::Group
            | Table::Library
            | Table::Subscription
            | Table::Activity
            | Table::Cleanup
            | Table::Profile
            | Table::Retention
            | Table::Guards
            | Table::Only
            | Table::KeepOnly
            | Table::EndOnly
            | Table::Release => {
                if let Some(entries) = self.table(table.as_str(), key, value) {
                    self.keys(table, None, value.span(), entries, standing);
                }
            }
        }
    }

    fn subscriptions(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>, standing: &Standing) {
        let Some(subscriptions) = self.table("subscriptions", key, value) else { return };
        for (code_key, value) in entries(subscriptions) {
            let code: &str = code_key.get_ref();
            if let Some(problem) = value::bad_code(code) {
                let finding =
                    Diagnostic::error(format!("the subscription's code {problem}"), self.place(code_key.span()));
                self.findings.push(finding.label(format!("expected {}", Kind::Code.expected())));
                continue;
            }
            let is_key = Table::Subscriptions.keys().any(|spec| spec.name == code);
            if is_key && !value.get_ref().is_table() {
                let finding = Diagnostic::error(format!("`{code}` is no subscription"), self.place(code_key.span()))
                    .label("expected the code of a subscription with its table")
                    .help("what holds for every subscription stands in `[subscription]`");
                self.findings.push(finding);
                continue;
            }
            let path = format!("subscriptions.{}", as_key(code));
            let Some(entries) = self.table(&path, code_key, value) else { continue };
            let id = self.pool.codes.intern(code);
            let named = match standing {
                Standing::Base => Some((None, None)),
                Standing::Amendment(amendment) => amendment.map(|(index, from, _)| (Some(from), Some(index))),
            };
            if let Some((from, amendment)) = named {
                self.file.subscriptions.push(Named { code: id, from, amendment, span: code_key.span() });
            }
            self.keys(Table::Subscriptions, Some(code), value.span(), entries, standing);
        }
    }

    fn plugins(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let Some(plugins) = self.table("plugins", key, value) else { return };
        for (name_key, value) in entries(plugins) {
            let name: &str = name_key.get_ref();
            if let Some(problem) = value::bad_name(name) {
                let finding = Diagnostic::error(format!("the plugin's name {problem}"), self.place(name_key.span()));
                self.findings.push(finding.label("expected a name such as `summer-grace`"));
                continue;
            }
            if RESERVED_PLUGINS.contains(&name) {
                let message = format!("`{name}` cannot be the name of a plugin");
                let finding = Diagnostic::error(message, self.place(name_key.span()))
                    .label("reasons that begin with this word are those of the policy's own keeps and ends")
                    .help("give the plugin another name");
                self.findings.push(finding);
                continue;
            }
            let Some(entries) = self.table(&format!("plugins.{name}"), name_key, value) else { continue };
            let id = self.pool.codes.intern(name);
            self.file.plugins.push(id);
            self.keys(Table::Plugins, Some(name), value.span(), entries, &Standing::Base);
        }
    }

    /// The table that a value is. Reports a value that is something else.
    pub fn table<'v, 'i>(
        &mut self,
        path: &str,
        key: &Spanned<DeString<'_>>,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Option<&'v DeTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            DeValue::Array(array) if array.iter().any(|element| element.get_ref().is_table()) => {
                let finding = Diagnostic::error(format!("`{path}` stands here as a list"), self.place(key.span()))
                    .label("expected one table")
                    .help("write the header with single brackets");
                self.findings.push(finding);
                None
            }
            other => {
                let finding = Diagnostic::error(format!("`{path}` has the wrong type"), self.place(value.span()))
                    .label(format!("expected a table, found {}", value::type_name(other)))
                    .help(format!("write {path} = {{ … }}, or its keys below a header"));
                self.findings.push(finding);
                None
            }
        }
    }

    fn keys(
        &mut self,
        table: Table,
        code: Option<&str>,
        header: Range<usize>,
        content: &DeTable<'_>,
        standing: &Standing,
    ) {
        for (key, value) in entries(content) {
            let Some(spec) = table.keys().find(|spec| spec.name == key.get_ref().as_ref()) else {
                self.unknown_key(table, code, key, value, standing);
                continue;
            };
            if !spec.layers.contains(&self.file.layer) {
                self.key_elsewhere(spec, key);
                continue;
            }
            let target = Target { key: spec.key, code: code.map(|code| self.pool.codes.intern(code)), fact: None };
            if spec.key == Key::LibraryGroup && self.several_groups(value) {
                continue;
            }
            let path = target.path(&self.pool.codes);
            match self.value(spec, &path, value) {
                Some(Value::Text(code)) if spec.key == Key::LibraryCode && value::NO_LIBRARY.contains(&&*code) => {
                    let finding = Diagnostic::error(
                        format!("`{code}` cannot be the code of a library"),
                        self.place(value.span()),
                    )
                    .label("with this word a person consents to more than one library")
                    .help("give the library another code");
                    self.findings.push(finding);
                }
                Some(value_read) => self.assign(target, key.span(), value.span(), value_read, standing),
                None => {
                    self.file.unsure |= matches!(spec.key, Key::Holder | Key::Category);
                    self.pool.unsure_terms |= matches!(spec.key, Key::TermMonths | Key::TermEnds);
                    self.unread.extend(target.code.map(|code| (code, spec.key)));
                }
            }
        }
        if let Standing::Base = standing {
            let path = code.map(|code| format!("{}.{}", table.as_str(), as_key(code)));
            self.required(table, path.as_deref().unwrap_or(table.as_str()), &header, content);
        }
    }

    /// The value of a key as the kind that the schema gives it. Reports every reason why it does not fit.
    pub fn value(&mut self, spec: &KeySpec, path: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        match value::read(spec.kind, value) {
            Ok(value) => Some(value),
            Err(misfits) => {
                self.misfits(path, misfits);
                None
            }
        }
    }

    /// Reports why the value of a key does not fit.
    fn misfits(&mut self, path: &str, misfits: Vec<Misfit>) {
        for misfit in misfits {
            let place = self.place(misfit.span);
            let mut finding = Diagnostic::error(format!("`{path}` {}", misfit.problem), place);
            finding.help = misfit.help;
            self.findings.push(finding.label(misfit.label));
        }
    }

    fn assign(
        &mut self,
        target: Target,
        key: Range<usize>,
        value_span: Range<usize>,
        value: Value,
        standing: &Standing,
    ) {
        let (from, amendment, enforced) = match *standing {
            Standing::Base => (None, None, false),
            Standing::Amendment(Some((index, from, enforced))) => (Some(from), Some(index), enforced),
            Standing::Amendment(None) => return,
        };
        if let (Key::LibraryGroup, Value::Text(code)) = (target.key, &value) {
            self.file.groups.push((code.clone(), value_span.clone()));
        }
        let value = match (target.key, value) {
            (Key::PseudonymiseMonths, Value::Number(months)) => Value::Months(months),
            (_, value) => value,
        };
        let number = u32::try_from(self.pool.assignments.len()).expect("policy files hold fewer than 2^32 keys");
        let assignment = AssignmentId(number);
        let file = self.file.id;
        self.pool.assignments.push(Assignment { file, target, key, value_span, written: None, amendment, value });
        let target = target.in_one_unit();
        self.file.statements.push(Statement { target, from, assignment, amendment, enforced });
    }

    /// Notes a library that names several groups. What is wrong with that depends on the kinds of the groups, so that it is
    /// reported only once all files are read.
    fn several_groups(&mut self, value: &Spanned<DeValue<'_>>) -> bool {
        let DeValue::Array(array) = value.get_ref() else { return false };
        let texts: Option<Vec<_>> =
            array.iter().map(|element| Some((element.get_ref().as_str()?.to_owned(), element.span()))).collect();
        match texts {
            Some(groups) if groups.len() > 1 => {
                self.file.groups = groups;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Reports each required key that a table lacks.
    pub fn required(&mut self, table: Table, path: &str, header: &Range<usize>, content: &DeTable<'_>) {
        if self.broken {
            return;
        }
        for spec in table.keys().filter(|spec| spec.required && !content.contains_key(spec.name)) {
            let finding = Diagnostic::error(format!("`{path}` has no `{}`", spec.name), self.place(header.clone()))
                .label(format!("expected `{}` here: {}", spec.name, spec.about))
                .help(example(spec));
            self.findings.push(finding);
        }
    }

    fn missing_table(&mut self, table: Table) {
        if self.broken {
            return;
        }
        let name = table.as_str();
        let layer = self.file.layer.file();
        let (key, why) = match table {
            Table::Consortium => ("name", "; a file without it is no policy"),
            _ => ("code", ""),
        };
        let finding = Diagnostic::error(format!("this file has no `[{name}]`"), self.place(0..0))
            .label(format!("expected `[{name}]` in {layer}"))
            .help(format!("add `[{name}]` with its `{key}`{why}"));
        self.findings.push(finding);
    }

    /// Reports two amendments of one file that set the same key on the same day: which of them holds would depend on their
    /// order in the file.
    fn same_day(&mut self) {
        for (index, later) in self.file.statements.iter().enumerate() {
            let earlier = self.file.statements[..index]
                .iter()
                .rev()
                .take_while(|other| other.target == later.target && other.from == later.from)
                .filter(|other| match (self.file.only(other), self.file.only(later)) {
                    (Some(one), Some(two)) => !one.excludes(two),
                    (Some(_) | None, None) | (None, Some(_)) => true,
                })
                .last();
            let Some(earlier) = earlier else { continue };
            let first = &self.pool.assignments[earlier.assignment.0 as usize];
            let second = &self.pool.assignments[later.assignment.0 as usize];
            let path = second.target.path(&self.pool.codes);
            if earlier.amendment == later.amendment {
                // TOML has each key once in a table, so these are the two units of one key.
                let other = first.target.path(&self.pool.codes);
                let finding =
                    Diagnostic::error(format!("`{path}` and `{other}` stand in one table"), second.key_place())
                        .label("one term in two units")
                        .also(first.key_place(), "the other unit")
                        .help("keep one of the two");
                self.findings.push(finding);
            } else if let Some(day) = later.from {
                let finding = Diagnostic::error(format!("two amendments of {day} set `{path}`"), second.key_place())
                    .label("set here again")
                    .also(first.key_place(), "set here first")
                    .help("keep one of the two, or give them different dates");
                self.findings.push(finding);
            }
        }
    }
}

/// The words before the `/` in the reasons of keeps and ends. A plugin's name stands there in its own reasons.
const RESERVED_PLUGINS: [&str; 2] = ["keep", "end"];

/// The help for a key that is missing: a line to add.
fn example(spec: &KeySpec) -> String {
    let value = match spec.kind {
        Kind::Code | Kind::Text | Kind::PluginFile | Kind::Sha256 => "\"…\"",
        Kind::FactTable => "\"patrons\"",
        Kind::FactKind => "\"date\"",
        Kind::Names if spec.key == Key::ReleaseKeys => "[\"subscription.lapse_months\"]",
        Kind::Names => "[\"peer\"]",
        Kind::Grants => "[\"keep-record\"]",
        Kind::GroupKind => "2",
        Kind::Date => "2022-07-01",
        Kind::Sources => "[\"loan\"]",
        Kind::Whole { .. }
        | Kind::Fee
        | Kind::Holder
        | Kind::Renewal
        | Kind::Scope
        | Kind::RestingSources
        | Kind::Blocks
        | Kind::AccountColumns
        | Kind::Boolean
        | Kind::Table(_)
        | Kind::Columns
        | Kind::Config
        | Kind::MonthDay
        | Kind::MonthDayOrNone
        | Kind::MonthsOrNone
        | Kind::Removal
        | Kind::EmptyCell
        | Kind::KeepOf
        | Kind::Holders
        | Kind::OneOrMore
        | Kind::Tests
        | Kind::Isolation => spec.default.unwrap_or("…"),
    };
    format!("add a line such as `{} = {value}`", spec.name)
}
