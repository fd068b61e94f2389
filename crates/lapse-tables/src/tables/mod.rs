//! The four tables of an extract, one file each: its columns, as interface.md fixes them, and what makes a row unusable.

pub(crate) mod accounts;
pub(crate) mod activity;
pub(crate) mod memberships;
pub(crate) mod patrons;
pub(crate) mod row;
pub(crate) mod value;

use crate::table::{Column, Shape, Table};

impl Table {
    /// What makes this table another than the others.
    pub const fn shape(self) -> &'static Shape {
        match self {
            Table::Patrons => &patrons::SHAPE,
            Table::Memberships => &memberships::SHAPE,
            Table::Activity => &activity::SHAPE,
            Table::Accounts => &accounts::SHAPE,
        }
    }

    /// The name of its file, without the ending.
    pub const fn name(self) -> &'static str {
        self.shape().name
    }

    /// The columns that it may have; `patron_id` is the first of each.
    pub const fn columns(self) -> &'static [Column] {
        self.shape().columns
    }

    /// Whether an extract may leave it out.
    pub const fn may_be_absent(self) -> bool {
        self.shape().may_be_absent
    }
}
