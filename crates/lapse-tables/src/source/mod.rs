//! Where rows come from: files of each format, cut into pieces that are read side by side, each giving records of fields.
//! What a field means, and which rows can be used, is told in the files of the four tables.

pub(crate) mod broken;
pub(crate) mod csv;
pub(crate) mod field;
pub(crate) mod find;
pub(crate) mod gaps;
pub(crate) mod header;
pub(crate) mod input;
pub(crate) mod ndjson;
pub(crate) mod parquet;
mod pieces;
pub(crate) mod records;
pub(crate) mod text;
pub(crate) mod together;
