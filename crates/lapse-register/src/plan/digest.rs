//! A hash over all that is known of a patron, as the rules see it. The order in which a database gives rows makes no
//! difference. It is taken when a plan is made and again just before anything is done.

use lapse_engine::{Codes, ExtraError, FactValue, Patron};
use lapse_policy::Day;
use lapse_tables::{AskedColumn, PatronBatch, Table, Work};
use sha2::{Digest, Sha256};

use crate::hexadecimal;

/// The hashes of what each table says of a patron.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts([[u8; 32]; 4]);

impl Parts {
    /// Of what is known of a patron, whose number in a batch this is. The texts of `asked` columns count too.
    pub fn of(patron: &Patron<'_>, batch: &PatronBatch<'_>, index: usize, asked: &[AskedColumn]) -> Parts {
        let codes = batch.codes;
        let texts = |table: Table, row: usize| -> String {
            let of_table = asked.iter().enumerate().filter(|(_, column)| column.table == table);
            of_table.fold(String::new(), |texts, (place, _)| texts + "\u{1f}" + batch.facts.asked(place, index, row))
        };
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let library = |code| codes.libraries.text(code);
        let blocks = |cell| codes.blocks.text(cell);
        let facts = |all: &[FactValue], row: usize, rows: usize| -> String {
            let width = all.len().checked_div(rows).unwrap_or(0);
            let of_row = all.iter().skip(row * width).take(width);
            let text = |value: &FactValue| value.number().map_or("?".to_owned(), |number| number.to_string());
            of_row.fold(String::new(), |texts, value| texts + "\u{1f}" + &text(value))
        };
        let patrons = format!(
            "{}\u{1f}{}\u{1f}{}{}{}",
            day(patron.birth_date),
            day(patron.profile_last_active),
            patron.keeps_history,
            facts(patron.facts.patron, 0, 1),
            texts(Table::Patrons, 0)
        );
        let memberships = patron.memberships.iter().enumerate().map(|(row, membership)| {
            format!(
                "{}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}{}{}",
                library(membership.library),
                codes.subscriptions.text(membership.subscription),
                membership.valid_from,
                day(membership.valid_until),
                membership.status.as_str(),
                facts(patron.facts.memberships, row, patron.memberships.len()),
                texts(Table::Memberships, row)
            )
        });
        let activity = patron.activity.iter().map(|activity| {
            let library = activity.library.map(library).unwrap_or_default();
            format!("{library}\u{1f}{}\u{1f}{}", codes.sources.text(activity.source), activity.last_active)
        });
        let accounts = patron.accounts.iter().enumerate().map(|(row, account)| {
            format!(
                "{}\u{1f}{}{}{}\u{1f}{}\u{1f}{}{}{}",
                library(account.library),
                u8::from(account.owes),
                u8::from(account.has_credit),
                u8::from(account.has_items),
                account.blocks.map(blocks).unwrap_or_default(),
                day(account.settled_on),
                facts(patron.facts.accounts, row, patron.accounts.len()),
                texts(Table::Accounts, row)
            )
        });
        Parts([hash([patrons]), hash(memberships), hash(activity), hash(accounts)])
    }

    /// One hash over all of them.
    pub fn whole(&self) -> String {
        hexadecimal(&Sha256::digest(self.0.concat()))
    }

    /// The start of each, as a plan has them.
    pub fn shown(&self) -> String {
        self.0.each_ref().map(|part| hexadecimal(&part[..4])).join(" ")
    }

    /// The tables that say something else than in a plan.
    pub fn differing(&self, planned: &str) -> Vec<&'static str> {
        let shown = self.shown();
        let pairs = shown.split(' ').zip(planned.split(' ')).zip(Table::ALL);
        pairs.filter(|((now, then), _)| now != then).map(|(_, table)| table.name()).collect()
    }
}

/// A hash over lines, whatever their order.
fn hash(lines: impl IntoIterator<Item = String>) -> [u8; 32] {
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.sort_unstable();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.len().to_be_bytes());
        hash.update(line);
    }
    hash.finalize().into()
}

/// A patron as they are now.
pub(crate) struct Now {
    pub patron: String,
    pub parts: Parts,
    /// A row was rejected.
    pub held: bool,
}

/// The work that finds out how patrons are now, with the columns that plugins looked at when the plan was made.
pub(crate) struct Digesting {
    pub asked: Vec<AskedColumn>,
}

impl Work for Digesting {
    type Worker = Vec<Now>;
    type Rows = ();

    fn columns(&self) -> &[AskedColumn] {
        &self.asked
    }

    fn new_worker(&self, _codes: &Codes) -> Vec<Now> {
        Vec::new()
    }

    fn work(&self, worker: &mut Vec<Now>, batch: &PatronBatch<'_>, (): &mut ()) -> Result<(), ExtraError> {
        worker.extend((batch.first..).zip(batch.patrons).map(|(index, patron)| Now {
            patron: batch.facts.id(index).to_owned(),
            parts: Parts::of(patron, batch, index, &self.asked),
            held: patron.held,
        }));
        Ok(())
    }
}
