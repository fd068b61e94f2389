//! Registers of files: exports with columns, dates and codes of their own decide what the tables themselves would.

mod dialect;
mod examples;
mod messages;
mod new;
mod workbook;
