//! One segment: its rows of each table, walked side by side, one patron after the other.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use lapse_engine::{Account, Activity, Codes, FactValue, Facts, Membership, Patron};
use lapse_policy::Day;

use super::gathered::Gathered;
use super::order::Order;
use super::unsorted::{Stop, Unsorted};
use crate::assemble::{self, AccountLibraries};
use crate::codes::{AllCodes, Intern};
use crate::fact_fields::{Asked, FactFields};
use crate::foreknown::Foreknown;
use crate::noted::Noted;
use crate::reject::RowFault;
use crate::source::{Field, PlainRecords, RowPlace, Together};
use crate::tables::accounts::AccountRow;
use crate::tables::patrons::{self, PatronRow};
use crate::tables::row::PatronTable;
use crate::work::contract::PatronFacts;
use crate::{Reject, Table, WholeCause};

/// What a segment holds beside its patrons.
#[derive(Default)]
pub(crate) struct Found {
    pub patrons: usize,
    /// Rows of each table.
    pub rows: [u64; 4],
    /// Line ends in each text file, the header's with the first segment.
    pub lines: [u64; 4],
    /// The rows that cannot be used, by table and place; the lines of a text count from the start of the segment.
    pub rejects: Vec<Reject>,
    /// The rows that are out of order. They are rejected as rows of no patron, which is right only if no patron has their ids.
    pub strays: Vec<Stray>,
    /// A patron's record has a line end in quotes.
    pub lines_in_quotes: bool,
}

/// A row that is out of order.
pub(crate) struct Stray {
    pub table: Table,
    pub file: Arc<str>,
    /// In a text counted from the start of the segment.
    pub line: u64,
    pub id: String,
}

/// What one thread learns from the tables.
pub(super) struct Reading<'a> {
    /// All codes so far, those that the policies know first.
    pub codes: AllCodes<'a>,
    pub noted: Noted,
    pub foreknown: &'a Foreknown,
}

/// A patron as the walk comes to it, with what the engine does not look at.
pub(super) struct OfPatron<'p> {
    pub id: &'p str,
    pub birth_date: Option<Day>,
    pub patron: Patron<'p>,
}

impl PatronFacts for OfPatron<'_> {
    fn id(&self, _: usize) -> &str {
        self.id
    }

    fn birth_date(&self, _: usize) -> Option<Day> {
        self.birth_date
    }

    fn asked(&self, _: usize, _: usize, _: usize) -> &str {
        unreachable!("patrons are gathered for work that asks for columns")
    }
}

/// A segment with more rows of a table out of order than this is not sorted.
const STRAYS: usize = 64;

/// Why the fields of a record can be split into those of the table and those beyond.
const AS_MANY: &str = "there are as many fields as columns";

/// Keeps the texts that are asked of a row beyond its table's columns, where patrons are gathered.
fn push_texts(gathered: &mut Option<&mut Gathered<'_, '_>>, table: Table, beyond: &[Field<'_>]) {
    if let Some(gathered) = gathered {
        gathered.push_texts(table, beyond);
    }
}

/// The rows of a segment.
pub(super) struct Segment<'a> {
    pub order: Order,
    /// No row has an id before this one; none in the first segment.
    pub from: Option<String>,
    /// Every row has an id before this one; none in the last segment.
    pub until: Option<String>,
    /// Where the first patron of the next segment stands, where that is known; otherwise on the line after this one.
    pub next: Option<RowPlace>,
    /// In the order of [`Table::ALL`].
    pub tables: [Part<'a>; 4],
}

/// What a segment has of a table.
#[derive(Default)]
pub(super) struct Part<'a> {
    /// The records, in runs that follow each other.
    pub records: Vec<Box<dyn PlainRecords<'a> + 'a>>,
    /// How many fields each record has that is asked for beyond the table's columns.
    pub beyond: usize,
    /// The names of the table's files, as people are told.
    pub files: &'a [Arc<str>],
}

impl<'a> Segment<'a> {
    /// Hands each patron to `each`.
    pub fn walk_patrons(
        self,
        reading: &mut Reading<'_>,
        found: &mut Found,
        each: impl FnMut(&Codes, &OfPatron<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.walk_all(reading, None, found, each)
    }

    /// Gathers all patrons, with the texts of the columns that are asked for.
    pub fn gather<'x>(self, reading: &mut Reading<'x>, found: &mut Found) -> Result<Gathered<'a, 'x>, Stop> {
        let mut gathered = Gathered::new(reading.foreknown.asked.texts(), reading.foreknown.told);
        self.walk_all(reading, Some(&mut gathered), found, |_, _| Ok(()))?;
        Ok(gathered)
    }

    fn walk_all(
        mut self,
        reading: &mut Reading<'_>,
        mut gathered: Option<&mut Gathered<'a, '_>>,
        found: &mut Found,
        mut each: impl FnMut(&Codes, &OfPatron<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let Reading { codes, noted, foreknown } = reading;
        let asked = &foreknown.asked;
        let mut patrons = self.walk::<4>(Table::Patrons, asked)?;
        let mut memberships = self.walk::<6>(Table::Memberships, asked)?;
        let mut activity = self.walk::<4>(Table::Activity, asked)?;
        let mut accounts = self.walk::<7>(Table::Accounts, asked)?;
        let (mut of_memberships, mut of_accounts) = (Vec::new(), Vec::new());
        let mut of_patron = (Vec::<Membership>::new(), Vec::<Activity>::new(), Vec::<Account>::new());
        let (mut libraries, mut second) = (AccountLibraries::default(), Vec::new());
        let mut before: Option<Cow<'_, str>> = None;
        while let Some((id, mut row)) = self.next_patron(&mut patrons, before.as_deref(), codes, &mut gathered)? {
            found.patrons += 1;
            row.held |= !foreknown.held.is_empty() && foreknown.held.contains(&*id);
            let before_this = before.as_deref().or(self.from.as_deref());
            let place = Place { order: self.order, before: before_this, id: &id };
            let (own_memberships, own_activity, own_accounts) = &mut of_patron;
            own_memberships.clear();
            own_activity.clear();
            own_accounts.clear();
            of_memberships.clear();
            of_accounts.clear();
            memberships.rows_of(place, &mut row, codes, |row: Membership, beyond, facts| {
                noted.membership(&row);
                own_memberships.push(row);
                if !facts.is_empty() {
                    of_memberships.extend_from_slice(facts);
                }
                push_texts(&mut gathered, Table::Memberships, beyond);
            })?;
            activity.rows_of(place, &mut row, codes, |row: Activity, _, _| {
                noted.activity(&row);
                own_activity.push(row);
            })?;
            libraries.clear();
            second.clear();
            accounts.rows_of(place, &mut row, codes, |row: AccountRow, beyond, facts| {
                if libraries.is_first(row.account.library) {
                    noted.account(&row.account);
                    own_accounts.push(row.account);
                    if !facts.is_empty() {
                        of_accounts.extend_from_slice(facts);
                    }
                    push_texts(&mut gathered, Table::Accounts, beyond);
                } else {
                    second.push(row);
                }
            })?;
            for AccountRow { account, at } in &second {
                let library = codes.codes.libraries.text(account.library);
                accounts.reject(*at, assemble::second_account(library), Some(&mut row));
            }
            noted.patron(&row);
            let facts = Facts { patron: &patrons.values, memberships: &of_memberships, accounts: &of_accounts };
            let patron = assemble::patron(foreknown.told, &row, own_memberships, own_activity, own_accounts, facts);
            if let Some(gathered) = &mut gathered {
                gathered.push(id.clone(), row, &patron);
            }
            each(&codes.codes, &OfPatron { id: &id, birth_date: row.birth_date, patron })?;
            before = Some(id);
        }
        let after_last = before.as_deref();
        if !after_last.is_none_or(|id| self.is_before_the_next(id)) {
            let next =
                self.next.unwrap_or(RowPlace { part: 0, line: u32::try_from(patrons.lines + 1).unwrap_or(u32::MAX) });
            return Err(patrons.unsorted_at(next).into());
        }
        memberships.rest(&self, after_last)?;
        activity.rest(&self, after_last)?;
        accounts.rest(&self, after_last)?;
        noted.faults.activity_that_looks_empty += activity.telling_nothing;
        found.lines_in_quotes = patrons.lines_in_quotes;
        patrons.finish(found);
        memberships.finish(found);
        activity.finish(found);
        accounts.finish(found);
        Ok(())
    }

    /// The next patron after `before`: the id and the row.
    fn next_patron<'t>(
        &self,
        patrons: &mut Walk<'t, '_, 4>,
        before: Option<&str>,
        codes: &mut AllCodes<'_>,
        gathered: &mut Option<&mut Gathered<'_, '_>>,
    ) -> Result<Option<(Cow<'t, str>, PatronRow)>, Unsorted> {
        while let Some(at) = patrons.pending {
            let (of_table, beyond) = patrons.fields().split_first_chunk().expect(AS_MANY);
            let (mut row, mut fault) = match patrons::read(of_table) {
                Ok(read) => read,
                Err(fault) => {
                    patrons.reject(at, fault, None);
                    patrons.next()?;
                    continue;
                }
            };
            let id = of_table[0].clone().into_text();
            if !self.follows(&id, before) {
                return Err(patrons.unsorted_at(at));
            }
            push_texts(gathered, Table::Patrons, &beyond[..patrons.texts]);
            if !patrons.facts.is_empty()
                && let Err(found) = patrons.read_facts(codes)
            {
                fault.get_or_insert(found);
            }
            if let Some(fault) = fault {
                patrons.reject(at, fault, Some(&mut row));
            }
            patrons.next()?;
            while let Some(at) = patrons.pending.filter(|_| patrons.fields()[0].as_str() == id) {
                patrons.reject(at, assemble::second_patron(&id), Some(&mut row));
                patrons.next()?;
            }
            return Ok(Some((id, row)));
        }
        Ok(None)
    }

    fn walk<'x, const N: usize>(&mut self, table: Table, asked: &'x Asked) -> Result<Walk<'a, 'x, N>, Unsorted> {
        let Part { records, beyond, files } = std::mem::take(&mut self.tables[table as usize]);
        let mut walk = Walk {
            table,
            asked,
            texts: asked.texts_of(table),
            facts: asked.facts(table),
            values: Vec::new(),
            files,
            records: None,
            further: records.into_iter(),
            together: Together::new(N + beyond),
            at: 0,
            pending: None,
            rows: 0,
            telling_nothing: 0,
            lines: 0,
            lines_in_quotes: false,
            rejected: Vec::new(),
            strays: Vec::new(),
        };
        walk.next()?;
        Ok(walk)
    }

    /// Whether an id follows that of the patron before.
    fn follows(&self, id: &str, before: Option<&str>) -> bool {
        match before.or(self.from.as_deref()) {
            // The first patron of a segment may be the one at which it was cut.
            Some(from) if before.is_none() => self.order.cmp(id, from) != Ordering::Less,
            Some(before) => self.order.cmp(id, before) == Ordering::Greater,
            None => true,
        }
    }

    /// Whether an id stands before those of the next segment.
    fn is_before_the_next(&self, id: &str) -> bool {
        self.until.as_deref().is_none_or(|until| self.order.cmp(id, until) == Ordering::Less)
    }
}

/// The place of the walk among the patrons, which is after the patron before and at this one.
#[derive(Clone, Copy)]
struct Place<'a> {
    order: Order,
    before: Option<&'a str>,
    id: &'a str,
}

/// The records of one table in a segment, of which some are read ahead.
struct Walk<'a, 'x, const N: usize> {
    table: Table,
    asked: &'x Asked,
    /// How many of the fields beyond the table's columns are asked for their texts.
    texts: usize,
    facts: &'x FactFields,
    /// The facts of the row at hand.
    values: Vec<FactValue>,
    files: &'a [Arc<str>],
    records: Option<Box<dyn PlainRecords<'a> + 'a>>,
    /// The records after those.
    further: std::vec::IntoIter<Box<dyn PlainRecords<'a> + 'a>>,
    together: Together<'a>,
    /// The number of the next record among those that were read together.
    at: usize,
    /// Where the next record stands; none at the end.
    pending: Option<RowPlace>,
    rows: u64,
    /// Rows that can be read and tell nothing.
    telling_nothing: u64,
    lines: u64,
    /// A record so far has a line end in quotes.
    lines_in_quotes: bool,
    rejected: Vec<(RowPlace, Reject)>,
    strays: Vec<(RowPlace, String)>,
}

impl<'a, const N: usize> Walk<'a, '_, N> {
    fn next(&mut self) -> Result<(), Unsorted> {
        self.at += 1;
        if self.at >= self.together.count() {
            self.read_on()?;
        }
        self.pending = self.together.place(self.at);
        Ok(())
    }

    /// Reads the next records; none together at the end.
    fn read_on(&mut self) -> Result<(), Unsorted> {
        self.at = 0;
        loop {
            if let Some(records) = &mut self.records {
                if records.next(&mut self.together).map_err(|_| cut_within_a_row(self.table, self.files))? {
                    self.rows += self.together.count() as u64;
                    return Ok(());
                }
                self.lines += records.lines();
                self.lines_in_quotes |= records.have_lines_in_quotes();
            }
            self.records = self.further.next();
            // Another file may lack columns that the one before had.
            self.together.clear();
            if self.records.is_none() {
                return Ok(());
            }
        }
    }

    /// The fields of the record that comes next.
    fn fields(&self) -> &[Field<'a>] {
        self.together.fields(self.at)
    }

    /// Reads the facts of the record that comes next.
    fn read_facts(&mut self, codes: &mut impl Intern) -> Result<(), RowFault> {
        self.values.clear();
        self.facts.read(self.together.fields(self.at), codes, &mut self.values)
    }

    fn reject(&mut self, at: RowPlace, fault: RowFault, patron: Option<&mut PatronRow>) {
        self.rejected.push((at, assemble::reject(self.table, self.asked, self.files, at, fault, patron)));
    }

    /// Rejects the row that comes next, which is of no patron.
    fn reject_unknown(&mut self, at: RowPlace) {
        let fault = assemble::of_no_patron(self.fields()[0].as_str());
        self.reject(at, fault, None);
    }

    #[cold]
    fn note_stray(&mut self, at: RowPlace) -> Result<(), Unsorted> {
        if self.strays.len() == STRAYS {
            return Err(self.unsorted_at(self.strays[0].0));
        }
        self.strays.push((at, self.fields()[0].as_str().to_owned()));
        Ok(())
    }

    /// The row at a place breaks the order.
    #[cold]
    fn unsorted_at(&self, at: RowPlace) -> Unsorted {
        Unsorted::at(self.table, &self.files[at.part as usize], at.line.into())
    }

    /// Hands the usable rows of a patron to `take`, and rejects those that cannot be used and those of patrons that are not
    /// there.
    fn rows_of<T: PatronTable<N>>(
        &mut self,
        place: Place<'_>,
        patron: &mut PatronRow,
        codes: &mut impl Intern,
        mut take: impl FnMut(T, &[Field<'_>], &[FactValue]),
    ) -> Result<(), Unsorted> {
        while let Some(at) = self.pending {
            let id = self.fields()[0].as_str();
            if id == place.id {
                let fields = self.together.fields(self.at);
                let (of_table, beyond) = fields.split_first_chunk().expect(AS_MANY);
                let mut read = T::read(of_table, at, codes);
                if !self.facts.is_empty() && read.is_ok() {
                    self.values.clear();
                    if let Err(fault) = self.facts.read(fields, codes, &mut self.values) {
                        read = Err(fault);
                    }
                }
                match read {
                    Ok(Some(row)) => take(row, &beyond[..self.texts], &self.values),
                    Ok(None) => self.telling_nothing += 1,
                    Err(fault) => self.reject(at, fault, Some(&mut *patron)),
                }
            } else if !id.is_empty() && place.order.cmp(id, place.id) == Ordering::Greater {
                break;
            } else {
                if !id.is_empty() && place.before.is_some_and(|before| place.order.cmp(id, before) != Ordering::Greater)
                {
                    self.note_stray(at)?;
                }
                self.reject_unknown(at);
            }
            self.next()?;
        }
        Ok(())
    }

    /// Rejects the rows after those of the last patron, `before`: they belong to no patron.
    fn rest(&mut self, segment: &Segment<'_>, before: Option<&str>) -> Result<(), Unsorted> {
        while let Some(at) = self.pending {
            let id = self.fields()[0].as_str();
            let in_order = segment.follows(id, before) && segment.is_before_the_next(id);
            if !id.is_empty() && !in_order {
                self.note_stray(at)?;
            }
            self.reject_unknown(at);
            self.next()?;
        }
        Ok(())
    }

    /// Notes rows, lines and rejects.
    fn finish(mut self, found: &mut Found) {
        let table = self.table as usize;
        found.rows[table] = self.rows;
        found.lines[table] = self.lines;
        found.strays.extend(self.strays.drain(..).map(|(at, id)| Stray {
            table: self.table,
            file: self.files[at.part as usize].clone(),
            line: at.line.into(),
            id,
        }));
        self.rejected.sort_by_key(|&(at, _)| at);
        found.rejects.extend(self.rejected.into_iter().map(|(_, reject)| reject));
    }
}

/// A record is broken. If it is not so when the file is read from its start, the segment begins within a field.
#[cold]
fn cut_within_a_row(table: Table, files: &[Arc<str>]) -> Unsorted {
    files.first().map_or_else(Unsorted::broken, |file| Unsorted::of(table, file, WholeCause::LineEndInField))
}
