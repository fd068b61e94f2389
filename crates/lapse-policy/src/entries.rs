//! Facts, keeps, ends and narrowings as they hold on one day (policy.md, "Facts, keeps, ends"): what the extract has beyond
//! its contract, who stays for it, and whose membership ends. What a test means, to the day, is in domain.md.

use std::fmt;
use std::ops::Range;

use crate::{BuiltInFact, Day, EmptyCell, FactKind, FactTable, Holder, KeepOf, Narrowed, Round, Sourced};

/// `[facts.NAME]`: something that the extract tells of a patron beyond the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What tests name it by.
    pub name: String,
    /// Where its values stand.
    pub source: FactSource,
    /// What a value is.
    pub kind: FactKind,
    /// What an empty cell means.
    pub empty: EmptyCell,
    /// Where the policy declares it: its key `table`.
    pub origin: crate::Origin,
}

impl Fact {
    /// The sources whose latest date it is; none where it stands in a column.
    pub fn sources(&self) -> &[String] {
        match &self.source {
            FactSource::Activity { sources } => sources,
            FactSource::Column { .. } => &[],
        }
    }
}

/// Where the values of a fact stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactSource {
    /// In a column of a table.
    Column {
        /// The table.
        table: FactTable,
        /// The name of the column in its header.
        column: String,
    },
    /// In the activity table: the latest date of these sources, over all libraries.
    Activity {
        /// The sources.
        sources: Vec<String>,
    },
}

/// A test on a fact, in `when` or `unless`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactTest {
    /// What is looked at.
    pub fact: TestedFact,
    /// What it is compared with.
    pub test: Sourced<Test>,
}

/// What a test looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TestedFact {
    /// What every extract tells.
    BuiltIn(BuiltInFact),
    /// A declared fact, by its place in [`crate::DayPolicy::facts`].
    Declared(usize),
}

impl TestedFact {
    /// What tests name it by, where `facts` are those of its policy.
    pub fn name(self, facts: &[Fact]) -> &str {
        match self {
            TestedFact::BuiltIn(fact) => fact.as_str(),
            TestedFact::Declared(index) => &facts[index].name,
        }
    }

    /// Whether it is an amount.
    pub fn is_amount(self, facts: &[Fact]) -> bool {
        match self {
            TestedFact::BuiltIn(fact) => matches!(fact, BuiltInFact::Owed | BuiltInFact::Credit),
            TestedFact::Declared(index) => facts[index].kind == FactKind::Amount,
        }
    }
}

/// What a test compares a value with. Where several conditions stand in one, all must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Of a flag or a date: whether there is one.
    Is(bool),
    /// Of a count, or of an amount in cents.
    Number(NumberTest),
    /// Of an age, in whole years.
    Age {
        /// The least age.
        at_least: Option<u32>,
        /// An age that is too great.
        under: Option<u32>,
    },
    /// Of a date.
    Date(DateTest),
    /// Of a code: one of these kinds is among those of the cell.
    AnyOf(Vec<String>),
    /// Of `run_month`: 1 to 12.
    Months(Vec<u32>),
}

impl Test {
    /// The fact with whose date it compares another.
    pub const fn after(&self) -> Option<TestedFact> {
        match self {
            Test::Date(date) => date.after,
            Test::Is(_) | Test::Number(_) | Test::Age { .. } | Test::AnyOf(_) | Test::Months(_) => None,
        }
    }
}

/// Bounds of a count, or of an amount in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NumberTest {
    /// More than this.
    pub over: Option<u64>,
    /// This or more.
    pub at_least: Option<u64>,
    /// Less than this.
    pub under: Option<u64>,
    /// This or less.
    pub at_most: Option<u64>,
}

impl NumberTest {
    /// The values that it lets through: whole numbers, or amounts in half cents, since an amount in a table can lie between two
    /// cents.
    pub fn range(&self, is_amount: bool) -> Range<u64> {
        let NumberTest { over, at_least, under, at_most } = *self;
        let unit = if is_amount { 2 } else { 1 };
        let least = over.map(|over| over * unit + 1).max(at_least.map(|at_least| at_least * unit));
        let end = [under.map(|under| under * unit), at_most.map(|at_most| at_most * unit + 1)];
        least.unwrap_or(0)..end.into_iter().flatten().min().unwrap_or(u64::MAX)
    }
}

/// Conditions on a date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateTest {
    /// The date and these months > D.
    pub within_months: Option<u32>,
    /// The date and these days > D.
    pub within_days: Option<u32>,
    /// The date and these months <= D.
    pub past_months: Option<u32>,
    /// The date and these days <= D.
    pub past_days: Option<u32>,
    /// Each term above runs to the end of the month or year in which it would end.
    pub round: Option<Round>,
    /// The date is strictly later than this one.
    pub after: Option<TestedFact>,
}

/// A keep or an end: who stays, or whose membership ends. An entry with the name of a built-in reason narrows that reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, which appears in the output as `keep/NAME` or `end/NAME`.
    pub name: String,
    /// Why, and who decided; where it is that of an amendment, the origin is the key of the entry that the amendment sets.
    pub reason: Sourced<String>,
    /// The memberships that it is about.
    pub only: EntryOnly,
    /// All must hold; always, where there is none.
    pub when: Vec<FactTest>,
    /// Where all of these hold it does not count; never, where there is none.
    pub unless: Vec<FactTest>,
    /// Whether it is in force: false is as if it were not there.
    pub active: Sourced<bool>,
}

impl Entry {
    /// The tests of `when`, then those of `unless`.
    pub fn tests(&self) -> impl Iterator<Item = &FactTest> {
        self.when.iter().chain(&self.unless)
    }

    /// Every fact that it looks at, those after which a date must be among them; one may come twice.
    pub fn facts(&self) -> impl Iterator<Item = TestedFact> {
        self.tests().flat_map(|FactTest { fact, test }| std::iter::once(*fact).chain(test.value.after()))
    }
}

/// `[keeps.NAME]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// What keeps and ends have in common.
    pub entry: Entry,
    /// What it keeps, each once, in the order of [`KeepOf::ALL`].
    pub of: Sourced<Vec<KeepOf>>,
    /// Whether a record that nothing else keeps is for a person to look at.
    pub review: Sourced<bool>,
}

/// `[keeps.NAME]` with the name of a built-in reason, which then holds only where this holds as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowing {
    /// The built-in reason.
    pub of: Narrowed,
    /// Its `only` names nothing.
    pub entry: Entry,
    /// False: the built-in reason never holds.
    pub holds: Sourced<bool>,
}

/// `only` of a keep or an end: each of its keys that is there lets through what is in its list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryOnly {
    /// Holders.
    pub holder: Option<Sourced<Vec<Holder>>>,
    /// Categories.
    pub category: Option<Sourced<Vec<String>>>,
    /// Codes of subscriptions.
    pub subscription: Option<Sourced<Vec<String>>>,
}

impl EntryOnly {
    /// Whether it lets everything through.
    pub fn is_all(&self) -> bool {
        self.holder.is_none() && self.category.is_none() && self.subscription.is_none()
    }

    /// Whether it lets a subscription through that has this holder, category and code.
    pub fn matches(&self, holder: Holder, category: &str, code: &str) -> bool {
        let is_in = |list: &Option<Sourced<Vec<String>>>, text: &str| {
            list.as_ref().is_none_or(|list| list.value.iter().any(|listed| listed == text))
        };
        self.holder.as_ref().is_none_or(|list| list.value.contains(&holder))
            && is_in(&self.category, category)
            && is_in(&self.subscription, code)
    }
}

/// Every keep, end and narrowing that some file names for the library, in force or not, each list by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// The keeps.
    pub keeps: Vec<Keep>,
    /// The ends.
    pub ends: Vec<Entry>,
    /// The narrowings, in the order of [`Narrowed::ALL`].
    pub narrowings: Vec<Narrowing>,
}

impl Entries {
    /// What keeps, ends and narrowings have in common, of those that are in force.
    pub fn in_force(&self) -> impl Iterator<Item = &Entry> {
        let keeps = self.keeps.iter().map(|keep| &keep.entry);
        let narrowings = self.narrowings.iter().map(|narrowing| &narrowing.entry);
        keeps.chain(&self.ends).chain(narrowings).filter(|entry| entry.active.value)
    }
}

/// A day of each year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31, as the month has it in every year.
    pub day: u32,
}

impl MonthDay {
    /// 1 January.
    pub const NEW_YEAR: MonthDay = MonthDay { month: 1, day: 1 };

    /// Reads `MM-DD`: a day that every year has.
    pub fn parse(text: &str) -> Option<MonthDay> {
        let day = Day::parse(format!("2001-{text}").as_bytes())?;
        Some(MonthDay { month: day.month(), day: day.day_of_month() })
    }

    /// This day in a year of the calendar.
    pub fn in_year(self, year: u32) -> Option<Day> {
        Day::new(year, self.month, self.day)
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// After how long activity is pseudonymised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// So long in days.
    Days(u32),
    /// So long in months.
    Months(u32),
}

impl Span {
    /// The day so long before another.
    pub fn before(self, day: Day) -> Day {
        match self {
            Span::Days(days) => day.add_days(-days.cast_signed()),
            Span::Months(months) => day.add_months(-months.cast_signed()),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::Days(days) => write!(f, "{days} days"),
            Span::Months(months) => write!(f, "{}", crate::months(*months)),
        }
    }
}

/// The most facts that a policy can declare.
pub const MOST_FACTS: usize = 64;
