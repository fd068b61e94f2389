//! Records that are read together: so few that they stay in a processor's cache, and so many that a call for each batch of
//! them costs nothing.

use super::field::{Field, RowPlace};

/// This many records are read at once, at the most.
pub(crate) const TOGETHER: usize = 32;

/// Records that are read at once, each with a field for every column of its table and, after those, for every column that
/// is asked for beyond them.
pub struct Together<'a> {
    fields: Vec<Field<'a>>,
    /// How many fields each record has.
    width: usize,
    places: [RowPlace; TOGETHER],
    count: usize,
    /// No field is a day.
    texts_alone: bool,
}

impl<'a> Together<'a> {
    /// No records yet, with this many fields each, at least one.
    pub fn new(width: usize) -> Together<'a> {
        Together {
            fields: vec![Field::EMPTY; TOGETHER * width],
            width,
            places: [RowPlace::default(); TOGETHER],
            count: 0,
            texts_alone: false,
        }
    }

    /// Reads records as long as there are any and room for them: `next` gets the fields of one record and gives the line at
    /// which it stands, or nothing at the end. True when there was one. A field that `next` leaves alone keeps what an
    /// earlier record put there, so a column that the source has must be filled each time, with [`Field::EMPTY`] if need be.
    #[inline]
    pub fn fill<E>(
        &mut self,
        part: u32,
        next: impl FnMut(&mut [Field<'a>]) -> Result<Option<u64>, E>,
    ) -> Result<bool, E> {
        self.texts_alone = false;
        self.fill_any(part, next)
    }

    /// The same of records that have texts alone, in which nobody need look for days.
    #[inline]
    pub(super) fn fill_texts<E>(
        &mut self,
        part: u32,
        next: impl FnMut(&mut [Field<'a>]) -> Result<Option<u64>, E>,
    ) -> Result<bool, E> {
        self.texts_alone = true;
        self.fill_any(part, next)
    }

    #[inline]
    fn fill_any<E>(
        &mut self,
        part: u32,
        mut next: impl FnMut(&mut [Field<'a>]) -> Result<Option<u64>, E>,
    ) -> Result<bool, E> {
        self.count = 0;
        for (fields, place) in self.fields.chunks_exact_mut(self.width).zip(&mut self.places) {
            let Some(line) = next(fields)? else { break };
            *place = RowPlace::new(part, line);
            self.count += 1;
        }
        Ok(self.count > 0)
    }

    /// Reads up to `rows` records column by column: `fill` gets the fields of all records, the number of fields of each and
    /// the number of records. The records stand at lines that follow each other from `line` on.
    pub(super) fn fill_columns(
        &mut self,
        part: u32,
        line: u64,
        rows: usize,
        fill: impl FnOnce(&mut [Field<'a>], usize, usize),
    ) {
        self.texts_alone = false;
        self.count = rows.min(TOGETHER);
        fill(&mut self.fields, self.width, self.count);
        for (row, place) in (0..self.count as u64).zip(&mut self.places) {
            *place = RowPlace::new(part, line.saturating_add(row));
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Where one of them stands; none beyond the last.
    pub(crate) fn place(&self, at: usize) -> Option<RowPlace> {
        (at < self.count).then(|| self.places[at])
    }

    /// Where they stand.
    pub(super) fn places(&self) -> &[RowPlace] {
        &self.places[..self.count]
    }

    /// Whether no field can be a day.
    pub(super) fn has_texts_alone(&self) -> bool {
        self.texts_alone
    }

    /// The field of each in one column.
    pub(super) fn column(&self, slot: usize) -> impl Iterator<Item = &Field<'a>> {
        self.fields[slot..].iter().step_by(self.width).take(self.count)
    }

    /// The fields of one of them.
    pub(crate) fn fields(&self, at: usize) -> &[Field<'a>] {
        &self.fields[at * self.width..][..self.width]
    }

    /// Forgets what was read.
    pub(crate) fn clear(&mut self) {
        self.fields.fill(Field::EMPTY);
        self.count = 0;
    }

    /// Each, with its place.
    pub fn iter(&self) -> impl Iterator<Item = (RowPlace, &[Field<'a>])> {
        self.places.into_iter().zip(self.fields.chunks_exact(self.width)).take(self.count)
    }

    /// The first field of each, which is the id of its patron.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.fields.chunks_exact(self.width).take(self.count).map(|fields| fields[0].as_str())
    }
}
