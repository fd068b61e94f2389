//! Rows that cannot be used: why, and what becomes of them.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use lapse_engine::Status;

use crate::Table;

/// A row that was not used, for `rejects.csv`. Its patron, where it is known, is held; and so is one whose id the row nearly
/// has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// Which table.
    pub table: Table,
    /// Its file within the extract: `patrons.csv`, `memberships/part-2.csv`.
    pub file: Arc<str>,
    /// The physical line on which the row starts, the header being line 1; in Parquet the number of the row.
    pub line: u64,
    /// The column with the row's first problem.
    pub column: String,
    /// What stands there: of an id that no patron has all of it, of anything else as much as [`Reject::shown_value`] gives.
    pub value: String,
    /// What is wrong with it.
    pub problem: String,
    /// The row belongs to nobody, so that it holds nobody: it has no id, or no patron has its id or nearly has it.
    pub of_nobody: bool,
    /// The code of the policy that the value nearly is, where that is the problem.
    pub near: Option<String>,
}

impl Reject {
    /// What `rejects.csv` calls the table: of a table of several files, the one that has the row.
    pub fn table_or_file(&self) -> &str {
        if self.file.contains('/') { &self.file } else { self.table.name() }
    }

    /// The value as `rejects.csv` has it, cut where it is long; the line says where all of it stands.
    pub fn shown_value(&self) -> Cow<'_, str> {
        cut(&self.value)
    }
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Empty,
    UnknownPatron,
    SecondPatron,
    SecondAccount,
    /// A code that nearly is this one, which the policy has.
    Slip(String),
    NotADate,
    BeforeAnyFact,
    LooksEmpty,
    EndsBeforeItStarts,
    NotAStatus,
    NotABoolean,
    NotAnAmount,
    CommaInAmount,
    OwedBelowZero,
    CreditBelowZero,
    AmountBelowZero,
    NotACount,
    NegativeCount,
}

impl Fault {
    /// The code of the policy that was nearly written.
    pub fn near(&self) -> Option<&String> {
        match self {
            Fault::Slip(near) => Some(near),
            _ => None,
        }
    }

    /// The sentence for `rejects.csv`.
    pub fn problem(&self) -> String {
        match self {
            Fault::Empty => "this value is required".into(),
            Fault::UnknownPatron => "the patrons table has no such patron".into(),
            Fault::SecondPatron => "a second row for this patron; the first one stands".into(),
            Fault::SecondAccount => "a second row for this patron and library; the first one stands".into(),
            Fault::Slip(near) => format!("the policy does not have this code, but nearly: write it as `{near}`"),
            Fault::NotADate => "not a date written as YYYY-MM-DD".into(),
            Fault::BeforeAnyFact => "a date before 1900 tells nothing about a patron; check its year".into(),
            Fault::LooksEmpty => "this looks like an empty date; leave the field empty where there is no date".into(),
            Fault::EndsBeforeItStarts => "valid_until lies before valid_from".into(),
            Fault::NotAStatus => {
                let words: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
                format!("not one of {}", words.join(", "))
            }
            Fault::NotABoolean => "neither true nor false".into(),
            Fault::NotAnAmount => "not an amount in digits, with a point if need be".into(),
            Fault::CommaInAmount => {
                "an amount with a comma; write a point, or set `decimals` in a register of files".into()
            }
            Fault::OwedBelowZero => {
                "an amount below zero; what the library owes the patron goes to the column `credit`".into()
            }
            Fault::CreditBelowZero => {
                "an amount below zero; what the patron owes the library goes to the column `owed`".into()
            }
            Fault::AmountBelowZero => "an amount below zero".into(),
            Fault::NotACount => "not a count in digits".into(),
            Fault::NegativeCount => "a count below zero".into(),
        }
    }
}

/// A fault in a row. It is rare, and lies apart so that what is read without a fault is small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowFault(Box<FaultyValue>);

/// What is wrong with a value, where, and the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FaultyValue {
    /// Index into the table's columns.
    pub column: usize,
    pub value: String,
    pub fault: Fault,
}

impl Deref for RowFault {
    type Target = FaultyValue;

    fn deref(&self) -> &FaultyValue {
        &self.0
    }
}

/// Values with more characters than this are cut in `rejects.csv`.
const LONGEST_VALUE: usize = 1000;

/// A value, cut where it is long.
pub(crate) fn cut(value: &str) -> Cow<'_, str> {
    lapse_policy::cut(value, LONGEST_VALUE)
}

impl RowFault {
    /// Its parts.
    pub fn take(self) -> FaultyValue {
        *self.0
    }

    /// Whether the row belongs to nobody: no patron has its id, or it has none.
    pub fn is_of_nobody(&self) -> bool {
        match self.fault {
            Fault::UnknownPatron => true,
            Fault::Empty => self.column == 0,
            _ => false,
        }
    }

    /// A fault of a value, of which no more is kept than is shown or needed.
    #[cold]
    pub fn new(column: usize, value: &str, fault: Fault) -> RowFault {
        let value = match fault {
            // Patrons may nearly have this id, for which all of it counts.
            Fault::UnknownPatron => value.to_owned(),
            _ => cut(value).into_owned(),
        };
        RowFault(Box::new(FaultyValue { column, value, fault }))
    }
}
