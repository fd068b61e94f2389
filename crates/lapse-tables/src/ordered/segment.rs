//! One segment: its rows of each table, walked side by side, one patron after the other.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use lapse_engine::{Account, Activity, Membership, Patron};

use super::gathered::Gathered;
use super::{Order, Reading, Unsorted};
use crate::codes::PieceCodes;
use crate::reject::{Fault, RowFault};
use crate::source::field::{Field, RowPlace};
use crate::source::records::Records;
use crate::source::together::Together;
use crate::tables::accounts::AccountRow;
use crate::tables::patrons::{self, PatronRow};
use crate::tables::row::PatronTable;
use crate::{AskedColumn, Reject, Table};

/// What a segment holds, but for its decisions.
#[derive(Default)]
pub(super) struct Found {
    pub patrons: usize,
    /// Rows of each table.
    pub rows: [u64; 4],
    /// Line ends in each text file, the header's with the first segment.
    pub lines: [u64; 4],
    /// By table and place; each line of a text counts from the start of the segment.
    pub rejects: Vec<Reject>,
    /// The ids of rows that are out of order, and so rejected: rightly only if no patron has them.
    pub strays: Vec<String>,
    /// A patron's record has a line end in quotes.
    pub lines_in_quotes: bool,
}

/// A segment with more rows of a table out of order than this is not sorted.
const STRAYS: usize = 64;

/// What holds of the fields of every walk.
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
    /// In the order of [`Table::ALL`].
    pub tables: [Part<'a>; 4],
}

/// What a segment has of a table.
#[derive(Default)]
pub(super) struct Part<'a> {
    /// One after the other.
    pub records: Vec<Records<'a>>,
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
        each: impl FnMut(&PieceCodes<'_>, &Cow<'a, str>, &Patron<'_>),
    ) -> Result<(), Unsorted> {
        self.walk_all(reading, None, found, each)
    }

    /// Gathers all patrons, with the texts of these columns.
    pub fn gather<'x>(
        self,
        reading: &mut Reading<'_>,
        columns: &'x [AskedColumn],
        found: &mut Found,
    ) -> Result<Gathered<'a, 'x>, Unsorted> {
        let mut gathered = Gathered::new(columns);
        self.walk_all(reading, Some(&mut gathered), found, |_, _, _| {})?;
        Ok(gathered)
    }

    fn walk_all(
        mut self,
        reading: &mut Reading<'_>,
        mut gathered: Option<&mut Gathered<'a, '_>>,
        found: &mut Found,
        mut each: impl FnMut(&PieceCodes<'_>, &Cow<'a, str>, &Patron<'_>),
    ) -> Result<(), Unsorted> {
        let mut patrons = self.walk::<4>(Table::Patrons)?;
        let mut memberships = self.walk::<6>(Table::Memberships)?;
        let mut activity = self.walk::<4>(Table::Activity)?;
        let mut accounts = self.walk::<7>(Table::Accounts)?;
        let mut of_patron = (Vec::<Membership>::new(), Vec::<Activity>::new(), Vec::<Account>::new());
        let mut second = Vec::new();
        let mut before: Option<Cow<'_, str>> = None;
        while let Some((id, mut row)) = self.next_patron(&mut patrons, before.as_deref(), &mut gathered)? {
            found.patrons += 1;

            let before_this = before.as_deref().or(self.from.as_deref());
            let place = Place { order: self.order, before: before_this, id: &id };
            let (own_memberships, own_activity, own_accounts) = &mut of_patron;
            own_memberships.clear();
            own_activity.clear();
            own_accounts.clear();
            row.held |= memberships.rows_of(place, &mut reading.codes, |row: Membership, beyond| {
                own_memberships.push(row);
                push_texts(&mut gathered, Table::Memberships, beyond);
                true
            })?;
            row.held |= activity.rows_of(place, &mut reading.codes, |row: Activity, _| {
                own_activity.push(row);
                true
            })?;
            second.clear();
            row.held |= accounts.rows_of(place, &mut reading.codes, |row: AccountRow, beyond| {
                let first = own_accounts.iter().all(|account| account.library != row.account.library);
                if first {
                    own_accounts.push(row.account);
                    push_texts(&mut gathered, Table::Accounts, beyond);
                } else {
                    second.push(row);
                }
                first
            })?;
            for row in &second {
                let library = reading.codes.libraries.text(row.account.library);
                accounts.reject(row.at, RowFault::new(1, library, Fault::SecondAccount));
            }
            for row in own_activity.iter() {
                reading.newest.see(row);
                reading.faults.activity_after_run += u64::from(row.last_active > reading.run);
            }
            let after_run = row.profile_last_active.is_some_and(|day| day > reading.run);
            reading.faults.profiles_after_run += u64::from(after_run);
            let patron = Patron {
                held: row.held,
                profile_last_active: row.profile_last_active,
                keeps_history: row.keeps_history,
                memberships: own_memberships,
                activity: own_activity,
                accounts: own_accounts,
            };
            each(&reading.codes, &id, &patron);
            if let Some(gathered) = &mut gathered {
                gathered.push(id.clone(), row, &patron);
            }
            before = Some(id);
        }
        let after_last = before.as_deref();
        if !after_last.is_none_or(|id| self.is_before_the_next(id)) {
            return Err(Unsorted);
        }
        memberships.rest(&self, after_last)?;
        activity.rest(&self, after_last)?;
        accounts.rest(&self, after_last)?;
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
        patrons: &mut Walk<'t, 4>,
        before: Option<&str>,
        gathered: &mut Option<&mut Gathered<'_, '_>>,
    ) -> Result<Option<(Cow<'t, str>, PatronRow)>, Unsorted> {
        while let Some(at) = patrons.pending {
            let id = patrons.fields()[0].clone().into_text();
            if id.is_empty() {
                patrons.reject(at, RowFault::new(0, "", Fault::Empty));
                patrons.next()?;
                continue;
            }
            if !self.follows(&id, before) {
                return Err(Unsorted);
            }
            let (of_table, beyond) = patrons.fields().split_first_chunk().expect(AS_MANY);
            let (mut row, fault) = patrons::read(of_table);
            push_texts(gathered, Table::Patrons, beyond);
            if let Some(fault) = fault {
                patrons.reject(at, fault);
            }
            patrons.next()?;
            while let Some(at) = patrons.pending.filter(|_| patrons.fields()[0].as_str() == id) {
                patrons.reject(at, RowFault::new(0, &id, Fault::SecondPatron));
                row.held = true;
                patrons.next()?;
            }
            return Ok(Some((id, row)));
        }
        Ok(None)
    }

    fn walk<const N: usize>(&mut self, table: Table) -> Result<Walk<'a, N>, Unsorted> {
        let Part { records, beyond, files } = std::mem::take(&mut self.tables[table as usize]);
        let mut walk = Walk {
            table,
            files,
            records: None,
            further: records.into_iter(),
            together: Together::new(N + beyond),
            at: 0,
            pending: None,
            rows: 0,
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

/// Where the walk is: between the patron before and this one.
#[derive(Clone, Copy)]
struct Place<'a> {
    order: Order,
    before: Option<&'a str>,
    id: &'a str,
}

/// The records of one table in a segment, read ahead.
struct Walk<'a, const N: usize> {
    table: Table,
    files: &'a [Arc<str>],
    records: Option<Records<'a>>,
    /// The records after those.
    further: std::vec::IntoIter<Records<'a>>,
    together: Together<'a>,
    /// Which of those that were read together comes next.
    at: usize,
    /// Where it stands; none at the end.
    pending: Option<RowPlace>,
    rows: u64,
    lines: u64,
    /// A record so far has a line end in quotes.
    lines_in_quotes: bool,
    rejected: Vec<(RowPlace, RowFault)>,
    strays: Vec<String>,
}

impl<'a, const N: usize> Walk<'a, N> {
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
                if records.next(&mut self.together).map_err(|_| Unsorted)? {
                    return Ok(());
                }
                self.rows += records.count;
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

    fn reject(&mut self, at: RowPlace, fault: RowFault) {
        self.rejected.push((at, fault));
    }

    fn reject_stranger(&mut self, at: RowPlace) {
        let id = self.fields()[0].as_str();
        let fault = if id.is_empty() { Fault::Empty } else { Fault::UnknownPatron };
        self.rejected.push((at, RowFault::new(0, id, fault)));
    }

    fn note_stray(&mut self) -> Result<(), Unsorted> {
        if self.strays.len() == STRAYS {
            return Err(Unsorted);
        }
        self.strays.push(self.fields()[0].as_str().to_owned());
        Ok(())
    }

    /// Hands the rows of a patron to `take`, which says whether it can use them, and passes over those of patrons that are
    /// not there. True when a row cannot be used, so that the patron is held.
    fn rows_of<T: PatronTable<N>>(
        &mut self,
        place: Place<'_>,
        codes: &mut PieceCodes<'_>,
        mut take: impl FnMut(T, &[Field<'_>]) -> bool,
    ) -> Result<bool, Unsorted> {
        let mut held = false;
        while let Some(at) = self.pending {
            let id = self.fields()[0].as_str();
            if id == place.id {
                let (of_table, beyond) = self.together.fields(self.at).split_first_chunk().expect(AS_MANY);
                match T::read(of_table, at, codes) {
                    Ok(row) => held |= !take(row, beyond),
                    Err(fault) => {
                        held = true;
                        self.rejected.push((at, fault));
                    }
                }
            } else if !id.is_empty() && place.order.cmp(id, place.id) == Ordering::Greater {
                break;
            } else {
                if !id.is_empty() && place.before.is_some_and(|before| place.order.cmp(id, before) != Ordering::Greater)
                {
                    self.note_stray()?;
                }
                self.reject_stranger(at);
            }
            self.next()?;
        }
        Ok(held)
    }

    /// The rows after those of the last patron, `before`: of patrons that are not there.
    fn rest(&mut self, segment: &Segment<'_>, before: Option<&str>) -> Result<(), Unsorted> {
        while let Some(at) = self.pending {
            let id = self.fields()[0].as_str();
            let in_order = segment.follows(id, before) && segment.is_before_the_next(id);
            if !id.is_empty() && !in_order {
                self.note_stray()?;
            }
            self.reject_stranger(at);
            self.next()?;
        }
        Ok(())
    }

    /// Notes rows, lines and rejects.
    fn finish(mut self, found: &mut Found) {
        let table = self.table as usize;
        found.rows[table] = self.rows;
        found.lines[table] = self.lines;
        found.strays.append(&mut self.strays);
        self.rejected.sort_by_key(|&(at, _)| at);
        for (at, fault) in self.rejected {
            found.rejects.push(Reject {
                table: self.table,
                file: self.files[at.file as usize].clone(),
                line: at.line.into(),
                column: self.table.columns()[fault.column].name,
                value: fault.value,
                problem: fault.fault.problem(),
            });
        }
    }
}
