//! Where rows come from. A [`Source`] has the four tables, in pieces that are read side by side, each giving records of
//! fields: a [`Folder`] of files, Arrow record batches in [`Memory`], or whatever another crate makes one. What a field
//! means, and which rows can be used, is told in the files of the four tables and does not depend on the source.

mod arrow;
mod broken;
mod check;
mod column;
mod contract;
pub(crate) mod csv;
mod field;
mod file_pieces;
mod find;
mod find_rows;
mod folder;
mod gap;
mod gaps;
mod header;
mod hits;
mod lines;
mod look;
mod memory;
mod ndjson;
mod near_hits;
mod parquet;
mod read;
mod text;
mod text_piece;
mod text_rows;
mod together;
mod wanted;

pub use arrow::Batch;
pub(crate) use arrow::BatchRecords;
pub use column::unreadable;
pub use contract::{PartColumns, Piece, Pieces, Records, Source, TableSource};
pub use csv::quoted_value;
pub use field::{Field, RowPlace};
pub(crate) use file_pieces::open_parquet;
pub(crate) use find::{Packing, TableFile};
pub(crate) use find_rows::find_rows;
pub use folder::Folder;
pub(crate) use folder::FolderTable;
pub use gap::Gap;
pub use gaps::gaps;
pub(crate) use header::read_header;
pub(crate) use lines::count_lines;
pub(crate) use look::LookedFor;
pub use memory::Memory;
pub(crate) use parquet::{Opened, RowGroup};
pub(crate) use read::{Counted, read};
pub(crate) use text_piece::{Cutting, PlainRecords};
pub use text_rows::TextRows;
pub(crate) use together::TOGETHER;
pub use together::Together;
