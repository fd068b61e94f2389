//! Keeps, ends and narrowings as the keys that files set, each with its value in words that do not depend on how a file
//! writes it. [`shown`] tells where each comes from, and what it overrode.

use std::cmp::Ordering;

use lapse_policy::provenance::{Provenance, provenance, trail};
use lapse_policy::schema::Table;
use lapse_policy::{
    DateTest, Day, Entries, Entry, EntryKeys, EntryOnly, Fact, FactSource, FactTest, Fee, Key, NumberTest, Origin,
    Policy, Setting, Sourced, Test, TestedFact,
};

/// A key of a keep, an end, a narrowing or a fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryKey {
    /// The name of the entry.
    pub entry: String,
    /// The key.
    pub key: Key,
    /// The fact, of a test in `when` or `unless`.
    pub fact: Option<String>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It keeps.
    Keep,
    /// It narrows a built-in reason.
    Narrowing,
    /// It ends memberships.
    End,
}

/// A keep, an end or a narrowing with what is said of it.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: What,
    /// The keys that files set, in the order of policy.md, each with its value in words.
    pub keys: Vec<(EntryKey, Sourced<String>)>,
}

impl PartialOrd for EntryKey {
    fn partial_cmp(&self, other: &EntryKey) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EntryKey {
    /// By table and name, then in the order of policy.md, in which `only` comes before the tests.
    fn cmp(&self, other: &EntryKey) -> Ordering {
        let place = |key: &EntryKey| match key.key.spec().table {
            Table::KeepOnly => (Key::KeepOnly, key.key),
            Table::EndOnly => (Key::EndOnly, key.key),
            _ => (key.key, key.key),
        };
        (self.table(), &self.entry, place(self), &self.fact).cmp(&(
            other.table(),
            &other.entry,
            place(other),
            &other.fact,
        ))
    }
}

impl EntryKey {
    /// As policy.md writes it, such as `keeps.owes.when.owed`.
    pub fn path(&self) -> String {
        format!("{}.{}.{}", self.table().as_str(), self.entry, self.in_entry())
    }

    /// As it is written within the entry, such as `when.owed`.
    pub fn in_entry(&self) -> String {
        let spec = self.key.spec();
        match (spec.table, &self.fact) {
            (Table::KeepOnly | Table::EndOnly, _) => format!("only.{}", spec.name),
            (_, Some(fact)) => format!("{}.{fact}", spec.name),
            (_, None) => spec.name.to_owned(),
        }
    }

    /// What holds where no file says it.
    pub fn unsaid(&self) -> &'static str {
        match self.key {
            Key::KeepOf => "record",
            Key::KeepReview => "false",
            Key::KeepActive | Key::KeepHolds | Key::EndActive => "true",
            _ => "none",
        }
    }

    /// The table in which the entry stands.
    pub fn table(&self) -> Table {
        match self.key.spec().table {
            Table::Ends | Table::EndOnly => Table::Ends,
            Table::Facts => Table::Facts,
            _ => Table::Keeps,
        }
    }

    /// What the policy knows it by.
    pub fn setting(&self) -> Setting<'_> {
        Setting { key: self.key, subscription: Some(&self.entry), fact: self.fact.as_deref() }
    }
}

/// Everything that files say of keeps, then of narrowings, then of ends, each by name.
pub fn said(entries: &Entries, facts: &[Fact]) -> Vec<Said> {
    let keeps = entries.keeps.iter().map(|keep| {
        let mut said = of_entry(&keep.entry, What::Keep, facts);
        said.add(Key::KeepOf, words(keep.of.value.iter().map(|of| of.as_str())), keep.of.origin);
        said.add(Key::KeepReview, keep.review.value.to_string(), keep.review.origin);
        said
    });
    let narrowings = entries.narrowings.iter().map(|narrowing| {
        let mut said = of_entry(&narrowing.entry, What::Narrowing, facts);
        said.add(Key::KeepHolds, narrowing.holds.value.to_string(), narrowing.holds.origin);
        said
    });
    let ends = entries.ends.iter().map(|entry| of_entry(entry, What::End, facts));
    let mut all: Vec<Said> = keeps.chain(narrowings).chain(ends).collect();
    for said in &mut all {
        said.keys.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    all
}

impl Said {
    /// Adds a key that some file sets.
    fn add(&mut self, key: Key, value: String, origin: Origin) {
        if origin != Origin::BuiltIn {
            let key = EntryKey { entry: self.name.clone(), key, fact: None };
            self.keys.push((key, Sourced { value, origin }));
        }
    }

    fn add_tests(&mut self, key: Key, tests: &[FactTest], facts: &[Fact]) {
        for FactTest { fact, test } in tests {
            let value = Sourced { value: test_in_words(&test.value, *fact, facts), origin: test.origin };
            let fact = Some(fact.name(facts).to_owned());
            self.keys.push((EntryKey { entry: self.name.clone(), key, fact }, value));
        }
    }
}

fn of_entry(entry: &Entry, what: What, facts: &[Fact]) -> Said {
    let Entry { name, reason, only, when, unless, active } = entry;
    let mut said = Said { name: name.clone(), what, keys: Vec::new() };
    let EntryOnly { holder, category, subscription } = only;
    let holder = holder.as_ref().map(|list| (words(list.value.iter().map(|holder| holder.as_str())), list.origin));
    let texts = |list: &Option<Sourced<Vec<String>>>| {
        list.as_ref().map(|list| (words(list.value.iter().map(String::as_str)), list.origin))
    };
    let keys = match what {
        What::Keep | What::Narrowing => EntryKeys::OF_KEEPS,
        What::End => EntryKeys::OF_ENDS,
    };
    said.add(keys.reason, reason.value.clone(), reason.origin);
    let lists = [(keys.holder, holder), (keys.category, texts(category)), (keys.subscription, texts(subscription))];
    for (key, list) in lists {
        if let Some((value, origin)) = list {
            said.add(key, value, origin);
        }
    }
    said.add_tests(keys.when, when, facts);
    said.add_tests(keys.unless, unless, facts);
    said.add(keys.active, active.value.to_string(), active.origin);
    said
}

/// What a policy says of a fact, key by key.
pub fn of_fact(fact: &Fact) -> Vec<(EntryKey, String)> {
    let key = |key| EntryKey { entry: fact.name.clone(), key, fact: None };
    let mut all = match &fact.source {
        FactSource::Column { table, column } => vec![
            (key(Key::FactTable), table.to_string()),
            (key(Key::FactColumn), column.clone()),
            (key(Key::FactType), fact.kind.to_string()),
        ],
        FactSource::Activity { sources } => vec![
            (key(Key::FactTable), "activity".to_owned()),
            (key(Key::FactSources), words(sources.iter().map(String::as_str))),
        ],
    };
    all.push((key(Key::FactEmpty), fact.empty.to_string()));
    all
}

/// The words in alphabetical order, because the order of these lists means nothing.
fn words<'a>(list: impl Iterator<Item = &'a str>) -> String {
    let mut list: Vec<&str> = list.collect();
    list.sort_unstable();
    if list.is_empty() { "none".to_owned() } else { list.join(" ") }
}

/// A test as policy files have it, without the braces: `at_least "20.00"`.
fn test_in_words(test: &Test, fact: TestedFact, facts: &[Fact]) -> String {
    let is_amount = fact.is_amount(facts);
    let number = |value: u64| if is_amount { format!("\"{}\"", Fee { cents: value }) } else { value.to_string() };
    let conditions = |all: &[(&str, Option<String>)]| {
        let all = all.iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)));
        all.collect::<Vec<_>>().join(", ")
    };
    let whole = |value: Option<u32>| value.map(|value| value.to_string());
    match test {
        Test::Is(there) => there.to_string(),
        Test::Number(NumberTest { over, at_least, under, at_most }) => conditions(&[
            ("over", over.map(number)),
            ("at_least", at_least.map(number)),
            ("under", under.map(number)),
            ("at_most", at_most.map(number)),
        ]),
        Test::Age { at_least, under } => conditions(&[("at_least", whole(*at_least)), ("under", whole(*under))]),
        Test::Date(DateTest { within_months, within_days, past_months, past_days, round, after }) => conditions(&[
            ("within_months", whole(*within_months)),
            ("within_days", whole(*within_days)),
            ("past_months", whole(*past_months)),
            ("past_days", whole(*past_days)),
            ("round", round.map(|round| round.to_string())),
            ("after", after.map(|fact| fact.name(facts).to_owned())),
        ]),
        Test::AnyOf(kinds) => words(kinds.iter().map(String::as_str)),
        Test::Months(months) => months.iter().map(u32::to_string).collect::<Vec<_>>().join(" "),
    }
}

/// What files say of one keep, end or narrowing of a library, key by key.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: What,
    /// The keys that some file sets, as they are written within the entry; of each the statement that decides comes first,
    /// then what it overrode.
    pub keys: Vec<(String, Vec<Provenance>)>,
}

/// What files say of the keeps, narrowings and ends of a library on a day, in force or not.
pub fn shown(policy: &Policy, day: Day, library: &str, entries: &Entries, facts: &[Fact]) -> Vec<Shown> {
    let one = |said: Said| {
        let keys = said.keys.into_iter().map(|(key, value)| {
            let setting = key.setting();
            let mut statements = trail(policy, day, Some(library), setting);
            statements.retain(|statement| statement.file.is_some());
            // The reason may be that of the amendment, which is no statement about the key.
            if statements.is_empty() {
                statements.push(Provenance { value: value.value, ..provenance(policy, value.origin, setting) });
            }
            (key.in_entry(), statements)
        });
        Shown { name: said.name, what: said.what, keys: keys.collect() }
    };
    said(entries, facts).into_iter().map(one).collect()
}
