//! Records that are read together: so few that they stay in a processor's cache, and so many that a call for each batch of
//! them costs nothing.

use super::field::{Field, RowPlace};

/// So many records are read at once.
pub(crate) const TOGETHER: usize = 32;

/// Records that are read at once.
pub(crate) struct Together<'a> {
    pub(super) fields: Vec<Field<'a>>,
    /// How many fields each has.
    pub(super) width: usize,
    pub(super) places: [RowPlace; TOGETHER],
    pub(super) count: usize,
}

impl<'a> Together<'a> {
    /// None yet, of so many fields each, at least one.
    pub fn new(width: usize) -> Together<'a> {
        Together {
            fields: vec![Field::EMPTY; TOGETHER * width],
            width,
            places: [RowPlace::default(); TOGETHER],
            count: 0,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Where one of them stands; none beyond the last.
    pub fn place(&self, at: usize) -> Option<RowPlace> {
        (at < self.count).then(|| self.places[at])
    }

    /// The fields of one of them.
    pub fn fields(&self, at: usize) -> &[Field<'a>] {
        &self.fields[at * self.width..][..self.width]
    }

    /// Forgets what was read.
    pub fn clear(&mut self) {
        self.fields.fill(Field::EMPTY);
        self.count = 0;
    }

    /// Each, with its place.
    pub fn iter(&self) -> impl Iterator<Item = (RowPlace, &[Field<'a>])> {
        self.places.into_iter().zip(self.fields.chunks_exact(self.width)).take(self.count)
    }

    /// The first field of each.
    pub fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.fields.chunks_exact(self.width).take(self.count).map(|fields| fields[0].as_str())
    }
}
