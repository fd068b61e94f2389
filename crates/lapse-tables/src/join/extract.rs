//! An extract is the four tables after they were read, checked and joined. It is what a run works on where the tables
//! cannot be read segment by segment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lapse_engine::{Account, Activity, Codes, Facts, Membership, NewestActivity, Patron, Told};
use lapse_policy::Day;

use super::by_patron::ByPatron;
use super::ids::Ids;
use super::over_all::{hold_nearly, note_all};
use super::patrons_table::{PatronsPiece, without};
use super::rows::{self, FaultyRow};
use super::search::{Hashed, Patrons};
use super::values::{Values, ValuesOf};
use crate::asked::{AskedRows, Texts};
use crate::assemble::{self, AccountLibraries};
use crate::codes::{AllCodes, Intern, PieceCodes, Renumberings};
use crate::error::Problem;
use crate::fact_fields::{Asked, FactRows};
use crate::foreknown::Foreknown;
use crate::noted::Noted;
use crate::reject::Reject;
use crate::room::Room;
use crate::source::{self, Folder, RowPlace, Source, TableSource, Unchanged};
use crate::tables::accounts::AccountRow;
use crate::tables::memberships::PlacedMembership;
use crate::tables::patrons::PatronRow;
use crate::tables::row::PatronTable;
use crate::work::contract::PatronFacts;
use crate::{AskedColumn, Bounds, Faults, Known, Progress, RowCounts, Rows, Seen, Table, TableError};

/// The four tables of a source, joined by patron.
pub struct Extract {
    /// The ids of the patrons, in the order of the table `patrons`.
    pub ids: Ids,
    /// Every code that the tables use; those of the policy come first.
    pub codes: Codes,
    /// The rows that could not be used, by table and line.
    pub rejects: Vec<Reject>,
    /// How many rows each table has, usable or not, in the order of [`Table::ALL`].
    pub rows: [Rows; 4],
    /// What is odd about the data but usable.
    pub faults: Faults,
    /// The newest days on which each source told of activity.
    pub newest: NewestActivity,
    /// The newest day up to the run on which somebody was active or a membership began.
    pub newest_date: Option<Day>,
    /// How many usable rows name each code.
    pub counts: RowCounts,
    /// What the extract tells about anybody.
    pub told: Told,
    patrons: Vec<PatronRow>,
    memberships: ByPatron<Membership>,
    activity: ByPatron<Activity>,
    accounts: ByPatron<Account>,
    /// The texts of each column that was asked for, in the order of its table's joined rows.
    asked: Vec<(Table, Texts)>,
    facts: Values,
}

impl Extract {
    /// Reads the tables in `dir` for a run by policies that know this ([`Known::by`]).
    pub fn read(dir: &Path, known: &Known, threads: usize) -> Result<Extract, TableError> {
        Extract::read_with(dir, known, threads, &[])
    }

    /// As [`Extract::read`], with the text of further columns, which the tables must have.
    pub fn read_with(dir: &Path, known: &Known, threads: usize, asked: &[AskedColumn]) -> Result<Extract, TableError> {
        Extract::read_from(&Folder::new(dir), known, threads, asked)
    }

    /// Reads as [`Extract::read_with`] does, from any source.
    pub fn read_from(
        source: &dyn Source,
        known: &Known,
        threads: usize,
        asked: &[AskedColumn],
    ) -> Result<Extract, TableError> {
        Unchanged::during(source, || {
            let Foreknown { told, asked, .. } = Foreknown::of(source, asked, known)?;
            Tables::open(source, &asked)?.read(known, told, threads, &Progress::default())
        })
    }
}

/// The four tables of a source, in the order of [`Table::ALL`].
pub(crate) struct Tables<'a> {
    opened: [Option<Box<dyn TableSource + 'a>>; 4],
    /// What is asked for beyond the columns of the tables.
    asked: &'a Asked,
    /// For some rows of a whole, whether the whole has usable activity.
    has_activity: Option<bool>,
    /// Ids that nearly match are those of two patrons.
    ids_are_exact: bool,
    bounds: Bounds,
    /// Where the files are, for a source that has them in a folder.
    folder: PathBuf,
}

impl<'a> Tables<'a> {
    /// Opens the tables of a source. It is an error where a table that no extract may leave out is not there.
    pub fn open(source: &'a dyn Source, asked: &'a Asked) -> Result<Tables<'a>, TableError> {
        let open = |table: Table| {
            let opened = source.table(table, &AskedColumn::names(&asked.columns, table))?;
            if opened.is_none() && !table.may_be_absent() {
                let problem = Problem::NoTable(table.name());
                return Err(TableError { path: table.name().into(), place: None, problem });
            }
            Ok(opened)
        };
        let [patrons, memberships, activity, accounts] = Table::ALL.map(open);
        let has_activity = source.told_by_the_whole().map(|told| told.activity);
        let ids_are_exact = source.ids_are_exact();
        let opened = [patrons?, memberships?, activity?, accounts?];
        let folder = source.folder().unwrap_or(Path::new("")).to_owned();
        Ok(Tables { opened, asked, has_activity, ids_are_exact, bounds: source.bounds(), folder })
    }

    /// Gives a table with the number of fields in each of its records: one for each of its columns, then one for each
    /// column that is asked for.
    fn get(&self, table: Table) -> Option<(&dyn TableSource, usize)> {
        let asked = self.asked.columns.iter().filter(|column| column.table == table).count();
        Some((&**self.opened[table as usize].as_ref()?, table.columns().len() + asked))
    }

    /// Adds up how much there is to read, in the units of the tables.
    pub fn work(&self) -> u64 {
        self.opened.iter().flatten().fold(0, |all, table| all.saturating_add(table.work()))
    }

    /// Reads the tables as [`Extract::read`] does, and tells how far it is. `told` is what the columns tell.
    pub fn read(
        &self,
        known: &Known,
        mut told: Told,
        threads: usize,
        progress: &Progress,
    ) -> Result<Extract, TableError> {
        let mut reading = Reading {
            tables: self,
            threads,
            progress,
            codes: AllCodes::new(known),
            room: Room::new(self.bounds),
            rejects: Vec::new(),
            rows: [Rows::default(); 4],
            telling_nothing: 0,
            texts: vec![Texts::default(); self.asked.texts().len()],
            facts: Values::default(),
        };
        let (ids, mut patrons, hashed) = reading.patrons()?;
        let index = Patrons::new(&ids, hashed, threads);
        let memberships = reading.memberships(&index, &mut patrons)?;
        let activity = reading.table::<4, Activity>(&index, &mut patrons)?.0;
        let accounts = reading.accounts(&index, &mut patrons)?;
        let mut noted = note_all(known, &reading.codes.codes, &memberships, &activity, &accounts, threads);
        for patron in &patrons {
            noted.patron(patron);
        }
        let Noted { newest, newest_date, mut faults, counts, .. } = noted;
        let Reading { codes: AllCodes { codes, .. }, mut rejects, mut rows, telling_nothing, texts, facts, .. } =
            reading;
        faults.activity_that_looks_empty = telling_nothing;
        told.activity &= self.has_activity.unwrap_or(counts.has_activity());
        if !self.ids_are_exact {
            hold_nearly(&ids, &mut patrons, &mut rejects);
        }
        let asked = self.asked.texts().iter().map(|column| column.table).zip(texts).collect();
        rejects.sort();
        for reject in &rejects {
            rows[reject.table as usize].rejected += 1;
        }
        Ok(Extract {
            ids,
            codes,
            rejects,
            rows,
            faults,
            newest,
            newest_date,
            counts,
            told,
            patrons,
            memberships,
            activity,
            accounts,
            asked,
            facts,
        })
    }
}

impl Extract {
    /// How many patrons there are.
    pub fn len(&self) -> usize {
        self.patrons.len()
    }

    /// Whether there is no patron.
    pub fn is_empty(&self) -> bool {
        self.patrons.is_empty()
    }

    /// Keeps what was read apart from the patrons.
    pub(crate) fn into_seen(self) -> Seen {
        let patrons = self.len();
        let Extract { codes, rejects, rows, faults, newest, newest_date, counts, told, .. } = self;
        Seen { patrons, codes, rejects, rows, faults, newest, newest_date, counts, told, read_whole: None }
    }

    /// All that is known about the patron at `index`, which is less than [`Extract::len`].
    pub fn patron(&self, index: usize) -> Patron<'_> {
        assemble::patron(
            self.told,
            &self.patrons[index],
            self.memberships.of(index),
            self.activity.of(index),
            self.accounts.of(index),
            self.facts(index),
        )
    }

    fn facts(&self, patron: usize) -> Facts<'_> {
        let Values { patrons, memberships, accounts } = &self.facts;
        Facts {
            patron: patrons.of(patron, 1),
            memberships: memberships.of(self.memberships.first(patron), self.memberships.of(patron).len()),
            accounts: accounts.of(self.accounts.first(patron), self.accounts.of(patron).len()),
        }
    }

    /// Finds the index of the patron with this id. It looks at one patron after the other.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|other| other == id)
    }
}

impl PatronFacts for Extract {
    fn id(&self, patron: usize) -> &str {
        self.ids.get(patron)
    }

    fn birth_date(&self, patron: usize) -> Option<Day> {
        self.patrons[patron].birth_date
    }

    fn asked(&self, column: usize, patron: usize, row: usize) -> &str {
        let (table, texts) = &self.asked[column];
        match table {
            Table::Patrons => texts.get(patron),
            Table::Memberships => texts.get(self.memberships.first(patron) + row),
            Table::Activity => texts.get(self.activity.first(patron) + row),
            Table::Accounts => texts.get(self.accounts.first(patron) + row),
        }
    }
}

/// What is known of an extract while it is being read.
struct Reading<'a> {
    tables: &'a Tables<'a>,
    threads: usize,
    progress: &'a Progress,
    codes: AllCodes<'a>,
    room: Room,
    rejects: Vec<Reject>,
    rows: [Rows; 4],
    /// Rows that can be read and tell nothing.
    telling_nothing: u64,
    /// The texts of each column that is asked for.
    texts: Vec<Texts>,
    facts: Values,
}

impl Reading<'_> {
    fn patrons(&mut self) -> Result<(Ids, Vec<PatronRow>, Option<Hashed>), TableError> {
        let Some((table, fields)) = self.tables.get(Table::Patrons) else {
            return Ok((Ids::default(), Vec::new(), None));
        };
        let pieces = source::read(Table::Patrons, table, self.threads, self.progress, |records| {
            let codes = PieceCodes::new(&self.codes.codes, self.codes.known());
            PatronsPiece::read(records, fields, self.tables.asked, codes, &|row| self.note(Table::Patrons, table, row))
        })?;
        let renumberings = Renumberings::of(pieces.iter().map(|(_, codes)| codes), &mut self.codes.codes);
        let of_facts = self.tables.asked.facts(Table::Patrons);
        let PatronsPiece { mut ids, mut rows, mut places, mut faulty, count, asked, facts } =
            PatronsPiece::of(pieces, of_facts, &renumberings);
        let mut hashed = None;
        if !ids.are_ascending() {
            let (made, second) = Hashed::new(&ids, self.threads);
            if second.is_empty() {
                hashed = Some(made);
            } else {
                let unused: BTreeSet<RowPlace> = second.iter().map(|&index| places[index]).collect();
                faulty.retain(|row| !unused.contains(&row.at));
                for &index in &second {
                    let id = ids.get(index);
                    let first = made.find(&ids, id).expect("an id stands before its second time");
                    // The rows before it that are left out below do not count.
                    let patron = Some(first - second.partition_point(|&other| other < first));
                    FaultyRow { at: places[index], patron, fault: assemble::second_patron(id) }
                        .keep(&mut faulty, &|row| self.note(Table::Patrons, table, row))?;
                }
                (ids, rows, places) = without(&ids, &rows, &places, &second);
            }
        }
        asked.tell(self.tables.asked.texts(), Table::Patrons, places.iter().copied(), &mut self.texts);
        self.facts.patrons = ValuesOf { values: facts.tell(of_facts, places.into_iter()), width: of_facts.len() };
        self.rows[Table::Patrons as usize].read = count;
        self.reject(Table::Patrons, table, faulty, &mut rows);
        Ok((ids, rows, hashed))
    }

    fn table<const N: usize, T: PatronTable<N>>(
        &mut self,
        patrons: &Patrons<'_>,
        rows: &mut [PatronRow],
    ) -> Result<(ByPatron<T>, AskedRows, FactRows), TableError> {
        let Some((table, fields)) = self.tables.get(T::TABLE) else {
            return Ok((ByPatron::none(patrons.ids.len()), AskedRows::default(), FactRows::default()));
        };
        let (room, folder) = (&self.room, &*self.tables.folder);
        let asked = self.tables.asked;
        let note = |row: &FaultyRow| row.note(room, T::TABLE, asked, table.parts(), folder);
        let read =
            rows::read::<N, T>((table, fields), asked, patrons, &mut self.codes, self.threads, self.progress, &note)?;
        self.rows[T::TABLE as usize].read = read.count;
        self.telling_nothing += read.telling_nothing;
        self.reject(T::TABLE, table, read.faulty, rows);
        Ok((read.rows, read.asked, read.facts))
    }

    fn memberships(
        &mut self,
        patrons: &Patrons<'_>,
        rows: &mut [PatronRow],
    ) -> Result<ByPatron<Membership>, TableError> {
        let of_facts = self.tables.asked.facts(Table::Memberships);
        if self.tables.asked.texts_of(Table::Memberships) == 0 && of_facts.is_empty() {
            return Ok(self.table::<6, Membership>(patrons, rows)?.0);
        }
        let (memberships, asked, facts) = self.table::<6, PlacedMembership>(patrons, rows)?;
        let places = || memberships.rows().map(|row| row.at);
        asked.tell(self.tables.asked.texts(), Table::Memberships, places(), &mut self.texts);
        self.facts.memberships = ValuesOf { values: facts.tell(of_facts, places()), width: of_facts.len() };
        Ok(memberships.filter_map(self.threads, |row| Some(row.membership)))
    }

    fn accounts(&mut self, patrons: &Patrons<'_>, rows: &mut [PatronRow]) -> Result<ByPatron<Account>, TableError> {
        let (accounts, asked, facts) = self.table::<7, AccountRow>(patrons, rows)?;
        let mut second = second_rows(&accounts);
        if let Some((table, _)) = self.tables.get(Table::Accounts) {
            second.sort_by_key(|(_, row)| row.at);
            let faulty: Vec<FaultyRow> = second
                .iter()
                .map(|&(patron, row)| {
                    let library = self.codes.codes.libraries.text(row.account.library);
                    let fault = assemble::second_account(library);
                    FaultyRow { at: row.at, patron: Some(patron), fault }
                })
                .collect();
            for row in &faulty {
                self.note(Table::Accounts, table, row)?;
            }
            self.reject(Table::Accounts, table, faulty, rows);
        }
        let places: Vec<RowPlace> = second.iter().map(|(_, row)| row.at).collect();
        let is_first = |row: &AccountRow| places.binary_search(&row.at).is_err();
        let first = || accounts.rows().filter(|row| is_first(row)).map(|row| row.at);
        asked.tell(self.tables.asked.texts(), Table::Accounts, first(), &mut self.texts);
        let of_facts = self.tables.asked.facts(Table::Accounts);
        self.facts.accounts = ValuesOf { values: facts.tell(of_facts, first()), width: of_facts.len() };
        Ok(accounts.filter_map(self.threads, |row| is_first(row).then_some(row.account)))
    }

    /// Notes a row before it is kept.
    fn note(&self, table: Table, source: &dyn TableSource, row: &FaultyRow) -> Result<(), TableError> {
        row.note(&self.room, table, self.tables.asked, source.parts(), &self.tables.folder)
    }

    /// Rejects rows, which holds their patrons where they are known.
    fn reject(&mut self, table: Table, source: &dyn TableSource, faulty: Vec<FaultyRow>, patrons: &mut [PatronRow]) {
        for FaultyRow { at, patron, fault } in faulty {
            let patron = patron.map(|patron| &mut patrons[patron]);
            self.rejects.push(assemble::reject(table, self.tables.asked, source.parts(), at, fault, patron));
        }
    }
}

/// Finds the accounts at a library of which the same patron has an earlier account. Each comes with the index of the
/// patron.
fn second_rows(accounts: &ByPatron<AccountRow>) -> Vec<(usize, AccountRow)> {
    let mut second = Vec::new();
    let mut libraries = AccountLibraries::default();
    for patron in 0..accounts.patrons() {
        let rows = accounts.of(patron);
        if rows.len() < 2 {
            continue;
        }
        libraries.clear();
        second.extend(rows.iter().filter(|row| !libraries.is_first(row.account.library)).map(|&row| (patron, row)));
    }
    second
}
