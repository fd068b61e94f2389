//! What libraries give as data, as text for a terminal, one file a result: the sentences, the styles and the tables.

pub mod attention;
pub mod codes;
pub mod comparison;
pub mod coverage;
pub mod forecast;
pub mod impact;
mod markdown;
pub mod plan;
pub mod rejects;
pub mod story;
pub mod summary;
