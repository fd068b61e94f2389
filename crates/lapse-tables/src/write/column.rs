//! The columns of the three output tables, and what each holds.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

/// A column of an output table.
pub struct OutColumn {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds, for formats that tell kinds apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The id of a patron: text that comes seldom again.
    Id,
    /// One of few texts.
    Word,
    /// One of few texts, or none.
    MaybeWord,
    /// A day.
    Day,
    /// A day that may be missing.
    MaybeDay,
}

impl OutColumn {
    /// A column.
    pub const fn new(name: &'static str, kind: Kind) -> OutColumn {
        OutColumn { name, kind }
    }
}

/// The output tables.
pub(super) const TABLES: [(&str, &[OutColumn]); 3] = [
    (
        "memberships",
        &[
            OutColumn::new("patron_id", Kind::Id),
            OutColumn::new("library", Kind::Word),
            OutColumn::new("subscription", Kind::Word),
            OutColumn::new("valid_from", Kind::Day),
            OutColumn::new("outcome", Kind::Word),
            OutColumn::new("reason", Kind::Word),
            OutColumn::new("valid_until", Kind::MaybeDay),
            OutColumn::new("last_activity", Kind::MaybeDay),
        ],
    ),
    (
        "records",
        &[
            OutColumn::new("patron_id", Kind::Id),
            OutColumn::new("library", Kind::Word),
            OutColumn::new("outcome", Kind::Word),
            OutColumn::new("reasons", Kind::Word),
            OutColumn::new("pseudonymise_before", Kind::MaybeDay),
            OutColumn::new("purge_finance_before", Kind::MaybeDay),
        ],
    ),
    (
        "profiles",
        &[
            OutColumn::new("patron_id", Kind::Id),
            OutColumn::new("outcome", Kind::Word),
            OutColumn::new("reasons", Kind::Word),
        ],
    ),
];

/// Columns as Arrow has them.
pub(super) fn schema_of(columns: &[OutColumn]) -> SchemaRef {
    let word = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields = columns.iter().map(|column| match column.kind {
        Kind::Id => Field::new(column.name, DataType::Utf8, false),
        Kind::Word => Field::new(column.name, word.clone(), false),
        Kind::MaybeWord => Field::new(column.name, word.clone(), true),
        Kind::Day => Field::new(column.name, DataType::Date32, false),
        Kind::MaybeDay => Field::new(column.name, DataType::Date32, true),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The columns of the output tables `memberships`, `records` and `profiles` as Arrow and Parquet have them.
pub fn output_schemas() -> [SchemaRef; 3] {
    TABLES.map(|(_, columns)| schema_of(columns))
}
