//! The first rows of each table of a register, as lapse understands them, and those that cannot be used.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use lapse_policy::Day;
use lapse_tables::source::{RowPlace, TextRows};
use lapse_tables::{Extract, Known, Reject, Source, Table, TableError};

use crate::register::Register;
use crate::rows::{Rows, each_row};
use crate::whole_columns::{WholeColumn, whole_columns};

/// This many rows of each table are read.
const MOST: usize = 1_000;
/// This many codes of a column are named.
const CODES: usize = 12;

/// What the first rows of a register tell.
pub struct Sample {
    /// The tables that there are.
    pub tables: Vec<SampleTable>,
    /// The rows among them that cannot be used.
    pub rejects: Vec<Reject>,
    /// The columns that are written in another form as a whole.
    pub whole_columns: Vec<WholeColumn>,
}

/// The first rows of a table.
pub struct SampleTable {
    /// Which.
    pub table: Table,
    /// The files that it comes from.
    pub parts: Vec<Arc<str>>,
    /// The line or number of each row, and its values as lapse understands them.
    pub rows: Vec<(u32, Vec<String>)>,
    /// There are more rows.
    pub is_cut: bool,
    /// For each column, whether some file has it.
    has: Vec<bool>,
}

impl SampleTable {
    /// The columns that the table has here: the place of each among the values of a row, and its name.
    pub fn columns(&self) -> Vec<(usize, &'static str)> {
        let columns = self.table.columns().iter().map(|column| column.name).enumerate();
        columns.filter(|(slot, _)| self.has[*slot]).collect()
    }

    /// The codes that stand in the rows, with how often each does, by column; none where the table has no codes.
    pub fn codes_text(&self) -> Option<String> {
        const OF_CODES: [&str; 5] = ["library", "subscription", "status", "source", "blocks"];
        let columns = self.columns().into_iter().filter(|(_, name)| OF_CODES.contains(name));
        let texts: Vec<String> = columns.filter_map(|(slot, name)| self.codes_of(slot, name)).collect();
        (!texts.is_empty()).then(|| texts.join("; "))
    }

    fn codes_of(&self, slot: usize, name: &str) -> Option<String> {
        let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, row) in self.rows.iter().filter(|(_, row)| !row[slot].is_empty()) {
            *codes.entry(&row[slot]).or_default() += 1;
        }
        let shown: Vec<String> = codes.iter().take(CODES).map(|(code, rows)| format!("{code} ({rows})")).collect();
        let more = codes.len().saturating_sub(CODES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!shown.is_empty()).then(|| format!("{name}: {}{more}", shown.join(", ")))
    }
}

impl Sample {
    /// Reads the first rows of each table. Their ids are looked for among all patrons.
    pub fn of(register: &Register) -> Result<Sample, TableError> {
        let (mut tables, mut rows) = (Vec::new(), Rows::default());
        for table in Table::ALL {
            let Some(opened) = register.table(table, &[])? else { continue };
            let mut read: Vec<(RowPlace, Vec<String>)> = Vec::new();
            let mut is_cut = false;
            each_row(table, &*opened, |at, fields| {
                is_cut = read.len() == MOST;
                if !is_cut {
                    let texts = fields.iter().map(|field| field.clone().into_text().into_owned());
                    read.push((at, texts.collect()));
                }
                !is_cut
            })?;
            let told = opened.columns()?;
            let has = table
                .columns()
                .iter()
                .map(|column| told.iter().any(|part| part.names.iter().any(|name| name == column.name)));
            let parts = opened.parts().to_vec();
            tables.push(SampleTable {
                table,
                parts: parts.clone(),
                rows: read.iter().map(|(at, fields)| (at.line, fields.clone())).collect(),
                is_cut,
                has: has.collect(),
            });
            rows.tables[table as usize] = Some(TextRows { names: Vec::new(), parts, rows: read });
        }
        add_patrons(register, &mut rows)?;
        // No policy is needed to tell which rows can be read, and no day is after the run.
        let known = Known::of(Day::MAX, []);
        let rejects = Extract::read_from(&rows, &known, 1, &[])?.rejects;
        let whole_columns = whole_columns(&rows, &rejects)?;
        Ok(Sample { tables, rejects, whole_columns })
    }
}

/// Adds the patrons whom rows of other tables are about, and who are not among the first.
fn add_patrons(register: &Register, rows: &mut Rows) -> Result<(), TableError> {
    let [Some(patrons), others @ ..] = &mut rows.tables else { return Ok(()) };
    if patrons.rows.len() < MOST {
        return Ok(());
    }
    let known: HashSet<&str> = patrons.rows.iter().map(|(_, row)| row[0].as_str()).collect();
    let of_others = others.iter().flatten().flat_map(|table| &table.rows).map(|(_, row)| row[0].as_str());
    let mut wanted: HashSet<String> = of_others.filter(|id| !known.contains(id)).map(str::to_owned).collect();
    let Some(opened) = register.table(Table::Patrons, &[])? else { return Ok(()) };
    let columns = Table::Patrons.columns().len();
    let mut found = Vec::new();
    each_row(Table::Patrons, &*opened, |at, fields| {
        let id = fields[0].clone().into_text();
        if wanted.remove(&*id) {
            let mut row = vec![String::new(); columns];
            row[0] = id.into_owned();
            found.push((at, row));
        }
        !wanted.is_empty()
    })?;
    patrons.rows.extend(found);
    Ok(())
}
