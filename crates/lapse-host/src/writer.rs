//! Writing structs of the ABI and texts into the memory that a plugin sees. Every pointer that is written is the address
//! at which the plugin will find what it points at, in its own process or in this one.

use std::fmt;
use std::marker::PhantomData;

use lapse_plugin::abi;

use crate::region::{Region, pointer};

/// The memory has no room left.
#[derive(Debug)]
pub(crate) struct Full;

/// Where a list lies in the memory.
pub(crate) struct Place<T> {
    /// The byte at which the list begins.
    pub at: usize,
    /// How many items it has room for.
    pub count: usize,
    of: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Place<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    pub region: &'a mut Region,
    /// The address at which the plugin sees the region's first byte.
    pub base: u64,
    /// The first free byte.
    pub at: usize,
    /// The first byte that must stay free.
    pub end: usize,
}

impl<'a> Writer<'a> {
    pub fn new(region: &'a mut Region, base: u64, at: usize) -> Writer<'a> {
        Writer { region, base, at, end: Region::len() }
    }

    /// Takes room for a list.
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

    /// The address at which the plugin finds an item of a list.
    #[inline]
    pub fn pointer<T>(&self, place: Place<T>, index: usize) -> *mut T {
        pointer(self.base + (place.at + index * size_of::<T>()) as u64)
    }
}
