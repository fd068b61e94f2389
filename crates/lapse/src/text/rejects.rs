//! Rows that cannot be used: a column that is written in another form as a whole is told once, then the first of the others.

use std::fmt::Write as _;
use std::path::Path;

use lapse_register::WholeColumn;
use lapse_tables::Reject;

use crate::terminal::{FAINT, shown};

/// Lines below a heading: what mends whole columns, in the register of files if there is one, and the first `most` rejected
/// rows of other columns.
pub fn lines(rejects: &[&Reject], whole: &[WholeColumn], register: Option<&Path>, most: usize) -> String {
    let mut text = String::new();
    for column in whole {
        let _ = writeln!(text, "    {}", column.sentence(register));
    }
    let is_told = |reject: &&&Reject| whole.iter().any(|of| of.table == reject.table && of.column == reject.column);
    let mut others = rejects.iter().filter(|reject| !is_told(reject));
    for reject in others.by_ref().take(most) {
        let Reject { file, line, column, problem, .. } = reject;
        let _ =
            writeln!(text, "    {file} line {line}, {column} `{}`: {}", shown(&reject.shown_value()), shown(problem));
    }
    let more = others.count();
    if more > 0 {
        let _ = writeln!(text, "    {FAINT}and {more} more{FAINT:#}");
    }
    text
}
