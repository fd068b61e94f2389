//! The rows of one patron, found without joining everybody, as a source of their own: what is read from it is what would be
//! read about the patron from all rows.

use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use lapse_engine::{Activity, Told};

use crate::codes::AllCodes;
use crate::foreknown::Foreknown;
use crate::slips::{LeftOfIds, id_without_slips};
use crate::source::{LookedFor, Source, TableSource, TextRows, Together, find_rows, read};
use crate::tables::row::PatronTable;
use crate::{AskedColumn, Known, Progress, Table, TableError};

/// Every row of one patron in a source, each at the place where it stands there, and every row of nobody that nearly has the
/// patron's id, which holds the patron.
pub struct PatronRows {
    tables: [Option<TextRows>; 4],
    /// What all rows together tell about anybody.
    told: Told,
    /// The columns beyond those of the tables that each row has, in their order.
    pub further: Vec<AskedColumn>,
}

/// A source that is looked through for rows.
struct Look<'a> {
    source: &'a dyn Source,
    asked: &'a [AskedColumn],
    threads: usize,
    /// Whether Parquet is trusted in what it says of the ids in a row group.
    trusting: bool,
}

impl PatronRows {
    /// Looks through a source for every row whose `patron_id` is `id`, with the columns that are `asked` for, for a run by
    /// policies that know `known`. Files are searched for the bytes of the id, sorted or not, and only what holds them is
    /// parsed: what is broken elsewhere in a file is not noticed. Parquet is trusted in what it says of the ids in a row
    /// group, unless no patron is found by that. Memory does not grow with the tables.
    pub fn find(
        source: &dyn Source,
        id: &str,
        asked: &[AskedColumn],
        known: &Known,
        threads: usize,
    ) -> Result<PatronRows, TableError> {
        let Foreknown { mut told, asked, .. } = Foreknown::of(source, asked, known)?;
        let mut look = Look { source, asked: &asked.columns, threads, trusting: true };
        let mut tables = [const { None }; 4];
        for table in Table::ALL {
            tables[table as usize] = look.rows(table, LookedFor::Id(id))?;
        }
        if let Some(left) = id_without_slips(id).filter(|_| tables[0].as_ref().is_some_and(|of| !of.rows.is_empty())) {
            look.add_near(&mut tables, id, &LeftOfIds::new([left]))?;
        }
        told.activity = told.activity && look.has_activity(known)?;
        Ok(PatronRows { tables, told, further: asked.columns })
    }
}

impl Look<'_> {
    /// The rows of a table with a wanted id; none where there is no such table.
    fn rows(&mut self, table: Table, wanted: LookedFor<'_>) -> Result<Option<TextRows>, TableError> {
        let asked = AskedColumn::names(self.asked, table);
        let find = |trusting| find_rows(self.source, table, wanted, &asked, self.threads, trusting);
        let Some((mut found, passed_over)) = find(self.trusting)? else { return Ok(None) };
        if table == Table::Patrons && found.rows.is_empty() && passed_over {
            found = find(false)?.map(|(found, _)| found).unwrap_or_default();
            self.trusting = found.rows.is_empty();
        }
        Ok(Some(found))
    }

    /// Adds the rows of nobody that nearly have the patron's `id`, of which this is `left` without its slips.
    fn add_near(&mut self, tables: &mut [Option<TextRows>; 4], id: &str, left: &LeftOfIds) -> Result<(), TableError> {
        // The rows of another patron, who has an id that nearly is this one, belong to somebody.
        let mut patrons = IsPatron::default();
        for table in [Table::Memberships, Table::Activity, Table::Accounts] {
            let (Some(found), Some(of_table)) =
                (self.rows(table, LookedFor::Nearly(left))?, &mut tables[table as usize])
            else {
                continue;
            };
            for (at, fields) in found.rows {
                if fields[0] != id && !patrons.has(self, &fields[0])? {
                    of_table.rows.push((at, fields));
                }
            }
            of_table.rows.sort_by_key(|&(at, _)| at);
        }
        Ok(())
    }

    fn hashes_of_all(&self, hasher: &RandomState) -> Result<HashSet<u64>, TableError> {
        let Some(opened) = self.source.table(Table::Patrons, &[])? else { return Ok(HashSet::new()) };
        let pieces = read(Table::Patrons, &*opened, self.threads, &Progress::default(), |records| {
            let mut piece = Vec::new();
            let mut together = Together::new(Table::Patrons.columns().len());
            while records.next(&mut together)? {
                piece.extend(together.iter().map(|(_, fields)| hasher.hash_one(fields[0].as_str())));
            }
            Ok(piece)
        })?;
        Ok(pieces.into_iter().flatten().collect())
    }

    /// Whether some row of activity is usable: it can be read, and its patron is there. The first rows nearly always say so.
    fn has_activity(&mut self, known: &Known) -> Result<bool, TableError> {
        let Some(opened) = self.source.table(Table::Activity, &[])? else { return Ok(false) };
        let mut codes = AllCodes::new(known);
        let mut patrons = IsPatron::default();
        for piece in opened.pieces(&Progress::default()) {
            let mut piece = piece?;
            while let Some(mut records) = piece.records()? {
                let mut together = Together::new(Table::Activity.columns().len());
                while records.next(&mut together)? {
                    for (at, fields) in together.iter() {
                        let of_table = fields.first_chunk().expect("there are as many fields as columns");
                        let Ok(Some(_)) = <Activity as PatronTable<4>>::read(of_table, at, &mut codes) else {
                            continue;
                        };
                        if patrons.has(self, &fields[0].text())? {
                            return Ok(true);
                        }
                    }
                }
            }
        }
        Ok(false)
    }
}

/// Whether somebody is a patron, for some ids.
#[derive(Default)]
struct IsPatron {
    known: BTreeMap<String, bool>,
    /// Hashes of the ids of all patrons, once many ids were asked about.
    all: Option<HashSet<u64>>,
    hasher: RandomState,
}

/// After this many ids, all patrons are read once rather than looked through for each.
const MANY: usize = 8;

impl IsPatron {
    fn has(&mut self, look: &mut Look<'_>, id: &str) -> Result<bool, TableError> {
        if let Some(&known) = self.known.get(id) {
            return Ok(known);
        }
        if self.known.len() == MANY && self.all.is_none() {
            self.all = Some(look.hashes_of_all(&self.hasher)?);
        }
        if let Some(all) = &self.all
            && !all.contains(&self.hasher.hash_one(id))
        {
            return Ok(false);
        }
        let is_patron = look.rows(Table::Patrons, LookedFor::Id(id))?.is_some_and(|of| !of.rows.is_empty());
        self.known.insert(id.to_owned(), is_patron);
        Ok(is_patron)
    }
}

impl Source for PatronRows {
    /// The columns that are asked for must be those that were when the rows were found.
    fn table(&self, table: Table, _: &[String]) -> Result<Option<Box<dyn TableSource + '_>>, TableError> {
        Ok(self.tables[table as usize].as_ref().map(|found| Box::new(found) as Box<dyn TableSource>))
    }

    fn told_by_the_whole(&self) -> Option<Told> {
        Some(self.told)
    }
}
