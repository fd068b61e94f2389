//! What `check` finds in the tables: columns whose names are slips, and codes that the policy does not have.

use std::fmt::Write as _;

use lapse_change::UnknownCode;
use lapse_tables::TableError;

use crate::terminal::{ERROR, WARNING, shown};

/// A line for each of them.
pub fn to_text(columns: &[TableError], codes: &[UnknownCode]) -> String {
    let mut text = String::new();
    for slip in columns {
        let _ = writeln!(text, "{ERROR}error{ERROR:#}: {}", shown(&slip.to_string()));
    }
    for code in codes {
        let _ = writeln!(text, "{WARNING}warning{WARNING:#}: {}", shown(&code.to_string()));
    }
    text
}
