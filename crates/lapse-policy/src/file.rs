//! What one policy file says, as data: statements about keys, each from a day on, and the amendments that they come from.
//! Statements are sorted by what they are about, so that resolving a value looks at few of them.

use std::collections::HashMap;
use std::ops::Range;

use crate::schema::{Key, Layer, Table};
use crate::source::{FileId, Place};
use crate::value::{Value, as_key};
use crate::{AssignmentId, Day, Holder};

/// The code of a subscription, or the name of a plugin, by its place in [`Codes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CodeId(u32);

/// The codes of all subscriptions and the names of all plugins of all files.
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

/// What a statement is about: a key, of one subscription or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    pub key: Key,
    /// The subscription of `[subscriptions.CODE]` or the plugin of `[plugins.NAME]`; none in every other table.
    pub code: Option<CodeId>,
}

impl Target {
    /// Whether `only` limits the amendments that set it: it stands in `[subscription]`.
    pub fn is_limited_by_only(self) -> bool {
        self.code.is_none() && self.key.spec().table == Table::Subscription
    }

    /// The path as policy.md writes it: `subscriptions.adult.fee`.
    pub fn path(self, codes: &Codes) -> String {
        let spec = self.key.spec();
        match self.code {
            Some(code) => {
                let table = if spec.table == Table::Plugins { Table::Plugins } else { Table::Subscriptions };
                format!("{}.{}.{}", table.as_str(), as_key(codes.name(code)), spec.name)
            }
            None => format!("{}.{}", spec.table.as_str(), spec.name),
        }
    }
}

/// `key = value` in a file.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub file: FileId,
    pub target: Target,
    pub key: Range<usize>,
    pub value_span: Range<usize>,
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
