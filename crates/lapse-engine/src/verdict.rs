//! What the extra rules, which plugins bring, can say about a patron, and the numbers of their reasons.

use std::num::NonZeroU16;

use crate::LibraryId;

/// A reason of the extra rules, by its number among theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtraReason(NonZeroU16);

impl ExtraReason {
    /// The reason with this number; none where the number is too large to be kept.
    pub fn new(index: usize) -> Option<ExtraReason> {
        u16::try_from(index + 1).ok().and_then(NonZeroU16::new).map(ExtraReason)
    }

    /// Its number.
    pub fn index(self) -> usize {
        usize::from(self.0.get()) - 1
    }
}

/// A verdict on one patron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtraVerdict {
    /// The patron's place in the batch.
    pub patron: usize,
    /// What the extra rules say, and of what.
    pub verdict: Verdict,
    /// Why they say so.
    pub reason: ExtraReason,
}

/// What extra rules can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The patron's membership with this number goes on.
    KeepMembership(usize),
    /// The patron's membership with this number ends.
    Deregister(usize),
    /// The record at this library is kept.
    KeepRecord(LibraryId),
}
