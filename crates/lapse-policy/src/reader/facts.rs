//! `[facts.NAME]`: something that the extract tells of a patron beyond its contract (policy.md, "Facts, keeps, ends"). The
//! facts are read before every other table, since tests name them.

use toml::Spanned;
use toml::de::{DeString, DeValue};

use crate::diagnostics::Diagnostic;
use crate::facts::CONTRACT_COLUMNS;
use crate::file::Target;
use crate::schema::{ACTIVITY, Key, Table};
use crate::syntax::entries;
use crate::value::{self, FromValue};
use crate::{AssignmentId, BuiltInFact, EmptyCell, Fact, FactKind, FactSource, FactTable, MOST_FACTS, Origin};

use super::{Reader, Standing};

impl Reader<'_> {
    /// Reads every fact of the file, in the order of its text.
    pub fn facts(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let Some(facts) = self.table("facts", key, value) else {
            self.pool.facts.unsure = true;
            return;
        };
        for (index, (name, value)) in entries(facts).into_iter().enumerate() {
            if index == MOST_FACTS {
                let finding =
                    Diagnostic::error(format!("there are more than {MOST_FACTS} facts"), self.place(name.span()));
                self.findings.push(finding.label("one too many").help("remove facts that no keep or end looks at"));
                self.pool.facts.unsure = true;
                return;
            }
            self.fact(name, value);
        }
    }

    fn fact(&mut self, name_key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let name: &str = name_key.get_ref();
        if let Some(problem) = value::bad_name(name) {
            let finding = Diagnostic::error(format!("the fact's name {problem}"), self.place(name_key.span()));
            self.findings.push(finding.label("expected a name such as `letter_sent`"));
            self.pool.facts.unsure = true;
            return;
        }
        if BuiltInFact::from_word(name).is_some() {
            let finding = Diagnostic::error(format!("`{name}` is a fact already"), self.place(name_key.span()))
                .label("every extract tells this")
                .help(format!("name `{name}` in `when` or `unless` without declaring it, or choose another name"));
            self.findings.push(finding);
            return;
        }
        let path = format!("facts.{name}");
        let Some(content) = self.table(&path, name_key, value) else {
            self.pool.facts.declare(name, None);
            return;
        };
        let before = self.file.statements.len();
        self.keys(Table::Facts, Some(name), value.span(), content, &Standing::Base);
        let code = self.pool.codes.intern(name);
        let said = Said { from: before, code };
        let table: Option<String> = self.said(&said, Key::FactTable);
        let kind =
            if table.as_deref() == Some(ACTIVITY) { Some(FactKind::Date) } else { self.said(&said, Key::FactType) };
        let fits = self.fits_its_table(&said, &path, &value.span(), table.as_deref());
        let source = table.as_deref().and_then(|table| self.fact_source(&said, table));
        let origin = self.find_said(&said, Key::FactTable).map(Origin::File);
        self.pool.facts.declare(name, kind);
        if let (true, Some(source), Some(kind), Some(origin)) = (fits, source, kind, origin) {
            let empty = match source {
                // Who has no such row has no such date.
                FactSource::Activity { .. } => EmptyCell::None,
                FactSource::Column { .. } => self.said(&said, Key::FactEmpty).unwrap_or(EmptyCell::Unknown),
            };
            let fact = Fact { name: name.to_owned(), source, kind, empty, origin };
            self.shares_its_column(&fact, &said);
            self.pool.declared.push(fact);
        }
    }

    fn fact_source(&self, said: &Said, table: &str) -> Option<FactSource> {
        if table == ACTIVITY {
            return Some(FactSource::Activity { sources: self.said(said, Key::FactSources)? });
        }
        Some(FactSource::Column { table: FactTable::from_word(table)?, column: self.said(said, Key::FactColumn)? })
    }

    /// Reports the keys that a fact of this table cannot have, and those that it lacks.
    fn fits_its_table(
        &mut self,
        said: &Said,
        path: &str,
        header: &std::ops::Range<usize>,
        table: Option<&str>,
    ) -> bool {
        let Some(table) = table else { return false };
        let before = self.findings.len();
        let activity = table == ACTIVITY;
        let (needed, barred) = if activity {
            (vec![Key::FactSources], vec![Key::FactColumn, Key::FactEmpty])
        } else {
            (vec![Key::FactColumn, Key::FactType], vec![Key::FactSources])
        };
        for key in barred {
            let Some(id) = self.find_said(said, key) else { continue };
            let name = key.spec().name;
            let place = self.pool.assignments[id.0 as usize].key_place();
            let finding = Diagnostic::error(format!("a fact of `{table}` has no `{name}`"), place);
            self.findings.push(match (activity, key) {
                (true, Key::FactEmpty) => {
                    finding.label("a patron without such a row has no such date").help("remove the line")
                }
                (true, _) => finding
                    .label("its value is the latest date of its sources")
                    .help("write sources = [\"loan\"] instead, with the sources that it is about"),
                (false, _) => finding
                    .label("sources are those of `activity`")
                    .help("name its `column`, or take table = \"activity\""),
            });
        }
        if activity
            && self.said::<FactKind>(said, Key::FactType) != Some(FactKind::Date)
            && let Some(id) = self.find_said(said, Key::FactType)
        {
            let place = self.pool.assignments[id.0 as usize].value_place();
            let finding = Diagnostic::error("a fact of `activity` is a date", place);
            self.findings.push(finding.label("expected \"date\"").help("remove the line"));
        }
        if !self.broken {
            for key in needed {
                let spec = key.spec();
                // A key that is there and cannot be read has been told.
                if self.find_said(said, key).is_some() || self.unread.contains(&(said.code, key)) {
                    continue;
                }
                let finding = Diagnostic::error(format!("`{path}` has no `{}`", spec.name), self.place(header.clone()))
                    .label(format!("expected `{}` here: {}", spec.name, spec.about))
                    .help(super::example(spec));
                self.findings.push(finding);
            }
        }
        self.is_no_contract_column(said, table);
        self.findings.len() == before
    }

    /// Reports a column that every extract has.
    fn is_no_contract_column(&mut self, said: &Said, table: &str) {
        let Some(column) = self.said::<String>(said, Key::FactColumn) else { return };
        let contract = CONTRACT_COLUMNS.iter().find(|(of, _)| *of == table);
        if contract.is_some_and(|(_, columns)| columns.contains(&&*column))
            && let Some(id) = self.find_said(said, Key::FactColumn)
        {
            let place = self.pool.assignments[id.0 as usize].value_place();
            let finding = Diagnostic::error(format!("`{column}` of `{table}` cannot be a fact"), place)
                .label("every extract has this column");
            self.findings.push(match BuiltInFact::from_word(&column) {
                Some(_) => finding.help(format!("name `{column}` in `when` or `unless` without declaring it")),
                None => finding.help("name a column that the extract has beyond its contract"),
            });
        }
    }

    /// Reports a column that an earlier fact reads as something else.
    fn shares_its_column(&mut self, fact: &Fact, said: &Said) {
        let other = self.pool.declared.iter().find(|other| {
            matches!(other.source, FactSource::Column { .. }) && other.source == fact.source && other.kind != fact.kind
        });
        let Some(other) = other else { return };
        let message = format!("the facts `{}` and `{}` read one column as two types", other.name, fact.name);
        let (Origin::File(there), Some(here)) = (other.origin, self.find_said(said, Key::FactType)) else { return };
        let there = self.pool.assignments[there.0 as usize].key_place();
        let here = &self.pool.assignments[here.0 as usize];
        let label = format!("`{}` is a {} of this column", other.name, other.kind);
        let finding = Diagnostic::error(message, here.value_place())
            .label("expected the type that the other has")
            .also(there, label)
            .help("give both the same type, or name another column");
        self.findings.push(finding);
    }

    fn find_said(&self, said: &Said, key: Key) -> Option<AssignmentId> {
        let target = Target::named(key, said.code);
        let statements = &self.file.statements[said.from..];
        statements.iter().find(|statement| statement.target == target).map(|statement| statement.assignment)
    }

    fn said<T: FromValue>(&self, said: &Said, key: Key) -> Option<T> {
        T::from_value(&self.pool.assignments[self.find_said(said, key)?.0 as usize].value)
    }
}

/// The statements about one fact: from this place on in the file's list.
struct Said {
    from: usize,
    code: crate::file::CodeId,
}
