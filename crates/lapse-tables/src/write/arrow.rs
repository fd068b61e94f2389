//! Rows in columns, as Arrow has them: what becomes of them is a row group of Parquet, or a record batch in memory.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Date32Array, DictionaryArray, Int32Array, RecordBatch, StringArray, UInt64Array};
use lapse_policy::Day;

use super::column::{TABLES, schema_of};
use super::row::{MembershipRow, ProfileRow, RecordRow, Sink};
use crate::Reject;

/// The rows of the three tables as record batches, in the order of the patrons.
#[derive(Default)]
pub(crate) struct RecordBatches {
    pub tables: [Vec<RecordBatch>; 3],
}

impl RecordBatches {
    /// Adds rows that were sealed.
    pub fn add(&mut self, rows: &mut Rows) {
        for (table, batch) in self.tables.iter_mut().zip(&mut rows.sealed) {
            table.extend(batch.take());
        }
    }
}

/// The rejects as a record batch, with the columns of `rejects.csv`.
pub(crate) fn rejects_batch(rejects: &[Reject]) -> RecordBatch {
    let text = |of: fn(&Reject) -> &str| Arc::new(StringArray::from_iter_values(rejects.iter().map(of))) as ArrayRef;
    let lines = UInt64Array::from_iter_values(rejects.iter().map(|reject| reject.line));
    let columns = [
        ("table", text(Reject::table_or_file)),
        ("line", Arc::new(lines)),
        ("column", text(|reject| &reject.column)),
        ("value", Arc::new(StringArray::from_iter_values(rejects.iter().map(Reject::shown_value)))),
        ("problem", text(|reject| &reject.problem)),
    ];
    let columns = columns.map(|(name, values)| (name, values, false));
    RecordBatch::try_from_iter_with_nullable(columns).expect("the columns are of one length")
}

/// Rows of the three tables, in columns.
#[derive(Default)]
pub(crate) struct Rows {
    /// The id of the patron at hand.
    id: String,
    memberships: Memberships,
    records: Records,
    profiles: Profiles,
    /// Each table once the rows are sealed; none where it has no row.
    pub sealed: [Option<RecordBatch>; 3],
}

#[derive(Default)]
struct Memberships {
    ids: StringBuilder,
    libraries: Coded,
    subscriptions: Coded,
    valid_from: Vec<i32>,
    outcomes: Words,
    reasons: Words,
    valid_until: Vec<Option<i32>>,
    last_activity: Vec<Option<i32>>,
}

#[derive(Default)]
struct Records {
    ids: StringBuilder,
    libraries: Coded,
    outcomes: Words,
    reasons: Words,
    pseudonymise_before: Vec<Option<i32>>,
    purge_finance_before: Vec<Option<i32>>,
}

#[derive(Default)]
struct Profiles {
    ids: StringBuilder,
    outcomes: Words,
    reasons: Words,
}

impl Rows {
    /// Makes batches of the rows. The codes by number are those of the rows.
    pub fn seal(&mut self, libraries: &[Box<[u8]>], subscriptions: &[Box<[u8]>]) {
        let memberships = {
            let mut rows = std::mem::take(&mut self.memberships);
            vec![
                ids(&mut rows.ids),
                rows.libraries.finish(libraries),
                rows.subscriptions.finish(subscriptions),
                Arc::new(Date32Array::from(rows.valid_from)) as ArrayRef,
                rows.outcomes.finish(),
                rows.reasons.finish(),
                days(rows.valid_until),
                days(rows.last_activity),
            ]
        };
        let records = {
            let mut rows = std::mem::take(&mut self.records);
            vec![
                ids(&mut rows.ids),
                rows.libraries.finish(libraries),
                rows.outcomes.finish(),
                rows.reasons.finish(),
                days(rows.pseudonymise_before),
                days(rows.purge_finance_before),
            ]
        };
        let profiles = {
            let mut rows = std::mem::take(&mut self.profiles);
            vec![ids(&mut rows.ids), rows.outcomes.finish(), rows.reasons.finish()]
        };
        for ((sealed, (_, columns)), arrays) in self.sealed.iter_mut().zip(TABLES).zip([memberships, records, profiles])
        {
            *sealed = (!arrays[0].is_empty())
                .then(|| RecordBatch::try_new(schema_of(columns), arrays).expect("the columns are those of the table"));
        }
    }
}

impl Sink for Rows {
    fn patron(&mut self, id: &str) {
        id.clone_into(&mut self.id);
    }

    fn membership(&mut self, row: &MembershipRow<'_>) {
        let rows = &mut self.memberships;
        rows.ids.append_value(&self.id);
        rows.libraries.push(row.library.index);
        rows.subscriptions.push(row.subscription.index);
        rows.valid_from.push(row.valid_from.days_since_1970());
        rows.outcomes.push(row.outcome.as_bytes());
        rows.reasons.push(row.reason.as_bytes());
        rows.valid_until.push(row.valid_until.map(Day::days_since_1970));
        rows.last_activity.push(row.last_activity.map(Day::days_since_1970));
    }

    fn record(&mut self, row: &RecordRow<'_>) {
        let rows = &mut self.records;
        rows.ids.append_value(&self.id);
        rows.libraries.push(row.library.index);
        rows.outcomes.push(row.outcome.as_bytes());
        rows.reasons.push(row.reasons);
        rows.pseudonymise_before.push(row.pseudonymise_before.map(Day::days_since_1970));
        rows.purge_finance_before.push(row.purge_finance_before.map(Day::days_since_1970));
    }

    fn profile(&mut self, row: &ProfileRow<'_>) {
        let rows = &mut self.profiles;
        rows.ids.append_value(&self.id);
        rows.outcomes.push(row.outcome.as_bytes());
        rows.reasons.push(row.reasons);
    }
}

/// A column of codes. They are numbered anew in the order in which the rows name them, so that a batch does not depend on
/// the codes that a thread happened to know before.
#[derive(Default)]
struct Coded {
    keys: Vec<i32>,
    /// By code, the number of those that were named.
    numbers: Vec<Option<i32>>,
    /// The codes that were named, by number.
    named: Vec<usize>,
}

impl Coded {
    #[inline]
    fn push(&mut self, code: usize) {
        if code >= self.numbers.len() {
            self.numbers.resize(code + 1, None);
        }
        let number = *self.numbers[code].get_or_insert_with(|| {
            self.named.push(code);
            key(self.named.len() - 1)
        });
        self.keys.push(number);
    }

    /// The column, with the texts of all codes.
    fn finish(self, all: &[Box<[u8]>]) -> ArrayRef {
        words(self.keys, &texts(self.named.iter().map(|&code| &*all[code])))
    }
}

/// A column of few texts.
#[derive(Default)]
struct Words {
    keys: Vec<i32>,
    texts: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, usize>,
    /// The place of the last text.
    last: usize,
}

impl Words {
    fn push(&mut self, text: &[u8]) {
        // Neighbours often have the same.
        if self.texts.get(self.last).is_none_or(|last| **last != *text) {
            self.last = self.numbers.get(text).copied().unwrap_or_else(|| {
                let number = self.texts.len();
                self.texts.push(text.into());
                self.numbers.insert(text.into(), number);
                number
            });
        }
        self.keys.push(key(self.last));
    }

    fn finish(self) -> ArrayRef {
        words(self.keys, &texts(self.texts.iter().map(|text| &**text)))
    }
}

fn key(index: usize) -> i32 {
    i32::try_from(index).expect("fewer than two billion distinct codes")
}

fn texts<'t>(texts: impl Iterator<Item = &'t [u8]>) -> ArrayRef {
    let texts = texts.map(|text| std::str::from_utf8(text).expect("codes and reasons are text"));
    Arc::new(StringArray::from_iter_values(texts))
}

fn ids(ids: &mut StringBuilder) -> ArrayRef {
    Arc::new(ids.finish())
}

fn words(keys: Vec<i32>, texts: &ArrayRef) -> ArrayRef {
    let words = DictionaryArray::<Int32Type>::try_new(Int32Array::from(keys), texts.clone());
    Arc::new(words.expect("a key is that of a text"))
}

fn days(days: Vec<Option<i32>>) -> ArrayRef {
    Arc::new(Date32Array::from(days))
}
