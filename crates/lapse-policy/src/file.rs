//! What one policy file says, as data: statements about keys, each from a day on, and the amendments that they come from.
//! Statements are sorted by what they are about, so that resolving a value looks at few of them.

use std::collections::HashMap;
use std::ops::Range;

use crate::schema::{Key, Layer, Table};
use crate::source::{FileId, Place};
use crate::value::{Value, as_key};
use crate::{AssignmentId, Day, Holder};

/// The code of a subscription, or the name of a plugin, fact, keep or end, by its place in [`Codes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CodeId(u32);

/// The codes of all subscriptions and the names of all plugins, facts, keeps and ends of all files.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    names: Vec<String>,
    ids: HashMap<String, CodeId>,
}

impl Codes {
    pub fn intern(&mut self, name: &str) -> CodeId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = CodeId(u32::try_from(self.names.len()).expect("policy files hold fewer than 2^32 codes"));
        self.names.push(name.to_owned());
        self.ids.insert(name.to_owned(), id);
        id
    }

    pub fn find(&self, name: &str) -> Option<CodeId> {
        self.ids.get(name).copied()
    }

    pub fn name(&self, id: CodeId) -> &str {
        &self.names[id.0 as usize]
    }
}

/// What a statement is about: a key, of one subscription or of all, or of one keep or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    pub key: Key,
    /// The name of `[subscriptions.CODE]`, `[plugins.NAME]`, `[facts.NAME]`, `[keeps.NAME]` or `[ends.NAME]`; none in every
    /// other table.
    pub code: Option<CodeId>,
    /// The fact that a test of `when` or `unless` looks at; none for every other key.
    pub fact: Option<CodeId>,
}

/// A keep or an end, by its table and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EntryId {
    /// [`Table::Keeps`] or [`Table::Ends`].
    pub table: Table,
    pub name: CodeId,
}

impl EntryId {
    /// `keeps.NAME`, as policy files write it.
    pub fn path(self, codes: &Codes) -> String {
        format!("{}.{}", self.table.as_str(), codes.name(self.name))
    }
}

impl Target {
    /// A key of a table that stands once in a file.
    pub const fn of(key: Key) -> Target {
        Target { key, code: None, fact: None }
    }

    /// A key of a subscription, plugin, fact, keep or end.
    pub const fn named(key: Key, code: CodeId) -> Target {
        Target { key, code: Some(code), fact: None }
    }

    /// What is said of all subscriptions where this is about one of them.
    pub fn general(self) -> Target {
        Target { code: None, ..self }
    }

    /// The key under which statements stand: that of days, for the one key that has two units.
    pub fn in_one_unit(self) -> Target {
        let key = if self.key == Key::PseudonymiseMonths { Key::PseudonymiseDays } else { self.key };
        Target { key, ..self }
    }

    /// The keep or end that it is about, if any.
    pub fn entry(self) -> Option<EntryId> {
        let table = match self.key.spec().table {
            Table::Keeps | Table::KeepOnly => Table::Keeps,
            Table::Ends | Table::EndOnly => Table::Ends,
            _ => return None,
        };
        Some(EntryId { table, name: self.code? })
    }

    /// Whether `only` limits the amendments that set it: it stands in `[subscription]`.
    pub fn is_limited_by_only(self) -> bool {
        self.code.is_none() && self.key.spec().table == Table::Subscription
    }

    /// The path as policy.md writes it: `subscriptions.adult.fee`.
    pub fn path(self, codes: &Codes) -> String {
        key_path(self.key, self.code.map(|code| codes.name(code)), self.fact.map(|fact| codes.name(fact)))
    }
}

/// The path of a key as policy.md writes it: of a subscription, keep or the like with this name, and of the test of this fact.
pub(crate) fn key_path(key: Key, name: Option<&str>, fact: Option<&str>) -> String {
    let spec = key.spec();
    let Some(name) = name else {
        return format!("{}.{}", spec.table.as_str(), spec.name);
    };
    let (table, within) = match spec.table {
        Table::Subscription => (Table::Subscriptions, ""),
        Table::KeepOnly => (Table::Keeps, "only."),
        Table::EndOnly => (Table::Ends, "only."),
        table => (table, ""),
    };
    let path = format!("{}.{}.{within}{}", table.as_str(), as_key(name), spec.name);
    match fact {
        Some(fact) => format!("{path}.{}", as_key(fact)),
        None => path,
    }
}

/// `key = value` in a file.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub file: FileId,
    pub target: Target,
    pub key: Range<usize>,
    pub value_span: Range<usize>,
    /// The value as one text, where the file has no such text because it writes a table as several lines.
    pub written: Option<String>,
    /// The amendment that it stands in, as an index into the file's.
    pub amendment: Option<usize>,
    pub value: Value,
}

impl Assignment {
    /// Where its key stands.
    pub fn key_place(&self) -> Place {
        Place { file: self.file, span: Some(self.key.clone()) }
    }

    /// Where its value stands.
    pub fn value_place(&self) -> Place {
        Place { file: self.file, span: Some(self.value_span.clone()) }
    }
}

/// An assignment with what decides whether it holds. The order is by what it is about, then by day, with the file's own
/// value before those of amendments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Statement {
    /// As [`Target::in_one_unit`].
    pub target: Target,
    /// The first day on which it holds; none for the file's own value.
    pub from: Option<Day>,
    pub assignment: AssignmentId,
    /// The amendment that it stands in, as an index into the file's.
    pub amendment: Option<usize>,
    pub enforced: bool,
}

/// A dated change of a file: `[[amendment]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// The first day on which it holds.
    pub from: Day,
    /// Why, and who decided.
    pub reason: String,
    /// Lower files cannot override it.
    pub enforce: bool,
    /// The subscriptions that its `subscription` table is limited to; all where there is none.
    pub only: Option<Only>,
    /// The line on which it begins, from 1.
    pub line: usize,
}

/// `only` of an amendment: the subscriptions that match everything it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// The holder, where it names one.
    pub holder: Option<Holder>,
    /// The category, where it names one.
    pub category: Option<String>,
}

impl Only {
    pub(crate) fn matches(&self, holder: Holder, category: &str) -> bool {
        self.holder.is_none_or(|wanted| wanted == holder)
            && self.category.as_deref().is_none_or(|wanted| wanted == category)
    }

    /// Whether no subscription can match both.
    pub(crate) fn excludes(&self, other: &Only) -> bool {
        let differ = |one: Option<&str>, two: Option<&str>| one.zip(two).is_some_and(|(one, two)| one != two);
        differ(self.holder.map(Holder::as_str), other.holder.map(Holder::as_str))
            || differ(self.category.as_deref(), other.category.as_deref())
    }
}

/// Where an amendment stands in its file.
#[derive(Clone, Debug)]
pub(crate) struct AmendmentPlaces {
    /// Where it begins.
    pub header: Range<usize>,
    /// The value of `only.holder`, where it has one.
    pub only_holder: Option<Range<usize>>,
    /// The value of `only.category`, where it has one.
    pub only_category: Option<Range<usize>>,
}

/// A subscription that a file names. An empty table names one too: a subscription exists without any key.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub code: CodeId,
    pub from: Option<Day>,
    pub amendment: Option<usize>,
    /// Where the code stands.
    pub span: Range<usize>,
}

/// A keep or an end where a file names it.
#[derive(Clone, Debug)]
pub(crate) struct NamedEntry {
    pub id: EntryId,
    /// The first day on which the file says something of it here; none at the top of the file.
    pub from: Option<Day>,
    /// Where the name stands.
    pub span: Range<usize>,
}

/// What an amendment releases, with the places of its words.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    /// The amendment, as an index into the file's.
    pub amendment: usize,
    pub from: Day,
    /// The codes of the libraries.
    pub libraries: Vec<(String, Range<usize>)>,
    /// What they may set.
    pub keys: Vec<(Released, Range<usize>)>,
    /// The files of the libraries, once all files are linked.
    pub files: Vec<FileId>,
}

/// What a release lets a library set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Released {
    /// A key: of every subscription, of one, or of another table.
    Key(Target),
    /// A whole keep or end.
    Entry(EntryId),
}

impl Released {
    /// Whether it covers what is said of a target. Of every subscription is also of each.
    pub fn covers(self, target: Target) -> bool {
        match self {
            Released::Key(key) => key == target || (key.code.is_none() && key == target.general()),
            Released::Entry(entry) => target.entry() == Some(entry),
        }
    }
}

/// One policy file.
#[derive(Debug)]
pub(crate) struct PolicyFile {
    pub id: FileId,
    pub layer: Layer,
    /// In the order of [`Statement`], so that those about one target stand together.
    pub statements: Vec<Statement>,
    pub amendments: Vec<Amendment>,
    /// Where each amendment stands.
    pub amendment_places: Vec<AmendmentPlaces>,
    pub subscriptions: Vec<Named>,
    /// The plugins that it names.
    pub plugins: Vec<CodeId>,
    /// The keeps and ends that it names, each time that it does, in the order of the text.
    pub entries: Vec<NamedEntry>,
    /// What it enforces of keeps and ends.
    pub freezing: Vec<Statement>,
    /// What its amendments release.
    pub releases: Vec<Release>,
    /// The groups that a library names, with the place of each; more than one is an error.
    pub groups: Vec<(String, Range<usize>)>,
    /// Whether something could not be read that decides which amendments apply. Checks that depend on it are then left out,
    /// since they could blame the wrong place.
    pub unsure: bool,
}

impl PolicyFile {
    pub fn new(id: FileId, layer: Layer) -> PolicyFile {
        PolicyFile {
            id,
            layer,
            statements: Vec::new(),
            amendments: Vec::new(),
            amendment_places: Vec::new(),
            subscriptions: Vec::new(),
            plugins: Vec::new(),
            entries: Vec::new(),
            freezing: Vec::new(),
            releases: Vec::new(),
            groups: Vec::new(),
            unsure: false,
        }
    }

    /// The statements about a target, the file's own value first, then its amendments by day.
    pub fn about(&self, target: Target) -> &[Statement] {
        let start = self.statements.partition_point(|statement| statement.target < target);
        let rest = &self.statements[start..];
        let end = rest.iter().position(|statement| statement.target != target).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Whether it names a keep or end.
    pub fn names(&self, entry: EntryId) -> bool {
        self.entries.iter().any(|named| named.id == entry)
    }

    /// The statements about a keep or end.
    pub fn about_entry(&self, entry: EntryId) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |statement| statement.target.entry() == Some(entry))
    }

    /// The tests in `when` or `unless` of a keep or end, by fact.
    pub fn tests(&self, target: Target) -> &[Statement] {
        let before = |statement: &Statement| (statement.target.key, statement.target.code) < (target.key, target.code);
        let rest = &self.statements[self.statements.partition_point(before)..];
        let is_one =
            |statement: &&Statement| (statement.target.key, statement.target.code) == (target.key, target.code);
        &rest[..rest.iter().take_while(is_one).count()]
    }

    /// Whether an enforced statement is released for a library, by its file, on a day. `target` is what is asked for, which
    /// may be narrower than what the statement says.
    pub fn releases(&self, target: Target, library: FileId, day: Day) -> bool {
        self.releases.iter().any(|release| {
            release.from <= day
                && release.files.contains(&library)
                && release.keys.iter().any(|(released, _)| released.covers(target))
        })
    }

    /// The statements of its amendments, with the amendment.
    pub fn amended(&self) -> impl Iterator<Item = (&Statement, usize)> {
        self.statements.iter().filter_map(|statement| Some((statement, statement.amendment?)))
    }

    /// What `only` limits a statement to, if anything.
    pub fn only(&self, statement: &Statement) -> Option<&Only> {
        if !statement.target.is_limited_by_only() {
            return None;
        }
        self.amendments[statement.amendment?].only.as_ref()
    }

    pub fn place(&self, span: &Range<usize>) -> Place {
        Place { file: self.id, span: Some(span.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(holder: Option<Holder>, category: Option<&str>) -> Only {
        Only { holder, category: category.map(str::to_owned) }
    }

    #[test]
    fn filters_that_differ_in_one_thing_exclude_each_other() {
        let person = only(Some(Holder::Person), None);
        let youth = only(None, Some("youth"));
        assert!(person.excludes(&only(Some(Holder::Institution), None)));
        assert!(youth.excludes(&only(Some(Holder::Person), Some("adult"))));
        assert!(!person.excludes(&youth));
        assert!(!person.excludes(&person));
    }

    #[test]
    fn a_filter_matches_on_everything_it_names() {
        let both = only(Some(Holder::Person), Some("youth"));
        assert!(both.matches(Holder::Person, "youth"));
        assert!(!both.matches(Holder::Person, "adult"));
        assert!(!both.matches(Holder::Institution, "youth"));
    }
}
