//! What `check` finds in the tables: columns whose names are slips, and codes that the policy does not have.

use std::fmt::Write as _;

use lapse_change::UnknownCode;
use lapse_tables::TableError;

use super::attention::meant;
use crate::terminal::{ERROR, WARNING, count, shown};

/// A line for each of them.
pub fn to_text(columns: &[TableError], codes: &[UnknownCode]) -> String {
    let mut text = String::new();
    for slip in columns {
        let _ = writeln!(text, "{ERROR}error{ERROR:#}: {}", shown(&slip.to_string()));
    }
    for code in codes {
        let _ = writeln!(text, "{WARNING}warning{WARNING:#}: {}", shown(&sentence(code)));
    }
    text
}

/// One sentence.
fn sentence(of: &UnknownCode) -> String {
    let UnknownCode { table, column, code, library, near, is_slip, rows } = of;
    let place = format!("{}, column `{column}`", table.name());
    if let (true, Some(near)) = (is_slip, near) {
        let rejected = count(*rows, "row is rejected and its patron held", "rows are rejected and their patrons held");
        format!("{place}: `{code}` nearly is `{near}`, so that {rejected}; write it as `{near}`")
    } else {
        let at = library.as_ref().map(|library| format!(" at {library}")).unwrap_or_default();
        let rows = count(*rows, "row", "rows");
        format!("{place}: the policy does not have `{code}`{at}: {rows}{}", meant(near.as_deref()))
    }
}
