//! The formats of files, each cut into records of fields. What the fields mean does not matter here.

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod json_read;
pub(crate) mod parquet;
pub(crate) mod text;
pub(crate) mod workbook;
