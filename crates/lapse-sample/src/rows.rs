//! The four tables as CSV: the rows of one patron after those of another.

use std::io::Write as _;

use lapse_policy::Day;
use lapse_tables::Table;

use crate::bad_row::BadRow;
use crate::draft::{AccountRow, ActivityRow, Draft, MembershipRow};
use crate::facts::Facts;
use crate::field::Field;

/// The rows of one table that are not in its file yet.
#[derive(Default)]
pub struct Rows {
    /// The rows as CSV.
    pub bytes: Vec<u8>,
    /// How many rows there have been, with those in the file.
    pub count: u64,
}

impl Rows {
    /// Adds a row with these fields.
    fn push(&mut self, fields: &[&[u8]]) {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.bytes.push(b',');
            }
            self.bytes.extend_from_slice(field);
        }
        self.bytes.push(b'\n');
        self.count += 1;
    }
}

/// The rows of all tables, in the order of [`Table::ALL`].
#[derive(Default)]
pub struct FourTables(pub [Rows; 4]);

impl FourTables {
    /// Tables that hold the names of their columns only.
    pub fn with_headers(facts: &Facts) -> FourTables {
        let mut tables = FourTables::default();
        for table in Table::ALL {
            let of_table = table.columns().iter().map(|column| column.name.as_bytes());
            let of_facts: Vec<Field> = facts.names(table).collect();
            let names: Vec<&[u8]> = of_table.chain(of_facts.iter().map(|name| &**name)).collect();
            tables.of(table).push(&names);
            tables.of(table).count = 0;
        }
        tables
    }

    fn of(&mut self, table: Table) -> &mut Rows {
        &mut self.0[table as usize]
    }

    /// Adds the rows of a patron. The patron's bad row comes last in its table; `nobody` is an id that no patron has.
    pub fn push(&mut self, id: &[u8], draft: &Draft<'_>, facts: &mut Facts, nobody: &[u8]) {
        let of_patron = facts.row(Table::Patrons);
        let mut patron = [id, &day(draft.birth), &day(draft.profile), draft.loan_history.as_bytes()];
        match draft.bad_row {
            Some((BadRow::BirthDate(text), _)) => patron[1] = text.as_bytes(),
            Some((BadRow::LoanHistory(text), _)) => patron[3] = text.as_bytes(),
            Some((BadRow::SecondPatron, _)) => self.of(Table::Patrons).push(&with(&patron, &of_patron)),
            Some((BadRow::SecondAccount | BadRow::Further(..) | BadRow::OfNobody(..), _)) | None => {}
        }
        self.of(Table::Patrons).push(&with(&patron, &of_patron));
        for &MembershipRow { library, subscription, from, until, status } in &draft.memberships {
            let fields = [id, library, subscription, &from.to_bytes(), &day(until), status.as_str().as_bytes()];
            self.of(Table::Memberships).push(&with(&fields, &facts.row(Table::Memberships)));
        }
        for &ActivityRow { library, source, on } in &draft.activity {
            self.of(Table::Activity).push(&[id, library.unwrap_or_default(), source, &on.to_bytes()]);
        }
        for (source, on) in facts.activity() {
            self.of(Table::Activity).push(&[id, &[], source, &on.to_bytes()]);
        }
        for &AccountRow { library, owed, credit, blocks, items, settled_on } in &draft.accounts {
            let items = items.to_string();
            let fields = [id, library, &amount(owed), &amount(credit), blocks, items.as_bytes(), &day(settled_on)];
            self.of(Table::Accounts).push(&with(&fields, &facts.row(Table::Accounts)));
        }
        match draft.bad_row {
            Some((BadRow::Further(table, text), library)) => {
                let beyond = vec![Vec::new(); facts.count(table)];
                self.of(table).push(&with(&[id, library, text.as_bytes()], &beyond));
            }
            Some((BadRow::OfNobody(table, text), library)) => {
                let beyond = vec![Vec::new(); facts.count(table)];
                self.of(table).push(&with(&[nobody, library, text.as_bytes()], &beyond));
            }
            Some((BadRow::BirthDate(_) | BadRow::LoanHistory(_) | BadRow::SecondPatron | BadRow::SecondAccount, _))
            | None => {}
        }
    }
}

/// The fields of a row with those of the facts after them.
fn with<'f>(fields: &[&'f [u8]], facts: &'f [Vec<u8>]) -> Vec<&'f [u8]> {
    fields.iter().copied().chain(facts.iter().map(|fact| &**fact)).collect()
}

/// Writes the id of the patron with this number, as wide as the id of the last patron, into `id`.
pub fn write_id(id: &mut Vec<u8>, number: u32, patrons: u32) {
    let width = patrons.to_string().len().max(6);
    id.clear();
    write!(id, "P{number:0width$}").expect("memory takes it");
}

fn amount(cents: u32) -> Vec<u8> {
    format!("{}.{:02}", cents / 100, cents % 100).into_bytes()
}

fn day(day: Option<Day>) -> Vec<u8> {
    day.map_or_else(Vec::new, |day| day.to_bytes().to_vec())
}
