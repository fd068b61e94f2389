//! The facts of a batch, written into the memory that a plugin sees as the structs of the ABI, with room for its verdicts.

use std::ops::Range;

use lapse_engine::{Account, Batch, Codes, LibraryId, Membership, MembershipDecision, Patron};
use lapse_plugin::abi;
use lapse_policy::PluginTable;
use lapse_tables::PatronFacts;

use crate::libraries::{Libraries, LibrariesAt};
use crate::numbers::{days, outcome, reason, status};
use crate::region::{Region, pointer};
use crate::spec::Column;
use crate::writer::{Full, Place, Writer};

/// How many bytes lie before, between and after the verdicts, where a plugin must not write.
const MARGIN: usize = 256;
/// What these bytes hold as long as no plugin has written there.
pub(crate) const UNTOUCHED: u8 = 0xa5;

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

/// Writes batches for a plugin: what it needs other than the batch itself.
pub(crate) struct BatchWriter<'a> {
    pub libraries: &'a Libraries<'a>,
    pub codes: &'a Codes,
    pub facts: &'a dyn PatronFacts,
    pub columns: &'a Columns,
    /// Whether the plugin takes part at each library of the policy.
    pub scope: &'a [bool],
    /// Whether it takes part at every one.
    pub everywhere: bool,
}

/// A patron of a batch who was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WrittenPatron {
    /// The place in the batch.
    pub patron: usize,
    pub memberships: usize,
    pub records: usize,
}

/// A batch as it lies in memory.
#[derive(Debug)]
pub(crate) struct WrittenBatch {
    /// The patrons who have something in the plugin's scope.
    pub patrons: Vec<WrittenPatron>,
    /// The byte of the struct that describes the batch.
    pub batch: usize,
    /// The byte of the struct that says where verdicts go.
    pub verdicts: usize,
    pub membership_verdicts: Range<usize>,
    pub record_verdicts: Range<usize>,
    /// Everything around the verdicts that must stay as it is.
    pub margins: [Range<usize>; 3],
}

impl BatchWriter<'_> {
    /// Writes the patrons of `range` with the decisions on their memberships.
    pub fn write(
        &self,
        region: &mut Region,
        base: u64,
        libraries: &LibrariesAt,
        batch: &Batch<'_>,
        range: Range<usize>,
        decided: &[MembershipDecision],
    ) -> Result<WrittenBatch, Full> {
        let mut writer = Writer::new(region, base, libraries.end);
        let accounts: usize = batch.patrons[range.clone()].iter().map(|patron| patron.accounts.len()).sum();
        let memberships = writer.room(decided.len())?;
        let records = writer.room(decided.len() + accounts)?;
        let patrons = writer.room(range.len())?;
        let place = writer.room(1)?;
        let verdicts_place = writer.room(1)?;
        // The verdicts at the end need at most this.
        let verdicts = (2 * decided.len() + accounts) * size_of::<abi::Verdict>() + 4 * MARGIN;
        writer.end = writer.end.checked_sub(verdicts).filter(|&end| end > writer.at).ok_or(Full)?;
        let mut patron_writer =
            PatronWriter { batch: self, writer, libraries, memberships, records, written: Vec::new(), counts: [0; 2] };
        let mut decided = decided;
        for (index, patron) in batch.patrons[range.clone()].iter().enumerate() {
            let of_patron = decided.split_off(..patron.memberships.len()).expect("a decision for each membership");
            if self.concerns(patron) {
                let row =
                    patron_writer.patron(batch.first + range.start + index, range.start + index, patron, of_patron)?;
                let at = patron_writer.written.len() - 1;
                patron_writer.writer.put(patrons, at, row);
            }
        }
        let PatronWriter { mut writer, written, counts, .. } = patron_writer;
        let described = abi::Batch {
            size: abi::size::<abi::Batch>(),
            run_date: days(Some(self.libraries.of_day.date)),
            patrons: writer.pointer(patrons, 0),
            patron_count: written.len(),
            memberships: writer.pointer(memberships, 0),
            membership_count: counts[0],
            records: writer.pointer(records, 0),
            record_count: counts[1],
            libraries: writer.pointer(libraries.libraries, 0),
            library_count: libraries.libraries.count,
            subscriptions: writer.pointer(libraries.subscriptions, 0),
            subscription_count: libraries.subscriptions.count,
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

/// Makes room for the verdicts at the end of the memory: a margin, the verdicts on memberships, a margin, the verdicts on
/// records, a margin. Nothing is mapped after that, so that a plugin that writes further crashes.
fn room_for_verdicts(
    mut writer: Writer<'_>,
    patrons: Vec<WrittenPatron>,
    [memberships, records]: [usize; 2],
    batch: Place<abi::Batch>,
    place: Place<abi::Verdicts>,
) -> WrittenBatch {
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
    WrittenBatch {
        patrons,
        batch: batch.at,
        verdicts: place.at,
        membership_verdicts: of_memberships,
        record_verdicts: of_records,
        margins: [first, second, third],
    }
}

/// Writes the patrons of one batch.
struct PatronWriter<'a, 'w> {
    batch: &'a BatchWriter<'a>,
    writer: Writer<'w>,
    libraries: &'a LibrariesAt,
    memberships: Place<abi::Membership>,
    records: Place<abi::Record>,
    written: Vec<WrittenPatron>,
    /// How many memberships and records there are so far.
    counts: [usize; 2],
}

impl PatronWriter<'_, '_> {
    /// Writes a patron, whose place is `number` among all patrons and `index` in the batch.
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
        self.written.push(WrittenPatron { patron: index, memberships, records });
        let number_of = |count: usize| u32::try_from(count).map_err(|_| Full);
        Ok(abi::Patron {
            id: self.writer.text(self.batch.facts.id(number))?,
            columns: self.columns(&self.batch.columns.patrons, number, 0)?,
            memberships: self.writer.pointer(self.memberships, first_membership),
            records: self.writer.pointer(self.records, first_record),
            membership_count: number_of(memberships)?,
            record_count: number_of(records)?,
            first_membership: number_of(first_membership)?,
            first_record: number_of(first_record)?,
            birth_date: days(self.batch.facts.birth_date(number)),
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
        let subscription = self.batch.libraries.subscription(membership.library, membership.subscription);
        let row = abi::Membership {
            library: self.writer.pointer(self.libraries.libraries, membership.library.index()),
            subscription: self.writer.pointer(self.libraries.subscriptions, subscription),
            columns: self.columns(&self.batch.columns.memberships, number, row)?,
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
            Some(row) => self.columns(&self.batch.columns.accounts, number, row)?,
            None => std::ptr::null(),
        };
        let account: Option<&Account> = account.map(|row| &patron.accounts[row]);
        let blocks = account.and_then(|account| account.blocks);
        let flag = |of: fn(&Account) -> bool| u8::from(account.is_some_and(of));
        let row = abi::Record {
            library: self.writer.pointer(self.libraries.libraries, library.index()),
            columns,
            blocks: self.writer.text(blocks.map_or("", |blocks| self.batch.codes.blocks.text(blocks)))?,
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
            let text = self.writer.text(self.batch.facts.asked(column, patron, row))?;
            self.writer.put(texts, index, text);
        }
        Ok(self.writer.pointer(texts, 0))
    }
}
