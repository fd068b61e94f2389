//! Cuts CSV and NDJSON files into segments, each of which holds all rows of its patrons. `patrons` is cut at records that stand
//! at even distances; in the other files the same ids are found by bisection, because a sorted file needs no index.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use memchr::memchr;

use super::order::Order;
use super::segment::{Part, Segment};
use super::unsorted::Unsorted;
use crate::source::{Cutting, Field, FolderTable, Packing, TableFile, Together, count_lines, csv, read_header};
use crate::{Format, Table, WholeCause, parallel};

/// This many bytes are looked at for the header of a file.
const HEADER: u64 = 64 << 10;
/// More bytes than this of a file are not read at once.
const LONGEST: u64 = 256 << 20;
/// This many bytes are looked at for the record after a place.
const PROBE: usize = 4 << 10;

/// The files and where they are cut.
pub(super) struct Cuts {
    order: Order,
    /// In the order of [`Table::ALL`]; none for a table that is not there.
    tables: [Option<Sorted>; 4],
    segments: Vec<Cut>,
}

/// Where one segment lies.
struct Cut {
    /// The bytes of each file.
    ranges: [Range<u64>; 4],
    /// The first patron of the segment, but for the first segment; no row belongs to an earlier one.
    from: Option<String>,
    /// The first patron of the next segment; every row belongs to an earlier one.
    until: Option<String>,
}

/// A file whose start was read.
struct Sorted {
    path: PathBuf,
    table: Table,
    /// Its name, as people are told.
    name: Arc<str>,
    length: u64,
    /// Where its records start.
    body: u64,
    /// The lines up to there.
    lines_before: u64,
    cutting: Cutting,
    /// How many columns are asked for beyond the table's.
    beyond: usize,
}

impl Cuts {
    /// Opens the files of the tables and cuts them into segments of about this many bytes.
    pub fn open(tables: [Option<FolderTable>; 4], threads: usize, segment: u64) -> Result<Cuts, Unsorted> {
        let mut files = [const { None }; 4];
        for (table, file) in tables.into_iter().zip(&mut files) {
            *file = table.map(Sorted::open).transpose()?;
        }
        let patrons = files[Table::Patrons as usize].as_ref().ok_or_else(Unsorted::broken)?;
        let bytes: u64 = files.iter().flatten().map(Sorted::body_length).sum();
        let ids = patrons.ids_at_even_distances(bytes / segment)?;
        let names: Vec<String> = ids.iter().map(|(id, _)| id.clone()).collect();
        // How many of the ids ascend before one does not.
        let ascending = |order: Order| names.windows(2).take_while(|ids| order.cmp(&ids[0], &ids[1]).is_lt()).count();
        let [by_text, by_length] = [Order::Text, Order::LengthThenText].map(|order| (ascending(order), order));
        let (ascending, order) = if by_text.0 >= by_length.0 { by_text } else { by_length };
        if ascending + 1 < ids.len() {
            let [start, end] = [ids[ascending].1, ids.get(ascending + 2).map_or(patrons.length, |id| id.1)];
            // A file in no order at all is so from its start.
            let line = patrons.first_break(patrons.body..ids[0].1, order);
            let line = line.or_else(|| patrons.first_break(start..end, order));
            let line = line.unwrap_or_else(|| 1 + patrons.lines_before(ids[ascending + 1].1));
            return Err(Unsorted::at(Table::Patrons, &patrons.name, line));
        }
        let cuts = parallel::map(threads, &files.iter().collect::<Vec<_>>(), |file| match file {
            None => Ok(vec![0; ids.len()]),
            Some(file) if file.path == patrons.path => Ok(ids.iter().map(|&(_, at)| at).collect()),
            Some(file) => file.cut_at(&names, order),
        });
        let cuts: Vec<Vec<u64>> = cuts.into_iter().collect::<Result<_, _>>()?;
        let segments = (0..=names.len())
            .map(|index| Cut {
                ranges: std::array::from_fn(|table| {
                    let Some(file) = &files[table] else { return 0..0 };
                    let start = index.checked_sub(1).map_or(file.body, |before| cuts[table][before]);
                    start..cuts[table].get(index).copied().unwrap_or(file.length)
                }),
                from: index.checked_sub(1).map(|before| names[before].clone()),
                until: names.get(index).cloned(),
            })
            .collect();
        Ok(Cuts { order, tables: files, segments })
    }

    /// How many segments there are.
    pub fn segments(&self) -> usize {
        self.segments.len()
    }

    /// How many bytes of all files together a segment has.
    pub fn bytes(&self, segment: usize) -> u64 {
        self.segments[segment].ranges.iter().map(|range| range.end - range.start).sum()
    }

    /// Reads a segment into `buffers`.
    pub fn read<'a>(&'a self, segment: usize, buffers: &'a mut [Vec<u8>; 4]) -> Result<Segment<'a>, Unsorted> {
        let Cut { ranges, from, until } = &self.segments[segment];
        let mut tables: [Part<'_>; 4] = Default::default();
        for (table, buffer) in buffers.iter_mut().enumerate() {
            let Some(file) = &self.tables[table] else { continue };
            let range = &ranges[table];
            // Those of one patron are not so many. A file without data on its disk has any length.
            if range.end - range.start > LONGEST {
                return Err(Unsorted::broken());
            }
            buffer.resize(usize::try_from(range.end - range.start).map_err(|_| Unsorted::broken())?, 0);
            let mut reader = file.reader()?;
            reader.seek(SeekFrom::Start(range.start)).map_err(|_| Unsorted::broken())?;
            reader.read_exact(buffer).map_err(|_| Unsorted::broken())?;
            let text = std::str::from_utf8(buffer).map_err(|_| Unsorted::broken())?;
            // Lines count from the start of the segment.
            let line = 1 + if segment == 0 { file.lines_before } else { 0 };
            tables[table] = Part {
                records: vec![file.cutting.records(text, 0, line, &file.path)],
                beyond: file.beyond,
                files: std::slice::from_ref(&file.name),
            };
        }
        Ok(Segment { order: self.order, from: from.clone(), until: until.clone(), next: None, tables })
    }

    /// The first of `ids` that a patron has. Each line of the patrons must be a record.
    pub fn first_of<'i>(&self, ids: &BTreeSet<&'i str>) -> Result<Option<&'i str>, Unsorted> {
        let patrons = self.tables[Table::Patrons as usize].as_ref().ok_or_else(Unsorted::broken)?;
        let mut file = patrons.reader()?;
        for &id in ids {
            let at = patrons.first_at_least(&mut file, id, self.order, patrons.body..patrons.length)?;
            if patrons.find(&mut file, at..patrons.length, |_| true)?.is_some_and(|record| record.id == id) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// The file of a table and the line of the first row, in a segment or the next one, or else in the whole file, that comes
    /// after one with a greater id.
    pub fn first_break(&self, table: Table, segment: usize) -> Option<(Arc<str>, u64)> {
        let file = self.tables[table as usize].as_ref()?;
        let range = |segment: usize| &self.segments[segment].ranges[table as usize];
        // The segments of a file that is not sorted need not follow each other.
        let in_two = |segment: usize| {
            let (start, end) = (range(segment).start, range((segment + 1).min(self.segments.len() - 1)).end);
            if start < end { file.first_break(start..end, self.order) } else { None }
        };
        // A file in no order at all is so from its start.
        let line = [0, segment].into_iter().chain(0..self.segments.len()).find_map(in_two)?;
        Some((file.name.clone(), line))
    }

    /// How many lines of a table stand before a segment, but for the first, whose lines count from the start of the file.
    pub fn lines_before(&self, table: Table, segment: usize) -> u64 {
        match &self.tables[table as usize] {
            Some(file) if segment > 0 => file.lines_before(self.segments[segment].ranges[table as usize].start),
            Some(_) | None => 0,
        }
    }
}

impl Sorted {
    fn open(of_table: FolderTable) -> Result<Sorted, Unsorted> {
        let FolderTable { table, files, asked, .. } = of_table;
        let [file] = <[TableFile; 1]>::try_from(files)
            .map_err(|_| Unsorted::of(table, &table.name().into(), WholeCause::SeveralFiles))?;
        let TableFile { path, name, format, packing, bounds: _ } = file;
        if packing != Packing::Plain {
            return Err(Unsorted::of(table, &name, WholeCause::Packed));
        }
        let broken = |_| Unsorted::broken();
        let metadata = fs::metadata(&path).map_err(broken)?;
        // A pipe can be read only once, so that nothing may be read of it here.
        if !metadata.is_file() {
            return Err(Unsorted::of(table, &name, WholeCause::NotAFile));
        }
        let mut file = File::open(&path).map_err(broken)?;
        let length = metadata.len();
        let mut start = vec![0; usize::try_from(length.min(HEADER)).map_err(|_| Unsorted::broken())?];
        file.read_exact(&mut start).map_err(broken)?;
        let beyond = asked.len();
        let (body, cutting) = match format {
            Format::Csv => {
                let header = read_header(&start, table, &asked).map_err(|_| Unsorted::broken())?;
                if header.body == start.len() && length > HEADER {
                    return Err(Unsorted::of(table, &name, WholeCause::LongRow));
                }
                (header.body, Cutting::Csv(header.wanted.into()))
            }
            Format::Ndjson => {
                let mark = if start.starts_with(csv::MARK) { csv::MARK.len() } else { 0 };
                (mark, Cutting::Ndjson { columns: table.columns(), asked })
            }
            Format::Parquet => return Err(Unsorted::broken()),
        };
        let lines_before = count_lines(&start[..body]);
        Ok(Sorted { path, table, name, length, body: body as u64, lines_before, cutting, beyond })
    }

    /// What is wrong with this file.
    fn unsorted(&self, cause: WholeCause) -> Unsorted {
        Unsorted::of(self.table, &self.name, cause)
    }

    /// How many lines stand before a byte.
    fn lines_before(&self, at: u64) -> u64 {
        let Ok(file) = File::open(&self.path) else { return 0 };
        let (mut file, mut lines, mut buffer) = (file.take(at), 0, vec![0; 256 << 10]);
        while let Ok(read @ 1..) = file.read(&mut buffer) {
            lines += count_lines(&buffer[..read]);
        }
        lines
    }

    /// The line of the first record in a range, which starts and ends with one, that comes after one with a greater id.
    #[cold]
    fn first_break(&self, range: Range<u64>, order: Order) -> Option<u64> {
        if range.end - range.start > LONGEST {
            return None;
        }
        let lines_before = self.lines_before(range.start);
        let mut bytes = vec![0; usize::try_from(range.end - range.start).ok()?];
        let mut file = self.reader().ok()?;
        file.seek(SeekFrom::Start(range.start)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let text = std::str::from_utf8(&bytes).ok()?;
        let mut records = self.cutting.records(text, 0, 1, &self.path);
        let mut together = Together::new(self.table.columns().len() + self.beyond);
        let mut before = String::new();
        while records.next(&mut together).ok()? {
            for (at, fields) in together.iter() {
                let id = fields[0].as_str();
                if !before.is_empty() && !id.is_empty() && order.cmp(&before, id) == Ordering::Greater {
                    return Some(lines_before + u64::from(at.line));
                }
                id.clone_into(&mut before);
            }
        }
        None
    }

    fn reader(&self) -> Result<File, Unsorted> {
        File::open(&self.path).map_err(|_| Unsorted::broken())
    }

    fn body_length(&self) -> u64 {
        self.length - self.body
    }

    /// At most `count` ids that stand at even distances in the file, each with the byte at which its record starts.
    fn ids_at_even_distances(&self, count: u64) -> Result<Vec<(String, u64)>, Unsorted> {
        let mut file = self.reader()?;
        let start = self.body;
        let mut ids: Vec<(String, u64)> = Vec::new();
        for index in 1..count {
            let wanted = start + self.body_length() * index / count;
            match self.find(&mut file, wanted..self.length, |_| true)? {
                Some(record) if ids.last().is_none_or(|&(_, at)| at < record.at) => ids.push((record.id, record.at)),
                _ => {}
            }
        }
        Ok(ids)
    }

    /// For each of `ids`, which ascend, where the first record with that id or a greater one starts.
    fn cut_at(&self, ids: &[String], order: Order) -> Result<Vec<u64>, Unsorted> {
        let mut cuts = vec![0; ids.len()];
        let mut file = self.reader()?;
        self.cut_between(&mut file, ids, order, self.body..self.length, &mut cuts)?;
        Ok(cuts)
    }

    /// Finds the place of the middle id first, so that the ids before and after it are searched in half of the file each.
    fn cut_between(
        &self,
        file: &mut File,
        ids: &[String],
        order: Order,
        within: Range<u64>,
        cuts: &mut [u64],
    ) -> Result<(), Unsorted> {
        if ids.is_empty() {
            return Ok(());
        }
        let middle = ids.len() / 2;
        let cut = self.first_at_least(file, &ids[middle], order, within.clone())?;
        cuts[middle] = cut;
        let (before, after) = cuts.split_at_mut(middle);
        self.cut_between(file, &ids[..middle], order, within.start..cut, before)?;
        self.cut_between(file, &ids[middle + 1..], order, cut..within.end, &mut after[1..])
    }

    /// Where the first record in `within`, whose start is that of a record, with `id` or a greater one starts; the end of
    /// `within` where there is none.
    fn first_at_least(&self, file: &mut File, id: &str, order: Order, within: Range<u64>) -> Result<u64, Unsorted> {
        let (mut low, mut high) = (within.start, within.end);
        // A long record may end beyond the place up to which its successors were looked for.
        while high.saturating_sub(low) > PROBE as u64 / 2 {
            let middle = low + (high - low) / 2;
            match self.find(file, middle..high, |_| true)? {
                Some(record) if order.cmp(&record.id, id) == Ordering::Less => low = record.end,
                Some(_) | None => high = middle,
            }
        }
        // The record looked for starts between the two, or is the first after them.
        let found = self.find(file, low..within.end, |other| order.cmp(other, id) != Ordering::Less)?;
        Ok(found.map_or(within.end, |record| record.at))
    }

    /// The first `wanted` record that has an id and starts within `places`, if it is near their start. A line end is taken
    /// as the end of a record. Where it stands within a quoted field, reading the segment meets a quote that is never closed.
    fn find(
        &self,
        file: &mut File,
        places: Range<u64>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<Record>, Unsorted> {
        let Range { start: from, end: until } = places;
        let start = self.body;
        // The line end before a record tells where it starts.
        let probe_start = if from == start { start } else { from - 1 };
        let length = usize::try_from(self.length - probe_start).map_or(PROBE, |left| left.min(PROBE));
        let mut bytes = [0; PROBE];
        let bytes = &mut bytes[..length];
        file.seek(SeekFrom::Start(probe_start)).map_err(|_| Unsorted::broken())?;
        file.read_exact(bytes).map_err(|_| Unsorted::broken())?;
        let at_end = probe_start + length as u64 == self.length;
        let mut at = match memchr(b'\n', bytes) {
            _ if from == start => 0,
            Some(line) => line + 1,
            None if at_end => return Ok(None),
            None => return Err(self.unsorted(WholeCause::LongRow)),
        };
        loop {
            at = csv::skip_empty_lines(bytes, at);
            if probe_start + at as u64 >= until {
                return Ok(None);
            }
            let end = match memchr(b'\n', &bytes[at..]) {
                Some(line) => at + line + 1,
                None if at_end => length,
                None => return Err(self.unsorted(WholeCause::LongRow)),
            };
            if at == end {
                return Ok(None);
            }
            let text = std::str::from_utf8(&bytes[at..end]).map_err(|_| Unsorted::broken())?;
            let mut fields = vec![Field::EMPTY; self.table.columns().len() + self.beyond];
            let read = self.cutting.read_one(text, &mut fields);
            read.map_err(|_| self.unsorted(WholeCause::LineEndInField))?;
            let id = fields[0].as_str();
            if !id.is_empty() && wanted(id) {
                return Ok(Some(Record {
                    id: id.to_owned(),
                    at: probe_start + at as u64,
                    end: probe_start + end as u64,
                }));
            }
            at = end;
        }
    }
}

/// A record that a search came upon.
struct Record {
    id: String,
    at: u64,
    end: u64,
}
