//! The patrons of a segment, gathered for work that takes many at once, as extra rules do.

use std::borrow::Cow;
use std::ops::Range;

use lapse_engine::{Account, Activity, FactValue, Facts, Membership, Patron, Told};
use lapse_policy::Day;

use crate::asked::Texts;
use crate::assemble;
use crate::source::Field;
use crate::tables::patrons::PatronRow;
use crate::work::contract::{BATCH, PatronFacts};
use crate::{AskedColumn, Table};

/// Patrons with all their rows.
pub(super) struct Gathered<'t, 'x> {
    columns: &'x [AskedColumn],
    told: Told,
    ids: Vec<Cow<'t, str>>,
    patrons: Vec<PatronRow>,
    /// Where the rows of each patron start in the three below; one more at the end.
    starts: Vec<[usize; 3]>,
    memberships: Vec<Membership>,
    activity: Vec<Activity>,
    accounts: Vec<Account>,
    /// The values of facts: of patrons, memberships and accounts.
    facts: [Vec<FactValue>; 3],
    /// The texts of each column that is asked for.
    texts: Vec<Texts>,
}

impl<'t, 'x> Gathered<'t, 'x> {
    /// None yet, with the texts of these columns.
    pub fn new(columns: &'x [AskedColumn], told: Told) -> Gathered<'t, 'x> {
        let texts = vec![Texts::default(); columns.len()];
        Gathered {
            columns,
            told,
            ids: Vec::new(),
            patrons: Vec::new(),
            starts: vec![[0; 3]],
            memberships: Vec::new(),
            activity: Vec::new(),
            accounts: Vec::new(),
            facts: Default::default(),
            texts,
        }
    }

    /// Adds a patron.
    pub fn push(&mut self, id: Cow<'t, str>, row: PatronRow, patron: &Patron<'_>) {
        self.ids.push(id);
        self.patrons.push(row);
        self.memberships.extend_from_slice(patron.memberships);
        self.activity.extend_from_slice(patron.activity);
        self.accounts.extend_from_slice(patron.accounts);
        let Facts { patron: of_patron, memberships, accounts } = patron.facts;
        for (all, values) in self.facts.iter_mut().zip([of_patron, memberships, accounts]) {
            all.extend_from_slice(values);
        }
        self.starts.push([self.memberships.len(), self.activity.len(), self.accounts.len()]);
    }

    /// Adds the texts of the columns that are asked of a row of a table.
    pub fn push_texts(&mut self, table: Table, beyond: &[Field<'_>]) {
        let columns = self.columns.iter().enumerate().filter(|(_, column)| column.table == table);
        for ((number, _), text) in columns.zip(beyond) {
            self.texts[number].push(&text.text());
        }
    }

    /// Hands the patrons to `each`, a batch at a time.
    pub fn in_batches<E>(&self, mut each: impl FnMut(usize, &[Patron<'_>]) -> Result<(), E>) -> Result<(), E> {
        let mut patrons = Vec::with_capacity(self.ids.len().min(BATCH));
        for start in (0..self.ids.len()).step_by(BATCH) {
            patrons.clear();
            patrons.extend((start..self.ids.len().min(start + BATCH)).map(|index| self.patron(index)));
            each(start, &patrons)?;
        }
        Ok(())
    }

    fn patron(&self, index: usize) -> Patron<'_> {
        let [memberships, activity, accounts] = [0, 1, 2].map(|table| self.rows(index, table));
        assemble::patron(
            self.told,
            &self.patrons[index],
            &self.memberships[memberships],
            &self.activity[activity],
            &self.accounts[accounts],
            self.facts(index),
        )
    }

    fn facts(&self, patron: usize) -> Facts<'_> {
        // Each row of a table has as many values.
        let of = |table: usize, rows: Range<usize>, all: usize| {
            let values = &self.facts[table];
            let width = values.len().checked_div(all).unwrap_or_default();
            &values[rows.start * width..rows.end * width]
        };
        Facts {
            patron: of(0, patron..patron + 1, self.patrons.len()),
            memberships: of(1, self.rows(patron, 0), self.memberships.len()),
            accounts: of(2, self.rows(patron, 2), self.accounts.len()),
        }
    }

    fn rows(&self, patron: usize, table: usize) -> Range<usize> {
        self.starts[patron][table]..self.starts[patron + 1][table]
    }
}

impl PatronFacts for Gathered<'_, '_> {
    fn id(&self, patron: usize) -> &str {
        &self.ids[patron]
    }

    fn birth_date(&self, patron: usize) -> Option<Day> {
        self.patrons[patron].birth_date
    }

    fn asked(&self, column: usize, patron: usize, row: usize) -> &str {
        let [memberships, activity, accounts] = self.starts[patron];
        let first = match self.columns[column].table {
            Table::Patrons => patron,
            Table::Memberships => memberships,
            Table::Activity => activity,
            Table::Accounts => accounts,
        };
        self.texts[column].get(first + row)
    }
}
