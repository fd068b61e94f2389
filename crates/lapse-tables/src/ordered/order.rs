//! The orders by patron in which files are read segment by segment.

use std::cmp::Ordering;

/// How ids are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// As text.
    Text,
    /// The shorter first, then as text: how numbers without leading zeros are sorted.
    LengthThenText,
}

impl Order {
    /// How two ids stand to each other.
    pub fn cmp(self, one: &str, other: &str) -> Ordering {
        match self {
            Order::Text => one.cmp(other),
            Order::LengthThenText => one.len().cmp(&other.len()).then_with(|| one.cmp(other)),
        }
    }
}
