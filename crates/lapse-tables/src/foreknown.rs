//! What must be known of all rows before the first patron is decided: what the extract tells about anybody, and which patrons
//! are held for rows that nearly have their ids. Sorted tables are read with what their columns say; where the rows then say
//! otherwise, which is rare, they are read once more with that, so that decisions go one way and memory stays flat.

use std::collections::HashSet;
use std::path::Path;

use lapse_engine::{AccountColumns, FactColumn, Told};
use lapse_policy::{FactTable, is_slip};

use crate::error::Problem;
use crate::fact_fields::Asked;
use crate::nearly::{Nearly, left_of_strays};
use crate::source::{PartColumns, Source};
use crate::{AskedColumn, Known, Reject, RowCounts, Table, TableError};

/// What is known of all rows.
#[derive(Clone, Debug)]
pub(crate) struct Foreknown {
    /// What the extract tells about anybody.
    pub told: Told,
    /// The patrons whose ids some rows nearly have; none where nobody has looked yet.
    nearly: Option<Nearly>,
    /// The ids of these patrons.
    pub held: HashSet<String>,
    /// What is asked of the source beyond the columns of its tables.
    pub asked: Asked,
}

impl Foreknown {
    /// What the columns of a source say, where activity is taken to be usable if there is such a table. A column whose name is
    /// a slip of one that a table lacks stops the run: what it holds would be lost.
    ///
    /// The texts of some columns are `asked` for; facts are those that the policies look at.
    pub fn of(source: &dyn Source, asked: &[AskedColumn], known: &Known) -> Result<Foreknown, TableError> {
        let mut told = Told::default();
        let mut columns: [Vec<PartColumns>; 4] = Default::default();
        for table in Table::ALL {
            let Some(opened) = source.table(table, &[])? else { continue };
            let parts = opened.columns()?;
            if let Some(slip) = parts.iter().flat_map(|part| slips_of(table, part, asked, known, source)).next() {
                return Err(slip);
            }
            match table {
                Table::Patrons | Table::Memberships => {}
                Table::Activity => told.activity = true,
                Table::Accounts => told.accounts = columns_of_all(&parts),
            }
            columns[table as usize] = parts;
        }
        let has = |table: Table, name: &str| {
            let parts = &columns[table as usize];
            !parts.is_empty() && parts.iter().all(|part| part.names.iter().any(|column| column == name))
        };
        let facts = &known.codes().facts;
        told.facts = facts.told(|table, name| has(Table::of_facts(table), name));
        let told = source.told_by_the_whole().unwrap_or(told);
        let asked = Asked::of(asked, facts, told.facts, has);
        Ok(Foreknown { told, nearly: None, held: HashSet::new(), asked })
    }

    /// What the rows say, once they were read with this; none where they say the same.
    pub fn corrected(
        &self,
        source: &dyn Source,
        rejects: &[Reject],
        counts: &RowCounts,
        threads: usize,
    ) -> Result<Option<Foreknown>, TableError> {
        let mut better = self.clone();
        better.told.activity &= counts.has_activity();
        if better.nearly.is_none() {
            let strays = left_of_strays(rejects);
            let nearly = if strays.len() == 0 || source.ids_are_exact() {
                Nearly::default()
            } else {
                Nearly::find(source, &strays, threads)?
            };
            better.held = nearly.held();
            better.nearly = Some(nearly);
        }
        let is_same = better.told == self.told && better.held == self.held;
        Ok((!is_same).then_some(better))
    }

    /// Says of each row that nearly has the id of a patron whom it holds.
    pub fn tell(&self, rejects: &mut [Reject]) {
        if let Some(nearly) = &self.nearly {
            nearly.tell(rejects);
        }
    }
}

/// The columns of accounts that each part of the table has. Of a table that cannot tell its columns before it is read, such as
/// a pipe, nothing is known, and so it keeps records rather than lets them go.
fn columns_of_all(parts: &[PartColumns]) -> AccountColumns {
    let each = parts.iter().map(|part| AccountColumns::of(part.names.iter().map(String::as_str)));
    let lacking = each.fold(AccountColumns::default(), |lacking, has| lacking.with(AccountColumns::ALL.without(has)));
    if parts.is_empty() { AccountColumns::default() } else { AccountColumns::ALL.without(lacking) }
}

/// The columns of a source whose names are slips of those that its tables lack, each as the error with which it stops a run by
/// policies that know `known`. Those that are `asked` for are meant as they are.
pub fn column_slips(source: &dyn Source, asked: &[AskedColumn], known: &Known) -> Result<Vec<TableError>, TableError> {
    let mut slips = Vec::new();
    for table in Table::ALL {
        let Some(opened) = source.table(table, &[])? else { continue };
        slips.extend(opened.columns()?.iter().flat_map(|part| slips_of(table, part, asked, known, source)));
    }
    Ok(slips)
}

/// The slips among the names of the columns of a part of a table. What the table lacks is a column of the contract, or one of a
/// fact that the policies look at.
fn slips_of(
    table: Table,
    part: &PartColumns,
    asked: &[AskedColumn],
    known: &Known,
    source: &dyn Source,
) -> Vec<TableError> {
    let meant = known.meant(asked);
    let of_contract = || table.columns().iter().map(|column| column.name);
    let is_known = |name: &str| {
        of_contract().any(|column| column == name)
            || meant.iter().any(|column| column.table == table && column.name == name)
            || source.ignored_columns().iter().any(|ignored| ignored == name)
    };
    let of_facts = FactTable::ALL.iter().filter(|&&of| Table::of_facts(of) == table);
    let of_facts = of_facts.flat_map(|&of| known.codes().facts.of(of)).map(FactColumn::name);
    // The number of an account that a fact looks at is a column of the contract.
    let wanted = of_contract().chain(of_facts.filter(|&column| !of_contract().any(|other| other == column)));
    let lacking = wanted.filter(|&column| !part.names.iter().any(|name| name == column));
    let slips = lacking.filter_map(|column| {
        let name = part.names.iter().find(|name| !is_known(name) && is_slip(name, column))?;
        let problem = Problem::ColumnSlip { column: column.to_owned(), name: name.clone() };
        let path = source.folder().unwrap_or(Path::new("")).join(&*part.part);
        Some(TableError { path, place: None, problem })
    });
    slips.collect()
}
