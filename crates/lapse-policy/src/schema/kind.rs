//! What a key of a policy file can hold, and what a person should have written where it holds something else.

use super::Table;
use crate::{EmptyCell, FactKind, FactTable, Grant, Holder, Isolation, KeepOf, Removal, Renewal, Scope};

/// The columns of the accounts table that `cleanup.accounts_needed` can name.
pub const ACCOUNT_COLUMNS: [&str; 5] = ["owed", "credit", "blocks", "items", "settled_on"];
/// The table whose facts are latest dates, which have sources instead of a column.
pub(crate) const ACTIVITY: &str = "activity";
/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text that is not blank.
    Text,
    /// Text on one line that other files and the tables use.
    Code,
    /// A whole number between two bounds, both included.
    Whole {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
        /// What is counted.
        of: Counted,
    },
    /// An amount in euro: a text with at most two decimals, or a whole number.
    Fee,
    /// `person`, `institution` or `administrative`.
    Holder,
    /// `automatic`, `conditional` or `none`.
    Renewal,
    /// `patron` or `library`.
    Scope,
    /// 1, 2 or 3.
    GroupKind,
    /// A list of source names, at least one.
    Sources,
    /// A list of source names, maybe none.
    RestingSources,
    /// A list of kinds of block, maybe none.
    Blocks,
    /// A list of columns of the accounts table, maybe none.
    AccountColumns,
    /// A calendar day.
    Date,
    /// `true` or `false`.
    Boolean,
    /// A table of its own.
    Table(Table),
    /// A day that every year has, as `MM-DD`.
    MonthDay,
    /// The same, or `none` for no such day.
    MonthDayOrNone,
    /// 1 to 1200 months, or `none` for no such term.
    MonthsOrNone,
    /// `delete` or `anonymise`.
    Removal,
    /// A table of the extract: `patrons`, `memberships`, `accounts` or `activity`.
    FactTable,
    /// What a value of a fact is.
    FactKind,
    /// `unknown` or `none`.
    EmptyCell,
    /// A list of what a keep keeps, at least one.
    KeepOf,
    /// A holder or a list of them, at least one.
    Holders,
    /// A text or a list of texts, at least one.
    OneOrMore,
    /// A list of texts, at least one.
    Names,
    /// A table of tests, each with the fact that it looks at.
    Tests,
    /// The name or path of a plugin's file.
    PluginFile,
    /// 64 hexadecimal digits.
    Sha256,
    /// A list of what a plugin may decide, at least one.
    Grants,
    /// A list of columns, each as `table.column`, maybe none.
    Columns,
    /// A table with any content.
    Config,
    /// `process` or `none`.
    Isolation,
}

/// What a whole number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Calendar months.
    Months,
    /// Days.
    Days,
    /// Percent.
    Percent,
    /// The day of the month itself.
    DayOfMonth,
    /// Seconds.
    Seconds,
}

impl Kind {
    /// The words it is limited to; none where it is not a word.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Kind::Holder => Holder::ALL.iter().map(|word| word.as_str()).collect(),
            Kind::Renewal => Renewal::ALL.iter().map(|word| word.as_str()).collect(),
            Kind::Scope => Scope::ALL.iter().map(|word| word.as_str()).collect(),
            Kind::Isolation => Isolation::ALL.iter().map(|word| word.as_str()).collect(),
            Kind::Removal => Removal::ALL.iter().map(|word| word.as_str()).collect(),
            Kind::FactTable => FactTable::ALL.iter().map(|word| word.as_str()).chain([ACTIVITY]).collect(),
            Kind::FactKind => FactKind::ALL.iter().map(|word| word.as_str()).collect(),
            Kind::EmptyCell => EmptyCell::ALL.iter().map(|word| word.as_str()).collect(),
            Kind::KeepOf => KeepOf::ALL.iter().map(|word| word.as_str()).collect(),
            Kind::Holders => Holder::ALL.iter().map(|word| word.as_str()).collect(),
            Kind::AccountColumns => ACCOUNT_COLUMNS.to_vec(),
            Kind::Text
            | Kind::Code
            | Kind::Whole { .. }
            | Kind::Fee
            | Kind::GroupKind
            | Kind::Sources
            | Kind::RestingSources
            | Kind::Blocks
            | Kind::Date
            | Kind::Boolean
            | Kind::Table(_)
            | Kind::MonthDay
            | Kind::MonthDayOrNone
            | Kind::MonthsOrNone
            | Kind::OneOrMore
            | Kind::Names
            | Kind::Tests
            | Kind::PluginFile
            | Kind::Sha256
            | Kind::Grants
            | Kind::Columns
            | Kind::Config => Vec::new(),
        }
    }

    /// What a person should have written, to follow "expected".
    pub fn expected(self) -> String {
        match self {
            Kind::Text => "a text in quotes".to_owned(),
            Kind::Code => "a code: a text in quotes, on one line".to_owned(),
            Kind::Whole { min, max, of } => {
                let of = match of {
                    Counted::Months => "a whole number of months",
                    Counted::Days => "a whole number of days",
                    Counted::Percent => "a whole percentage",
                    Counted::DayOfMonth => "a day of the month",
                    Counted::Seconds => "a whole number of seconds",
                };
                format!("{of}, {min} to {max}")
            }
            Kind::Fee => r#"an amount in euro such as "5.00" or 5"#.to_owned(),
            Kind::Holder
            | Kind::Renewal
            | Kind::Scope
            | Kind::Isolation
            | Kind::Removal
            | Kind::FactTable
            | Kind::FactKind
            | Kind::EmptyCell => {
                let words: Vec<_> = self.words().iter().map(|word| format!("{word:?}")).collect();
                any_of(&words)
            }
            Kind::GroupKind => "1, 2 or 3".to_owned(),
            Kind::Sources | Kind::RestingSources => r#"a list of source names such as ["wise", "sip2"]"#.to_owned(),
            Kind::Blocks => r#"a list of kinds of block such as ["general", "bailiff"]"#.to_owned(),
            Kind::AccountColumns | Kind::KeepOf => {
                let words: Vec<_> = self.words().iter().map(|word| format!("{word:?}")).collect();
                format!("a list of {}", any_of(&words))
            }
            Kind::Date => "a date such as 2022-07-01, without quotes".to_owned(),
            Kind::Boolean => "true or false".to_owned(),
            Kind::Table(Table::Release) => {
                r#"a table such as { libraries = ["peer"], keys = ["subscription.lapse_months"] }"#.to_owned()
            }
            Kind::Table(_) => r#"a table such as { holder = "person" }"#.to_owned(),
            Kind::MonthDay => r#"a day of every year such as "07-01""#.to_owned(),
            Kind::MonthDayOrNone => r#"a day of every year such as "12-31", or "none""#.to_owned(),
            Kind::MonthsOrNone => r#"a whole number of months, 1 to 1200, or "none""#.to_owned(),
            Kind::Holders => {
                let words: Vec<_> = self.words().iter().map(|word| format!("{word:?}")).collect();
                format!("{}, or a list of them", any_of(&words))
            }
            Kind::OneOrMore => r#"a text in quotes, or a list such as ["youth", "student"]"#.to_owned(),
            Kind::Names => r#"a list of texts such as ["peer"]"#.to_owned(),
            Kind::Tests => "a table of tests such as { age = { at_least = 18 } }".to_owned(),
            Kind::PluginFile => r#"the name of a file in a plugin directory, such as "summer_grace""#.to_owned(),
            Kind::Sha256 => "a SHA-256: 64 hexadecimal digits in quotes".to_owned(),
            Kind::Grants => {
                let words: Vec<_> = Grant::ALL.iter().map(|word| format!("{:?}", word.as_str())).collect();
                format!("a list of {}", any_of(&words))
            }
            Kind::Columns => r#"a list of columns such as ["patrons.deceased_on"]"#.to_owned(),
            Kind::Config => "a table such as { months = [7, 8] }".to_owned(),
        }
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn any_of(names: &[impl AsRef<str>]) -> String {
    match names {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<_> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", rest.join(", "), last.as_ref())
        }
    }
}
