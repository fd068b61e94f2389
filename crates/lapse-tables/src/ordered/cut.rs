//! CSV and NDJSON files in segments, each of which holds all rows of its patrons: cut at records of `patrons` that stand at even
//! distances, and by bisection at the same ids in the other files.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::memchr;

use super::segment::{Part, Segment};
use super::{Order, Unsorted};
use crate::source::field::Field;
use crate::source::find::{Packing, Source};
use crate::source::header::read_header;
use crate::source::input::TableInput;
use crate::source::records::{OfFormat, Records};
use crate::source::text::count_lines;
use crate::source::{csv, ndjson};
use crate::{AskedColumn, Format, Table, parallel};

/// So many bytes are looked at for the header of a file.
const HEADER: u64 = 64 << 10;
/// So many bytes are looked at for the record after a place.
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
    /// In CSV, for each column of the file the place among the wanted fields.
    wanted: Option<Vec<Option<usize>>>,
    /// The columns that are asked for beyond the table's.
    asked: Vec<String>,
}

impl Cuts {
    /// Opens the files in `data` and cuts them into segments of about so many bytes.
    pub fn open(data: &Path, asked: &[AskedColumn], threads: usize, segment: u64) -> Result<Cuts, Unsorted> {
        let mut files = [const { None }; 4];
        for table in Table::ALL {
            files[table as usize] = Sorted::open(data, table, asked)?;
        }
        let patrons = files[Table::Patrons as usize].as_ref().ok_or(Unsorted)?;
        let bytes: u64 = files.iter().flatten().map(Sorted::body_length).sum();
        let ids = patrons.ids_at_even_distances(bytes / segment)?;
        let names: Vec<String> = ids.iter().map(|(id, _)| id.clone()).collect();
        let ascend = |order: &Order| names.is_sorted_by(|one, other| order.cmp(one, other) == Ordering::Less);
        let order = [Order::Text, Order::LengthThenText].into_iter().find(ascend).ok_or(Unsorted)?;
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
            buffer.resize(usize::try_from(range.end - range.start).map_err(|_| Unsorted)?, 0);
            let mut reader = file.reader()?;
            reader.seek(SeekFrom::Start(range.start)).map_err(|_| Unsorted)?;
            reader.read_exact(buffer).map_err(|_| Unsorted)?;
            let text = std::str::from_utf8(buffer).map_err(|_| Unsorted)?;
            // Lines count from the start of the segment.
            let line = 1 + if segment == 0 { file.lines_before } else { 0 };
            tables[table] = Part {
                records: vec![file.records(text, line)],
                beyond: file.asked.len(),
                files: std::slice::from_ref(&file.name),
            };
        }
        Ok(Segment { order: self.order, from: from.clone(), until: until.clone(), tables })
    }

    /// Whether one of `ids` is that of a patron. Each line of the patrons must be a record.
    pub fn has_any_of(&self, ids: &BTreeSet<&str>) -> Result<bool, Unsorted> {
        let patrons = self.tables[Table::Patrons as usize].as_ref().ok_or(Unsorted)?;
        let mut file = patrons.reader()?;
        for &id in ids {
            let at = patrons.first_at_least(&mut file, id, self.order, patrons.body..patrons.length)?;
            if patrons.find(&mut file, at..patrons.length, |_| true)?.is_some_and(|record| record.id == id) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Sorted {
    fn open(data: &Path, table: Table, asked: &[AskedColumn]) -> Result<Option<Sorted>, Unsorted> {
        let input = TableInput::open(data, table, asked).map_err(|_| Unsorted)?;
        let Some(TableInput { files, asked, .. }) = input else { return Ok(None) };
        let Ok([Source { path, name, format, packing: Packing::Plain }]) = <[Source; 1]>::try_from(files) else {
            return Err(Unsorted);
        };
        let metadata = fs::metadata(&path).map_err(|_| Unsorted)?;
        // A pipe can be read once; it is left to the other run as it is.
        if !metadata.is_file() {
            return Err(Unsorted);
        }
        let mut file = File::open(&path).map_err(|_| Unsorted)?;
        let length = metadata.len();
        let mut start = vec![0; usize::try_from(length.min(HEADER)).map_err(|_| Unsorted)?];
        file.read_exact(&mut start).map_err(|_| Unsorted)?;
        let (body, wanted) = match format {
            Format::Csv => {
                let header = read_header(&start, table, &asked).map_err(|_| Unsorted)?;
                if header.body == start.len() && length > HEADER {
                    return Err(Unsorted);
                }
                (header.body, Some(header.wanted))
            }
            Format::Ndjson => (if start.starts_with(csv::MARK) { csv::MARK.len() } else { 0 }, None),
            Format::Parquet => return Err(Unsorted),
        };
        let lines_before = count_lines(&start[..body]);
        Ok(Some(Sorted { path, table, name, length, body: body as u64, lines_before, wanted, asked }))
    }

    /// The records of some text of the file that starts with one, on `line`.
    fn records<'a>(&'a self, text: &'a str, line: u64) -> Records<'a> {
        let of_format = if let Some(wanted) = &self.wanted {
            OfFormat::Csv(csv::Records::new(text, wanted, line))
        } else {
            let keys = ndjson::Keys { columns: self.table.columns(), asked: &self.asked };
            OfFormat::Ndjson(ndjson::Records::new(text, keys, line))
        };
        Records::new(0, of_format)
    }

    fn reader(&self) -> Result<File, Unsorted> {
        File::open(&self.path).map_err(|_| Unsorted)
    }

    fn body_length(&self) -> u64 {
        self.length - self.body
    }

    /// Up to `count` ids within the file, with the bytes at which their records start.
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

    /// The middle id first, so that each search is within what the others leave.
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
    /// as the end of a record; where it is not, reading the segment finds a quote without its other.
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
        file.seek(SeekFrom::Start(probe_start)).map_err(|_| Unsorted)?;
        file.read_exact(bytes).map_err(|_| Unsorted)?;
        let at_end = probe_start + length as u64 == self.length;
        let mut at = match memchr(b'\n', bytes) {
            _ if from == start => 0,
            Some(line) => line + 1,
            None if at_end => return Ok(None),
            None => return Err(Unsorted),
        };
        loop {
            at = csv::skip_empty_lines(bytes, at);
            if probe_start + at as u64 >= until {
                return Ok(None);
            }
            let end = match memchr(b'\n', &bytes[at..]) {
                Some(line) => at + line + 1,
                None if at_end => length,
                None => return Err(Unsorted),
            };
            if at == end {
                return Ok(None);
            }
            let text = std::str::from_utf8(&bytes[at..end]).map_err(|_| Unsorted)?;
            let mut fields = vec![Field::EMPTY; self.table.columns().len() + self.asked.len()];
            self.records(text, 1).next_one(&mut fields).map_err(|_| Unsorted)?;
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
