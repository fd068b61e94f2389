//! The facts of a batch, written into the memory that a plugin sees as the structs of the ABI. Every pointer is the
//! address at which the plugin will find what it points at, in its process or in this one.

use std::marker::PhantomData;
use std::ops::Range;

use lapse_engine::{
    Account, Batch, LibraryId, Membership, MembershipDecision, MembershipOutcome, MembershipReason, Patron, Status,
};
use lapse_plugin::abi;
use lapse_policy::{Day, PluginTable};
use lapse_tables::PatronFacts;

use crate::region::{Region, pointer};
use crate::spec::Column;
use crate::world::{Tables, World};

/// So many bytes before, between and after the verdicts that a plugin has no business with.
const MARGIN: usize = 256;
/// What they hold.
pub(crate) const UNTOUCHED: u8 = 0xa5;

/// The memory has no room for it.
#[derive(Debug)]
pub(crate) struct Full;

/// Where a list lies.
pub(crate) struct Place<T> {
    at: usize,
    count: usize,
    of: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Place<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.count, self.at)
    }
}

impl<T> Clone for Place<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Place<T> {}

/// Fills a region from some byte on.
pub(crate) struct Writer<'a> {
    region: &'a mut Region,
    /// Where the plugin sees the region's first byte.
    base: u64,
    at: usize,
    end: usize,
}

impl<'a> Writer<'a> {
    pub fn new(region: &'a mut Region, base: u64, at: usize) -> Writer<'a> {
        Writer { region, base, at, end: Region::len() }
    }

    /// The first free byte.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Room for so many.
    pub fn room<T>(&mut self, count: usize) -> Result<Place<T>, Full> {
        let at = self.at.next_multiple_of(align_of::<T>());
        let end = count.checked_mul(size_of::<T>()).and_then(|bytes| bytes.checked_add(at)).ok_or(Full)?;
        if end > self.end {
            return Err(Full);
        }
        self.at = end;
        Ok(Place { at, count, of: PhantomData })
    }

    #[inline]
    pub fn put<T>(&mut self, place: Place<T>, index: usize, value: T) {
        debug_assert!(index < place.count);
        self.region.put(place.at + index * size_of::<T>(), value);
    }

    #[inline]
    pub fn text(&mut self, text: &str) -> Result<abi::Text, Full> {
        let at = self.at;
        if text.len() > self.end - at {
            return Err(Full);
        }
        self.region.put_bytes(at, text.as_bytes());
        self.at += text.len();
        Ok(abi::Text { bytes: pointer(self.base + at as u64), length: text.len() })
    }

    /// Where the plugin finds an item.
    #[inline]
    pub fn pointer<T>(&self, place: Place<T>, index: usize) -> *mut T {
        pointer(self.base + (place.at + index * size_of::<T>()) as u64)
    }
}

/// The numbers of the columns that a plugin asks for, by table, in the order asked.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    patrons: Vec<usize>,
    memberships: Vec<usize>,
    accounts: Vec<usize>,
}

impl Columns {
    pub fn of(columns: &[Column]) -> Columns {
        let of = |table| columns.iter().filter(|column| column.table == table).map(|column| column.number).collect();
        Columns {
            patrons: of(PluginTable::Patrons),
            memberships: of(PluginTable::Memberships),
            accounts: of(PluginTable::Accounts),
        }
    }
}

/// What a batch is written from, other than the batch itself.
pub(crate) struct Scribe<'a> {
    pub world: &'a World<'a>,
    pub facts: &'a dyn PatronFacts,
    pub columns: &'a Columns,
    /// Whether the plugin takes part at each library of the policy.
    pub scope: &'a [bool],
    /// It does at every one.
    pub everywhere: bool,
}

/// A patron of a batch who was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    /// The place in the batch.
    pub patron: usize,
    pub memberships: usize,
    pub records: usize,
}

/// A batch as it lies in memory.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// The patrons who have something in the plugin's scope.
    pub patrons: Vec<Written>,
    /// The byte of the struct that describes the batch.
    pub batch: usize,
    /// The byte of the struct that says where verdicts go.
    pub verdicts: usize,
    pub membership_verdicts: Range<usize>,
    pub record_verdicts: Range<usize>,
    /// Everything around the verdicts that must stay as it is.
    pub margins: [Range<usize>; 3],
}

impl Scribe<'_> {
    /// Writes the patrons of `range` with the decisions on their memberships.
    pub fn write(
        &self,
        region: &mut Region,
        base: u64,
        tables: &Tables,
        batch: &Batch<'_>,
        range: Range<usize>,
        decided: &[MembershipDecision],
    ) -> Result<Sheet, Full> {
        let mut writer = Writer::new(region, base, tables.end);
        let accounts: usize = batch.patrons[range.clone()].iter().map(|patron| patron.accounts.len()).sum();
        let memberships = writer.room(decided.len())?;
        let records = writer.room(decided.len() + accounts)?;
        let patrons = writer.room(range.len())?;
        let place = writer.room(1)?;
        let verdicts_place = writer.room(1)?;
        // Not more than this is needed for the verdicts at the end.
        let verdicts = (2 * decided.len() + accounts) * size_of::<abi::Verdict>() + 4 * MARGIN;
        writer.end = writer.end.checked_sub(verdicts).filter(|&end| end > writer.at).ok_or(Full)?;
        let mut sheet =
            Pages { scribe: self, writer, tables, memberships, records, written: Vec::new(), counts: [0; 2] };
        let mut decided = decided;
        for (index, patron) in batch.patrons[range.clone()].iter().enumerate() {
            let of_patron = decided.split_off(..patron.memberships.len()).expect("a decision for each membership");
            if self.concerns(patron) {
                let row = sheet.patron(batch.first + range.start + index, range.start + index, patron, of_patron)?;
                let at = sheet.written.len() - 1;
                sheet.writer.put(patrons, at, row);
            }
        }
        let Pages { mut writer, written, counts, .. } = sheet;
        let described = abi::Batch {
            size: abi::size::<abi::Batch>(),
            run_date: days(Some(self.world.of_day.date)),
            patrons: writer.pointer(patrons, 0),
            patron_count: written.len(),
            memberships: writer.pointer(memberships, 0),
            membership_count: counts[0],
            records: writer.pointer(records, 0),
            record_count: counts[1],
            libraries: writer.pointer(tables.libraries, 0),
            library_count: tables.libraries.count,
            subscriptions: writer.pointer(tables.subscriptions, 0),
            subscription_count: tables.subscriptions.count,
        };
        writer.put(place, 0, described);
        Ok(room_for_verdicts(writer, written, counts, place, verdicts_place))
    }

    /// Whether the patron has anything in the plugin's scope.
    fn concerns(&self, patron: &Patron<'_>) -> bool {
        let in_scope = |library: LibraryId| self.scope.get(library.index()).copied().unwrap_or(false);
        self.everywhere
            || patron.memberships.iter().any(|membership| in_scope(membership.library))
            || patron.accounts.iter().any(|account| in_scope(account.library))
    }
}

/// At the end of the memory: a margin, verdicts on memberships, a margin, verdicts on records, a margin. What comes after
/// that is nobody's.
fn room_for_verdicts(
    mut writer: Writer<'_>,
    patrons: Vec<Written>,
    [memberships, records]: [usize; 2],
    batch: Place<abi::Batch>,
    place: Place<abi::Verdicts>,
) -> Sheet {
    let bytes = |count: usize| count * size_of::<abi::Verdict>();
    let third = Region::len() - MARGIN..Region::len();
    let of_records = third.start - bytes(records)..third.start;
    let second = of_records.start - MARGIN..of_records.start;
    let of_memberships = second.start - bytes(memberships)..second.start;
    let first = of_memberships.start - MARGIN..of_memberships.start;
    writer.region.fill(first.start, Region::len() - first.start, UNTOUCHED);
    for verdicts in [&of_memberships, &of_records] {
        writer.region.fill(verdicts.start, verdicts.len(), 0);
    }
    let base = writer.base;
    writer.put(
        place,
        0,
        abi::Verdicts {
            size: abi::size::<abi::Verdicts>(),
            reserved: 0,
            memberships: pointer(base + of_memberships.start as u64),
            membership_count: memberships,
            records: pointer(base + of_records.start as u64),
            record_count: records,
        },
    );
    Sheet {
        patrons,
        batch: batch.at,
        verdicts: place.at,
        membership_verdicts: of_memberships,
        record_verdicts: of_records,
        margins: [first, second, third],
    }
}

/// The patrons while they are being written.
struct Pages<'a, 'w> {
    scribe: &'a Scribe<'a>,
    writer: Writer<'w>,
    tables: &'a Tables,
    memberships: Place<abi::Membership>,
    records: Place<abi::Record>,
    written: Vec<Written>,
    /// How many memberships and records there are so far.
    counts: [usize; 2],
}

impl Pages<'_, '_> {
    /// `number`: among all patrons; `index`: in the batch.
    fn patron(
        &mut self,
        number: usize,
        index: usize,
        patron: &Patron<'_>,
        decided: &[MembershipDecision],
    ) -> Result<abi::Patron, Full> {
        let [first_membership, first_record] = self.counts;
        for (row, (membership, decided)) in patron.memberships.iter().zip(decided).enumerate() {
            self.membership(number, row, membership, decided)?;
        }
        for library in patron.record_libraries() {
            self.record(number, patron, library)?;
        }
        let (memberships, records) = (self.counts[0] - first_membership, self.counts[1] - first_record);
        self.written.push(Written { patron: index, memberships, records });
        let number_of = |count: usize| u32::try_from(count).map_err(|_| Full);
        Ok(abi::Patron {
            id: self.writer.text(self.scribe.facts.id(number))?,
            columns: self.columns(&self.scribe.columns.patrons, number, 0)?,
            memberships: self.writer.pointer(self.memberships, first_membership),
            records: self.writer.pointer(self.records, first_record),
            membership_count: number_of(memberships)?,
            record_count: number_of(records)?,
            first_membership: number_of(first_membership)?,
            first_record: number_of(first_record)?,
            birth_date: days(self.scribe.facts.birth_date(number)),
            profile_last_active: days(patron.profile_last_active),
            held: u8::from(patron.held),
            keeps_history: u8::from(patron.keeps_history),
            reserved: [0; 6],
        })
    }

    fn membership(
        &mut self,
        number: usize,
        row: usize,
        membership: &Membership,
        decided: &MembershipDecision,
    ) -> Result<(), Full> {
        let subscription = self.scribe.world.subscription(membership.library, membership.subscription);
        let row = abi::Membership {
            library: self.writer.pointer(self.tables.libraries, membership.library.index()),
            subscription: self.writer.pointer(self.tables.subscriptions, subscription),
            columns: self.columns(&self.scribe.columns.memberships, number, row)?,
            valid_from: days(Some(membership.valid_from)),
            valid_until: days(membership.valid_until),
            valid_until_after: days(decided.valid_until),
            last_activity: days(decided.last_activity),
            status: status(membership.status),
            outcome: outcome(decided.outcome),
            reason: reason(decided.reason),
            reserved: [0; 5],
        };
        self.writer.put(self.memberships, self.counts[0], row);
        self.counts[0] += 1;
        Ok(())
    }

    fn record(&mut self, number: usize, patron: &Patron<'_>, library: LibraryId) -> Result<(), Full> {
        let account = patron.accounts.iter().position(|account| account.library == library);
        let columns = match account {
            Some(row) => self.columns(&self.scribe.columns.accounts, number, row)?,
            None => std::ptr::null(),
        };
        let account: Option<&Account> = account.map(|row| &patron.accounts[row]);
        let blocks = account.and_then(|account| account.blocks);
        let flag = |of: fn(&Account) -> bool| u8::from(account.is_some_and(of));
        let row = abi::Record {
            library: self.writer.pointer(self.tables.libraries, library.index()),
            columns,
            blocks: self.writer.text(blocks.map_or("", |blocks| self.scribe.world.codes.blocks.text(blocks)))?,
            settled_on: days(account.and_then(|account| account.settled_on)),
            has_account: flag(|_| true),
            owes: flag(|account| account.owes),
            has_credit: flag(|account| account.has_credit),
            has_items: flag(|account| account.has_items),
        };
        self.writer.put(self.records, self.counts[1], row);
        self.counts[1] += 1;
        Ok(())
    }

    /// The texts of the columns of one row.
    fn columns(&mut self, columns: &[usize], patron: usize, row: usize) -> Result<*const abi::Text, Full> {
        if columns.is_empty() {
            return Ok(std::ptr::null());
        }
        let texts = self.writer.room(columns.len())?;
        for (index, &column) in columns.iter().enumerate() {
            let text = self.writer.text(self.scribe.facts.asked(column, patron, row))?;
            self.writer.put(texts, index, text);
        }
        Ok(self.writer.pointer(texts, 0))
    }
}

/// Days since 1970-01-01.
#[inline]
fn days(day: Option<Day>) -> i32 {
    /// Days of a common year before each month.
    const BEFORE_MONTH: [i32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let Some(day) = day else { return abi::NO_DATE };
    let (year, month, of_month) = (day.year().cast_signed(), day.month() as usize, day.day_of_month().cast_signed());
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let past = year - 1;
    let before_year = past * 365 + past / 4 - past / 100 + past / 400;
    before_year + BEFORE_MONTH[month - 1] + i32::from(month > 2 && leap) + of_month - 719_163
}

fn status(status: Status) -> u8 {
    match status {
        Status::Active => abi::status::ACTIVE,
        Status::Deregistered => abi::status::DEREGISTERED,
        Status::Cancelled => abi::status::CANCELLED,
    }
}

fn outcome(outcome: MembershipOutcome) -> u8 {
    match outcome {
        MembershipOutcome::Valid => abi::outcome::VALID,
        MembershipOutcome::Renewed => abi::outcome::RENEWED,
        MembershipOutcome::Deregistered => abi::outcome::DEREGISTERED,
        MembershipOutcome::Expired => abi::outcome::EXPIRED,
    }
}

fn reason(reason: MembershipReason) -> u8 {
    match reason {
        MembershipReason::NoPolicy => abi::reason::NO_POLICY,
        MembershipReason::Ended => abi::reason::ENDED,
        MembershipReason::StartsLater => abi::reason::STARTS_LATER,
        MembershipReason::Inactive => abi::reason::INACTIVE,
        MembershipReason::NotAPerson => abi::reason::NOT_A_PERSON,
        MembershipReason::Automatic => abi::reason::AUTOMATIC,
        MembershipReason::NoRenewal => abi::reason::NO_RENEWAL,
        MembershipReason::Paid => abi::reason::PAID,
        MembershipReason::Active => abi::reason::ACTIVE,
        MembershipReason::BadInput => abi::reason::BAD_INPUT,
        MembershipReason::NotRenewed => abi::reason::NOT_RENEWED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_sdk() {
        for text in ["0001-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "2022-07-01", "2100-03-01", "9999-12-31"] {
            let day: Day = text.parse().unwrap();
            assert_eq!(days(Some(day)), lapse_plugin::Date::parse(text).unwrap().days(), "{text}");
        }
        assert_eq!(days(None), abi::NO_DATE);
    }
}
