//! Reads Parquet files that are sorted by patron in segments. A row group says between which ids its rows lie. So it is
//! known before anything is read which row groups of the other tables are needed with a row group of `patrons`. Each is
//! unpacked once, before the segments that need it are read, and its memory is given back after the last of them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{self, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::order::Order;
use super::segment::{Part, Segment};
use super::unsorted::Unsorted;
use crate::source::{Batch, BatchRecords, FolderTable, Opened, PlainRecords, RowGroup, RowPlace, open_parquet};
use crate::{Table, WholeCause};

/// The row groups of the tables, and the steps in which they are read.
pub(super) struct Groups {
    order: Order,
    /// In the order of [`Table::ALL`].
    tables: [Grouped; 4],
    /// For each row group of `patrons`, the row groups of each table that are needed with it. In `patrons` that is the row
    /// group itself.
    spans: Vec<[Range<usize>; 4]>,
    steps: Vec<Step>,
}

/// The row groups of a table, in the order of its files.
#[derive(Default)]
struct Grouped {
    groups: Vec<Group>,
    /// The names by which people know the files.
    files: Vec<Arc<str>>,
    /// The number of columns that are asked for beyond the table's own.
    beyond: usize,
    /// Whether the ids are numbers rather than texts.
    numbers: bool,
}

/// A file of a table.
struct File {
    /// Its number among the files of the table.
    number: u32,
    path: PathBuf,
    opened: Opened,
}

/// A row group that is unpacked when it is needed.
struct Group {
    file: Arc<File>,
    of_file: RowGroup,
    /// No id in the row group is less than this one.
    first: String,
    /// No id in the row group is greater than this one.
    last: String,
    /// The number of segments that still need the row group.
    users: AtomicUsize,
    /// The rows, once they were unpacked; none where they cannot be unpacked or are not needed any more.
    unpacked: OnceLock<Mutex<Option<Arc<[Batch]>>>>,
}

/// A part of the work that one thread can do by itself.
enum Step {
    /// Unpacks a row group of a table.
    Unpack { table: usize, group: usize },
    /// Reads the segment of these rows of a row group of patrons.
    Segment { group: usize, rows: Range<usize> },
}

/// The rows of a row group that belong to a segment.
pub(super) struct Share {
    /// The number of the file among those of the table.
    file: u32,
    batches: Arc<[Batch]>,
    rows: Range<usize>,
}

/// The number of a row group in its table, and of a row in the row group.
type RowAt = (usize, usize);

/// To decide about a patron whose rows are unpacked takes about as long as to unpack this many rows.
const PATRON: u64 = 12;
/// If the rows that are out of order have more ids than this, no patron is looked for.
const STRAYS: usize = 64;

const PATRONS: usize = Table::Patrons as usize;

impl Groups {
    /// Opens the files of the tables and cuts them into segments of at most this many patrons.
    pub fn open(files: [Option<FolderTable>; 4], size: usize) -> Result<Groups, Unsorted> {
        let mut tables: [Grouped; 4] = Default::default();
        for (grouped, files) in tables.iter_mut().zip(files) {
            if let Some(files) = files {
                *grouped = Grouped::open(files)?;
            }
        }
        let numbers = tables[PATRONS].numbers;
        for (table, grouped) in Table::ALL.into_iter().zip(&tables) {
            if !grouped.groups.is_empty() && grouped.numbers != numbers {
                return Err(Unsorted::of(table, &grouped.files[0], WholeCause::OtherIds));
            }
        }
        let order = if numbers { Order::LengthThenText } else { Order::Text };
        let is_turned = |group: &Group| order.cmp(&group.first, &group.last) == Ordering::Greater;
        let rows =
            |table: &Grouped| table.groups.iter().fold(0, |all: usize, group| all.saturating_add(group.of_file.rows));
        // A file is damaged if it claims more than four billion rows, or a least id that is greater than the greatest.
        let is_damaged = |table| u32::try_from(rows(table)).is_err() || table.groups.iter().any(is_turned);
        if tables.iter().any(is_damaged) || tables[PATRONS].groups.is_empty() {
            return Err(Unsorted::broken());
        }
        for (table, grouped) in Table::ALL.into_iter().zip(&tables) {
            // A patron has one row in `patrons`, and may have any number of rows in the other tables.
            let in_order = |before: &str, after: &str| match order.cmp(before, after) {
                Ordering::Less => true,
                Ordering::Equal => table != Table::Patrons,
                Ordering::Greater => false,
            };
            let is_cut = |groups: &&[Group]| !in_order(&groups[0].last, &groups[1].first);
            if let Some(groups) = grouped.groups.windows(2).find(is_cut) {
                return Err(grouped.break_between(table, groups, order));
            }
        }
        let patrons = &tables[PATRONS];
        let spans: Vec<[Range<usize>; 4]> = (0..patrons.groups.len())
            .map(|group| tables.each_ref().map(|table| table.span(patrons, group, order)))
            .collect();
        let steps = steps_of(&tables, &spans, size);
        Ok(Groups { order, tables, spans, steps })
    }

    /// Counts the steps.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Says what a step counts for in the progress: the number of rows that could be unpacked in the same time.
    pub fn work(&self, step: usize) -> u64 {
        match &self.steps[step] {
            Step::Unpack { table, group } => self.tables[*table].groups[*group].of_file.rows as u64,
            Step::Segment { rows, .. } => PATRON * rows.len() as u64,
        }
    }

    /// Takes a step. Where that reads a segment, its rows are borrowed from `shares`, which the step fills.
    pub fn read<'a>(&'a self, step: usize, shares: &'a mut [Vec<Share>; 4]) -> Result<Option<Segment<'a>>, Unsorted> {
        shares.iter_mut().for_each(Vec::clear);
        let (group, rows) = match &self.steps[step] {
            Step::Unpack { table, group } => {
                // If it cannot be unpacked, the segments that need it will find that.
                self.tables[*table].groups[*group].slot();
                return Ok(None);
            }
            Step::Segment { group, rows } => (*group, rows),
        };
        let patrons = &self.tables[PATRONS].groups;
        let batches = patrons[group].unpacked()?;
        // At the start of a row group the least id that the file gives will do, though the first patron may come after it.
        let from = match (group, rows.start) {
            (0, 0) => None,
            (_, 0) => Some(patrons[group].first.clone()),
            (_, row) => Some(self.id_of(group, &batches, row)?),
        };
        let until = if rows.end < patrons[group].of_file.rows {
            Some(self.id_of(group, &batches, rows.end)?)
        } else {
            patrons.get(group + 1).map(|next| next.first.clone())
        };
        let next = if rows.end < patrons[group].of_file.rows {
            Some(patrons[group].place(rows.end))
        } else {
            patrons.get(group + 1).map(|next| next.place(0))
        };
        shares[PATRONS].push(Share { file: patrons[group].file.number, batches, rows: rows.clone() });
        for (table, shares) in self.tables.iter().zip(shares.iter_mut()).skip(1) {
            let start = from.as_deref().map_or(Ok((0, 0)), |id| table.first_at_least(id, self.order))?;
            let end =
                until.as_deref().map_or(Ok((table.groups.len(), 0)), |id| table.first_at_least(id, self.order))?;
            table.share(start, end, shares)?;
        }
        let shares: &'a [Vec<Share>; 4] = shares;
        let mut parts: [Part<'_>; 4] = Default::default();
        for ((part, table), shares) in parts.iter_mut().zip(&self.tables).zip(shares) {
            let records = shares.iter().flat_map(Share::records).collect();
            *part = Part { records, beyond: table.beyond, files: &table.files };
        }
        Ok(Some(Segment { order: self.order, from, until, next, tables: parts }))
    }

    /// Finds the first row that comes after one with a greater id, and gives its file and its number. It looks in the row
    /// groups that a step needs and the one after them first, then in all row groups of the table.
    pub fn first_break(&self, table: Table, step: usize) -> Option<(Arc<str>, u64)> {
        let Step::Segment { group, .. } = &self.steps[step] else { return None };
        let grouped = &self.tables[table as usize];
        let Range { start, end } = self.spans[*group][table as usize];
        let near = &grouped.groups[start..grouped.groups.len().min(end + 1)];
        let at = first_break(near, self.order).or_else(|| first_break(&grouped.groups, self.order))?;
        Some((grouped.files[at.part as usize].clone(), at.line.into()))
    }

    /// Gives the id in a row of a row group of `patrons` at which the tables are cut. The row must have one.
    fn id_of(&self, group: usize, batches: &[Batch], row: usize) -> Result<String, Unsorted> {
        let id = id_of_row(batches, row);
        if id.is_empty() {
            let patrons = &self.tables[PATRONS];
            return Err(patrons.row_without_id(Table::Patrons, patrons.groups[group].place(row)));
        }
        Ok(id.into_owned())
    }

    /// Finds the first of `ids` that a patron has.
    pub fn first_of<'i>(&self, ids: &BTreeSet<&'i str>) -> Result<Option<&'i str>, Unsorted> {
        // A row group must be unpacked for each id. Where there are many ids, it takes less time to read the tables whole.
        if ids.len() > STRAYS {
            return Err(Unsorted::broken());
        }
        let patrons = &self.tables[PATRONS];
        for &id in ids {
            let group = patrons.groups.get(patrons.reaching(id, self.order));
            let may_have = |group: &&Group| self.order.cmp(&group.first, id) != Ordering::Greater;
            let Some(group) = group.filter(may_have) else { continue };
            let batches = group.unpack().ok_or_else(Unsorted::broken)?;
            // They are looked at one by one, because a row without an id may stand anywhere.
            if batches.iter().any(|batch| (0..batch.rows()).any(|row| batch.id(row) == id)) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Counts the row groups whose rows are in memory now.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        let groups = self.tables.iter().flat_map(|table| &table.groups).filter_map(|group| group.unpacked.get());
        groups.filter(|unpacked| unpacked.lock().unwrap().is_some()).count()
    }

    /// Gives back the memory of the row groups that no segment needs after this one.
    pub fn done(&self, step: usize) {
        let Step::Segment { group, .. } = &self.steps[step] else { return };
        for (table, span) in self.tables.iter().zip(&self.spans[*group]) {
            table.groups[span.clone()].iter().for_each(Group::done);
        }
    }
}

/// Makes all steps, in their order. The row groups that a row group of `patrons` needs are unpacked before the segments of
/// the one before it are read, so that a thread hardly ever waits for another.
fn steps_of(tables: &[Grouped; 4], spans: &[[Range<usize>; 4]], size: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut unpacked = [0; 4];
    let mut unpack = |steps: &mut Vec<Step>, span: &[Range<usize>; 4]| {
        for (table, (range, unpacked)) in span.iter().zip(&mut unpacked).enumerate() {
            steps.extend((*unpacked..range.end).map(|group| Step::Unpack { table, group }));
            *unpacked = range.end.max(*unpacked);
        }
    };
    for (group, span) in spans.iter().enumerate() {
        unpack(&mut steps, span);
        if let Some(next) = spans.get(group + 1) {
            unpack(&mut steps, next);
        }
        let rows = tables[PATRONS].groups[group].of_file.rows;
        let segments = rows.div_ceil(size);
        for (table, span) in tables.iter().zip(span) {
            for group in &table.groups[span.clone()] {
                group.users.fetch_add(segments, atomic::Ordering::Relaxed);
            }
        }
        let cut = |segment: usize| rows * segment / segments;
        steps.extend((0..segments).map(|segment| Step::Segment { group, rows: cut(segment)..cut(segment + 1) }));
    }
    steps
}

impl Grouped {
    fn open(of_table: FolderTable) -> Result<Grouped, Unsorted> {
        let FolderTable { table, files, asked, .. } = of_table;
        let mut grouped = Grouped { beyond: asked.len(), ..Grouped::default() };
        for source in files {
            if !fs::metadata(&source.path).is_ok_and(|metadata| metadata.is_file()) {
                return Err(Unsorted::of(table, &source.name, WholeCause::NotAFile));
            }
            let number = u32::try_from(grouped.files.len()).map_err(|_| Unsorted::broken())?;
            let opened = open_parquet(&source, table, &asked).map_err(|_| Unsorted::broken())?;
            if !opened.counts_agree() {
                return Err(Unsorted::broken());
            }
            let numbers = opened.has_numbers_for_ids();
            if !grouped.groups.is_empty() && grouped.numbers != numbers {
                return Err(Unsorted::of(table, &source.name, WholeCause::OtherIds));
            }
            grouped.numbers = numbers;
            let file = Arc::new(File { number, path: source.path, opened });
            for group in file.opened.row_groups().into_iter().filter(|group| group.rows > 0) {
                let Some((first, last)) = file.opened.ids_between(&group) else {
                    return Err(Unsorted::of(table, &source.name, WholeCause::NoStatistics));
                };
                grouped.groups.push(Group {
                    file: file.clone(),
                    of_file: group,
                    first,
                    last,
                    users: AtomicUsize::new(0),
                    unpacked: OnceLock::new(),
                });
            }
            grouped.files.push(source.name);
        }
        Ok(grouped)
    }

    /// Finds the row groups that have rows of the patrons in a row group of `patrons`, or rows whose ids lie between
    /// theirs.
    fn span(&self, patrons: &Grouped, group: usize, order: Order) -> Range<usize> {
        let start = if group == 0 { 0 } else { self.reaching(&patrons.groups[group].first, order) };
        let end = patrons.groups.get(group + 1).map_or(self.groups.len(), |next| {
            self.groups.partition_point(|group| order.cmp(&group.first, &next.first) == Ordering::Less)
        });
        start..end.max(start)
    }

    /// Gives the number of the first row group whose greatest id is not less than `id`. Where there is none, it gives the
    /// number of row groups.
    fn reaching(&self, id: &str, order: Order) -> usize {
        self.groups.partition_point(|group| order.cmp(&group.last, id) == Ordering::Less)
    }

    /// Says why the ids of a row group and the one that follows it do not ascend.
    #[cold]
    fn break_between(&self, table: Table, groups: &[Group], order: Order) -> Unsorted {
        let broken = |at: RowPlace| Unsorted::at(table, &self.files[at.part as usize], at.line.into());
        if let Some(at) = first_break(groups, order) {
            broken(at)
        } else if let Some(at) = first_row(groups, str::is_empty) {
            self.row_without_id(table, at)
        } else {
            // The last patron of the one row group is the first of the other.
            broken(groups[1].place(0))
        }
    }

    /// Says that the row at a place has no id, though one is needed there.
    #[cold]
    fn row_without_id(&self, table: Table, at: RowPlace) -> Unsorted {
        Unsorted::of(table, &self.files[at.part as usize], WholeCause::NoId { line: at.line.into() })
    }

    /// Finds the first row with `id` or a greater id.
    fn first_at_least(&self, id: &str, order: Order) -> Result<RowAt, Unsorted> {
        let index = self.reaching(id, order);
        let Some(group) = self.groups.get(index) else { return Ok((index, 0)) };
        if order.cmp(&group.first, id) != Ordering::Less {
            return Ok((index, 0));
        }
        let batches = group.unpacked()?;
        let (mut low, mut high) = (0, group.of_file.rows);
        while low < high {
            let middle = low.midpoint(high);
            if order.cmp(&id_of_row(&batches, middle), id) == Ordering::Less {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok((index, low))
    }

    /// Adds the rows from `start` on and before `end` to `shares`.
    fn share(&self, start: RowAt, end: RowAt, shares: &mut Vec<Share>) -> Result<(), Unsorted> {
        for (index, group) in self.groups.iter().enumerate().take(end.0 + 1).skip(start.0) {
            let first = if index == start.0 { start.1 } else { 0 };
            let last = if index == end.0 { end.1 } else { group.of_file.rows };
            if first < last {
                shares.push(Share { file: group.file.number, batches: group.unpacked()?, rows: first..last });
            }
        }
        Ok(())
    }
}

impl Group {
    /// Unpacks the rows; none where that cannot be done.
    fn unpack(&self) -> Option<Arc<[Batch]>> {
        let opened = &self.file.opened;
        let mut reader = opened.reader(&self.file.path, &self.of_file).ok()?;
        let mut all = Vec::new();
        while let Some(batch) = opened.next_batch(&mut reader).ok()? {
            all.push(batch);
        }
        // A damaged file may say another number of rows than it holds.
        (all.iter().map(Batch::rows).sum::<usize>() == self.of_file.rows).then(|| all.into())
    }

    /// Gives the place for the unpacked rows. The first thread that needs them unpacks them. The place is empty again once
    /// no segment needs them any more.
    fn slot(&self) -> &Mutex<Option<Arc<[Batch]>>> {
        self.unpacked.get_or_init(|| Mutex::new(self.unpack()))
    }

    /// Gives the unpacked rows to a segment that needs them.
    fn unpacked(&self) -> Result<Arc<[Batch]>, Unsorted> {
        self.slot().lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(Unsorted::broken)
    }

    /// Says where one of the rows stands in its table.
    fn place(&self, row: usize) -> RowPlace {
        let line = self.of_file.first_row.saturating_add(row as u64);
        RowPlace { part: self.file.number, line: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    /// Notes that one more segment does not need the row group any more.
    fn done(&self) {
        if self.users.fetch_sub(1, atomic::Ordering::AcqRel) == 1
            && let Some(unpacked) = self.unpacked.get()
        {
            *unpacked.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl Share {
    fn records(&self) -> impl Iterator<Item = Box<dyn PlainRecords<'_> + '_>> {
        let mut start = 0;
        self.batches.iter().filter_map(move |batch| {
            let before = start;
            start += batch.rows();
            let rows = self.rows.start.max(before)..self.rows.end.min(start);
            let rows = (rows.start < rows.end).then(|| rows.start - before..rows.end - before)?;
            Some(Box::new(BatchRecords::new(batch, self.file, rows)) as Box<dyn PlainRecords<'_> + '_>)
        })
    }
}

/// Finds the first row that comes after one with a greater id, in row groups that follow each other.
#[cold]
fn first_break(groups: &[Group], order: Order) -> Option<RowPlace> {
    let mut before = String::new();
    first_row(groups, |id| {
        // A row without an id is rejected wherever it stands.
        if id.is_empty() {
            return false;
        }
        let breaks = !before.is_empty() && order.cmp(&before, id) == Ordering::Greater;
        id.clone_into(&mut before);
        breaks
    })
}

/// Finds the first row whose id makes `is_true` true, in row groups that follow each other.
#[cold]
fn first_row(groups: &[Group], mut is_true: impl FnMut(&str) -> bool) -> Option<RowPlace> {
    for group in groups {
        let opened = &group.file.opened;
        let mut reader = opened.id_reader(&group.file.path, &group.of_file).ok()?;
        let mut first = 0;
        while let Some(batch) = opened.next_batch(&mut reader).ok()? {
            for row in 0..batch.rows() {
                if is_true(&batch.id(row)) {
                    return Some(group.place(first + row));
                }
            }
            first += batch.rows();
        }
    }
    None
}

fn id_of_row(batches: &[Batch], mut row: usize) -> Cow<'_, str> {
    for batch in batches {
        if row < batch.rows() {
            return batch.id(row);
        }
        row -= batch.rows();
    }
    unreachable!("a row group has as many rows as it says when it is unpacked")
}
